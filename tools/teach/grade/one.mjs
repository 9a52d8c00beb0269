// Grades submissions: reads their texts, runs the lesson's own tests on them with the answers in a
// sandbox for each, and says what each exercise brings. An exercise that fails only because helpers
// of the same file fail is asked once more with the reference's helpers, which stay outside.
//
// A fault of the machine (no memory, a full disk, a sandbox that does not start) is an error that
// asks for another run, and never a mark.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { llm } from "../../kit.mjs";
import { SCHEMA, withSums } from "../result.mjs";
import { factsOf, mistakeIn } from "./facts.mjs";
import { writeStandIn } from "./standin.mjs";

/** An answer file is a few kilobytes. */
const MOST_BYTES = 1_000_000;
const MEGABYTES = 2048;
/** Seconds of processor time that an exercise's answer may take. */
const SECONDS = 20;
/** By the clock, on a busy machine, or for an answer that sleeps. */
const PATIENCE = 180;

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part}\0`);
  return hash.digest("hex");
};

/** No control characters, which would act upon a terminal, nor marks that turn text round. */
const printable = (text) =>
  llm("llm/display/output")
    .printable(text.replaceAll("\r\n", "\n"))
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "�")
    .trimEnd();

/**
 * The key of a submission: as long as it stays, nothing is graded anew.
 * @param how { followOn, secret, trusted, inputs }: the settings on which a verdict depends
 */
export const keyOf = ({ text, lesson }, how) => {
  const { followOn = "full", secret = "", trusted = false, inputs } = how;
  const parts = [text, factsOf(lesson).digest, followOn, secret, trusted];
  return sha256(...parts, ...(inputs ? [inputs.digest] : []));
};

const exercise = ({ name, points: max }, status, sentence = "", ms = 0) => ({
  name,
  points: status === "passed" ? max : 0,
  max,
  status,
  sentence: printable(sentence),
  ms,
});

/**
 * Grades submissions to one lesson.
 * @param submissions as ../intake gives them
 * @param options { reader, followOn: "full" or "none", secret, trusted, inputs,
 *   previous(submission), isCleared(submission, flag), megabytes, seconds, patience, bwrap, box }:
 *   `inputs` is ../private.mjs's, `previous` has the result of an earlier run, `isCleared` says
 *   whether a person has let a flag pass, `box` is another sandbox
 * @returns [{ result, isNew }]: results as ../result.mjs has them, in the submissions' order
 */
export async function gradeAll(submissions, options) {
  const { previous = () => undefined, isCleared = () => false } = options;
  const facts = factsOf(submissions[0].lesson);
  const works = submissions.map((submission) => {
    const key = keyOf(submission, options);
    return { submission, facts, key, ...withoutRun(submission, facts, key, previous(submission)) };
  });
  const waiting = works.filter(({ exercises }) => exercises === undefined);
  if (waiting.length > 0) await run(waiting, options);
  return works.map((work) => {
    const { student, lesson, submittedAt, timeSource, sha256: digest, attempt } = work.submission;
    const flags = work.flags.map(({ kind, line, text }) => {
      const flag = { kind, line, text: printable(text) };
      return { ...flag, cleared: isCleared(work.submission, flag) };
    });
    const result = withSums({
      ...{ schema: SCHEMA, student, lesson, key: work.key, exercises: work.exercises, flags },
      ...(work.trouble && { trouble: printable(work.trouble) }),
      ...{ submittedAt, timeSource, sha256: digest, attempt },
      courseVersion: facts.courseVersion,
    });
    return { result, isNew: waiting.includes(work) };
  });
}

/** One submission alone. @returns its result */
export async function grade(submission, options) {
  const [{ result }] = await gradeAll([submission], options);
  return result;
}

/** What needs no run: graded already, or refused. */
function withoutRun({ text }, facts, key, previous) {
  const isSame = previous?.key === key && previous.exercises.every((e) => e.status !== "error");
  if (isSame) return { exercises: previous.exercises, flags: previous.flags };
  if (Buffer.byteLength(text) <= MOST_BYTES) return {};
  return { exercises: allOf(facts, "failed", "The file is larger than 1 MB."), flags: [] };
}

const allOf = ({ exercises }, status, sentence) =>
  exercises.map((e) => exercise(e, status, sentence));

/** Fills in `exercises` and `flags` of each work, and `trouble` where the machine failed. */
async function run(works, options) {
  const { facts } = works[0];
  for (const work of works) {
    const { text } = work.submission;
    const asked = { id: facts.id, text, sources: facts.exercises, allowed: facts.allowed };
    work.read = await options.reader.read(asked);
    work.flags = work.read.flags ?? [];
    const { failed, trouble } = work.read;
    if (failed !== undefined)
      work.exercises = allOf(facts, "failed", `The file cannot be read: ${failed}.`);
    if (trouble !== undefined) {
      work.trouble = `The machine failed, not the answer: ${trouble}. Grade again.`;
      work.exercises = allOf(facts, "error", work.trouble);
    }
  }
  const readable = works.filter(({ exercises }) => exercises === undefined);
  if (readable.length === 0) return;
  let folder;
  try {
    folder = mkdtempSync(join(tmpdir(), "llm-grade-"));
    readable.forEach((work, i) => {
      work.folder = join(folder, String(i));
    });
    if (options.trusted) await withoutSandbox(readable, options);
    else {
      await judged(readable, options);
      if (options.followOn !== "none") await followOn(readable, options);
    }
  } catch (error) {
    const trouble = `The machine failed, not the answer: ${`${error.message}`.split("\n")[0]}`;
    for (const work of readable) {
      if (work.exercises?.every(({ status }) => status !== "error")) continue;
      Object.assign(work, { exercises: allOf(facts, "error", trouble), trouble });
    }
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

/** Inputs that nobody could know: the same ones when the same work is graded again. */
const anewFor = (key, { secret = "", inputs }) => ({
  newInputs: 1 + (Number.parseInt(sha256(secret, key, "inputs").slice(0, 12), 16) % 1_000_000_007),
  inputs: inputs?.file,
});

/** Asks everything once, with each answer in its sandbox. */
async function judged(works, options) {
  const { seconds = SECONDS, megabytes = MEGABYTES, patience = PATIENCE, bwrap, box } = options;
  const standIns = works.map((work) => {
    const { facts, read, submission, key, given = {} } = work;
    const { file, fault } = writeStandIn({
      ...{ folder: join(work.folder, work.given ? "again" : "first"), given, megabytes, seconds },
      answer: { id: facts.id, text: submission.text, code: read.code, map: read.map },
      names: facts.names,
      modules: read.imports.filter((name) => /^llm\/[a-z][\w/]*$/.test(name)),
      tensors: facts.tensors,
      reference: facts.reference,
      ...{ bwrap, box },
    });
    work.fault = fault;
    const only = work.given && Object.keys(given);
    return { file, only, answers: { ...read.answers, file }, ...anewFor(key, options) };
  });
  // The sandbox is watched from ./inside/bridge.cjs: these are for the tests' own process.
  const limits = { seconds: patience, megabytes: megabytes + 1024 };
  const all = await llm("llm/course/run").judgeAll(standIns, limits);
  for (const [i, work] of works.entries()) {
    const fell = existsSync(work.fault) ? readFileSync(work.fault, "utf8") : undefined;
    work.judged = all[i].map((result) => verdict(result, work.facts, fell));
    if (work.exercises === undefined) settle(work, all[i]);
  }
}

/** The verdicts, and a flag for each answer that is right with everybody's inputs alone. */
function settle(work, results) {
  work.exercises = work.judged;
  for (const { name, anew } of results)
    if (anew)
      work.flags.push({
        kind: "hard-coded",
        line: work.read.answers.own.get(name)?.line ?? 0,
        text: `${name} is right with the inputs that everybody has, and not with new ones`,
      });
}

/** One exercise's verdict, from what the check says; `fell` is what the machine failed at. */
function verdict(result, facts, fell) {
  const { name, state, message = "", ms = 0 } = result;
  if (fell !== undefined && message.includes(fell))
    return exercise(result, "error", `The machine failed, not the answer: ${fell}. Grade again.`);
  const one = exercise(result, state, message, ms);
  const mistake = state === "failed" ? mistakeIn(message, facts.mistakes[name]) : undefined;
  return mistake === undefined ? one : { ...one, mistake };
}

/** Without a sandbox the answer's own file is run, as `npm run check` runs it. */
async function withoutSandbox(works, options) {
  const { seconds = SECONDS, megabytes = MEGABYTES } = options;
  for (const work of works) {
    const { facts, read, key } = work;
    const file = join(work.folder, "exercises", `${facts.id}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, read.answers.runnable);
    const mine = { answers: { ...read.answers, file }, file, standsIn: false };
    const all = [{ ...mine, ...anewFor(key, options) }];
    const [results] = await llm("llm/course/run").judgeAll(all, { seconds, megabytes });
    work.judged = results.map((result) => verdict(result, facts));
    settle(work, results);
  }
}

/**
 * Asks once more, with the reference's helpers: what fails by itself, or is not done only because a
 * helper is not. A helper is what the reference's own answer calls; so nobody gets more from the
 * reference than a learner with right helpers has.
 */
async function followOn(works, options) {
  const { mentions } = llm("llm/course/answers");
  for (const work of works) {
    const { own, broken } = work.read.answers;
    const isWrong = (name) => work.exercises.some((e) => e.name === name && isOpen(e));
    const entries = work.exercises.flatMap((e) => {
      const code = own.get(e.name)?.code;
      if (!isOpen(e) || !code || broken.has(e.name)) return [];
      const helpers = work.facts.helpers[e.name].filter(
        (helper) => isWrong(helper) && mentions(code, helper) && own.has(helper),
      );
      return helpers.length > 0 ? [[e.name, helpers]] : [];
    });
    if (entries.length > 0) work.given = Object.fromEntries(entries);
  }
  const again = works.filter(({ given }) => given !== undefined);
  if (again.length === 0) return;
  await judged(again, options);
  for (const { exercises, judged: second, given } of again)
    for (const one of second.filter(({ status }) => status === "passed")) {
      const at = exercises.findIndex(({ name }) => name === one.name);
      const list = given[one.name];
      const said =
        `This is right. It failed only because ${list.join(", ")} of the same file ` +
        `${list.length === 1 ? "is" : "are"} not: with the reference's it passes.`;
      const sentence = [said, exercises[at].sentence].filter(Boolean).join("\n");
      exercises[at] = { ...one, status: "follow-on", sentence, ms: exercises[at].ms + one.ms };
    }
}

const isOpen = ({ status }) => status === "failed" || status === "todo";
