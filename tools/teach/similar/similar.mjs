// `npm run teach -- similar 06`: whose answers have passages in common that the others have not, in
// the terminal and side by side as similar/06.html. It is a signal, never a mark: two people who
// worked together as they were told to look the same, and a page that says so is no proof. The
// class is compared with itself, with the reference, and with earlier terms (--earlier FOLDER).
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { llm, SetupError } from "../../kit.mjs";
import { lessonFiles } from "../../register.mjs";
import { chosenLessons, inTeaching, readCourse, shownPath } from "../course.mjs";
import { intake } from "../intake/intake.mjs";
import { recognise } from "../intake/recognise.mjs";
import { walk } from "../intake/walk.mjs";
import { writeAtomically } from "../page.mjs";
import { readRoster } from "../roster.mjs";
import { count, percent, table } from "../say.mjs";
import { comparePeople, FLAG } from "./compare.mjs";
import { similarPage } from "./page.mjs";
import { wordsOf } from "./tokens.mjs";

/** Answers of an earlier term: every file under a folder that answers this lesson. */
function earlierAnswers(folder, lesson) {
  if (!existsSync(folder))
    throw new SetupError(`teach similar: expected a folder of earlier answers, got ${folder}`, "");
  const { files, close } = walk(folder);
  try {
    return files.flatMap(({ path, bytes }) => {
      const { text, reason } = recognise(path, bytes, lesson);
      return reason || text === undefined ? [] : [{ name: path, text, group: "earlier" }];
    });
  } finally {
    close();
  }
}

/** The reference answers, where this checkout has them. */
function reference(lesson) {
  const { solutions } = lessonFiles(lesson.id);
  if (!existsSync(solutions)) return [];
  return [{ name: "the reference", text: readFileSync(solutions, "utf8"), group: "reference" }];
}

/**
 * Everybody's words and pairs.
 * @param lesson of the register
 * @param sources `[{ name, text, group }]`
 */
export function similarIn(lesson, sources) {
  const { readFunctions } = llm("llm/course/source");
  const stubs = readFileSync(lessonFiles(lesson.id).exercises, "utf8");
  const names = readFunctions(stubs).map(({ name }) => name);
  const withWords = ({ text, ...person }) => ({ ...person, text, words: wordsOf(text, names) });
  return comparePeople(sources.map(withWords), wordsOf(stubs, names));
}

/** `npm run teach -- similar 06 …` */
export function similar({ words, values }) {
  const course = readCourse();
  const roster = readRoster();
  for (const lesson of chosenLessons(words, course, "similar")) {
    const { submissions } = intake(lesson, { course, roster });
    const people = submissions.map(({ student, text }) => ({
      ...{ name: student, text, group: "class" },
    }));
    const earlier = values.earlier
      ? earlierAnswers(resolve(values.earlier), lesson).map((one) => ({
          ...one,
          name: `earlier: ${relative(".", one.name)}`,
        }))
      : [];
    const pairs = similarIn(lesson, [...people, ...earlier, ...reference(lesson)]);
    const file = inTeaching("similar", `${lesson.number}.html`);
    mkdirSync(dirname(file), { recursive: true });
    writeAtomically(file, similarPage(lesson, pairs, { people: people.length }));
    say(lesson, pairs, people.length, file);
  }
}

function say(lesson, pairs, people, file) {
  const flagged = pairs.filter((pair) => pair.flagged);
  console.log(
    `Lesson ${lesson.number}: ${count(people, "answer")}, ` +
      `${count(flagged.length, "pair")} to look at.`,
  );
  const rows = flagged.map(({ a, b, share, exercises }) => [
    ...[a.name, b.name, percent(share)],
    exercises
      .filter((exercise) => exercise.share >= FLAG.share && exercise.runs > 0)
      .map(({ name }) => name)
      .join(", "),
  ]);
  if (rows.length) console.log(table([["one", "other", "alike", "most alike in"], ...rows]));
  console.log(
    `Side by side: ${shownPath(file)}. A signal to talk about, never a mark: equal answers can ` +
      "have an honest reason.",
  );
}
