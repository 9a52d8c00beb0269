// `npm run teach -- syllabus 14w | 5d | 1d`: which lessons, in which week or on which day. A lesson
// takes the time to read it (words), to run it, and to do its exercises (@minutes). Lessons are
// taken by how much the others need them, as long as no week or day is over its hours; then they
// are spread in the course's order, so that the fullest of the days is as short as can be.
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { readNotebook } from "../book/notebook.mjs";
import { llm, SetupError } from "../kit.mjs";
import { isWritten, lessonFiles, lessons } from "../register.mjs";
import { inTeaching, shownPath } from "./course.mjs";
import { writeAtomically } from "./page.mjs";
import { count, table } from "./say.mjs";

/** Words in a minute, of a text with code and figures to look at. */
const WORDS = 180;
/** Minutes in which the cells of a lesson are run and looked at, beside reading. */
const RUNNING = 10;
/** Hours that a week or a day has, unless --hours says so. */
const HOURS = { w: 6, d: 6 };

/**
 * The order in which lessons are wanted where not all of them fit: the path to a GPT that one has
 * trained oneself, then how it is adapted and used, then what explains more of it.
 */
const WANTED = [
  ...["06", "12", "00", "11", "08", "04", "03", "13", "02", "07", "16", "18", "19", "23", "05"],
  ...["15", "25", "26", "20", "24", "01", "10", "21", "27", "17", "09", "14", "22", "28", "29"],
  "30",
];

/** What a lesson takes, in minutes: { reading, exercises, all }; undefined if it is not written. */
export function timeOf(lesson) {
  if (!isWritten(lesson)) return undefined;
  const files = lessonFiles(lesson.id);
  const text = readNotebook(files.notebook)
    .cells.filter(({ kind }) => kind === "markdown")
    .map(({ source }) => source)
    .join(" ");
  const reading = Math.round((text.match(/\S+/g) ?? []).length / WORDS);
  const { readFunctions } = llm("llm/course/source");
  const exercises = readFunctions(readFileSync(files.exercises, "utf8"))
    .map(({ minutes }) => minutes)
    .reduce((a, b) => a + b, 0);
  return { reading, exercises, all: reading + exercises + RUNNING };
}

/**
 * Lists in order into `n` days, so that the longest day is as short as can be.
 * @param minutes of each item
 * @returns how many items each day has
 */
export function spread(minutes, n) {
  const days = (most) => {
    const counts = [0];
    let used = 0;
    for (const each of minutes) {
      if (used + each > most && counts.at(-1) > 0) {
        counts.push(0);
        used = 0;
      }
      counts[counts.length - 1]++;
      used += each;
    }
    return counts;
  };
  let [low, high] = [Math.max(0, ...minutes), minutes.reduce((a, b) => a + b, 0)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (days(middle).length <= n) high = middle;
    else low = middle + 1;
  }
  return days(low);
}

/**
 * The plan.
 * @param items `[{ number, minutes }]`, in the course's order
 * @param n how many days
 * @param most minutes of a day
 * @returns days, each a list of items
 * @throws {SetupError} if not even the first wanted lesson fits
 */
export function plan(items, n, most) {
  const rank = ({ number }) => (WANTED.includes(number) ? WANTED.indexOf(number) : WANTED.length);
  const byWish = [...items].sort((a, b) => rank(a) - rank(b));
  let chosen = [];
  const inOrder = (list) => items.filter((item) => list.includes(item));
  const days = (list) => {
    let at = 0;
    const counts = spread(
      list.map(({ minutes }) => minutes),
      n,
    );
    return counts.map((size) => {
      at += size;
      return list.slice(at - size, at);
    });
  };
  const fits = (list) =>
    days(list).every((day) => day.reduce((sum, { minutes }) => sum + minutes, 0) <= most);
  for (const item of byWish) if (fits(inOrder([...chosen, item]))) chosen = [...chosen, item];
  if (chosen.length === 0)
    throw new SetupError(
      `teach syllabus: expected hours in which a lesson fits, got ${most / 60}`,
      `The shortest takes ${Math.min(...items.map(({ minutes }) => minutes))} minutes.`,
    );
  return days(inOrder(chosen));
}

const inHours = (minutes) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
const sum = (day, key = "minutes") => day.reduce((total, item) => total + item[key], 0);

/** The date of a week or day, "2027-01-11"; days of a course do not fall on weekends. */
function dateOf(start, i, kind) {
  const date = new Date(`${start}T12:00:00Z`);
  if (kind === "w") date.setUTCDate(date.getUTCDate() + 7 * i);
  for (let left = kind === "d" ? i : 0; left > 0; ) {
    date.setUTCDate(date.getUTCDate() + 1);
    if (![0, 6].includes(date.getUTCDay())) left--;
  }
  return date.toISOString().slice(0, 10);
}

/** What a chosen lesson needs and the plan leaves out: to be read before, or told. */
function missing(days) {
  const chosen = new Set(days.flat().map(({ name }) => name));
  return days.flat().flatMap(({ number, title, needs }) => {
    const left = needs.filter((name) => !chosen.has(name));
    return left.length ? [{ number, title, left }] : [];
  });
}

function markdown(days, { kind, start, hours, left }) {
  const unit = kind === "w" ? "Week" : "Day";
  const rows = days.map((day, i) => {
    const names = day.map(({ number, title }) => `${number} ${title}`).join(" · ");
    const when = start ? `${i + 1} (${dateOf(start, i, kind)})` : `${i + 1}`;
    const [all, work] = [sum(day), sum(day, "exercises")];
    return `| ${when} | ${names} | ${inHours(all)} | ${inHours(work)} |`;
  });
  const titles = new Map(
    lessons().map(({ name, number, title }) => [name, `${number} (${title})`]),
  );
  const gaps = missing(days).map(
    ({ number, title, left: names }) =>
      `- ${number} (${title}) builds on ${names.map((name) => titles.get(name)).join(", ")}`,
  );
  return [
    "# Syllabus",
    "",
    `At most ${hours} hours each ${unit.toLowerCase()}, reading and exercises together.`,
    "",
    `| ${unit} | lessons | hours | of them exercises |`,
    "|---|---|---:|---:|",
    ...rows,
    ...(gaps.length
      ? ["", "Not in the plan, and needed: tell it, or let it be read before.", ""]
      : []),
    ...gaps,
    ...(left.length
      ? ["", `Left out: ${left.map(({ number, title }) => `${number} ${title}`).join(", ")}.`]
      : []),
    "",
  ].join("\n");
}

/** `npm run teach -- syllabus 14w` */
export function syllabus({ words: [form], values }) {
  const [, amount, kind] = /^(\d{1,2})([wd])$/.exec(form) ?? [];
  if (!(Number(amount) > 0))
    throw new SetupError(
      `teach syllabus: expected weeks or days, such as 14w, 5d or 1d, got ${form}`,
      "",
    );
  const hours = values.hours ?? HOURS[kind];
  const items = lessons()
    .filter(isWritten)
    .map((lesson) => {
      const { exercises, all } = timeOf(lesson);
      return { ...lesson, exercises, minutes: all };
    });
  const days = plan(items, Number(amount), 60 * hours);
  const chosen = new Set(days.flat());
  const left = items.filter((item) => !chosen.has(item));
  const text = markdown(days, { kind, start: values.start, hours, left });
  const file = inTeaching(`syllabus-${form}.md`);
  mkdirSync(dirname(file), { recursive: true });
  writeAtomically(file, text);
  const unit = kind === "w" ? "week" : "day";
  const rows = days.map((day, i) => [
    ...[String(i + 1), day.map(({ number, title }) => `${number} ${title}`).join(" · ")],
    inHours(sum(day)),
  ]);
  console.log(table([[unit, "lessons", "hours"], ...rows]));
  console.log(`\n${count(chosen.size, "lesson")} of ${items.length}, in ${shownPath(file)}`);
}
