// `npm run teach -- export 06`: the marks, for other programs. gradebook.csv has the columns that
// nbgrader exports, so that tools made for it read ours. With --into, the file that Canvas
// (gradebook) or Moodle (grading worksheet) exported is filled in: only cells of marks and comments
// change, every other byte stays. Learners without a mark keep the cell they have.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { SetupError } from "../kit.mjs";
import { chosenLessons, inTeaching, readCourse, shownPath } from "./course.mjs";
import { exchangeCells, harmless, parseCsv, writeCsv } from "./csv.mjs";
import { marksOf } from "./marks.mjs";
import { writeAtomically } from "./page.mjs";
import { nameParts, readRoster } from "./roster.mjs";
import { count, plain, points } from "./say.mjs";

const HEADS = [
  ...["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"],
  ...["raw_score", "late_submission_penalty", "score", "max_score"],
];

/** The rows of gradebook.csv: every lesson, every learner. A machine's fault leaves them empty. */
export function gradebook(marks) {
  const rows = marks.map(({ row, lesson, result, late, before, final, max, state, due }) => {
    const [first, last] = nameParts(row.name);
    const missing = state === "missing";
    const score = (value) => (missing ? 0 : value === undefined ? "" : points(value));
    const penalty = before === undefined ? undefined : before - final;
    return [
      ...[lesson.id, late?.due ?? due ?? "", result?.submittedAt ?? ""],
      ...[row.student, last, first, row.email],
      ...[score(before), score(penalty), score(final), points(max)],
    ];
  });
  return writeCsv([HEADS, ...rows]);
}

const textOf = (bytes) =>
  Buffer.from(bytes, "latin1")
    .toString("utf8")
    .replace(/^\uFEFF/, "");

/** What a learner reads in Moodle's column "Feedback comments": one line, harmless to a sheet. */
function commentOf({ comment, exercises }) {
  const own = exercises.filter((e) => e.comment).map((e) => `${e.name}: ${e.comment}`);
  return harmless(plain([comment, ...own].filter(Boolean).join(" ")));
}

/** What the two platforms' files look like, and which cells are ours. */
const platforms = {
  moodle: {
    is: (heads) => heads.includes("Identifier") && heads.includes("Grade"),
    who: (cells, at, marks) => {
      const number = /(\d+)$/.exec(cells[at("Identifier")] ?? "")?.[1];
      const email = (cells[at("Email address")] ?? "").toLowerCase();
      return marks.find(
        ({ row }) =>
          (row.moodle !== "" && row.moodle === number) ||
          (row.email !== "" && row.email.toLowerCase() === email),
      );
    },
    edits: (mark, cells, at) => {
      const most = Number((cells[at("Maximum Grade")] ?? "").replace(",", ".")) || mark.max;
      const edits = [["Grade", points((mark.final / mark.max) * most)]];
      const comment = commentOf(mark);
      if (comment && at("Feedback comments") >= 0) edits.push(["Feedback comments", comment]);
      return edits;
    },
  },
  canvas: {
    is: (heads) => heads.includes("Student") && heads.includes("ID"),
    who: (cells, at, marks) => {
      const [id, login] = [cells[at("ID")] ?? "", (cells[at("SIS Login ID")] ?? "").toLowerCase()];
      return marks.find(
        ({ row }) =>
          (row.canvas !== "" && row.canvas === id.trim()) ||
          (login !== "" && [row.email, row.student].some((x) => x.toLowerCase() === login)),
      );
    },
    edits: (mark, _cells, _at, column, most) => [
      [column, points(most > 0 ? (mark.final / mark.max) * most : mark.final)],
    ],
  },
};

/** Canvas's column of a lesson: the one named, or the only one with its number or its title. */
function canvasColumn(heads, lesson, wanted, shown) {
  const fits = wanted
    ? (head) => head === wanted || head.replace(/ \(\d+\)$/, "") === wanted
    : (head) =>
        new RegExp(`(^|\\D)${lesson.number}(\\D|$)`).test(head.replace(/ \(\d+\)$/, "")) ||
        head.toLowerCase().includes(lesson.title.toLowerCase());
  const assignments = heads.filter((head) => / \(\d+\)$/.test(head));
  const found = assignments.filter(fits);
  if (found.length === 1) return found[0];
  throw new SetupError(
    `${shown}: expected one column of ${wanted ?? `lesson ${lesson.number} (${lesson.title})`}, ` +
      `got ${found.length === 0 ? "none" : found.map(plain).join(", ")}`,
    `Name it: --column "…". The columns of assignments are: ` +
      (assignments.map(plain).join(", ") || "none"),
  );
}

/**
 * An exported file with the marks of one lesson filled in.
 * @param bytes of the file, read as Latin-1, so that each byte is one character
 * @returns { text, filled, kept: [name], unknown: [line], scale? }
 * @throws SetupError where it is neither platform's file
 */
export function fillIn(bytes, marks, { lesson, column, shown }) {
  const { separator, rows } = parseCsv(bytes);
  const place = (row) => row.cells.map((cell) => textOf(cell.text).trim());
  const headAt = rows.findIndex((row) => Object.values(platforms).some(({ is }) => is(place(row))));
  if (headAt < 0)
    throw new SetupError(
      `${shown}: expected a file of Canvas's gradebook (Student, ID, …) or of Moodle's grading ` +
        "worksheet (Identifier, …, Grade), got another",
      "Export it anew from the platform, as CSV, and do not open it in between.",
    );
  const heads = place(rows[headAt]);
  const at = (name) => heads.indexOf(name);
  const [by, platform] = Object.entries(platforms).find(([, { is }]) => is(heads));
  const target = by === "canvas" ? canvasColumn(heads, lesson, column, shown) : undefined;
  let most = 0;
  const edits = [];
  const kept = [];
  const unknown = [];
  const seen = new Set();
  for (const row of rows.slice(headAt + 1)) {
    const cells = place(row);
    if (by === "canvas" && /^Points Possible$/i.test(cells[0])) {
      most = Number(cells[at(target)].replace(",", ".")) || 0;
      continue;
    }
    if (by === "canvas" && !/^\d+$/.test(cells[at("ID")] ?? "")) continue;
    const mark = platform.who(cells, at, marks);
    if (!mark) unknown.push(row.line);
    else if (mark.final === undefined || !(mark.max > 0)) kept.push(mark.row.student);
    else {
      seen.add(mark);
      for (const [name, value] of platform.edits(mark, cells, at, target, most)) {
        const cell = row.cells[at(name)];
        if (!cell)
          throw new SetupError(
            `${shown}, line ${row.line}: expected ${heads.length} cells, got ${cells.length}`,
            "Export it anew from the platform.",
          );
        // What a spreadsheet in another language wrote with a comma stays so.
        const number = separator === ";" && /^\d+\.\d+$/.test(value);
        const text = number ? value.replace(".", ",") : value;
        edits.push({ cell, text: Buffer.from(text, "utf8").toString("latin1") });
      }
    }
  }
  const absent = marks
    .filter((mark) => mark.final !== undefined && !seen.has(mark))
    .map(({ row }) => row.student);
  const text = exchangeCells(bytes, edits, separator);
  return { text, by, target, most, filled: seen.size, kept, unknown, absent };
}

function into({ values, lesson, marks }) {
  const shown = values.into;
  if (!existsSync(values.into))
    throw new SetupError(`export: expected a file, got no such file as ${shown}`, "Is it there?");
  const bytes = readFileSync(values.into);
  if (bytes[0] === 0xff || bytes[0] === 0xfe)
    throw new SetupError(`${shown}: expected CSV in UTF-8, got UTF-16`, "Export it as CSV.");
  const made = fillIn(bytes.toString("latin1"), marks, { lesson, column: values.column, shown });
  const end = extname(values.into);
  const out =
    values.out ?? join(values.into, "..", `${basename(values.into, end)}-filled${end || ".csv"}`);
  writeAtomically(out, [Buffer.from(made.text, "latin1")]);
  const { max } = marks[0];
  console.log(
    `${out}: ${count(made.filled, "mark")} filled in` +
      (made.target ? `, column "${plain(made.target)}"` : "") +
      (made.most > 0 && made.most !== max ? `, ${max} points scaled to ${made.most}` : "") +
      ".",
  );
  if (made.kept.length > 0)
    console.log(`  without a mark, left as they were: ${made.kept.join(", ")}`);
  if (made.absent.length > 0) console.log(`  not in that file: ${made.absent.join(", ")}`);
  if (made.unknown.length > 0)
    console.log(`  in that file and not in the roster: line ${made.unknown.join(", ")}`);
}

/** `npm run teach -- export 06 --into FILE` */
export function exportMarks({ values, words }) {
  const course = readCourse();
  const roster = readRoster();
  const lessons = chosenLessons(words, course, "export");
  if (values.into && lessons.length !== 1)
    throw new SetupError(
      `export: expected one lesson with --into, got ${lessons.length}`,
      "Name it: npm run teach -- export 06 --into FILE",
    );
  const all = lessons.map((lesson) => ({ lesson, marks: marksOf(lesson, { course, roster }) }));
  for (const { lesson, marks } of all) {
    if (marks.every(({ state }) => state === "missing"))
      throw new SetupError(
        `export: expected marks of lesson ${lesson.number}, got none`,
        `First: npm run teach -- grade ${lesson.number}`,
      );
    const doubtful = marks.filter(({ state }) => ["held", "error"].includes(state));
    for (const { row, state } of doubtful)
      console.log(
        state === "held"
          ? `  ${row.student}: 0 points until its flags are cleared`
          : `  ${row.student}: could not be graded, so it has no mark`,
      );
  }
  if (values.into) into({ values, ...all[0] });
  const file = inTeaching("gradebook.csv");
  mkdirSync(inTeaching(), { recursive: true });
  const rows = all.flatMap(({ lesson, marks }) => {
    const due = course.lessons.find((entry) => entry.lesson.id === lesson.id)?.due;
    return marks.map((mark) => ({ ...mark, due }));
  });
  writeAtomically(file, [gradebook(rows)]);
  console.log(`${shownPath(file)}: ${count(rows.length, "row")}.`);
}
