// Text in a cell: Markdown with formulas, small tables, coloured tokens, and trusted markup.
import katexPlugin from "@vscode/markdown-it-katex";
import MarkdownIt from "markdown-it";
import { escapeHtml, show } from "./output";

// The plugin is CommonJS with a `default`, and Node and bundlers disagree on what its default
// import is.
const katex = (katexPlugin as unknown as { default?: typeof katexPlugin }).default ?? katexPlugin;

function createRenderer(): InstanceType<typeof MarkdownIt> {
  const renderer = new MarkdownIt({ html: false, linkify: false, typographer: false });
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
  return forPages.render(text);
}

/** Shows Markdown with formulas ($…$, $$…$$). HTML in the text is escaped. */
export function markdown(text: string): void {
  show({ "text/html": forCells.render(text), "text/plain": text });
}

/** Shows markup that the course itself wrote. Never pass it foreign text: see `escapeHtml`. */
export function html(trustedMarkup: string): void {
  const plain = trustedMarkup
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  show({ "text/html": trustedMarkup, "text/plain": plain });
}

export interface Table {
  columns: string[];
  rows: unknown[][];
}
export type TableRows = Record<string, unknown>[] | Table;

function asTable(input: TableRows): Table {
  if (!Array.isArray(input)) return input;
  const columns = [...new Set(input.flatMap((row) => Object.keys(row)))];
  return { columns, rows: input.map((row) => columns.map((column) => row[column])) };
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6
    ? String(Number(value.toPrecision(4)))
    : value.toExponential(2);
}

/** Shows rows as a small table; numbers are right-aligned. */
export function table(input: TableRows, { caption }: { caption?: string } = {}): void {
  show({ "text/html": tableToHtml(input, caption), "text/plain": tableToText(input, caption) });
}

export function tableToHtml(input: TableRows, caption?: string): string {
  const { columns, rows } = asTable(input);
  const numeric = columns.map((_, i) => rows.some((r) => typeof r[i] === "number"));
  const align = (i: number) =>
    `text-align:${numeric[i] ? "right" : "left"};font-variant-numeric:tabular-nums`;
  const head = columns
    .map((name, i) => `<th style="${align(i)}">${escapeHtml(name)}</th>`)
    .join("");
  const body = rows
    .map(
      (row) =>
        `<tr>${columns.map((_, i) => `<td style="${align(i)}">${escapeHtml(cell(row[i]))}</td>`).join("")}</tr>`,
    )
    .join("");
  const under =
    caption === undefined
      ? ""
      : `<caption style="caption-side:bottom;text-align:left">${escapeHtml(caption)}</caption>`;
  return `<table>${under}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

export function tableToText(input: TableRows, caption?: string): string {
  const { columns, rows } = asTable(input);
  const texts = [columns, ...rows.map((row) => columns.map((_, i) => cell(row[i])))];
  const widths = columns.map((_, i) => Math.max(...texts.map((row) => row[i].length)));
  const numeric = columns.map((_, i) => rows.some((r) => typeof r[i] === "number"));
  const lines = texts.map((row) =>
    row
      .map((t, i) => (numeric[i] ? t.padStart(widths[i]) : t.padEnd(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((w) => "─".repeat(w)).join("  "));
  return caption === undefined ? lines.join("\n") : `${lines.join("\n")}\n${caption}`;
}

export interface Token {
  text: string;
  /** 0…1: how strongly the token is coloured; without it, neighbours alternate. */
  weight?: number;
}

/** 0, 114, 178 is the palette's blue; alternating tokens take blue and orange. */
const TINTS = ["0,114,178", "230,159,0"];

/** Shows a text cut into tokens, spaces and line breaks made visible. */
export function tokens(list: Token[], { caption }: { caption?: string } = {}): void {
  const spans = list.map(({ text, weight }, i) => {
    const tint =
      weight === undefined
        ? `rgba(${TINTS[i % 2]},0.28)`
        : `rgba(${TINTS[0]},${(0.75 * Math.min(1, Math.max(0, weight))).toFixed(3)})`;
    const shown = escapeHtml(text.replace(/ /g, "·").replace(/\n/g, "⏎"));
    return `<span title="${weight === undefined ? `token ${i}` : weight.toFixed(3)}" style="background:${tint};border-radius:3px;padding:1px 3px;margin:1px;display:inline-block;font-family:monospace">${shown}</span>`;
  });
  const under =
    caption === undefined
      ? ""
      : `<div style="opacity:0.75;margin-top:4px">${escapeHtml(caption)}</div>`;
  const plain = list
    .map(({ text, weight }) => (weight === undefined ? text : `${text}(${weight.toFixed(2)})`))
    .join("|");
  show({
    "text/html": `<div style="line-height:1.9">${spans.join("")}</div>${under}`,
    "text/plain": caption === undefined ? plain : `${plain}\n${caption}`,
  });
}
