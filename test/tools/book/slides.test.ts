/// <reference lib="dom" />
// Slides: how a notebook is cut, and that every deck fits its slides and asks nothing of anybody.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cell, chromiumPath, openBrowser, openFile, tool } from "./pages";

const { blocksOf, kindOf, slidesOf } = await tool("teach/slides/split.mjs");
const { deckOf } = await tool("teach/slides/slides.mjs");
const { markdownRenderer } = await tool("book/markdown.mjs");
const { isWritten, lessons } = await tool("register.mjs");

interface Slide {
  heading: string;
  top: boolean;
  body: string[];
  notes: string[];
}
const cut = (...cells: object[]): Slide[] => slidesOf({ cells }, markdownRenderer());
const text = (html: string[]) =>
  html
    .join("")
    .replace(/<[^>]+>/g, "")
    .trim();
const svg = (height: number) =>
  `<svg class="llm-svg" viewBox="0 0 520 ${height}" aria-label="a picture"></svg>`;
const figure = (height: number) => ({
  kind: "figure",
  svg: svg(height),
  plotly: undefined,
  text: "",
});

describe("blocks of Markdown", () => {
  test("are what stands between blank lines", () => {
    expect(blocksOf("a\nb\n\n\nc")).toEqual(["a\nb", "c"]);
  });
  test("code, formulas and folded answers are kept whole", () => {
    const kept = [
      "```ts\na;\n\nb;\n```",
      "$$\na\n\nb\n$$",
      "<details><summary>s</summary>\n\nx\n\n</details>",
    ];
    expect(blocksOf(kept.join("\n\n"))).toEqual(kept);
  });
  test.each([
    ["## A", "heading"],
    ["> **Predict.** B?", "callout"],
    ["> B said", "prose"],
    ["$$x$$", "formula"],
    ["| a | b |\n|---|---|\n| 1 | 2 |", "table"],
    ["- a\n- b", "list"],
    [`- ${"long ".repeat(300)}`, "prose"],
    ["<details><summary>The answer</summary>\nx\n</details>", "prose"],
  ])("%j is a %s", (block, kind) => {
    expect(kindOf(block)).toBe(kind);
  });
});

describe("slides", () => {
  test("headings, predictions and figures are shown, prose and answers are for the speaker", () => {
    const slides = cut(
      cell("markdown", "## One\n\nSome prose.\n\n> **Predict.** Which?"),
      cell("code", "draw();", { outputs: [figure(400)] }),
      cell("markdown", "<details><summary>The answer</summary>\n\nThe first.\n</details>"),
    );
    expect(slides.map(({ body }) => text(body))).toEqual(["Predict. Which?", ""]);
    expect(slides.map(({ heading }) => text([heading]))).toEqual(["One", "One"]);
    expect(slides[1].body[0]).toContain("<svg");
    expect(text(slides[0].notes)).toBe("Some prose.");
    expect(text(slides[1].notes)).toContain("The first.");
  });

  test("nothing that answers a prediction is on its slide", () => {
    const [asked, answered] = cut(
      cell("markdown", "## One\n\n> **Predict.** Which?"),
      cell("code", "f();", { outputs: [{ kind: "text", text: "the first", error: false }] }),
    );
    expect(text(asked.body)).toBe("Predict. Which?");
    expect(text(answered.body)).toBe("the first");
  });

  test("code, imports, checks and fetched answers are left out", () => {
    const out = { outputs: [{ kind: "text", text: "said", error: false }] };
    const slides = cut(
      cell("markdown", "## One\n\nProse."),
      cell("code", 'import { a } from "llm/a";', out),
      cell("code", 'await check("06-attention");', out),
      cell("code", 'mine = await learner("06-attention");', out),
      cell("code", "const hidden = 1;"),
    );
    expect(slides.length).toBe(1);
    expect(text(slides[0].body)).toBe("Prose.");
  });

  test("a cell marked as a slide shows its code; hide-input and skip are honoured", () => {
    const out = { outputs: [{ kind: "text", text: "said", error: false }] };
    const slides = cut(
      cell("code", "const a = 1;", { slide: "slide", ...out }),
      cell("code", "const b = 1;", { slide: "subslide", foldedCode: true, ...out }),
      cell("code", "const c = 1;", { slide: "skip", ...out }),
      cell("markdown", "for the speaker", { slide: "notes" }),
    );
    expect(slides.map(({ body }) => text(body))).toEqual(["const a = 1;said", "said"]);
    expect(slides.map(({ top }) => top)).toEqual([true, false]);
    expect(text(slides[1].notes)).toBe("for the speaker");
  });

  test("what fits together stands together; what does not goes on the next slide", () => {
    const small = cell("code", "a();", { outputs: [figure(100), figure(100)] });
    const large = cell("code", "a();", { outputs: [figure(250), figure(250)] });
    expect(cut(cell("markdown", "## One"), small).length).toBe(1);
    expect(cut(cell("markdown", "## One"), large).length).toBe(2);
  });

  test("a long text and a long table end with how much is missing", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\n");
    const rows = Array.from({ length: 41 }, (_, i) => `<tr><td>${i}</td></tr>`).join("");
    const [first, second] = cut(
      cell("markdown", "## One"),
      cell("code", "a();", { outputs: [{ kind: "text", text: lines, error: false }] }),
      cell("code", "a();", {
        outputs: [{ kind: "html", html: `<table>${rows}</table>`, text: "" }],
      }),
    );
    expect(text(first.body)).toMatch(/line 13\n… and 26 more lines in the notebook$/);
    expect(text(second.body)).toMatch(/14… and 26 more rows in the notebook$/);
  });
});

describe.skipIf(!chromiumPath)("decks in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "llm-slides-"));
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Leads through a deck; slides on which something is higher or wider than there is room. */
  const overflowing = (page: Page) =>
    page.evaluate(() => {
      // biome-ignore lint/suspicious/noExplicitAny: the page's own script
      const { Reveal, fitSlide } = window as any;
      const found: string[] = [];
      for (let i = 0; i < Reveal.getTotalSlides(); i++) {
        const slide = Reveal.getCurrentSlide() as HTMLElement;
        fitSlide(slide);
        const body = slide.querySelector(".body") as HTMLElement;
        const [outer, inner] = [slide.getBoundingClientRect(), body.getBoundingClientRect()];
        const scale = outer.height / 700;
        const bottom = (inner.bottom - outer.top) / scale;
        const zoom = Number(slide.dataset.zoom);
        if (bottom > 701 || body.scrollWidth > body.clientWidth + 1 || zoom < 0.6)
          found.push(
            `${i + 1}: ${slide.querySelector("h1,h2,h3")?.textContent} (${bottom | 0}, ${zoom})`,
          );
        if (body.children.length === 0) found.push(`${i + 1}: empty`);
        Reveal.next();
      }
      return found;
    });

  const written = lessons().filter(isWritten);
  test.each<string>(written.map(({ id }: { id: string }) => id))(
    "%s: no slide overflows, and nothing is requested",
    async (id) => {
      const { html, slides } = await deckOf(
        written.find((lesson: { id: string }) => lesson.id === id),
      );
      const file = join(folder, `${id}.html`);
      writeFileSync(file, html);
      const { page, outside, errors, close } = await openFile(browser, file);
      // biome-ignore lint/suspicious/noExplicitAny: the page's own script
      await page.waitForFunction(() => (window as any).Reveal?.isReady());
      expect(await overflowing(page)).toEqual([]);
      expect(slides).toBeGreaterThan(10);
      expect({ outside, errors }).toEqual({ outside: [], errors: [] });
      await close();
      rmSync(file);
    },
    120_000,
  );
});
