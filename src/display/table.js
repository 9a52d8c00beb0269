"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.tableToText = exports.tableToHtml = exports.table = void 0;
// Small tables: numbers stand right-aligned, also those that a lesson has already written as text
// ("0.98", "12 %", "1.2e-3"); pieces of text keep their spaces; the caption takes the whole width.
const label_1 = require("./label");
const output_1 = require("./output");
const xml_1 = require("./xml");
const MAX_ROWS = 200;
const MAX_COLUMNS = 40;
const MAX_CELLS = 3000;
/** Of one cell, and of all together, in characters. */
const MAX_CELL = 2000;
const MAX_ALL = 150000;
/**
 * Shows rows as a small table, of a long one the first 200 rows.
 * @param input records (their keys are the columns), or columns and rows
 * @param options.caption what to see, in a sentence
 */
function table(input, { caption } = {}) {
    (0, output_1.show)({ "text/html": tableToHtml(input, caption), "text/plain": tableToText(input, caption) });
}
exports.table = table;
function prepare(input, caption) {
    const { columns: all, rows: source } = asTable(input);
    const notes = [];
    const columns = all.slice(0, MAX_COLUMNS);
    if (columns.length < all.length)
        notes.push(`The first ${MAX_COLUMNS} of ${(0, label_1.count)(all.length, "column")}.`);
    const rows = [];
    let size = 0;
    const most = Math.min(source.length, MAX_ROWS, Math.ceil(MAX_CELLS / (columns.length || 1)));
    for (let r = 0; r < most && size < MAX_ALL; r++) {
        const row = columns.map((_, c) => cell(source[r][c]));
        size += row.reduce((sum, text) => sum + text.length, 0);
        rows.push(row);
    }
    if (rows.length < source.length)
        notes.push(`The first ${rows.length} of ${(0, label_1.count)(source.length, "row")}.`);
    return {
        columns: columns.map((name) => (0, label_1.visible)(String(name)).slice(0, MAX_CELL)),
        rows,
        right: columns.map((_, c) => isNumeric(rows.map((row) => row[c]))),
        under: [(0, label_1.sentence)(caption), ...notes].filter((line) => line !== ""),
    };
}
function asTable(input) {
    if (!Array.isArray(input))
        return input;
    const columns = new Set();
    for (const row of input.slice(0, MAX_ROWS))
        for (const key of Object.keys(row))
            columns.add(key);
    const names = [...columns];
    const few = input.slice(0, MAX_ROWS).map((row) => names.map((name) => row[name]));
    // Rows that are not shown are counted and not read.
    return { columns: names, rows: few.concat(new Array(Math.max(0, input.length - MAX_ROWS))) };
}
/** Line breaks stay inside a cell; spaces and line breaks at its ends are made visible. */
function cell(value) {
    if (value === undefined || value === null)
        return "";
    if (typeof value === "number")
        return Number.isSafeInteger(value)
            ? (value + 0).toLocaleString("en-US").replace("-", "−")
            : (0, label_1.numberText)(value, 4);
    const text = String(value);
    const shown = text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text;
    const [, before, middle, after] = /^(\s*)([\s\S]*?)(\s*)$/.exec(shown);
    return (0, label_1.visible)(before) + (0, label_1.wellFormed)(middle) + (0, label_1.visible)(after);
}
const UNIT = "(?:[%‰×x°]|[A-Za-zµ]{1,4}(?:\\/[A-Za-z]{1,5})?)";
const NUMBER = `[−+±≈~<>≤≥-]{0,2} ?\\d[\\d,.]*(?:e[+−-]?\\d+)?(?: ?${UNIT})?`;
const NUMERIC = new RegExp(`^${NUMBER}$`);
const NO_FINITE = /^(NaN|[+−-]?(∞|Infinity))$/;
/** What stands in a column of numbers where there is none. */
const NOTHING = /^[-–—]?$/;
/** A column of numbers: at least one, and nothing else. */
function isNumeric(texts) {
    const number = (text) => NUMERIC.test(text) || NO_FINITE.test(text);
    return texts.some(number) && texts.every((text) => number(text) || NOTHING.test(text));
}
/** JupyterLab would let spaces collapse and put lines of text in the middle of their cell. */
function styleOf(text, right) {
    const align = right ? "text-align:right;font-variant-numeric:tabular-nums" : "text-align:left";
    return `${align};vertical-align:top${/\s{2}|[\n\r\t]/.test(text) ? ";white-space:pre-wrap" : ""}`;
}
function tableToHtml(input, caption) {
    const { columns, rows, right, under } = prepare(input, caption);
    const line = (texts, tag) => texts
        .map((text, i) => `<${tag} style="${styleOf(text, right[i])}">${(0, xml_1.escapeHtml)(text)}</${tag}>`)
        .join("");
    const body = rows.map((row) => `<tr>${line(row, "td")}</tr>`).join("");
    const captions = under.map(xml_1.captionHtml).join("");
    const grid = `<thead><tr>${line(columns, "th")}</tr></thead><tbody>${body}</tbody>`;
    const whole = `<table style="margin:0 0 6px">${grid}</table>`;
    return `<figure style="margin:0">${whole}${captions}</figure>`;
}
exports.tableToHtml = tableToHtml;
function tableToText(input, caption) {
    const { columns, rows, right, under } = prepare(input, caption);
    const flat = [columns, ...rows].map((row) => row.map((text) => text.replace(/\r?\n|\r/g, "⏎")));
    const widths = columns.map((_, i) => flat.reduce((width, row) => Math.max(width, row[i].length), 0));
    const lines = flat.map((row) => row
        .map((text, i) => (right[i] ? text.padStart(widths[i]) : text.padEnd(widths[i])))
        .join("  ")
        .trimEnd());
    lines.splice(1, 0, widths.map((w) => "─".repeat(w)).join("  "));
    return [...lines, ...under].join("\n");
}
exports.tableToText = tableToText;
