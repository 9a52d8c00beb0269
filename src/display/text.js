"use strict";
var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.html = exports.markdown = exports.markdownToHtml = void 0;
// Text in a cell: Markdown with formulas, and trusted markup.
const markdown_it_katex_1 = __importDefault(require("@vscode/markdown-it-katex"));
const markdown_it_1 = __importDefault(require("markdown-it"));
const label_1 = require("./label");
const output_1 = require("./output");
const xml_1 = require("./xml");
// The plugin is CommonJS with a `default`, and Node and bundlers disagree on what its default
// import is.
const katex = markdown_it_katex_1.default.default ?? markdown_it_katex_1.default;
function createRenderer() {
    const renderer = new markdown_it_1.default({ html: false, xhtmlOut: true });
    // MathML needs no style sheet: browsers draw it themselves.
    renderer.use(katex, { output: "mathml", throwOnError: false });
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
    forCells.renderer.rules[name] = (list, i) => `${open}${(0, xml_1.escapeHtml)(list[i].content.trim())}${close}`;
}
forCells.renderer.rules.text = (list, i) => (0, xml_1.escapeHtml)(list[i].content).replace(/\$/g, "<span>$</span>");
/**
 * Markdown to HTML for a page of its own (a report), with formulas as MathML. HTML in the text is
 * escaped.
 */
function markdownToHtml(text) {
    return forPages.render((0, label_1.wellFormed)(text));
}
exports.markdownToHtml = markdownToHtml;
/** A page of a book has 3,000 characters. */
const MAX_TEXT = 100000;
const MAX_MARKUP = 1000000;
const n = (count) => count.toLocaleString("en-US");
/** Shows Markdown with formulas ($…$, $$…$$). HTML in the text is escaped. */
function markdown(text) {
    const whole = (0, label_1.wellFormed)(text);
    const cut = `\n\n*The first ${n(MAX_TEXT)} of ${n(whole.length)} characters.*`;
    const shown = whole.length > MAX_TEXT ? (0, label_1.wellFormed)(whole.slice(0, MAX_TEXT)) + cut : whole;
    (0, output_1.show)({ "text/html": (0, xml_1.inLine)(forCells.render(shown)), "text/plain": shown });
}
exports.markdown = markdown;
/**
 * Shows markup that the course itself wrote. Never pass it foreign text: see `escapeHtml`.
 * @throws {Error} for more than a million characters, which no page should hold
 */
function html(trustedMarkup) {
    if (trustedMarkup.length > MAX_MARKUP)
        throw new Error(`html: expected at most ${n(MAX_MARKUP)} characters, got ${n(trustedMarkup.length)}`);
    const plain = trustedMarkup
        .replace(/<style[\s\S]*?<\/style>/g, "")
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim();
    (0, output_1.show)({ "text/html": trustedMarkup, "text/plain": plain });
}
exports.html = html;
