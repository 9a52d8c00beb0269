// `npm run teach -- release 06 07`: what the learners of a class get. A zip, or a folder, of the
// course with these lessons and without reference answers; with --solutions, later, the answers of
// these lessons alone, to be unzipped over it.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { llm, SetupError } from "../../kit.mjs";
import { lessons as allLessons } from "../../register.mjs";
import { chosenLessons, courseIfAny, inTeaching, shownPath } from "../course.mjs";
import { shownDate } from "../dates.mjs";
import { writeAtomically } from "../page.mjs";
import { count } from "../say.mjs";
import { releaseFiles, solutionFiles } from "./files.mjs";
import { leaks } from "./leaks.mjs";

/**
 * Writes the files as a zip or a new folder; in a zip all lie in one folder of the given name.
 * @param files [{ path, contents, executable? }]
 * @param command who asks, for messages
 */
export function writeFiles(out, files, { folderName = "", command }) {
  if (out.endsWith(".zip")) {
    mkdirSync(dirname(out), { recursive: true });
    const entries = files.map((file) => ({
      ...file,
      path: folderName ? `${folderName}/${file.path}` : file.path,
    }));
    writeAtomically(out, [llm("llm/zip").writeZip(entries)]);
    return;
  }
  if (existsSync(out))
    throw new SetupError(
      `${command}: expected a new folder, got ${out}, which is there`,
      "Name another.",
    );
  for (const { path, contents, executable } of files) {
    const file = join(out, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents, { mode: executable ? 0o755 : 0o644 });
  }
}

/** `npm run teach -- release 06 [--out PATH] [--solutions]` */
export async function release({ values, words }) {
  const course = courseIfAny(); // a release can be made before there are settings
  const chosen = chosenLessons(words, course, "release");
  // In the course's order, whatever was typed.
  const lessons = allLessons().filter(({ id }) => chosen.some((one) => one.id === id));
  const numbers = lessons.map(({ number }) => number).join("-");
  if (values.solutions) {
    const out = values.out ?? inTeaching("release", `answers-${numbers}.zip`);
    const files = solutionFiles(lessons);
    writeFiles(out, files, { command: "release" });
    console.log(
      `${shownPath(out)}: ${count(files.length, "file")} with the answers of lesson ` +
        `${numbers.replaceAll("-", ", ")}. Learners unzip it inside the course's folder, then ` +
        "`npm run solution` shows them.",
    );
    return;
  }
  const answersFrom = Object.fromEntries(
    course.lessons.flatMap(({ lesson, answers }) =>
      answers ? [[lesson.id, shownDate(answers, course.timezone).replace(/, 00:00$/, "")]] : [],
    ),
  );
  const courseVersion = llm("llm/course/manifest").courseVersion();
  const files = await releaseFiles(lessons, { courseVersion, answersFrom, title: course.title });
  const found = leaks(
    files,
    lessons.map(({ id }) => id),
  );
  if (found.length > 0)
    throw new SetupError(
      `release: expected no reference text in it, got some of ${found[0].name} in ` +
        `${found[0].path}: "${found[0].piece}"` +
        (found.length > 1 ? `, and ${found.length - 1} more` : ""),
      "Nothing was written. Take the text out of that file.",
    );
  const out = values.out ?? inTeaching("release", `course-${numbers}.zip`);
  writeFiles(out, files, { folderName: "llm-course", command: "release" });
  console.log(
    `${shownPath(out)}: ${count(files.length, "file")}, version ${courseVersion}, lesson ` +
      `${numbers.replaceAll("-", ", ")}, without reference answers.`,
  );
  for (const { id, number } of lessons)
    console.log(
      `  ${number}: ` +
        (answersFrom[id]
          ? `answers from ${answersFrom[id]}`
          : "no day for the answers in course.json"),
    );
  console.log(
    "The public repository of the course has all answers: docs/teaching.md says what that means.",
  );
}
