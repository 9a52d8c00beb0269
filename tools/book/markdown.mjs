// Markdown of the course to HTML: formulas as MathML, which browsers draw without fonts or scripts,
// code in colours, anchors at headings, call-outs ("> **Predict.** …") with a class, tables that
// scroll where they are wide. HTML in the text passes, because the lessons fold answers with
// <details>; so this is for the course's own pages only. What a link leads to, the caller says.
import { llm } from "../kit.mjs";
import { escapeHtml, highlighted } from "./code.mjs";

/** "How it works" → "how-it-works": the anchor of a heading, as GitHub makes it. */
export const slug = (text) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

const TEXTS = new Set(["text", "code_inline", "math_inline"]);
const plain = (tokens) =>
  (tokens ?? [])
    .filter(({ type }) => TEXTS.has(type))
    .map(({ type, content }) => (type === "math_inline" ? texInWords(content) : content))
    .join("");

/** A short formula in a heading, for lists of headings: √D for \\sqrt{D}. */
const texInWords = (tex) =>
  tex
    .replace(/\\sqrt\s*\{?(\w+)\}?/g, "√$1")
    .replace(/\\(\w+)\s?/g, "$1")
    .replace(/[{}]/g, "");

/** Gives headings their anchors, and collects them in `env.headings`: { level, text, id }. */
function anchorHeadings({ tokens, env }) {
  env.headings ??= [];
  tokens.forEach((token, i) => {
    if (token.type !== "heading_open") return;
    const text = plain(tokens[i + 1].children);
    const same = env.headings.filter((one) => slug(one.text) === slug(text)).length;
    const id = slug(text) + (same ? `-${same}` : "");
    token.attrSet("id", id);
    env.headings.push({ level: Number(token.tag.slice(1)), text, id });
  });
}

/** A quotation that begins with a bold word is a call-out of that name. */
function nameCallouts({ tokens }) {
  tokens.forEach((token, i) => {
    if (token.type !== "blockquote_open") return;
    const inline = tokens.slice(i).find(({ type }) => type === "inline");
    const said = inline?.children?.filter(({ type, content }) => type !== "text" || content) ?? [];
    if (said[0]?.type === "strong_open") token.attrSet("class", `callout ${slug(said[1].content)}`);
  });
}

/** Asks `linkOf` about each link: it may lead elsewhere, or be another piece of HTML. */
const mapLinks = (linkOf) =>
  function mapLinks({ tokens, Token }) {
    for (const { children } of tokens.filter(({ type }) => type === "inline"))
      for (let i = 0; i < children.length; i++) {
        if (children[i].type === "image") {
          const { href } = linkOf(children[i].attrGet("src"), children[i].content);
          if (href) children[i].attrSet("src", href);
        }
        if (children[i].type !== "link_open") continue;
        const end = children.findIndex(({ type }, k) => k > i && type === "link_close");
        const text = plain(children.slice(i, end));
        const { href, html } = linkOf(children[i].attrGet("href"), text);
        if (html === undefined) {
          children[i].attrSet("href", href);
          continue;
        }
        const instead = Object.assign(new Token("html_inline", "", 0), { content: html });
        children.splice(i, end - i + 1, instead);
      }
  };

const FORMULAS = ["math_inline", "math_inline_block", "math_inline_bare_block", "math_block"];

/**
 * A renderer of Markdown.
 * @param linkOf (href, text) → `{ href }`, or `{ html }` to stand in place of the whole link
 * @param options `formulas`: "mathml", or "tex" to leave them to a page's own MathJax
 * @returns (text, env = {}) → HTML; `env.headings` has the headings that were met
 */
export function markdownRenderer(linkOf = (href) => ({ href }), { formulas = "mathml" } = {}) {
  const { default: katex } = llm("@vscode/markdown-it-katex");
  const MarkdownIt = llm("markdown-it");
  const md = new MarkdownIt({ html: true, highlight: highlighted });
  md.use(katex, { output: "mathml", throwOnError: true });
  md.core.ruler.push("anchors", anchorHeadings);
  md.core.ruler.push("callouts", nameCallouts);
  md.core.ruler.push("links", mapLinks(linkOf));
  md.renderer.rules.table_open = () => '<div class="wide"><table>';
  md.renderer.rules.table_close = () => "</table></div>";
  md.renderer.rules.fence = (tokens, i) =>
    `<pre class="code"><code>${highlighted(tokens[i].content, tokens[i].info.trim())}</code></pre>`;
  if (formulas === "tex")
    for (const name of FORMULAS) {
      const [open, close] = name === "math_inline" ? ["\\(", "\\)"] : ["\\[", "\\]"];
      md.renderer.rules[name] = (tokens, i) => open + escapeHtml(tokens[i].content.trim()) + close;
    }
  return (text, env = {}) => {
    const html = md.render(text, env);
    const wrong = /katex-error" title="([^"]*)"/.exec(html);
    if (wrong)
      throw new Error(`markdownRenderer: expected formulas that KaTeX reads, got ${wrong[1]}`);
    return html;
  };
}

/** The text of some Markdown without marks, for the search. */
export const textOf = (html) =>
  html
    .replace(/<annotation[^>]*>.*?<\/annotation>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();

/**
 * A page for the search: the text under each heading.
 * @param title of what stands before the first heading
 * @returns `[{ id, title, text }]`
 */
export const sectionsOf = (html, title) =>
  html.split(/(?=<h[1-3] id=")/).map((piece) => {
    const [, id = "", heading = ""] = /^<h[1-3] id="([^"]*)">(.*?)<\/h/s.exec(piece) ?? [];
    return { id, title: textOf(heading) || title, text: textOf(piece) };
  });

/** HTML of a text that stands within a line: without the paragraph around it. */
export const withinLine = (html) => html.trim().replace(/^<p>([\s\S]*)<\/p>$/, "$1");
