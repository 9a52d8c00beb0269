// How the verbs of `teach` speak in a terminal: tables in columns, and texts of learners without
// anything that a terminal would act upon.
import { columns } from "../../src/display/wrap.cjs";

/** One line without control characters and marks that turn text round; a tab is a space. */
export const plain = (text) =>
  String(text ?? "")
    .replace(/[\t\r\n]+/g, " ")
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "�");

/** Rows of texts in columns; columns of numbers stand right-aligned. The first row is the heads. */
export function table(rows, { indent = "  ", gap = "  " } = {}) {
  const cells = rows.map((row) => row.map(plain));
  const widths = cells[0].map((_, c) => Math.max(...cells.map((row) => columns(row[c] ?? ""))));
  const numeric = cells[0].map((_, c) =>
    cells.slice(1).every((row) => /^[\d.,/ %×–-]*$/.test(row[c] ?? "")),
  );
  return cells
    .map((row) => {
      const line = row.map((cell, c) => {
        const space = " ".repeat(Math.max(0, widths[c] - columns(cell)));
        return numeric[c] ? space + cell : cell + space;
      });
      return (indent + line.join(gap)).trimEnd();
    })
    .join("\n");
}

/** "1 learner", "2 learners". */
export const count = (n, word, many = `${word}s`) => `${n} ${n === 1 ? word : many}`;

/** A share as "62 %". */
export const percent = (share) => `${Math.round(100 * share)} %`;

/** Points without needless zeros: 3, 2.5, 3.33. */
export const points = (n) => String(Math.round(n * 100) / 100);
