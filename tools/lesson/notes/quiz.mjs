// Reads a lesson's quiz, `notebooks/NN-name.quiz.md`: at least five questions, whose wrong choices
// are the ideas behind the mutants.
//
//   # Quiz: 06 · Attention
//
//   ## scale-of-scores                       an id in words
//   Why are the scores divided by √d?        Markdown, perhaps with a block of code
//
//   - [x] Because …
//     One sentence that says why this is right.
//   - [ ] Because …  {scaledScores: divided by D}
//     One sentence for the learner who chose it.
//
// A choice is one line. The braces name an exercise and one of its mutants, exactly as
// test/mutants/NN-name.ts has it.
import { problems, readParts, textOf } from "./sections.mjs";

const LEAST = 5;
const CHOICE = /^- \[([^\]]*)\]\s*(.*)$/;
const MUTANT = /\s*\{(\w+): ([^{}]+)\}\s*$/;

/** One choice: { line, isRight, text, why, mutant?: { exercise, name } } */
function choiceOf({ line, mark, text, lines }, wrong) {
  const [, exercise, name] = MUTANT.exec(text) ?? [];
  const isRight = mark === "x";
  if (!["x", " "].includes(mark))
    wrong(line, `expected "- [x]" or "- [ ]" before a choice, got "- [${mark}]"`);
  const said = text.replace(MUTANT, "").trim();
  if (!said) wrong(line, "expected a choice after the box, got nothing");
  if (!exercise && /\{[^}$]*:[^}$]*\}\s*$/.test(text))
    wrong(line, "expected a mutant as {exercise: name of the mutant} at the end of the line");
  if (isRight && exercise)
    wrong(line, `expected no mutant behind the right choice, got {${exercise}: ${name}}`);
  if (/\b(all|none|both) of the (above|others|choices)\b/i.test(said))
    wrong(line, `expected a choice that says something itself, got "${said}"`);
  const why = textOf(lines).replace(/^ {2}/gm, "");
  if (!why)
    wrong(line, "expected an indented sentence below the choice that says why, got nothing");
  for (const one of lines)
    if (one.text.trim() && !one.text.startsWith("  "))
      wrong(one.line, "expected the sentence below a choice to be indented by two spaces");
  return { line, isRight, text: said, why, ...(exercise && { mutant: { exercise, name } }) };
}

function questionOf({ title: id, line, lines }, wrong) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id))
    wrong(line, `expected an id in words, such as "## scale-of-scores", got "## ${id}"`);
  const asked = [];
  const raw = [];
  for (const one of lines) {
    const [, mark, text] = (!one.inCode && CHOICE.exec(one.text)) || [];
    if (mark !== undefined) raw.push({ line: one.line, mark, text, lines: [] });
    else (raw.at(-1)?.lines ?? asked).push(one);
  }
  const text = textOf(asked);
  if (!text) wrong(line, "expected a question below its id, got nothing");
  const choices = raw.map((one) => choiceOf(one, wrong));
  if (choices.length < 3 || choices.length > 4)
    wrong(line, `expected three or four choices, got ${choices.length}`);
  const right = choices.filter(({ isRight }) => isRight).length;
  if (right !== 1) wrong(line, `expected exactly one right choice "- [x]", got ${right}`);
  if (!choices.some(({ mutant }) => mutant))
    wrong(line, "expected at least one wrong choice with {exercise: name of the mutant}, got none");
  choices.forEach((choice, i) => {
    if (choices.findIndex((other) => other.text === choice.text) < i)
      wrong(choice.line, `expected choices that differ, got "${choice.text}" twice`);
  });
  return { id, line, text, choices };
}

/**
 * @param lesson of the register
 * @returns { questions, problems }: [{ id, line, text, choices }], and [{ line, problem }]
 */
export function readQuiz(text, { number, title }) {
  const { found, wrong } = problems();
  const { before, parts } = readParts(text, `# Quiz: ${number} · ${title}`, wrong);
  const loose = before.find((one) => one.text.trim() !== "");
  if (loose) wrong(loose.line, `expected "## " and an id before a question, got "${loose.text}"`);
  const questions = parts.map((part) => questionOf(part, wrong));
  questions.forEach(({ id, line }, i) => {
    if (questions.findIndex((other) => other.id === id) < i)
      wrong(line, `expected every id once, got "${id}" twice`);
  });
  if (questions.length < LEAST)
    wrong(text.split("\n").length, `expected ${LEAST} questions or more, got ${questions.length}`);
  return { questions, problems: found.sort((a, b) => a.line - b.line) };
}
