// `npm run teach -- quiz 06`: a lesson's questions, whose wrong choices are mistakes that people
// make, in two forms: GIFT, which Moodle and most other platforms import
// (https://docs.moodle.org/en/GIFT_format), and a sheet to print, with the answers on a page of
// their own. Choices stand in an order that the term's secret gives, so that a sheet of last year
// does not say which letter is right.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { markdownRenderer, withinLine } from "../book/markdown.mjs";
import { SetupError } from "../kit.mjs";
import { readQuiz } from "../lesson/notes/quiz.mjs";
import { lessonFiles } from "../register.mjs";
import { chosenLessons, inTeaching, readCourse, shownPath } from "./course.mjs";
import { escapeHtml, page, writeAtomically } from "./page.mjs";
import { count } from "./say.mjs";

/** An order of a list that a text decides: the same text, the same order. */
export function orderedBy(list, text) {
  const key = (i) => createHash("sha256").update(`${text}\0${i}`).digest("hex");
  return list
    .map((item, i) => [key(i), item])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item);
}

/**
 * The questions of a lesson.
 * @throws {SetupError} if there is no quiz, or one that breaks its rules
 */
export function questionsOf(lesson) {
  const { quiz } = lessonFiles(lesson.id);
  if (!existsSync(quiz))
    throw new SetupError(`teach quiz: lesson ${lesson.number} has no quiz yet`, "");
  const { questions, problems } = readQuiz(readFileSync(quiz, "utf8"), lesson);
  if (problems.length)
    throw new SetupError(
      `${shownPath(quiz)}, line ${problems[0].line}: ${problems[0].problem}`,
      "Mend the quiz, then run the command again.",
    );
  return questions;
}

/** HTML in which formulas are left to the platform's MathJax, as \( … \) and \[ … \]. */
const html = markdownRenderer((_, text) => ({ html: escapeHtml(text) }), { formulas: "tex" });
const inline = (text) => withinLine(html(text));

/** One line of GIFT: its own signs escaped, line ends (of code) as \n. */
const gift = (text) =>
  inline(text)
    .replace(/([~=#{}:])/g, "\\$1")
    .replace(/\n/g, "\\n");

/**
 * The questions as GIFT, UTF-8.
 * @param lesson of the register
 * @param questions as questionsOf gives them
 */
export function giftOf(lesson, questions) {
  const one = ({ id, text, choices }) => {
    const lines = choices.map(
      ({ isRight, text: said, why }) => `${isRight ? "=" : "~"}${gift(said)}#${gift(why)}`,
    );
    return `::${lesson.number} ${id}::[html]${gift(text)} {\n${lines.join("\n")}\n}\n`;
  };
  const category = `$CATEGORY: LLM from Scratch/${lesson.number} ${lesson.title}\n`;
  return `${category}\n${questions.map(one).join("\n")}`;
}

const letter = (i) => String.fromCharCode(65 + i);

const SHEET = `<style>
ol.choices { list-style: upper-alpha; margin: 0.4rem 0 1.3rem; } .q { break-inside: avoid; }
.answers { break-before: page; } .name { display: flex; justify-content: space-between;
margin: 0.8rem 0 1.6rem; color: var(--soft); }
@media print { :root { --ink: #000; --paper: #fff; --band: #fff; } body { font-size: 11pt; } }
</style>`;

/** The same to print: questions, and behind them the answers with their reasons. */
export function sheetOf(lesson, questions) {
  const render = markdownRenderer((_, text) => ({ html: escapeHtml(text) }));
  const said = (text) => withinLine(render(text));
  const asked = questions.map(
    ({ text, choices }, i) =>
      `<div class="q"><strong>${i + 1}.</strong> ${said(text)}<ol class="choices">${choices
        .map(({ text: choice }) => `<li>${said(choice)}</li>`)
        .join("")}</ol></div>`,
  );
  const answers = questions.map(({ choices }, i) => {
    const right = choices.findIndex(({ isRight }) => isRight);
    const inCode = ({ exercise, name }) =>
      ` <span class="soft">(in code: ${escapeHtml(exercise)}, ${escapeHtml(name)})</span>`;
    const others = choices.map(
      ({ why, mutant }, k) =>
        `<li><strong>${letter(k)}</strong> ${said(why)}${mutant ? inCode(mutant) : ""}</li>`,
    );
    const answer = `<strong>${i + 1}: ${letter(right)}</strong>`;
    return `<div class="q">${answer}<ul>${others.join("")}</ul></div>`;
  });
  const title = `Lesson ${lesson.number} (${lesson.title}): quiz`;
  return page(
    title,
    `${SHEET}<h1>${escapeHtml(title)}</h1>
<div class="name"><span>Name: ${"_".repeat(30)}</span><span>Date: ${"_".repeat(12)}</span></div>
${asked.join("\n")}
<div class="answers"><h1>Answers</h1>${answers.join("\n")}</div>`,
  );
}

/** `npm run teach -- quiz 06 …` */
export function quiz({ words }) {
  const course = readCourse();
  for (const lesson of chosenLessons(words, course, "quiz")) {
    const questions = questionsOf(lesson).map((question) => ({
      ...question,
      choices: orderedBy(question.choices, `${course.secret} ${lesson.id} ${question.id}`),
    }));
    mkdirSync(inTeaching("quiz"), { recursive: true });
    const files = [
      [inTeaching("quiz", `${lesson.number}.gift`), giftOf(lesson, questions)],
      [inTeaching("quiz", `${lesson.number}.html`), sheetOf(lesson, questions)],
    ];
    for (const [file, text] of files) writeAtomically(file, text);
    const [moodle, sheet] = files.map(([file]) => shownPath(file));
    console.log(`${count(questions.length, "question")}: ${moodle} for Moodle, ${sheet} to print`);
  }
}
