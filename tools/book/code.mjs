// Code in colours, by highlight.js, when the page is made: the page itself needs no script for it.
import { llm } from "../kit.mjs";

const BY_NAME = { ts: "typescript", js: "javascript", sh: "bash", console: "bash", jsonc: "json" };

let loaded;
function library() {
  if (loaded) return loaded;
  loaded = llm("highlight.js/lib/core");
  for (const name of ["typescript", "javascript", "json", "bash", "python", "yaml", "xml"])
    loaded.registerLanguage(name, llm(`highlight.js/lib/languages/${name}`));
  return loaded;
}

export const escapeHtml = (text) => llm("llm/display/xml").escapeHtml(String(text ?? ""));

/**
 * A text with its words marked for the style sheet: `hljs-keyword`, `hljs-string` …
 * @param text code
 * @param language "typescript", "ts", "sh" …; with an unknown one the text is only escaped
 * @returns HTML for the inside of <code>
 */
export function highlighted(text, language) {
  const name = BY_NAME[language] ?? language;
  return name && library().getLanguage(name)
    ? library().highlight(text, { language: name, ignoreIllegals: true }).value
    : escapeHtml(text);
}

/** A block of code. */
export const codeBlock = (text, language) =>
  `<pre class="code"><code>${highlighted(text, language)}</code></pre>`;
