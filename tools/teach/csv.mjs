// Comma-separated files as spreadsheets and learning platforms write them. Reading notes where each
// cell stands in the text, so that a cell can be exchanged and every other byte stays as it is. It
// follows RFC 4180, and takes semicolons and tabs as well. Encodings are not its business: callers
// hand over text, or bytes read as Latin-1 where bytes must survive.
import { existsSync, readFileSync } from "node:fs";
import { SetupError } from "../kit.mjs";

/** The separator that the first line, outside quotes, has most of. */
function separatorOf(text) {
  const line = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text)?.[0] ?? "";
  const bare = line.replace(/"(?:[^"]|"")*"/g, "");
  const count = (mark) => bare.split(mark).length - 1;
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/**
 * The rows of a text: [{ line, cells: [{ text, from, to }] }], with `from` and `to` as places in
 * the text, quotes included. Lines without a letter are left out.
 * @returns { separator, rows }
 */
export function parseCsv(text) {
  const separator = separatorOf(text);
  const rows = [];
  let at = text.startsWith("\uFEFF") ? 1 : text.startsWith("ï»¿") ? 3 : 0;
  let line = 1;
  while (at < text.length) {
    const row = { line, cells: [] };
    for (;;) {
      const from = at;
      let value = "";
      if (text[at] === '"') {
        for (at++; at < text.length; at++) {
          if (text[at] === '"' && text[at + 1] !== '"') break;
          if (text[at] === '"') at++;
          if (text[at] === "\n") line++;
          value += text[at];
        }
        at++;
      }
      // What follows a closing quote belongs to the cell, as spreadsheets read it.
      const rest = at;
      while (at < text.length && text[at] !== separator && !/[\r\n]/.test(text[at])) at++;
      value += text.slice(rest, at);
      row.cells.push({ text: value, from, to: at });
      if (text[at] !== separator) break;
      at++;
    }
    if (text[at] === "\r" && text[at + 1] === "\n") at++;
    at++;
    line++;
    if (row.cells.some((cell) => cell.text.trim() !== "")) rows.push(row);
  }
  return { separator, rows };
}

/**
 * A cell as it is written: in quotes where it has to be, and where its commas or semicolons could
 * be taken for the file's separator.
 */
export function quotedCell(text, separator = ",") {
  const needs = text.includes(separator) || /[",;\t\r\n]|^\s|\s$/.test(text);
  return needs ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A text of somebody else for a cell: a spreadsheet would run what begins like a formula, so an
 * apostrophe goes before it. Numbers stay as they are.
 */
export function harmless(text) {
  const isNumber = /^-?\d+([.,]\d+)?$/.test(text);
  return /^\s*[=+\-@\t\r|]/.test(text) && !isNumber ? `'${text}` : text;
}

/** A whole file: every row a list of texts or numbers, ended by line feeds. */
export function writeCsv(rows) {
  const cell = (value) => quotedCell(harmless(String(value ?? "")));
  return rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
}

/**
 * A text with some cells exchanged.
 * @param edits [{ cell: { from, to }, text }]
 */
export function exchangeCells(text, edits, separator) {
  const order = [...edits].sort((a, b) => a.cell.from - b.cell.from);
  let at = 0;
  let result = "";
  for (const { cell, text: value } of order) {
    result += text.slice(at, cell.from) + quotedCell(value, separator);
    at = cell.to;
  }
  return result + text.slice(at);
}

/**
 * A file of the teacher's, with the columns it must and may have, as records with their lines.
 * @param columns { name: "needed" | "optional" }
 * @returns [{ line, …columns }], the cells trimmed; [] where there is no such file and it may lack
 * @throws SetupError that names file, line and column
 */
export function readTable(file, shown, columns, { mend, optional = false } = {}) {
  if (!existsSync(file)) {
    if (optional) return [];
    throw new SetupError(`${shown}: expected a file with the columns, got no such file`, mend);
  }
  const text = readFileSync(file, "utf8");
  const wrong = (line, said) => new SetupError(`${shown}, line ${line}: ${said}`, mend);
  if (text.includes("\u0000") || text.includes("\uFFFD"))
    throw wrong(1, "expected a file in UTF-8, got another encoding; save it again as CSV UTF-8");
  const [head, ...rows] = parseCsv(text).rows;
  const names = head?.cells.map((cell) => cell.text.trim().toLowerCase()) ?? [];
  const needed = Object.keys(columns).filter((name) => columns[name] === "needed");
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw wrong(1, `expected the columns ${needed.join(", ")}, got no ${missing.join(", ")}`);
  return rows.map(({ line, cells }) => {
    if (cells.length > names.length && cells.slice(names.length).some((c) => c.text.trim()))
      throw wrong(line, `expected ${names.length} cells, got ${cells.length}`);
    const record = { line };
    for (const name of Object.keys(columns))
      record[name] = cells[names.indexOf(name)]?.text.trim() ?? "";
    const empty = needed.find((name) => record[name] === "");
    if (empty) throw wrong(line, `expected a ${empty}, got an empty cell`);
    return record;
  });
}
