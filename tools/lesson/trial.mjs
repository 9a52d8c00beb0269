// Tries many answers to a lesson's exercises at once, wrong ones and right ones, as a trial by
// people who saw only notebook and stubs leaves them behind:
//
//   npm run lesson -- trial FOLDER [--json FILE] [--quiet]
//
// FOLDER/<lesson>/<exercise>/<anything>-wrong-<what>.ts holds one wrong answer, …-right-….ts a
// right one: a module that exports the function under the exercise's name. A line "// mistake: …"
// says what is wrong. Each runs under the same supervision as a learner's check. Wrong answers that
// pass and right ones that fail are listed; --json writes every verdict with its message, so that
// one can judge whether the message names the mistake.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { build } from "../build.mjs";
import { filesUnder, llm, root, SetupError } from "../kit.mjs";
import { lessonFiles } from "../register.mjs";

/**
 * The answers in a folder, by lesson.
 * @returns {Map<string, { name: string, exercise: string, file: string, wrong: boolean,
 *   mistake: string }[]>}
 */
function readAnswers(folder) {
  const lessons = new Map();
  for (const file of filesUnder(folder).sort()) {
    const match = /([^/\\]+)[/\\]([^/\\]+)[/\\][^/\\]*-(wrong|right)-[^/\\]*\.ts$/.exec(file);
    if (!match) continue;
    const [, lesson, exercise, kind] = match;
    const mistake = /^\/\/ mistake:\s*(.*)/m.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    const answer = {
      name: relative(folder, file),
      exercise,
      file,
      wrong: kind === "wrong",
      mistake,
    };
    lessons.set(lesson, [...(lessons.get(lesson) ?? []), answer]);
  }
  return lessons;
}

/** Runs a lesson's tests on the answers that are left; resolves when the child has ended. */
function runChild(lesson, answers, scratch) {
  const { readAnswers } = llm("llm/course/answers");
  const notes = join(scratch, "notes.jsonl");
  const settings = {
    file: answers[0].file,
    answers: answers.map(({ name, exercise, file }) => ({ name, exercise, file })),
    only: answers.map(({ name }) => name),
    sources: readAnswers(lesson).exercises,
    notes,
    milliseconds: 20_000,
    megabytes: 2048,
  };
  writeFileSync(notes, "");
  writeFileSync(join(scratch, "settings.json"), JSON.stringify(settings));
  const config = join(root, "src/course/kit/check.config.mjs");
  const { test } = lessonFiles(lesson);
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  return new Promise((done) => {
    const child = spawn(process.execPath, [vitest, "run", "--config", config, test], {
      cwd: root,
      env: {
        ...process.env,
        LLM_ROOT: root,
        LLM_CHECK: join(scratch, "settings.json"),
        LLM_SIZE: "smoke",
        NO_COLOR: "1",
        VITE_CONFIG_NATIVE_IGNORE_WARNING: "true",
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let output = "";
    child.stderr.on("data", (data) => (output = (output + data).slice(-3000)));
    child.on("close", () => done({ notes: readFileSync(notes, "utf8"), output }));
  });
}

/** Every answer's verdict: what a learner who wrote it would be told. */
async function tryLesson(lesson, answers, scratch) {
  const { readNotes } = llm("llm/course/kit/protocol");
  const left = new Map(answers.map((answer) => [answer.name, answer]));
  const verdicts = [];
  const settle = (name, passed, message = "") => {
    const answer = left.get(name);
    if (!answer) return;
    left.delete(name);
    verdicts.push({ ...answer, lesson, passed, message });
  };
  while (left.size > 0) {
    const before = left.size;
    const { notes, output } = await runChild(lesson, [...left.values()], scratch);
    let at;
    for (const note of readNotes(notes)) {
      if (note.type === "start") at = note.exercise;
      else if (note.type === "dead") settle(note.exercise, false, `stopped: ${note.reason}`);
      else if ("exercise" in note) settle(note.exercise, note.type === "pass", note.message);
      if (note.type !== "start") at = undefined;
    }
    if (at !== undefined) settle(at, false, "it ended the process");
    if (left.size === before)
      throw new Error(`the tests of lesson ${lesson} could not be run:\n${output}`);
  }
  return verdicts;
}

export async function trial({ values, words }) {
  const folder = resolve(words[0]);
  if (!existsSync(folder))
    throw new SetupError(
      `trial: expected a folder of answers, and there is no ${words[0]}.`,
      "What it should hold: npm run lesson -- --help",
    );
  const lessons = readAnswers(folder);
  if (lessons.size === 0)
    throw new Error(
      "trial: expected answers such as " +
        `${join(folder, "06-attention/causalMask/01-wrong-strict.ts")}, got ` +
        (readdirSync(folder).join(", ") || "an empty folder"),
    );
  build({ quiet: true });
  const verdicts = [];
  for (const [lesson, answers] of lessons) {
    const scratch = mkdtempSync(join(tmpdir(), "llm-trial-"));
    try {
      verdicts.push(...(await tryLesson(lesson, answers, scratch)));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  if (values.json) writeFileSync(values.json, JSON.stringify(verdicts, null, 1) + "\n");
  report(verdicts, values.quiet);
}

function report(verdicts, quiet) {
  const wrong = verdicts.filter((v) => v.wrong);
  const right = verdicts.filter((v) => !v.wrong);
  const [passing, failing] = [wrong.filter((v) => v.passed), right.filter((v) => !v.passed)];
  const groups = new Map();
  for (const v of verdicts) {
    const key = `${v.lesson} ${v.exercise}`;
    groups.set(key, [...(groups.get(key) ?? []), v]);
  }
  for (const [key, list] of groups) {
    const count = (isWrong, passed) =>
      list.filter((v) => v.wrong === isWrong && v.passed === passed).length;
    console.log(
      `${key.padEnd(42)} wrong: ${count(true, false)} of ` +
        `${count(true, false) + count(true, true)} rejected` +
        `   right: ${count(false, true)} of ${count(false, true) + count(false, false)} accepted`,
    );
  }
  if (!quiet) {
    for (const v of passing) console.log(`\nwrong, and passes: ${v.name}\n  ${v.mistake}`);
    for (const v of failing)
      console.log(`\nright, and fails: ${v.name}\n${v.message.replace(/^/gm, "  ")}`);
  }
  const percent = (n, of) => (of === 0 ? "–" : `${((100 * n) / of).toFixed(1)} %`);
  console.log(
    `\n${wrong.length - passing.length} of ${wrong.length} wrong answers rejected ` +
      `(${percent(wrong.length - passing.length, wrong.length)}), ` +
      `${right.length - failing.length} of ` +
      `${right.length} right ones accepted ` +
      `(${percent(right.length - failing.length, right.length)})`,
  );
}
