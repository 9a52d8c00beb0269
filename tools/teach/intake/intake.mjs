// From an inbox to one submission a learner: whose each file is (./names), which lesson it answers
// (./recognise), when it came (./times). The newest attempt counts. What is not taken is a row of
// unmatched.csv with its reason: nothing is dropped silently.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { SetupError } from "../../kit.mjs";
import { chosenLessons, folderOf, readCourse, shownPath } from "../course.mjs";
import { writeCsv } from "../csv.mjs";
import { shownDate } from "../dates.mjs";
import { writeAtomically } from "../page.mjs";
import { readRoster } from "../roster.mjs";
import { count, plain, table } from "../say.mjs";
import { decode } from "./decode.mjs";
import { byWord, ownerOf } from "./names.mjs";
import { recognise } from "./recognise.mjs";
import { isTimes, readTimes, timeOf } from "./times.mjs";
import { walk } from "./walk.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** What `npm run submit` says about the file beside it, or undefined. */
function noteIn(bytes) {
  try {
    const note = JSON.parse(bytes.toString("utf8"));
    return note?.schema === "llm-course/submission/v1" && typeof note.student === "string"
      ? note
      : undefined;
  } catch {
    return undefined;
  }
}

const isNote = ({ path }) => /(^|\/)submission\.json$/.test(path);

/** Rows with one reason and one place are told together: a copy of the course has 400 files. */
function together(rows) {
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.path.split("/")[0]}\n${row.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((group) => {
    if (group.length <= 3) return group;
    const [first] = group[0].path.split("/");
    return [{ path: `${first}/…`, reason: `${group.length} files: ${group[0].reason}` }];
  });
}

/** The newest first; of two that are as new the later attempt, then the one with more done. */
function byAge(a, b) {
  return (
    Date.parse(b.submittedAt) - Date.parse(a.submittedAt) ||
    b.attempt - a.attempt ||
    b.done - a.done ||
    (a.origin < b.origin ? -1 : 1)
  );
}

/**
 * Reads a lesson's inbox.
 * @returns { submissions: [{ student, lesson, text, encoding, sha256, submittedAt, timeSource,
 *   origin, attempt, notes }], unmatched: [{ path, reason }], missing: [student] }
 * @throws SetupError where there is no inbox, or nothing in it
 */
export function intake(lesson, { course, roster }) {
  const folder = folderOf("inbox", lesson);
  const shown = shownPath(folder);
  const mend =
    "Put there what learners handed in: files, folders, zips, clones, an LMS's download.";
  if (!existsSync(folder))
    throw new SetupError(`${shown}: expected an inbox, got no such folder`, mend);
  const { files, skipped, close } = walk(folder);
  try {
    if (files.length + skipped.length === 0)
      throw new SetupError(`${shown}: expected submissions, got an empty folder`, mend);
    return sorted(lesson, { course, roster, files, skipped });
  } finally {
    close();
  }
}

/**
 * The same for a folder that is one learner's, whatever the names in it say: Gradescope knows who
 * handed in, and when.
 * @param owner their row of a roster
 */
export function intakeOf(folder, lesson, { course, owner }) {
  const { files, skipped, close } = walk(folder);
  try {
    return sorted(lesson, { course, roster: [owner], owner, files, skipped });
  } finally {
    close();
  }
}

function sorted(lesson, { course, roster, owner, files, skipped }) {
  const unmatched = [...skipped];
  const leave = (path, reason) => unmatched.push({ path, reason });
  const notes = new Map();
  for (const file of files.filter(isNote)) notes.set(posix.dirname(file.path), noteIn(file.bytes));
  const times = new Map();
  const found = [];
  for (const file of files) {
    if (isNote(file)) {
      if (!notes.get(posix.dirname(file.path))) leave(file.path, "is no submission.json of ours");
      continue;
    }
    if (!owner && /\.csv$/i.test(file.path)) {
      const { text = "" } = decode(file.bytes);
      if (isTimes(text)) {
        const read = readTimes(text, roster, course.timezone);
        for (const [student, time] of read.times) times.set(student, time);
        for (const problem of read.problems) leave(file.path, problem);
        continue;
      }
    }
    const note = notes.get(posix.dirname(file.path));
    const what = recognise(file.path, file.bytes, lesson);
    const whose = owner ? { row: owner } : ownerOf(file.path, roster);
    const row = whose.row ?? (note && byWord(note.student, roster));
    // A file beside the answers, in a clone of the course, is not worth a row.
    const isBeside = !/(^|\/)exercises\/[^/]*\.ts$/.test(file.path) || what.otherLesson;
    if (what.reason && file.clone && isBeside) continue;
    if (what.reason) leave(file.path, what.reason);
    else if (!row) leave(file.path, whose.reason);
    else found.push(submissionOf({ file, note, what, whose, row, lesson, course, roster }));
  }
  const clones = new Set(files.flatMap(({ clone }) => clone?.at ?? []));
  for (const at of clones) {
    const isInside = ({ path }) => path.startsWith(`${at}/`);
    const told = unmatched.some(isInside) || found.some(({ origin }) => isInside({ path: origin }));
    if (!told) leave(at, `is a clone without a file that answers lesson ${lesson.number}`);
  }
  const submissions = [];
  for (const { student } of roster) {
    const [newest, ...older] = found.filter((one) => one.student === student).sort(byAge);
    if (!newest) continue;
    for (const { origin } of older)
      leave(origin, `an older attempt of ${student}, or a second file; ${newest.origin} is graded`);
    const { done, ...submission } = newest;
    submission.attempt = Math.max(newest.attempt, older.length + 1);
    const time = times.get(student);
    if (time) Object.assign(submission, { submittedAt: time, timeSource: "lms" });
    submissions.push(submission);
  }
  const missing = roster
    .map(({ student }) => student)
    .filter((student) => !submissions.some((one) => one.student === student));
  return { submissions, unmatched: together(unmatched), missing };
}

function submissionOf({ file, note, what, whose, row, lesson, course, roster }) {
  const notes = [];
  const bytes = sha256(file.bytes);
  if (note && note.sha256 !== bytes)
    notes.push("the file was changed after `npm run submit` had made submission.json");
  const said = note && byWord(note.student, roster);
  if (note && whose.row && said !== whose.row)
    notes.push(
      `submission.json says ${plain(note.student).slice(0, 60)}; its place says otherwise`,
    );
  if (whose.late) notes.push("Canvas marks it LATE");
  return {
    student: row.student,
    lesson: lesson.id,
    text: what.text,
    encoding: what.encoding,
    sha256: bytes,
    ...timeOf(file, note, course.timezone),
    origin: file.path,
    attempt: whose.attempt ?? 1,
    notes,
    done: what.done,
  };
}

/** Writes what was not taken to graded/06/unmatched.csv; an empty list has its heads only. */
export function writeUnmatched(lesson, unmatched) {
  const file = join(folderOf("graded", lesson), "unmatched.csv");
  mkdirSync(dirname(file), { recursive: true });
  const rows = unmatched.map(({ path, reason }) => [plain(path), plain(reason)]);
  writeAtomically(file, [writeCsv([["path", "reason"], ...rows])]);
  return file;
}

const SOURCES = {
  lms: "the platform",
  commit: "the commit",
  zip: "the zip",
  file: "the file",
};

/** `npm run teach -- intake 06` */
export function printIntake({ words }) {
  const course = readCourse();
  const roster = readRoster();
  for (const lesson of chosenLessons(words, course, "intake")) {
    const { submissions, unmatched, missing } = intake(lesson, { course, roster });
    const rows = submissions.map((one) => [
      one.student,
      shownDate(one.submittedAt, course.timezone),
      SOURCES[one.timeSource],
      one.encoding,
      one.origin,
    ]);
    console.log(`Lesson ${lesson.number} (${lesson.title})`);
    if (rows.length > 0)
      console.log(table([["student", "handed in", "time from", "text", "file"], ...rows]));
    for (const { student, notes } of submissions)
      for (const note of notes) console.log(`  ${student}: ${plain(note)}`);
    console.log(
      `${count(submissions.length, "submission")}` +
        (missing.length > 0 ? `; nothing from ${missing.join(", ")}` : "; nobody is missing"),
    );
    const file = writeUnmatched(lesson, unmatched);
    if (unmatched.length > 0) {
      console.log(`\n${count(unmatched.length, "file")} not taken (${shownPath(file)}):`);
      for (const { path, reason } of unmatched) console.log(`  ${plain(path)}: ${plain(reason)}`);
    }
  }
}
