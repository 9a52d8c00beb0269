import { inTeaching, shownPath } from "../course.mjs";
import { readTable, writeCsv } from "../csv.mjs";
import { writeAtomically } from "../page.mjs";

const KEYS = ["student", "lesson", "sha256", "kind", "line"];
const COLUMNS = [...KEYS, "text", "comment"];
const file = () => inTeaching("cleared.csv");

/** What was let pass, as records of the columns. */
export function clearedRows() {
  const columns = COLUMNS.map((name) => [name, KEYS.includes(name) ? "needed" : "optional"]);
  return readTable(file(), shownPath(file()), Object.fromEntries(columns), { optional: true });
}

/** The bytes are the same, so a line is. */
const keyOf = ({ student, lesson, sha256 }, { kind, line }) =>
  JSON.stringify([student, lesson, sha256, kind, Number(line)]);

/** @returns { has(submission, flag) } */
export function readCleared() {
  const known = new Set(clearedRows().map((row) => keyOf(row, row)));
  return { has: (submission, flag) => known.has(keyOf(submission, flag)) };
}

/** Notes that all flags of a result are let pass. */
export function clear(result, comment = "") {
  const before = clearedRows();
  const known = new Set(before.map((row) => keyOf(row, row)));
  const { student, lesson, sha256, flags } = result;
  const added = flags
    .filter((flag) => !known.has(keyOf(result, flag)))
    .map(({ kind, line, text }) => ({ student, lesson, sha256, kind, line, text, comment }));
  const table = [...before, ...added].map((row) => COLUMNS.map((name) => String(row[name] ?? "")));
  writeAtomically(file(), [writeCsv([COLUMNS, ...table])]);
}
