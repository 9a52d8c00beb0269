// `npm run teach -- class 06`: the class at a glance, in the terminal and as class.html. Learners ×
// exercises, what is missing, late or held, and the mistakes that several make, which is what the
// next hour is about.
import { mkdirSync } from "node:fs";
import { chosenLessons, inTeaching, readCourse, shownPath } from "./course.mjs";
import { shownDate } from "./dates.mjs";
import { lateInWords } from "./lateness.mjs";
import { marksOf } from "./marks.mjs";
import { escapeHtml, inline, page, writeAtomically } from "./page.mjs";
import { STATUS } from "./result.mjs";
import { readRoster } from "./roster.mjs";
import { plain, points, table } from "./say.mjs";

const SIGN = { passed: "✓", failed: "✗", todo: "○", "follow-on": "✓*", error: "?" };

/** The first sentence of what a check said, for mistakes that have no name. */
const firstLine = (text) => plain(text.split("\n")[0]).slice(0, 160);

/**
 * The mistakes that at least `least` learners make in the same exercise.
 * @returns [{ exercise, mistake, named, students }], the most frequent first
 */
export function mistakesOf(marks, least = 2) {
  const groups = new Map();
  for (const { row, exercises } of marks)
    for (const { name, status, mistake, sentence } of exercises) {
      if (status !== "failed") continue; // what fails only by a helper is no mistake of its own
      const said = mistake ?? firstLine(sentence ?? "");
      if (!said) continue;
      const key = `${name}\n${said}`;
      const group = groups.get(key) ?? { exercise: name, mistake: said, named: !!mistake };
      groups.set(key, { ...group, students: [...(group.students ?? []), row.student] });
    }
  return [...groups.values()]
    .filter(({ students }) => students.length >= least)
    .sort((a, b) => b.students.length - a.students.length);
}

/** The exercises of a lesson, from whoever has a result. */
const exerciseNames = (marks) =>
  marks
    .find(({ exercises }) => exercises.length > 0)
    ?.exercises.map(({ name, max }) => ({
      name,
      max,
    })) ?? [];

/** What is to be said of one learner beside the points. */
function remarks(mark) {
  const { state, late, result, byTeacher, exercises } = mark;
  const flags = (result?.flags ?? []).filter(({ cleared }) => !cleared);
  return [
    state === "missing" ? "missing" : "",
    state === "error" ? (result.trouble ?? "the machine failed: grade again") : "",
    late ? lateInWords(late) : "",
    flags.length > 0
      ? (state === "held" ? "held: " : "") + [...new Set(flags.map(({ kind }) => kind))].join(", ")
      : "",
    byTeacher || exercises.some((one) => one.byTeacher) ? "set by the teacher" : "",
  ].filter(Boolean);
}

/** Middle and share of a list of points. */
function summary(marks) {
  const got = marks.flatMap(({ final }) => (final === undefined ? [] : [final]));
  if (got.length === 0) return "no marks yet";
  const order = [...got].sort((a, b) => a - b);
  const middle = (order[(order.length - 1) >> 1] + order[order.length >> 1]) / 2;
  return `median ${points(middle)} of ${points(marks[0].max)} points`;
}

/** Counts of what a teacher looks at first. */
function overview(marks) {
  const of = (state) => marks.filter((mark) => mark.state === state).length;
  const late = marks.filter((mark) => mark.late?.days > 0).length;
  return [
    `${of("graded")} of ${marks.length} graded`,
    of("missing") ? `${of("missing")} missing` : "",
    of("held") ? `${of("held")} held until somebody has looked` : "",
    of("error") ? `${of("error")} to grade again` : "",
    late ? `${late} late` : "",
    summary(marks),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The class as text. */
export function classText(lesson, marks) {
  const names = exerciseNames(marks);
  const heads = ["student", ...names.map((_, i) => String(i + 1)), "points", ""];
  const rows = marks.map((mark) => {
    const signs = names.map(({ name }) => {
      const one = mark.exercises.find((exercise) => exercise.name === name);
      return one ? SIGN[one.status] : "";
    });
    const got = mark.final === undefined ? "–" : points(mark.final);
    return [mark.row.student, ...signs, got, remarks(mark).join("; ")];
  });
  const legend = names.map(({ name, max }, i) => `${i + 1} ${name} (${points(max)})`).join("  ");
  const solved = names.map(({ name }) => {
    const done = marks.filter(({ exercises }) =>
      exercises.some((e) => e.name === name && ["passed", "follow-on"].includes(e.status)),
    );
    return String(done.length);
  });
  const mistakes = mistakesOf(marks).map(
    ({ exercise, mistake, students }) =>
      `  ${students.length} of ${marks.length}: ${mistake} (${exercise}: ${students.join(", ")})`,
  );
  return [
    `Lesson ${lesson.number} (${lesson.title}): ${overview(marks)}`,
    table([heads, ...rows, ["right", ...solved, "", ""]]),
    `  ${legend}`,
    "  ✓ right  ✓* right, but what it calls is not  ✗ not right  ○ not done  ? the machine failed",
    mistakes.length > 0 ? `\nMistakes that several make:\n${mistakes.join("\n")}` : "",
  ]
    .filter(Boolean)
    .join("\n");
}

/** What is said where the mouse rests on an exercise. */
const titleOf = ({ status, sentence }) =>
  STATUS[status] + (sentence ? `: ${firstLine(sentence)}` : "");

/** One lesson of class.html. */
function section(lesson, marks, course) {
  const names = exerciseNames(marks);
  const { due } = course.lessons.find((entry) => entry.lesson.id === lesson.id) ?? {};
  const cell = (one) =>
    one
      ? `<td class="${one.status}" title="${escapeHtml(titleOf(one))}">${SIGN[one.status]}</td>`
      : "<td></td>";
  const rows = marks.map((mark) => {
    const { row, exercises, final, state } = mark;
    const cells = names.map(({ name }) => cell(exercises.find((one) => one.name === name)));
    const link = state === "missing" ? escapeHtml(row.student) : student(row.student, lesson);
    return (
      `<tr><td>${link}</td><td>${escapeHtml(row.name)}</td><td>${escapeHtml(row.section)}</td>` +
      `${cells.join("")}<td class="n">${final === undefined ? "–" : points(final)}</td>` +
      `<td class="${state}">${escapeHtml(remarks(mark).join("; "))}</td></tr>`
    );
  });
  const heads = names.map(({ name }, i) => `<th title="${escapeHtml(name)}">${i + 1}</th>`);
  const legend = names
    .map(({ name, max }, i) => `${i + 1} <code>${escapeHtml(name)}</code> (${points(max)})`)
    .join(" · ");
  const mistakes = mistakesOf(marks).map(
    ({ exercise, mistake, students }) =>
      `<li><strong>${students.length} of ${marks.length}</strong>: ${inline(mistake)} ` +
      `<span class="soft">(<code>${escapeHtml(exercise)}</code>: ` +
      `${escapeHtml(students.join(", "))})</span></li>`,
  );
  return [
    `<h2>Lesson ${lesson.number} (${escapeHtml(lesson.title)})</h2>`,
    `<p>${escapeHtml(overview(marks))}` +
      `${due ? ` · due ${shownDate(due, course.timezone)}` : ""}</p>`,
    mistakes.length > 0 ? `<p>Mistakes that several make:</p><ul>${mistakes.join("\n")}</ul>` : "",
    `<div class="wide"><table><tr><th>student</th><th>name</th><th>section</th>${heads.join("")}` +
      `<th class="n">points</th><th></th></tr>`,
    ...rows,
    "</table></div>",
    `<p class="soft">${legend}</p>`,
    `<p class="soft">✓ right · ✓* right, but what it calls is not · ✗ not right · ○ not done · ` +
      `? the machine failed</p>`,
  ]
    .filter(Boolean)
    .join("\n");
}

const student = (id, lesson) =>
  `<a href="feedback/${lesson.number}/${encodeURIComponent(id)}.html">${escapeHtml(id)}</a>`;

/** The page of one or more lessons. */
export function classHtml(lessons, course) {
  const title = course.title || "The class";
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    ...lessons.map(({ lesson, marks }) => section(lesson, marks, course)),
  ];
  return page(title, body.join("\n"));
}

/** `npm run teach -- class 06` */
export function classPage({ words }) {
  const course = readCourse();
  const roster = readRoster();
  const lessons = chosenLessons(words, course, "class").map((lesson) => ({
    lesson,
    marks: marksOf(lesson, { course, roster }),
  }));
  for (const { lesson, marks } of lessons) console.log(`${classText(lesson, marks)}\n`);
  mkdirSync(inTeaching(), { recursive: true });
  const file = inTeaching("class.html");
  writeAtomically(file, [classHtml(lessons, course)]);
  console.log(`The same as a page: ${shownPath(file)}`);
}
