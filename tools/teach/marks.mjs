// What each learner gets for a lesson: the graded result, with the teacher's overrides and the late
// rule applied. Feedback, export and the class page all read this, so that they agree.
//
// overrides.csv, `student,lesson,exercise,points,comment`, is only ever read here:
//   a row with an exercise    sets its points, or only comments it where points are empty
//   a row with *              sets the points of the whole lesson, also where nothing was graded
//   a row with neither        is a comment on the lesson
import { join } from "node:path";
import { llm, SetupError } from "../kit.mjs";
import { findLesson } from "../register.mjs";
import { folderOf, inTeaching, readCourse, shownPath } from "./course.mjs";
import { readTable } from "./csv.mjs";
import { latenessOf } from "./lateness.mjs";
import { isHeld, readResult } from "./result.mjs";
import { readRoster } from "./roster.mjs";

const COLUMNS = {
  student: "needed",
  lesson: "needed",
  exercise: "optional",
  points: "optional",
  comment: "optional",
};

/**
 * The teacher's overrides.
 * @returns [{ student, lesson (id), exercise, points?, comment, line }]
 * @throws SetupError that names the line
 */
export function readOverrides(roster) {
  const file = inTeaching("overrides.csv");
  const shown = shownPath(file);
  const rows = readTable(file, shown, COLUMNS, { optional: true });
  const wrong = (line, said) =>
    new SetupError(`${shown}, line ${line}: ${said}`, "Mend the line; the file is only read.");
  return rows.map((row) => {
    const { student, line } = row;
    const lesson = findLesson(row.lesson);
    if (!roster.some((one) => one.student === student))
      throw wrong(line, `expected a student of the roster, got ${JSON.stringify(student)}`);
    if (!lesson) throw wrong(line, `expected a lesson, got ${JSON.stringify(row.lesson)}`);
    const points = row.points === "" ? undefined : Number(row.points.replace(",", "."));
    if (points !== undefined && !(points >= 0))
      throw wrong(line, `expected points ≥ 0 or nothing, got ${JSON.stringify(row.points)}`);
    if (points !== undefined && row.exercise === "")
      throw wrong(line, "expected an exercise, or * for the whole lesson, got points for neither");
    return { ...row, lesson: lesson.id, points };
  });
}

const sum = (list, field) => list.reduce((total, one) => total + one[field], 0);
/** Points are kept to two places: 11 · 0.9 is 9.9 and not 9.9000000000000004. */
const rounded = (n) => Math.round(n * 100) / 100;

/** One learner's mark; see marksOf. */
function markOf(row, lesson, result, overrides, late, max) {
  const mine = overrides.filter((o) => o.student === row.student && o.lesson === lesson.id);
  const whole = mine.findLast(({ exercise, points }) => exercise === "*" && points !== undefined);
  const comments = mine.filter(({ exercise, comment }) => comment && ["", "*"].includes(exercise));
  const exercises = (result?.exercises ?? []).map((exercise) => {
    const own = mine.filter((o) => o.exercise.toLowerCase() === exercise.name.toLowerCase());
    const set = own.findLast(({ points }) => points !== undefined);
    const comment = own
      .map((o) => o.comment)
      .filter(Boolean)
      .join(" ");
    return {
      ...exercise,
      points: set?.points ?? exercise.points,
      byTeacher: set !== undefined,
      comment,
    };
  });
  const unsettled = exercises.some(({ status, byTeacher }) => status === "error" && !byTeacher);
  const held = result !== undefined && isHeld(result) && !whole;
  let before;
  if (whole) before = whole.points;
  else if (result && !unsettled && !result.trouble) before = held ? 0 : sum(exercises, "points");
  const final = before === undefined ? undefined : rounded(before * (late?.factor ?? 1));
  return {
    row,
    lesson,
    result,
    exercises,
    max: result?.max || max,
    state: whole
      ? "graded"
      : !result
        ? "missing"
        : unsettled || result.trouble
          ? "error"
          : held
            ? "held"
            : "graded",
    byTeacher: whole !== undefined,
    before,
    late,
    final,
    comment: comments.map(({ comment }) => comment).join("\n"),
  };
}

/**
 * The marks of a lesson, in the roster's order.
 * @returns [{ row, lesson, result?, exercises: [{ …, points, byTeacher, comment }], max, state:
 *   "graded" | "held" | "error" | "missing", before?, late?, final?, comment, byTeacher }];
 *   `before` and `final` are the points before and after the late rule, undefined where there are
 *   none: nothing handed in, or a fault of the machine
 */
export function marksOf(lesson, { course = readCourse(), roster = readRoster() } = {}) {
  const overrides = readOverrides(roster);
  const resultIn = (one, student) => {
    const file = join(folderOf("graded", one), `${student}.json`);
    return readResult(file, shownPath(file));
  };
  const marks = roster.map((row) => {
    const result = resultIn(lesson, row.student);
    const times = new Map();
    for (const { lesson: one } of course.lessons) {
      const other = one.id === lesson.id ? result : resultIn(one, row.student);
      if (other) times.set(one.id, other.submittedAt);
    }
    const late = latenessOf(row.student, times, course).get(lesson.id);
    return { row, result, late };
  });
  const max = Math.max(0, ...marks.map(({ result }) => result?.max ?? 0)) || pointsOf(lesson);
  const made = marks.map(({ row, result, late }) =>
    markOf(row, lesson, result, overrides, late, max),
  );
  for (const { row, exercises, max: most } of made) check(overrides, row, lesson, exercises, most);
  return made;
}

/** The points of a lesson's exercises, where no result says them: all is graded by hand. */
function pointsOf({ id }) {
  const { manifestOf } = llm("llm/course/manifest");
  return sum(manifestOf(id).exercises, "points");
}

/** Overrides that cannot be meant: an exercise that is not there, more points than there are. */
function check(overrides, row, lesson, exercises, max) {
  for (const o of overrides.filter(
    (one) => one.student === row.student && one.lesson === lesson.id,
  )) {
    const shown = `${shownPath(inTeaching("overrides.csv"))}, line ${o.line}`;
    const mend = "Mend the line; the file is only read.";
    const exercise = exercises.find(({ name }) => name.toLowerCase() === o.exercise.toLowerCase());
    if (!["", "*"].includes(o.exercise) && exercises.length > 0 && !exercise)
      throw new SetupError(
        `${shown}: expected one of ${exercises.map(({ name }) => name).join(", ")}, got ` +
          JSON.stringify(o.exercise),
        mend,
      );
    const most = exercise?.max ?? max;
    if (o.points > most && most > 0)
      throw new SetupError(`${shown}: expected at most ${most} points, got ${o.points}`, mend);
  }
}
