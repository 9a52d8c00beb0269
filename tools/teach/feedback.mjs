// `npm run teach -- feedback 06`: a page for each learner, as HTML and Markdown, and one zip with
// the pages under Moodle's names ("Upload multiple feedback files in a zip"). What the check said,
// the points, the lateness, the teacher's comments, and for what is still wrong the first hint. The
// answer, the last of the hints, is never in it.
//
// The page is made of others' words: names from a roster, messages that a learner's code threw. In
// HTML all of it is escaped; in Markdown it stands in blocks of code, or has its marks escaped.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { llm } from "../kit.mjs";
import { lessonFiles } from "../register.mjs";
import { chosenLessons, folderOf, readCourse, shownPath } from "./course.mjs";
import { shownDate } from "./dates.mjs";
import { lateInWords } from "./lateness.mjs";
import { marksOf } from "./marks.mjs";
import { checkSaid, escapeHtml, page, writeAtomically } from "./page.mjs";
import { HELD, STATUS } from "./result.mjs";
import { chosenStudents, readRoster } from "./roster.mjs";
import { count, plain, points } from "./say.mjs";

const SOURCES = {
  lms: "as the platform says",
  commit: "as the commit says",
  zip: "as the zip says",
  file: "as the file says",
};

/** The first hints of a lesson by exercise: Markdown. */
function hintsOf(lesson) {
  const { hints } = lessonFiles(lesson.id);
  if (!existsSync(hints)) return {};
  const { readHints } = llm("llm/course/source");
  return readHints(readFileSync(hints, "utf8"));
}

const needsHelp = ({ status }) => status === "failed" || status === "todo";

/** What a page says, once for both forms. */
export function pageData(mark, { course, hints }) {
  const { row, lesson, result, exercises, late, before, final, max, state } = mark;
  const lines = [];
  if (result)
    lines.push(
      `Handed in ${shownDate(result.submittedAt, course.timezone)} ` +
        `(${SOURCES[result.timeSource]})` +
        (result.attempt > 1 ? `, attempt ${result.attempt}` : "") +
        ".",
    );
  const lateText = late ? lateInWords(late) : "";
  if (lateText && before !== undefined)
    lines.push(`${lateText}: ${points(before)} → ${points(final)} points.`);
  const notes = [];
  if (state === "missing") notes.push("Nothing was handed in.");
  if (state === "error")
    notes.push(
      result.trouble ?? "The machine failed at some exercise: your teacher grades it again.",
    );
  if (mark.byTeacher) notes.push("Your teacher has set the points of this lesson.");
  if (state === "held") notes.push(HELD);
  const flags = (result?.flags ?? [])
    .filter(({ cleared }) => !cleared)
    .map(({ line, text }) => (line > 0 ? `line ${line}: ${text}` : text));
  const shown = exercises.map((exercise) => ({
    ...exercise,
    said: STATUS[exercise.status],
    hint: needsHelp(exercise) && !exercise.byTeacher ? hints[exercise.name]?.[0] : undefined,
  }));
  const sum =
    final === undefined
      ? `– of ${points(max)} points`
      : `${points(final)} of ${points(max)} points`;
  const title = `Lesson ${lesson.number} (${lesson.title})`;
  return { row, title, sum, lines, notes, flags, exercises: shown, comment: mark.comment };
}

let markdown;
/** A hint is the course's own Markdown; raw HTML in it stays text. */
function hintHtml(text) {
  markdown ??= llm("markdown-it")({ html: false });
  return markdown.render(text);
}

function exerciseHtml({ name, points: got, max, status, said, sentence, comment, hint }) {
  const below = [
    sentence ? checkSaid(sentence) : "",
    comment ? `<div class="note"><div class="said">${escapeHtml(comment)}</div></div>` : "",
    hint
      ? `<details><summary>A hint: ${escapeHtml(hint.title)}</summary>` +
        `${hintHtml(hint.text)}</details>`
      : "",
  ].join("");
  return (
    `<tr><td><code>${escapeHtml(name)}</code></td>` +
    `<td class="n">${points(got)} / ${points(max)}</td>` +
    `<td><span class="${status}">${escapeHtml(said)}</span>${below}</td></tr>`
  );
}

const whose = (row, course) => [row.name, course.title].filter(Boolean).join(" · ");

/** A learner's page as HTML. */
export function feedbackHtml(data, course) {
  const { row, title, sum, lines, notes, flags, exercises, comment } = data;
  const head = '<tr><th>exercise</th><th class="n">points</th><th>result</th></tr>';
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="soft">${escapeHtml(whose(row, course))}</p>`,
    `<p class="sum">${escapeHtml(sum)}</p>`,
    ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
    ...notes.map((note) => `<p class="note flag">${escapeHtml(note)}</p>`),
    flags.length > 0
      ? `<div class="note flag">${flags
          .map((flag) => `<div class="said"><code>${escapeHtml(flag)}</code></div>`)
          .join("")}</div>`
      : "",
    comment
      ? `<div class="note"><strong>Your teacher</strong>` +
        `<div class="said">${escapeHtml(comment)}</div></div>`
      : "",
    exercises.length > 0
      ? `<h2>Exercise by exercise</h2>` +
        `<table>${head}${exercises.map(exerciseHtml).join("\n")}</table>`
      : "",
  ];
  return page(`${title}: ${row.name}`, body.filter(Boolean).join("\n"));
}

/** Text within Markdown: its marks, and the beginnings of HTML, are shown as they are. */
const escapeMarkdown = (text) =>
  plain(text)
    .replace(/[\\`*_[\]|~]|^[#>+-]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;");

/** A block of code whose fence is longer than any run of backticks in it. */
function block(text) {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const lines = text.split(/\r?\n/).map((line) => plain(line));
  return `${fence}text\n${lines.join("\n")}\n${fence}`;
}

/** The same page as Markdown. */
export function feedbackMarkdown(data, course) {
  const { row, title, sum, lines, notes, flags, exercises, comment } = data;
  const parts = [
    `# ${escapeMarkdown(title)}`,
    escapeMarkdown(whose(row, course)),
    `**${sum}**`,
    ...lines.map(escapeMarkdown),
    ...notes.map(escapeMarkdown),
    flags.length > 0 ? block(flags.join("\n")) : "",
    comment ? `Your teacher:\n\n${block(comment)}` : "",
    ...exercises.map(({ name, points: got, max, said, sentence, comment: own, hint }) =>
      [
        `## ${escapeMarkdown(name)}: ${points(got)} of ${points(max)}, ${said}`,
        sentence ? block(sentence) : "",
        own ? `Your teacher:\n\n${block(own)}` : "",
        hint ? `A hint (${hint.title}):\n\n${hint.text}` : "",
      ]
        .filter(Boolean)
        .join("\n\n"),
    ),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

/** The folder that Moodle expects a learner's files in, in the zip. */
export const moodleFolder = ({ name, moodle }) =>
  `${plain(name).replace(/[\\/:*?"<>|]/g, "_")}_${moodle}_assignsubmission_file_`;

/** `npm run teach -- feedback 06 [student…]` */
export function feedback({ words }) {
  const course = readCourse();
  const roster = readRoster();
  const [lesson] = chosenLessons(words.slice(0, 1), course, "feedback");
  const chosen = new Set(chosenStudents(words.slice(1), roster, "feedback"));
  const hints = hintsOf(lesson);
  const folder = folderOf("feedback", lesson);
  mkdirSync(folder, { recursive: true });
  const zip = [];
  const without = [];
  let written = 0;
  for (const mark of marksOf(lesson, { course, roster })) {
    const { row } = mark;
    if (!chosen.has(row)) continue;
    if (mark.state === "missing" && !mark.comment) {
      without.push(row.student);
      continue;
    }
    const data = pageData(mark, { course, hints });
    const html = feedbackHtml(data, course);
    writeAtomically(join(folder, `${row.student}.html`), [html]);
    writeAtomically(join(folder, `${row.student}.md`), [feedbackMarkdown(data, course)]);
    if (row.moodle) zip.push({ path: `${moodleFolder(row)}/feedback.html`, contents: html });
    written++;
  }
  console.log(`${count(written, "page")} in ${shownPath(folder)}, each as .html and .md.`);
  if (without.length > 0) console.log(`Nothing to say to ${without.join(", ")}: nothing graded.`);
  if (zip.length > 0 && words.length === 1) {
    const file = join(folder, "feedback-for-moodle.zip");
    writeAtomically(file, [llm("llm/zip").writeZip(zip)]);
    console.log(`${shownPath(file)}: ${count(zip.length, "page")} under Moodle's names.`);
  }
}
