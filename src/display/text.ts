// Text in a cell: Markdown with formulas, and trusted markup.
import katexPlugin from "@vscode/markdown-it-katex";
import MarkdownIt from "markdown-it";
import { wellFormed } from "./label";
import { show } from "./output";
import { escapeHtml, inLine } from "./xml";

// The plugin is CommonJS with a `default`, and Node and bundlers disagree on what its default
// import is.
const katex = (katexPlugin as unknown as { default?: typeof katexPlugin }).default ?? katexPlugin;

function createRenderer(): InstanceType<typeof MarkdownIt> {
  const renderer = new MarkdownIt({ html: false, xhtmlOut: true });
  // MathML needs no style sheet: browsers draw it themselves.
  renderer.use(katex as never, { output: "mathml", throwOnError: false });
  return renderer;
}

const forPages = createRenderer();
/**
 * JupyterLab drops MathML from notebooks that are not trusted, such as those of a fresh clone, and
 * has no style sheet for KaTeX. But it typesets TeX in HTML output with its own MathJax. So here
 * the KaTeX plugin finds the formulas and they are left as TeX; a dollar sign that begins no
 * formula is marked, so that MathJax does not take it for one.
 */
const forCells = createRenderer();
for (const name of ["math_inline", "math_inline_block", "math_inline_bare_block", "math_block"]) {
  const [open, close] = name === "math_inline" ? ["\\(", "\\)"] : ["\\[", "\\]"];
  forCells.renderer.rules[name] = (list, i) =>
    `${open}${escapeHtml(list[i].content.trim())}${close}`;
}
forCells.renderer.rules.text = (list, i) =>
  escapeHtml(list[i].content).replace(/\$/g, "<span>$</span>");

/**
 * Markdown to HTML for a page of its own (a report), with formulas as MathML. HTML in the text is
 * escaped.
 */
export function markdownToHtml(text: string): string {
  return forPages.render(wellFormed(text));
}

/** A page of a book has 3,000 characters. */
const MAX_TEXT = 100_000;
const MAX_MARKUP = 1_000_000;
const n = (count: number) => count.toLocaleString("en-US");

/** Shows Markdown with formulas ($…$, $$…$$). HTML in the text is escaped. */
export function markdown(text: string): void {
  const whole = wellFormed(text);
  const cut = `\n\n*The first ${n(MAX_TEXT)} of ${n(whole.length)} characters.*`;
  const shown = whole.length > MAX_TEXT ? wellFormed(whole.slice(0, MAX_TEXT)) + cut : whole;
  show({ "text/html": inLine(forCells.render(shown)), "text/plain": shown });
}

/**
 * Shows markup that the course itself wrote. Never pass it foreign text: see `escapeHtml`.
 * @throws {Error} for more than a million characters, which no page should hold
 */
export function html(trustedMarkup: string): void {
  if (trustedMarkup.length > MAX_MARKUP)
    throw new Error(
      `html: expected at most ${n(MAX_MARKUP)} characters, got ${n(trustedMarkup.length)}`,
    );
  const plain = trustedMarkup
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  show({ "text/html": trustedMarkup, "text/plain": plain });
}
