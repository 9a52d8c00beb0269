// `npm run teach -- gradescope 06`: an autograder for Gradescope, as a zip to upload
// (https://gradescope-autograders.readthedocs.io/en/latest/specs/). It grades with what
// `npm run teach -- grade` grades with; ./run.mjs is what runs there. Several lessons make one
// autograder, for an assignment that asks for all of them.
//
// Left out: late work, because Gradescope has rules of its own, and overrides.csv, because marks
// are changed on Gradescope.
import { readFileSync } from "node:fs";
import { llm } from "../../kit.mjs";
import { lessons as allLessons } from "../../register.mjs";
import { chosenLessons, courseIfAny, inTeaching, shownPath } from "../course.mjs";
import { clearedRows } from "../grade/cleared.mjs";
import { privateInputs, tryPrivateInputs } from "../private.mjs";
import { writeFiles } from "../release/release.mjs";
import { count } from "../say.mjs";
import { autograderFiles } from "./files.mjs";

/** The texts of the teacher's own inputs, by the lesson's number, tried on the reference. */
async function triedInputs(lessons) {
  const texts = new Map();
  for (const lesson of lessons) {
    const inputs = privateInputs(lesson);
    if (!inputs) continue;
    await tryPrivateInputs(lesson, inputs, [1]);
    texts.set(lesson.number, readFileSync(inputs.file, "utf8"));
  }
  return texts;
}

/** `npm run teach -- gradescope 06 [07 …] [--out PATH]` */
export async function gradescope({ values, words }) {
  const course = courseIfAny();
  const chosen = chosenLessons(words, course, "gradescope");
  const lessons = allLessons().filter(({ id }) => chosen.some((one) => one.id === id));
  const ids = lessons.map(({ id }) => id);
  const cleared = clearedRows()
    .filter(({ lesson }) => ids.includes(lesson))
    .map(({ lesson, sha256, kind, line }) => ({ lesson, sha256, kind, line: Number(line) }));
  const courseVersion = llm("llm/course/manifest").courseVersion();
  const inputs = await triedInputs(lessons);
  const { followOn, secret } = course;
  const files = autograderFiles(lessons, { courseVersion, followOn, secret, cleared }, inputs);
  const numbers = lessons.map(({ number }) => number).join("-");
  const out = values.out ?? inTeaching("gradescope", `autograder-${numbers}.zip`);
  writeFiles(out, files, { command: "gradescope" });
  const points = ids
    .flatMap((id) => llm("llm/course/manifest").manifestOf(id).exercises)
    .reduce((sum, exercise) => sum + exercise.points, 0);
  console.log(
    `${shownPath(out)}: ${count(files.length, "file")}, version ${courseVersion}, lesson ` +
      `${numbers.replaceAll("-", ", ")}, ${count(points, "point")}.`,
  );
  console.log(
    "It holds reference answers, tests and the term's secret: it is for Gradescope only. Late " +
      "work is left to\nGradescope's own rules. docs/teaching.md says how to upload it.",
  );
  if (secret === "")
    console.log("There is no secret in course.json, so the new inputs can be guessed.");
}
