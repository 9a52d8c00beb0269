// `npm run teach -- grade 06 [student…]`: grades what is in the inbox, some at a time, and writes a
// result for each learner. What is graded already stays as it is, so a run that was stopped is gone
// on with by the same command.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SetupError } from "../../kit.mjs";
import { chosenLessons, folderOf, readCourse, shownPath } from "../course.mjs";
import { intake, writeUnmatched } from "../intake/intake.mjs";
import { writeAtomically } from "../page.mjs";
import { privateInputs, tryPrivateInputs } from "../private.mjs";
import { isHeld, readResult, resultText, withSums } from "../result.mjs";
import { chosenStudents, readRoster } from "../roster.mjs";
import { count, plain, points, table } from "../say.mjs";
import { sandboxTrouble } from "./box.mjs";
import { clear, readCleared } from "./cleared.mjs";
import { gradeAll } from "./one.mjs";
import { Reader } from "./reader.mjs";

const resultFile = (lesson, student) => join(folderOf("graded", lesson), `${student}.json`);

/**
 * The lesson and the students that were typed.
 * @throws SetupError where one is not in the roster
 */
function asked([first, ...students], course, roster, command) {
  const [lesson] = chosenLessons([first], course, command);
  return { lesson, wanted: chosenStudents(students, roster, command).map((row) => row.student) };
}

/** Refuses to run strangers' code without a sandbox, unless the teacher says that it is trusted. */
function wantSandbox(trusted) {
  const trouble = trusted ? undefined : sandboxTrouble();
  if (!trouble) return;
  throw new SetupError(
    `grade: expected a sandbox for the answers, and ${trouble.why}.`,
    `${trouble.mend}\nOr grade without one, if you would run each of these files yourself: ` +
      "npm run teach -- grade … --trusted",
  );
}

/** An earlier result, or undefined; one that cannot be read is said, and made anew. */
function earlier(file) {
  try {
    return readResult(file, shownPath(file));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`  ${error.message}. It is graded anew.`);
    return undefined;
  }
}

/**
 * How many submissions one process of tests takes: its start is shared, and what was done is
 * written when all of them are.
 */
const share = (left, jobs) => Math.max(1, Math.min(6, Math.ceil(left / (2 * jobs))));

/** Everything that this process writes for a while, gone when it ends, however it ends. */
function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "llm-teach-"));
  process.env.TMPDIR = folder;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
}

function inWords(result, seconds) {
  const { exercises, flags, earned, points: counted, max, trouble } = result;
  const open = flags.filter(({ cleared }) => !cleared);
  const statuses = ["failed", "todo", "follow-on", "error"].flatMap((status) => {
    const n = exercises.filter((e) => e.status === status).length;
    return n > 0 ? [`${n} ${status}`] : [];
  });
  const held =
    open.length > 0
      ? `held: ${[...new Set(open.map(({ kind }) => kind))].join(", ")}` +
        (earned > counted ? `; ${points(earned)} if cleared` : "")
      : "";
  return [
    result.student,
    `${points(counted)} of ${points(max)}`,
    [...statuses, held, trouble ?? ""].filter(Boolean).join(" · "),
    seconds === undefined ? "as before" : `${seconds.toFixed(1)} s`,
  ];
}

/** `npm run teach -- grade 06 [student…]` */
export async function gradeVerb({ words, values }) {
  const course = readCourse();
  const roster = readRoster();
  const { lesson, wanted } = asked(words, course, roster, "grade");
  const { submissions, unmatched, missing } = intake(lesson, { course, roster });
  writeUnmatched(lesson, unmatched);
  const mine = submissions.filter(({ student }) => wanted.includes(student));
  const none = wanted.filter((student) => missing.includes(student));
  const inputs = privateInputs(lesson);
  if (mine.length > 0) wantSandbox(values.trusted);
  if (mine.length > 0 && inputs) await tryPrivateInputs(lesson, inputs, [1]);
  scratch();
  const cleared = readCleared();
  const reader = new Reader();
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }))
    process.once(signal, () => {
      console.error("\ngrade: stopped. What is graded stays; the same command goes on.");
      process.exit(code); // ends what still runs, too
    });
  console.log(
    `Lesson ${lesson.number} (${lesson.title}): ${count(mine.length, "submission")}, ` +
      `${values.jobs} at a time${values.trusted ? ", WITHOUT a sandbox" : ""}`,
  );
  const begin = performance.now();
  const results = [];
  const waiting = [...mine];
  const width = Math.max(0, ...mine.map(({ student }) => student.length));
  const options = {
    ...{
      reader,
      followOn: course.followOn,
      secret: course.secret,
      trusted: values.trusted,
      inputs,
    },
    previous: ({ student }) => (values.again ? undefined : earlier(resultFile(lesson, student))),
    isCleared: (submission, flag) => cleared.has(submission, flag),
  };
  const work = async () => {
    while (waiting.length > 0) {
      const start = performance.now();
      const some = waiting.splice(0, share(waiting.length, values.jobs));
      const graded = await gradeAll(some, options);
      const seconds = (performance.now() - start) / 1000 / some.length;
      for (const { result, isNew } of graded) {
        const file = resultFile(lesson, result.student);
        mkdirSync(dirname(file), { recursive: true });
        writeAtomically(file, [resultText(result)]);
        results.push(result);
        const [student, ...cells] = inWords(result, isNew ? seconds : undefined).map(plain);
        console.log(`  ${student.padEnd(width)}  ${cells.join("  ")}`);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: values.jobs }, work));
  } finally {
    reader.close();
  }
  sum({ results, none, unmatched, seconds: (performance.now() - begin) / 1000, lesson });
}

function sum({ results, none, unmatched, seconds, lesson }) {
  const held = results.filter(isHeld);
  const failed = results.filter(({ exercises }) => exercises.some((e) => e.status === "error"));
  console.log(`\n${count(results.length, "submission")} graded in ${seconds.toFixed(0)} s.`);
  if (none.length > 0) console.log(`Nothing from ${none.join(", ")}.`);
  if (unmatched.length > 0)
    console.log(
      `${count(unmatched.length, "file")} not taken: ${shownPath(folderOf("graded", lesson))}` +
        "/unmatched.csv says why.",
    );
  if (held.length > 0)
    console.log(
      `${count(held.length, "submission")} held until you have looked: ` +
        `npm run teach -- flags ${lesson.number}`,
    );
  if (failed.length > 0) {
    console.log(
      `The machine failed on ${failed.map(({ student }) => student).join(", ")}; these have no ` +
        "marks yet. Grade again.",
    );
    process.exitCode = 1;
  }
}

/** `npm run teach -- flags 06 [student…] [--clear]` */
export function flagsVerb({ words, values }) {
  const course = readCourse();
  const roster = readRoster();
  const { lesson, wanted } = asked(words, course, roster, "flags");
  if (values.clear && words.length < 2)
    throw new SetupError(
      "flags: expected the students whose flags you have looked at, got none",
      `npm run teach -- flags ${lesson.number} STUDENT --clear`,
    );
  const heads = ["student", "line", "what", "the line", ""];
  const rows = [];
  for (const student of wanted) {
    const file = resultFile(lesson, student);
    const result = readResult(file, shownPath(file));
    if (!result || result.flags.length === 0) continue;
    if (values.clear) {
      clear(result, values.comment);
      for (const flag of result.flags) flag.cleared = true;
      writeAtomically(file, [resultText(withSums(result))]);
    }
    for (const { kind, line, text, cleared } of result.flags)
      rows.push([student, line, kind, text, cleared ? "cleared" : ""]);
  }
  if (rows.length === 0) console.log("There are no flags.");
  else console.log(table([heads, ...rows]));
  if (rows.length > 0 && !values.clear)
    console.log(
      "\nA flagged submission counts 0 points until you clear it, once you have read the lines:\n" +
        `  npm run teach -- flags ${lesson.number} STUDENT --clear`,
    );
}
