// Whose work a file is, from the names that it came with. Each learning platform puts its own into
// the path; where there is none, a folder or the file's name may be the learner's.
//
//   Canvas   lovelaceada_12345_67890_06-attention.ts, with LATE: lovelaceada_LATE_12345_67890_…
//   Moodle   Ada Lovelace_987654_assignsubmission_file_/06-attention.ts, or as one flat name
//   GitHub   lesson-06-adalovelace/exercises/06-attention.ts: a clone, named with the account
//   else     ada/answers.ts, ada.ts, 06-attention_ada.zip, ada@example.org/…
import { nameParts } from "../roster.mjs";

const CANVAS = /^([^_/]+)(_LATE)?_(\d+)_(\d+)_(.+)$/;
const MOODLE = /^(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)(?:_(.*))?$/;

/** Letters and digits only, without accents: how Canvas writes a name. */
const squeezed = (text) =>
  text
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();

/** A name as platforms sort it: "lovelaceada". */
const sorted = (name) => squeezed(nameParts(name).reverse().join(""));

/** The one learner that fits, or undefined; two that fit are none. */
function only(roster, fits) {
  const found = roster.filter(fits);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * What a platform says in one part of a path.
 * @returns { by: "canvas" | "moodle", number, name, late?, attempt } or undefined
 */
export function platformName(part) {
  const moodle = MOODLE.exec(part);
  if (moodle) return { by: "moodle", name: moodle[1], number: moodle[2], attempt: 1 };
  const canvas = CANVAS.exec(part);
  if (!canvas) return undefined;
  const [, name, late, number, , file] = canvas;
  const again = /-([1-9]\d?)(\.\w+)?$/.exec(file)?.[1];
  return { by: "canvas", name, number, late: late !== undefined, attempt: Number(again ?? 0) + 1 };
}

/** The learner whom a platform means: by number, else by a name that only one of them has. */
function byPlatform({ by, number, name }, roster) {
  const known = roster.find((row) => row[by] !== "" && row[by] === number);
  if (known) return known;
  return only(roster, (row) => sorted(row.name) === squeezed(name) || row.name === name);
}

/** The learner named by what somebody wrote: id, email, account, name. */
export function byWord(word, roster) {
  const low = word.trim().toLowerCase();
  const is = (row) =>
    [row.student, row.email, row.github].some((x) => x !== "" && x.toLowerCase() === low);
  return (
    roster.find(is) ??
    only(roster, ({ name }) => squeezed(name) === squeezed(word) && squeezed(word) !== "") ??
    only(roster, ({ name }) => sorted(name) === squeezed(word) && squeezed(word) !== "")
  );
}

/** The learner whom a part of a path ends or begins with: "lesson-06-adalovelace", "ada_06.ts". */
function byPiece(part, roster) {
  const stem = part.replace(/\.\w{1,5}$/, "").toLowerCase();
  const names = (row) => [row.student, row.github, row.email].filter(Boolean);
  const touches = (name) =>
    stem === name ||
    ["-", "_", " ", "."].some((m) => stem.endsWith(m + name) || stem.startsWith(name + m));
  const hits = roster.flatMap((row) =>
    names(row)
      .map((name) => name.toLowerCase())
      .filter(touches)
      .map((name) => ({ row, length: name.length })),
  );
  // "ada-l" is nearer than "ada".
  const longest = hits.filter(({ length }) => length === Math.max(...hits.map((h) => h.length)));
  const rows = new Set(longest.map(({ row }) => row));
  return rows.size === 1 ? [...rows][0] : undefined;
}

/**
 * Whose a file is, by its path from the inbox.
 * @returns { row, by, late, attempt } or { reason } where it is nobody's
 */
export function ownerOf(path, roster) {
  const parts = path.split("/");
  const said = parts.map(platformName).find(Boolean);
  if (said) {
    const row = byPlatform(said, roster);
    const { by, late = false, attempt } = said;
    if (row) return { row, by, late, attempt };
    return { reason: `nobody of the roster has the ${by} number ${said.number} or that name` };
  }
  // The outermost part that names somebody: a folder "ada" may hold "bob.ts", which is Ada's.
  const whole = (part) => byWord(part, roster) ?? byWord(part.replace(/\.\w{1,5}$/, ""), roster);
  for (const find of [whole, (part) => byPiece(part, roster)])
    for (const part of parts) {
      const row = find(part);
      if (row) return { row, by: "name", late: false, attempt: 1 };
    }
  return { reason: "no part of its name is a student, an email or an account of the roster" };
}
