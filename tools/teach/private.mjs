// The teacher's own kinds of inputs for a lesson, teaching/private/06.ts, which no release holds:
// grading draws from them, with the term's secret, when an answer has passed everything else
// (src/course/kit/anew.ts). `npm run teach -- private 06` makes a file to begin with, or tries the
// one that is there on the reference's answers.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { llm, SetupError } from "../kit.mjs";
import { chosenLessons, inTeaching, readCourse, shownPath } from "./course.mjs";
import { factsOf, inputsIn } from "./grade/facts.mjs";
import { count } from "./say.mjs";

const SEEDS = [1, 2, 3];

const fileOf = (lesson) => inTeaching("private", `${lesson.number}.ts`);

/** The teacher's inputs for a lesson, as inputsIn gives them. */
export const privateInputs = (lesson) => inputsIn(fileOf(lesson));

/**
 * Asks the reference's answers with the teacher's inputs: a mistake in these is no learner's.
 * @throws SetupError where the file cannot be used, or the reference does not pass
 */
export async function tryPrivateInputs(lesson, { file }, seeds = SEEDS) {
  const { exercises, reference } = factsOf(lesson.id);
  const { answersOf } = llm("llm/course/answers");
  const text = readFileSync(reference, "utf8");
  const answers = answersOf(lesson.id, reference, text, exercises);
  const works = seeds.map((newInputs) => ({
    ...{ answers, file: reference, standsIn: false, newInputs, inputs: file },
  }));
  const mend = 'docs/teaching.md, "Private inputs", shows such a file.';
  let results;
  try {
    results = await llm("llm/course/run").judgeAll(works);
  } catch (error) {
    throw new SetupError(`${shownPath(file)} cannot be used: ${whyOf(error.message)}`, mend);
  }
  for (const { name, state, message } of results.flat())
    if (state !== "passed")
      throw new SetupError(
        `${shownPath(file)}: the reference's own ${name} does not pass with these.\n${message}`,
        mend,
      );
}

/** The error among what the tests' process printed, without its stack. */
function whyOf(message) {
  const lines = message.split("\n");
  const ours = lines.findIndex((line) => line.includes("private inputs: "));
  if (ours >= 0) return lines[ours].trim();
  const from = Math.max(
    0,
    lines.findIndex((line) => /\w*Error: /.test(line)),
  );
  const stack = lines.findIndex((line, i) => i > from && /^\s+at /.test(line));
  return lines
    .slice(from, stack > from ? stack : from + 8)
    .join("\n")
    .trim();
}

/** A file to begin with: a line for every exercise, with its parameters. */
function template(lesson) {
  const { readFunctions } = llm("llm/course/source");
  const functions = readFunctions(readFileSync(factsOf(lesson.id).reference, "utf8"));
  return [
    `// Private inputs for lesson ${lesson.number} (${lesson.title}). Keep this file to yourself.`,
    "//",
    "// Each kind draws the arguments of one call; the answer must give what the reference gives.",
    "// Kinds that the lesson's own test has as well are drawn anew already: add what it has not.",
    'import type { Draw } from "llm/course/kit";',
    "",
    "type Kinds = { cases: Record<string, (draw: Draw) => unknown[]> };",
    "export const inputs: Record<string, Kinds> = {",
    ...functions.map(
      ({ name, parameters }) =>
        `  // ${name}: { cases: { "a kind": (draw) => [${parameters.join(", ")}] } },`,
    ),
    "};",
    "",
  ].join("\n");
}

/** `npm run teach -- private 06` */
export async function privateVerb({ words }) {
  for (const lesson of chosenLessons(words, readCourse(), "private")) {
    const file = fileOf(lesson);
    const mine = privateInputs(lesson);
    if (!mine) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, template(lesson), { flag: "wx", mode: 0o600 });
      console.log(`${shownPath(file)} is new: fill in the kinds that you want to ask.`);
      continue;
    }
    await tryPrivateInputs(lesson, mine);
    console.log(
      `${shownPath(file)}: the reference passes with ${count(SEEDS.length, "seed")}. ` +
        "The next `grade` asks every answer.",
    );
  }
}
