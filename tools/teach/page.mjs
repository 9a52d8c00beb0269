// The frame of the pages that `teach` writes: one file without scripts or anything from elsewhere,
// light and dark. All texts that go in are escaped by whoever puts them in.
import { escapeHtml } from "../book/code.mjs";
import { llm } from "../kit.mjs";

export { escapeHtml };

export const writeAtomically = (...args) => llm("llm/files").writeAtomically(...args);

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5f5f5f; --line: #d9d9d9; --paper: #fff;
  --good: #005a8c; --bad: #a33b00; --held: #7a3e66; --band: #f4f4f2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --soft: #a8a8a8; --line: #444; --paper: #1c1c1c;
    --good: #7cc4f0; --bad: #ff9d66; --held: #e0a8cf; --band: #262626; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 0.2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
p { margin: 0.4rem 0; } .soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.8rem 0.35rem 0;
  border-top: 1px solid var(--line); }
th { font-weight: 600; border-top: 0; } td.n, th.n { text-align: right; white-space: nowrap; }
.passed { color: var(--good); } .failed, .error, .missing { color: var(--bad); }
.held { color: var(--held); } .todo { color: var(--soft); } .follow-on { color: var(--good); }
.sum { font-size: 1.3rem; font-weight: 600; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.2rem 0; }
.numbers { font: 0.85em/1.4 monospace; margin: 0.2rem 0; max-width: 40rem; overflow-x: auto; }
.note { background: var(--band); border-left: 4px solid var(--good); padding: 0.5rem 0.9rem;
  margin: 0.6rem 0; } .note.flag { border-color: var(--held); }
details { margin: 0.4rem 0; } summary { cursor: pointer; color: var(--soft); }
code, pre { font: 0.9em/1.45 ui-monospace, monospace; } pre { overflow-x: auto; }
.wide { overflow-x: auto; }`;

/**
 * @param title as text
 * @param body as HTML
 */
export const page = (title, body) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}
</style>
</head>
<body>
${body}
</body>
</html>
`;

/** A text with `code` in it: escaped, and what stands between backticks as code. */
export const inline = (text) =>
  escapeHtml(text).replace(/`([^`\n]+)`/g, (_, code) => `<code>${code}</code>`);

/**
 * What a check said, as HTML: sentences flow, and the lines of a matrix, which begin with two
 * spaces, keep their columns.
 */
export function checkSaid(text) {
  const parts = text.split(/((?:^ {2}.*(?:\n|$))+)/m).filter((part) => part.trim() !== "");
  const html = parts.map((part) =>
    part.startsWith("  ")
      ? `<pre class="numbers">${escapeHtml(part.trimEnd())}</pre>`
      : `<div class="said">${inline(part.trimEnd())}</div>`,
  );
  return html.join("");
}
