/// <reference lib="dom" />
// The book: every page of every lesson, its links, and what a reader sees in a browser.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, openBrowser, openFile, tool } from "./pages";

const { makeBook } = await tool("book/site.mjs");
const { brokenLinks, outsideRequests } = await tool("book/links.mjs");
const { readNotebook } = await tool("book/notebook.mjs");
const { isWritten, lessonFiles, lessons } = await tool("register.mjs");

const folder = mkdtempSync(join(tmpdir(), "llm-book-"));
const book = join(folder, "site");
const ids: string[] = lessons()
  .filter(isWritten)
  .map(({ id }: { id: string }) => id);
const page = (name: string) => readFileSync(join(book, name), "utf8");

beforeAll(async () => {
  await makeBook(book, "https://example.org/course");
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every written lesson is a page with all of its text, and knows its neighbours", () => {
  for (const [i, id] of ids.entries()) {
    const html = page(`${id}.html`);
    const { cells } = readNotebook(lessonFiles(id).notebook);
    const ids = [...html.matchAll(/ id="cell-([\w-]+)"/g)].map(([, cell]) => cell);
    const left = cells.filter((c: { id: string }) => !ids.includes(c.id));
    for (const { id, source } of left)
      expect(`${id}: ${source}`).toMatch(
        /^(lessons-around|next-lesson|[\w-]+: await (check|hint)\()/,
      );
    if (ids[i + 1]) expect(html).toContain("<small>Next</small>");
  }
});

test("no link leads nowhere, and no page asks anything of anybody else", () => {
  expect(brokenLinks(book)).toEqual([]);
  for (const name of readdirSync(book).filter((name) => name.endsWith(".html")))
    expect(outsideRequests(page(name))).toEqual([]);
});

test("a link that leads nowhere is found: a page, an anchor, a picture", () => {
  const other = join(folder, "other");
  mkdirSync(other);
  writeFileSync(join(other, "a.html"), '<h2 id="x"></h2><a href="#x">1</a><a href="b.html">2</a>');
  writeFileSync(
    join(other, "c.html"),
    '<a href="a.html#y">3</a><img src="d.png"><a href="a.html#x">',
  );
  expect(brokenLinks(other).sort()).toEqual([
    "a.html → b.html",
    "c.html → a.html#y",
    "c.html → d.png",
  ]);
});

test("every picture says what it shows", () => {
  for (const id of ids) {
    const pictures = page(`${id}.html`).match(/<svg[^>]*class="llm-svg"[^>]*>/g) ?? [];
    for (const picture of pictures) expect(picture).toMatch(/aria-label="[^"]{6,}/);
    for (const image of page(`${id}.html`).match(/<img [^>]*>/g) ?? [])
      expect(image).toMatch(/alt="[^"]+"/);
  }
});

test("the task of an exercise stands where the notebook links to its stub", () => {
  const html = page("06-attention.html");
  expect(html).toMatch(
    /<summary>The task: <code>causalMask<\/code> \(2 points, about \d+ minutes\)/,
  );
  expect(html).not.toMatch(/href="[^"]*exercises\/06-attention/);
});

test("an older book is replaced, and a folder that is no book is not", async () => {
  writeFileSync(join(book, "old.html"), "");
  await makeBook(book);
  expect(readdirSync(book)).not.toContain("old.html");
  const other = join(folder, "thesis");
  mkdirSync(other);
  writeFileSync(join(other, "thesis.txt"), "years of work");
  await expect(makeBook(other)).rejects.toThrow(/is there already, and is no book/);
  expect(readFileSync(join(other, "thesis.txt"), "utf8")).toBe("years of work");
}, 300_000);

test("Chinese is found by its characters, as in the page", async () => {
  const { createRequire } = await import("node:module");
  const words = createRequire(import.meta.url)("../../../tools/book/assets/words.js");
  expect(words.tokenize("GPT模型 learns 2 things")).toEqual([
    "GPT",
    "模",
    "型",
    "learns",
    "2",
    "things",
  ]);
});

describe.skipIf(!chromiumPath)("in a browser, from a disk", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  test("a figure moves, without any request", async () => {
    const { page, outside, errors, close } = await openFile(
      browser,
      join(book, "06-attention.html"),
    );
    const figure = page.locator(".figure.live").first();
    await figure.scrollIntoViewIfNeeded();
    await figure.locator(".plot .slider-container").first().waitFor({ timeout: 30_000 });
    expect(await figure.locator("svg.llm-svg").isVisible()).toBe(false);
    const caption = () => figure.locator(".caption").textContent();
    const before = await caption();
    await figure
      .locator(".slider-rail-touch-rect")
      .first()
      .click({ position: { x: 4, y: 8 } });
    await expect.poll(caption, { timeout: 20_000 }).not.toBe(before);
    expect({ outside, errors }).toEqual({ outside: [], errors: [] });
    await close();
  }, 120_000);

  test("the search finds a section and leads there by the keyboard", async () => {
    const { page, outside, errors, close } = await openFile(
      browser,
      join(book, "docs/engines.html"),
    );
    await page.keyboard.press("/");
    await page.keyboard.type("induction? truncated backpropagation");
    await page.locator(".search li.none, .search li a").first().waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.type("causal mask");
    await page
      .locator(".search li a", { hasText: "Causal attention" })
      .waitFor({ timeout: 20_000 });
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\.html#/);
    expect(
      await page.evaluate(() => Boolean(document.getElementById(location.hash.slice(1)))),
    ).toBe(true);
    expect({ outside, errors }).toEqual({ outside: [], errors: [] });
    await close();
  }, 120_000);

  test.each([
    ["a wide screen", 1400],
    ["a telephone", 390],
  ])(
    "no page is wider than %s",
    async (_, width) => {
      const options = { viewport: { width, height: 800 } };
      for (const id of ["index", ...ids.slice(0, 40)]) {
        const { page, close } = await openFile(browser, join(book, `${id}.html`), options);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect({ id, over: Math.max(0, over) }).toEqual({ id, over: 0 });
        await close();
      }
    },
    300_000,
  );
});

// Kept here so that a copy of the book can be made elsewhere: all of its links are relative.
test("the book can be moved", () => {
  const moved = join(folder, "moved", "deep");
  cpSync(book, moved, { recursive: true });
  expect(brokenLinks(moved)).toEqual([]);
});
