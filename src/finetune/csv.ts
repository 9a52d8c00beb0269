// Tables as CSV (RFC 4180, 2005): fields between commas, in quotes where they hold a comma, a quote
// or a line break, quotes within them doubled. The first line names the columns. Left out: other
// separators, and guessing types: every field is text.

/** One row: its fields by the names of the columns. */
export type CsvRow = Record<string, string>;

/**
 * The rows of a table.
 * @param text with a line of names first; a byte order mark and empty lines are passed over
 * @param columns names that must be there
 * @param file what an error calls the text
 * @throws with the number of the line, where a quote is left open, a row has another number of fields
 *   than there are columns, or a column is missing
 * @example readCsv('text,label\n"Well, yes",good\n') // [{ text: "Well, yes", label: "good" }]
 */
export function readCsv(
  text: string,
  { columns = [], file = "the table" }: { columns?: readonly string[]; file?: string } = {},
): CsvRow[] {
  const [head, ...rows] = fieldsOf(text.replace(/^\uFEFF/, ""), file);
  if (head === undefined) throw new Error(`readCsv: expected a line of names in ${file}, got none`);
  const names = head.fields.map((name) => name.trim());
  for (const name of columns)
    if (!names.includes(name))
      throw new Error(
        `readCsv: expected a column "${name}" in ${file}, got the columns ${names.join(", ")}`,
      );
  return rows.map(({ fields, line }) => {
    if (fields.length !== names.length)
      throw new Error(
        `readCsv: expected ${names.length} fields in line ${line} of ${file}, got ${fields.length}`,
      );
    return Object.fromEntries(names.map((name, i) => [name, fields[i]]));
  });
}

/** A field with what ends it: everything up to a comma or a line break, or a quoted text. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/** Every line that is not empty, in its fields. */
function fieldsOf(text: string, file: string): { fields: string[]; line: number }[] {
  const rows: { fields: string[]; line: number }[] = [];
  let [fields, line, started]: [string[], number, number] = [[], 1, 1];
  FIELD.lastIndex = 0;
  for (let at = 0; at < text.length || fields.length > 0; at = FIELD.lastIndex) {
    FIELD.lastIndex = at;
    const found = FIELD.exec(text);
    if (!found)
      throw new Error(`readCsv: expected a quote that is closed in line ${line} of ${file}`);
    const [whole, quoted, plain, end] = found;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += whole.split("\n").length - 1;
    if (end === ",") continue;
    if (fields.length > 1 || fields[0] !== "") rows.push({ fields, line: started });
    [fields, started] = [[], line];
  }
  return rows;
}

/** A table as text: `readCsv` gives the rows back. */
export function writeCsv(
  rows: readonly Readonly<Record<string, string>>[],
  columns: readonly string[],
): string {
  const field = (text: string) =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ""))];
  return lines.map((line) => `${line.map(field).join(",")}\n`).join("");
}
