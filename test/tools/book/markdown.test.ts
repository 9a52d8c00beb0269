// Markdown of the book: formulas, anchors, call-outs, links that mean something else on a page.
import { expect, test } from "vitest";
import { tool } from "./pages";

const { markdownRenderer, slug, textOf } = await tool("book/markdown.mjs");

test("a heading has the anchor that GitHub gives it, and equal ones are told apart", () => {
  const env: { headings?: { id: string; level: number; text: string }[] } = {};
  const html = markdownRenderer()("## How it works\n\n### `check()`\n\n## How it works", env);
  expect(env.headings).toEqual([
    { level: 2, text: "How it works", id: "how-it-works" },
    { level: 3, text: "check()", id: "check" },
    { level: 2, text: "How it works", id: "how-it-works-1" },
  ]);
  expect(html).toContain('<h2 id="how-it-works-1">');
  expect(slug("Wörter & 词 — zwei")).toBe("wörter--词--zwei");
});

test("a formula becomes MathML, and in a list of headings it is a few signs", () => {
  const env: { headings?: { text: string }[] } = {};
  const html = markdownRenderer()("## Why $\\sqrt{D}$\n\n$$a_i = b$$", env);
  expect(html).toMatch(/<math[^>]*display="block"/);
  expect(env.headings?.[0].text).toBe("Why √D");
});

test("a formula that cannot be read is an error, not red letters on a page", () => {
  expect(() => markdownRenderer()("$\\frac{1}$")).toThrow(/KaTeX/);
});

test("a call-out has its name, a quotation has none", () => {
  const render = markdownRenderer();
  expect(render("> **Predict.** Which?")).toContain('<blockquote class="callout predict">');
  expect(render("> Said **once**.")).toContain("<blockquote>");
});

test("links and pictures lead where the caller says, or become something else", () => {
  const links = (href: string, text: string) =>
    href.endsWith(".ts") ? { html: `<b>${text}</b>` } : { href: `up/${href}` };
  const html = markdownRenderer(links)("[a](x.md) and [the *task*](y.ts) and ![alt](z.png).");
  expect(html).toBe(
    '<p><a href="up/x.md">a</a> and <b>the task</b> and <img src="up/z.png" alt="alt">.</p>\n',
  );
});

test("code is coloured, and stays text", () => {
  const html = markdownRenderer()('```ts\nconst a = "</pre><script>";\n```');
  expect(html).toContain('<span class="hljs-keyword">const</span>');
  expect(html).not.toContain("<script>");
});

test("the search reads a page without marks and without the source of formulas", () => {
  const html = markdownRenderer()("**Bold** &lt; $x^2$ `a<b>`");
  expect(textOf(html)).toMatch(/^Bold < x 2 a<b>$/);
});
