// The teacher's folder, `teaching/`, which git ignores, and its settings, course.json:
//
//   { "title": "Language models, autumn 2026", "timezone": "Europe/London",
//     "lessons": [{ "lesson": "06", "due": "2026-12-04 23:59", "answers": "2026-12-11" }],
//     "late": { "grace": "15m", "perDay": 0.1, "floor": 0.5, "freeDays": 5 },
//     "followOn": "full", "secret": "…" }
//
// `answers` is the day from which learners may have the reference answers. Everything that is wrong
// with the file is a sentence with the place and what was expected.
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root, SetupError } from "../kit.mjs";
import { lessons as allLessons, findLesson, isWritten } from "../register.mjs";
import { durationOf, instantOf, isTimezone } from "./dates.mjs";

/** The teacher's folder; LLM_TEACHING names another, such as one of two courses. */
export const teaching = () => process.env.LLM_TEACHING || join(root, "teaching");

/** A path in it, and how messages name it: "teaching/roster.csv". */
export const inTeaching = (...path) => join(teaching(), ...path);
export const shownPath = (file) => {
  const path = relative(root, file).replaceAll("\\", "/");
  return path.startsWith("..") ? file : path;
};

/** Where a lesson's files are: inbox/06, graded/06, feedback/06. */
export const folderOf = (what, lesson) => inTeaching(what, lesson.number);

const LATE = { grace: "15m", perDay: 0.1, floor: 0.5, freeDays: 5 };
const KNOWN = ["title", "timezone", "lessons", "late", "followOn", "secret", "extensions"];
const BEGIN = "`npm run teach -- init` makes one to begin with.";

/**
 * The settings, checked.
 * @returns { title, timezone, lessons: [{ lesson, due?, answers? }] with instants in ISO, late:
 *   { grace (ms), perDay, floor, freeDays }, followOn, secret, and extensions as
 *   { student: { "06": ISO } } }
 * @throws SetupError
 */
export function readCourse() {
  const file = inTeaching("course.json");
  const shown = shownPath(file);
  if (!existsSync(file))
    throw new SetupError(`${shown}: expected the course's settings, got no such file`, BEGIN);
  let data;
  try {
    data = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new SetupError(`${shown}: expected JSON, got ${error.message}`, BEGIN);
  }
  return checkCourse(data, shown);
}

/** The settings, or what holds where there are none yet. */
export const courseIfAny = () =>
  existsSync(inTeaching("course.json")) ? readCourse() : checkCourse({}, "course.json");

/** The same for data that is there already. */
export function checkCourse(data, shown) {
  const wrong = (where, expected, got) => {
    const text = JSON.stringify(got) ?? "nothing";
    return new SetupError(
      `${shown}: ${where}: expected ${expected}, got ${text.slice(0, 60)}`,
      "docs/teaching.md shows the whole file.",
    );
  };
  const isRecord = (x) => typeof x === "object" && x !== null && !Array.isArray(x);
  if (!isRecord(data)) throw wrong("the file", "an object { … }", data);
  const strange = Object.keys(data).find((key) => !KNOWN.includes(key));
  if (strange) throw wrong(strange, `one of ${KNOWN.join(", ")}`, strange);
  const { title = "", timezone = "UTC", followOn = "full", secret = "", extensions = {} } = data;
  if (typeof title !== "string") throw wrong("title", "a text", title);
  if (!isTimezone(timezone)) throw wrong("timezone", 'a time zone as "Europe/London"', timezone);
  if (!["full", "none"].includes(followOn)) throw wrong("followOn", '"full" or "none"', followOn);
  if (typeof secret !== "string") throw wrong("secret", "a text", secret);
  const date = (text, where, options) => {
    if (text === undefined) return undefined;
    const iso = typeof text === "string" ? instantOf(text, timezone, options) : undefined;
    if (iso === undefined) throw wrong(where, 'a date as "2026-12-04 23:59"', text);
    return iso;
  };
  if (data.lessons !== undefined && !Array.isArray(data.lessons))
    throw wrong("lessons", 'a list as [{ "lesson": "06", "due": … }]', data.lessons);
  const lessons = (data.lessons ?? []).map((entry, i) => {
    const where = `lessons[${i}]`;
    if (!isRecord(entry)) throw wrong(where, '{ "lesson": "06", "due": … }', entry);
    const lesson = findLesson(String(entry.lesson ?? ""));
    if (!lesson || !isWritten(lesson))
      throw wrong(`${where}.lesson`, 'the number of a written lesson, as "06"', entry.lesson);
    return {
      lesson,
      due: date(entry.due, `${where}.due`),
      answers: date(entry.answers, `${where}.answers`, { begins: true }),
    };
  });
  lessons.forEach(({ lesson }, i) => {
    if (lessons.findIndex((other) => other.lesson.id === lesson.id) < i)
      throw wrong(`lessons[${i}].lesson`, "each lesson once", lesson.number);
  });
  if (!isRecord(extensions)) throw wrong("extensions", '{ "ada": { "06": "…" } }', extensions);
  const longer = {};
  for (const [student, dates] of Object.entries(extensions)) {
    if (!isRecord(dates)) throw wrong(`extensions.${student}`, '{ "06": "…" }', dates);
    longer[student] = Object.fromEntries(
      Object.entries(dates).map(([n, text]) => [n, date(text, `extensions.${student}.${n}`)]),
    );
  }
  const late = checkLate({ ...LATE, ...data.late }, wrong);
  return { title, timezone, lessons, late, followOn, secret, extensions: longer };
}

function checkLate(late, wrong) {
  const strange = Object.keys(late).find((key) => !(key in LATE));
  if (strange) throw wrong(`late.${strange}`, `one of ${Object.keys(LATE).join(", ")}`, strange);
  const grace = durationOf(late.grace);
  if (grace === undefined) throw wrong("late.grace", 'a span as "15m", "2h" or "1d"', late.grace);
  for (const name of ["perDay", "floor"])
    if (!(Number.isFinite(late[name]) && late[name] >= 0 && late[name] <= 1))
      throw wrong(`late.${name}`, "a number from 0 to 1", late[name]);
  if (!(Number.isSafeInteger(late.freeDays) && late.freeDays >= 0))
    throw wrong("late.freeDays", "a whole number ≥ 0", late.freeDays);
  return { grace, perDay: late.perDay, floor: late.floor, freeDays: late.freeDays };
}

/**
 * The lessons that a command is about: those that were typed, or all of course.json.
 * @throws SetupError where one is unknown or none is meant
 */
export function chosenLessons(words, course, command) {
  const chosen = words.map((word) => {
    const lesson = findLesson(word);
    if (!lesson || !isWritten(lesson))
      throw new SetupError(
        `${command}: expected the number or name of a lesson that is written, got ` +
          `${JSON.stringify(word.slice(0, 60))}`,
        `They are ${allLessons()
          .filter(isWritten)
          .map(({ number }) => number)
          .join(", ")}.`,
      );
    return lesson;
  });
  if (chosen.length > 0) return [...new Map(chosen.map((one) => [one.id, one])).values()];
  if (course.lessons.length === 0)
    throw new SetupError(
      `${command}: expected a lesson, got none`,
      "Name one, or list the course's lessons in teaching/course.json.",
    );
  return course.lessons.map(({ lesson }) => lesson);
}
