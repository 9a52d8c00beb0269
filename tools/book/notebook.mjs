// A notebook as pages and slides want it: its cells with their texts, their outputs, and what the
// reader is meant to see of either. It follows nbformat 4.5; the marks are JupyterLab's own
// (`jupyter.source_hidden`, `jupyter.outputs_hidden`) and those that other tools have agreed on
// (`slideshow.slide_type`, the tag `hide-input`). Left out: attachments, which no lesson has.
import { readFileSync } from "node:fs";

const joined = (text) => (Array.isArray(text) ? text.join("") : (text ?? ""));

/**
 * What a cell printed or drew, one of:
 * `{ kind: "text", text, error }`, `{ kind: "html", html, text }`,
 * `{ kind: "figure", svg, plotly, text }` (`plotly` is absent from drawings).
 */
function outputOf(output) {
  if (output.output_type === "stream")
    return { kind: "text", text: joined(output.text), error: output.name === "stderr" };
  if (output.output_type === "error")
    return { kind: "text", text: `${output.ename}: ${output.evalue}`, error: true };
  const data = output.data ?? {};
  const text = joined(data["text/plain"]);
  const plotly = data["application/vnd.plotly.v1+json"];
  const svg = joined(data["image/svg+xml"]);
  if (svg || plotly) return { kind: "figure", svg, plotly, text };
  const html = joined(data["text/html"]);
  return html ? { kind: "html", html, text } : { kind: "text", text, error: false };
}

function cellOf(cell) {
  const { metadata = {} } = cell;
  const tags = metadata.tags ?? [];
  return {
    id: cell.id,
    kind: cell.cell_type,
    source: joined(cell.source).trimEnd(),
    outputs: (cell.outputs ?? []).map(outputOf),
    foldedCode: metadata.jupyter?.source_hidden === true || tags.includes("hide-input"),
    foldedOutput: metadata.jupyter?.outputs_hidden === true || tags.includes("hide-output"),
    slide: metadata.slideshow?.slide_type,
  };
}

/**
 * Reads a notebook.
 * @param file an .ipynb
 * @returns `{ lesson, title, megabytes, cells }`
 * @throws if the file is no notebook
 */
export function readNotebook(file) {
  const { cells, metadata } = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(cells)) throw new Error(`readNotebook: expected a notebook, got ${file}`);
  const { lesson, title, megabytes } = metadata?.llm ?? {};
  return { lesson, title, megabytes, cells: cells.map(cellOf) };
}
