// `npm run teach -- late 06`: who was late, by how much, who says so, and what it costs. The rule
// itself is in ./lateness.mjs.
import { chosenLessons, readCourse } from "./course.mjs";
import { shownDate } from "./dates.mjs";
import { lateInWords } from "./lateness.mjs";
import { marksOf } from "./marks.mjs";
import { readRoster } from "./roster.mjs";
import { points, table } from "./say.mjs";

const SOURCES = { lms: "platform", commit: "commit", zip: "zip", file: "file" };

/** `npm run teach -- late 06` */
export function printLate({ words }) {
  const course = readCourse();
  const roster = readRoster();
  for (const lesson of chosenLessons(words, course, "late")) {
    const late = marksOf(lesson, { course, roster }).filter((mark) => mark.late?.ms > 0);
    const { due } = course.lessons.find((entry) => entry.lesson.id === lesson.id) ?? {};
    console.log(
      `Lesson ${lesson.number} (${lesson.title}): ` +
        (due ? `due ${shownDate(due, course.timezone)}` : "no due date in course.json"),
    );
    if (late.length === 0) {
      console.log("  Nobody was late.");
      continue;
    }
    const rows = late.map(({ row, result, late: one, before, final }) => [
      row.student,
      shownDate(result.submittedAt, course.timezone),
      SOURCES[result.timeSource],
      lateInWords(one),
      before === undefined ? "" : `${points(before)} → ${points(final)}`,
    ]);
    console.log(table([["student", "handed in", "says", "late", "points"], ...rows]));
  }
}
