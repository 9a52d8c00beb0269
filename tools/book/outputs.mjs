// What a cell printed or drew, as HTML. A figure is the saved picture; where it can move, its data
// lie beside it, and the page's script puts the live one in its place (./assets/figures.js).
import { escapeHtml } from "./code.mjs";

/** JSON for the inside of <script>: it cannot end it. */
export const inScript = (value) => JSON.stringify(value).replace(/</g, "\\u003c");

/** What a figure says in words, without the line that only a notebook needs. */
const inWords = (text) =>
  text
    .replace(/^\[(figure|drawing)\]\s*/, "")
    .replace(/\n\s*Shown: .*$/s, "")
    .trim();

/** The check of an exercise that nobody has done yet says nothing to a reader. */
const isCheck = ({ html }) => /class="llm-check"/.test(html ?? "");

/** Terminals' colours have no meaning on a page. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape characters are looked for
const withoutColours = (text) => text.replace(/\u001b\[[0-9;]*m/g, "");

/** A number and its "%" stay on one line. */
const bound = (html) => html.replace(/(\d) %/g, "$1\u00a0%");

/**
 * @param output as ./notebook.mjs reads it
 * @param options `live`: whether the page has a script that draws Plotly's figures
 */
export function outputHtml(output, { live = true } = {}) {
  if (output.kind === "text") {
    const text = withoutColours(output.text).trimEnd();
    if (!text) return "";
    return `<pre class="printed${output.error ? " error" : ""}">${escapeHtml(text)}</pre>`;
  }
  if (output.kind === "html")
    return isCheck(output) ? "" : `<div class="shown">${bound(output.html)}</div>`;
  const { svg, plotly, text } = output;
  const picture = svg || `<p>${escapeHtml(inWords(text))}</p>`;
  const data = live && plotly ? `<script type="application/json">${inScript(plotly)}</script>` : "";
  return `<div class="figure${data ? " live" : ""}">${picture}${data}</div>`;
}

export { inWords, isCheck };
