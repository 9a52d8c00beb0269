// The class: teaching/roster.csv, `student,name,email,section,canvas,moodle,github`. `student`
// names a learner's files, so it is a short word; the other columns say who sent what: the user's
// number in Canvas, the participant's number in Moodle, the account on GitHub.
import { SetupError } from "../kit.mjs";
import { inTeaching, shownPath } from "./course.mjs";
import { readTable } from "./csv.mjs";

const COLUMNS = {
  student: "needed",
  name: "needed",
  email: "optional",
  section: "optional",
  canvas: "optional",
  moodle: "optional",
  github: "optional",
};
export const rosterColumns = Object.keys(COLUMNS);

/** Short, without anything that a path or a file system treats otherwise. */
const STUDENT = /^[A-Za-z0-9](?:[\w.-]{0,62}[A-Za-z0-9_-])?$/;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const MEND = "Mend the line and run the command again; nothing was changed.";

/**
 * The learners in the roster's order.
 * @returns [{ student, name, email, section, canvas, moodle, github, line }]
 * @throws SetupError that names the line
 */
export function readRoster() {
  const file = inTeaching("roster.csv");
  const shown = shownPath(file);
  const mend = "`npm run teach -- init` makes one to begin with; docs/teaching.md explains it.";
  const rows = readTable(file, shown, COLUMNS, { mend });
  const wrong = (line, said) => new SetupError(`${shown}, line ${line}: ${said}`, MEND);
  if (rows.length === 0) throw wrong(2, "expected a learner, got an empty roster");
  const seen = new Map();
  for (const row of rows) {
    const { student, line } = row;
    if (!STUDENT.test(student) || RESERVED.test(student))
      throw wrong(
        line,
        "expected a student made of letters, digits, - and _, as their files are named, got " +
          JSON.stringify(student),
      );
    for (const column of ["student", "email", "canvas", "moodle", "github"]) {
      const key = `${column} ${row[column].toLowerCase()}`;
      if (row[column] === "") continue;
      if (seen.has(key))
        throw wrong(
          line,
          `expected each ${column} once, got ${JSON.stringify(row[column])}, which is in line ` +
            `${seen.get(key)} too`,
        );
      seen.set(key, line);
    }
  }
  return rows;
}

/**
 * The learners that a command is about: those that were typed, or everyone.
 * @throws SetupError where one is not in the roster
 */
export function chosenStudents(words, roster, command) {
  if (words.length === 0) return roster;
  return words.map((word) => {
    const found = roster.find(({ student }) => student.toLowerCase() === word.toLowerCase());
    if (!found)
      throw new SetupError(
        `${command}: expected a student of the roster, got ${JSON.stringify(word.slice(0, 60))}`,
        "`npm run teach -- roster` lists them.",
      );
    return found;
  });
}

/** "Ada Lovelace" → ["Ada", "Lovelace"]; "Lovelace, Ada" too. */
export function nameParts(name) {
  const [last, first] = name.split(",").map((part) => part.trim());
  if (first) return [first, last];
  const words = name.trim().split(/\s+/);
  return words.length === 1 ? ["", words[0]] : [words.slice(0, -1).join(" "), words.at(-1)];
}
