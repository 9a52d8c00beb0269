// Grades one submission: reads its text, runs the lesson's own tests on it with the answers in a
// sandbox, and says what each exercise brings. An exercise that fails only because helpers of the
// same file fail is asked once more with the reference's helpers, which stay outside.
//
// A fault of the machine (no memory, a full disk, a sandbox that does not start) is an error that
// asks for another run, and never a mark.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../kit.mjs";
import { SCHEMA, withSums } from "../result.mjs";
import { factsOf, mistakeIn } from "./facts.mjs";
import { writeStandIn } from "./standin.mjs";

const llm = createRequire(join(root, "package.json"));

/** An answer file is a few kilobytes. */
const MOST_BYTES = 1_000_000;
const MEGABYTES = 2048;

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part}\0`);
  return hash.digest("hex");
};

/** Control characters would act upon a terminal, and marks that turn text round upon a reader. */
const printable = (text) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "�")
    .trimEnd();

/**
 * The key of a submission: as long as it stays, nothing is graded anew.
 * @param how { followOn, secret, trusted }: the settings on which a verdict depends
 */
export const keyOf = ({ text, lesson }, { followOn, secret = "", trusted = false }) =>
  sha256(text, factsOf(lesson).digest, followOn, secret, trusted);

/** Whole results of submissions that need no run: graded already, or refused. */
function withoutRun(submission, facts, key, previous) {
  const isSame = previous?.key === key && previous.exercises.every((e) => e.status !== "error");
  if (isSame) return { exercises: previous.exercises, flags: previous.flags };
  if (Buffer.byteLength(submission.text) <= MOST_BYTES) return undefined;
  const sentence = "The file is larger than 1 MB, and was not graded.";
  return { exercises: facts.exercises.map((e) => exercise(e, "failed", sentence)), flags: [] };
}

const exercise = ({ name, points: max }, status, sentence = "", ms = 0) => ({
  name,
  points: status === "passed" ? max : 0,
  max,
  status,
  sentence: printable(sentence),
  ms,
});

/**
 * @param submission as ../intake gives it
 * @param options { reader, followOn: "full" or "none", secret, trusted, previous, isCleared,
 *   megabytes, seconds }; `previous` is the result of an earlier run, `isCleared(flag)` says whether
 *   a person has let a flag pass
 * @returns a result as ../result.mjs has it
 */
export async function grade(submission, options) {
  const { followOn = "full", previous, isCleared = () => false } = options;
  const facts = factsOf(submission.lesson);
  const key = keyOf(submission, { ...options, followOn });
  const graded =
    withoutRun(submission, facts, key, previous) ??
    (await run(submission, facts, { ...options, followOn, key }));
  const { student, lesson, submittedAt, timeSource, sha256: digest, attempt } = submission;
  return withSums({
    ...{ schema: SCHEMA, student, lesson, key, exercises: graded.exercises },
    flags: graded.flags.map(({ kind, line, text }) => {
      const flag = { kind, line, text: printable(text) };
      return { ...flag, cleared: isCleared(flag) };
    }),
    ...(graded.trouble && { trouble: printable(graded.trouble) }),
    ...{ submittedAt, timeSource, sha256: digest, attempt },
    courseVersion: facts.courseVersion,
  });
}

async function run(submission, facts, options) {
  const { id, exercises, allowed } = facts;
  const all = (status, sentence) => exercises.map((e) => exercise(e, status, sentence));
  const { text } = submission;
  const read = await options.reader.read({ id, text, sources: exercises, allowed });
  if (read.failed !== undefined)
    return { exercises: all("failed", `The file cannot be read: ${read.failed}.`), flags: [] };
  let folder;
  try {
    folder = mkdtempSync(join(tmpdir(), "llm-grade-"));
    const work = { ...options, id, text, read, facts, folder };
    const found = await judged(work, {});
    if (options.followOn === "full" && !options.trusted) await followOn(work, found);
    return { exercises: found, flags: read.flags };
  } catch (error) {
    const said = `${error.message}`.split("\n")[0];
    const trouble = `The machine failed, not the answer: ${said} Grade again.`;
    return { exercises: all("error", trouble), flags: read.flags, trouble };
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

/** Seeds the inputs that nobody could know: the same ones when the same work is graded again. */
const seedOf = ({ key, secret = "" }) =>
  1 + (Number.parseInt(sha256(secret, key, "inputs").slice(0, 12), 16) % 1_000_000_007);

/** The verdicts on the exercises; `given` names the helpers that the reference lends. */
async function judged(work, given, only) {
  const { facts, folder, text, id, read, seconds = 20, megabytes = MEGABYTES } = work;
  const place = join(folder, Object.keys(given).length > 0 ? "again" : "first");
  const stand = work.trusted ? plainFile(place, work) : undefined;
  const { file, fault } =
    stand ??
    writeStandIn({
      ...{ folder: place, given, megabytes },
      answer: { id, text, code: read.code, map: read.map },
      names: facts.names,
      modules: read.required.filter((name) => /^llm\/[a-z][\w/]*$/.test(name)),
      tensors: facts.tensors,
      reference: facts.reference,
    });
  const answers = { ...read.answers, file };
  const { judge } = llm("llm/course/run");
  const limits = { seconds, megabytes: megabytes + (work.trusted ? 0 : 1024) };
  const standIn = { file, newInputs: seedOf(work) };
  const results = await judge(answers, { only, ...limits }, work.trusted ? undefined : standIn);
  const fell = fault && existsSync(fault) ? readFileSync(fault, "utf8") : undefined;
  return results.map((result) => {
    const { state, message = "", ms = 0 } = result;
    if (fell !== undefined && message.includes(fell))
      return exercise(result, "error", `The machine failed, not the answer: ${fell}. Grade again.`);
    const one = exercise(result, state, message, ms);
    const mistake = state === "failed" ? mistakeIn(message, facts.mistakes[result.name]) : undefined;
    return mistake === undefined ? one : { ...one, mistake };
  });
}

/** Without a sandbox the answer's own file is run, as `npm run check` runs it. */
function plainFile(place, { id, text }) {
  const file = join(place, "exercises", `${id}.ts`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return { file };
}

/**
 * Asks once more, with the reference's helpers: what fails by itself, or is not done only because a
 * helper is not. A helper is what the reference's own answer calls; so nobody gets more from the
 * reference than a learner with right helpers has.
 */
async function followOn(work, found) {
  const { facts, read } = work;
  const { mentions } = llm("llm/course/answers");
  const { own, broken } = read.answers;
  const isWrong = (name) => found.some((e) => e.name === name && /failed|todo/.test(e.status));
  const given = {};
  for (const { name, status } of found) {
    const code = own.get(name)?.code;
    if (!/failed|todo/.test(status) || !code || broken.has(name)) continue;
    const helpers = facts.helpers[name].filter(
      (helper) => isWrong(helper) && mentions(code, helper) && own.has(helper),
    );
    if (helpers.length > 0) given[name] = helpers;
  }
  const names = Object.keys(given);
  if (names.length === 0) return;
  for (const again of await judged(work, given, names)) {
    if (again.status !== "passed") continue;
    const at = found.findIndex(({ name }) => name === again.name);
    const list = given[again.name].join(", ");
    const first = found[at].sentence;
    const sentence =
      `This is right. It failed only because ${list} of the same file ` +
      `${given[again.name].length === 1 ? "is" : "are"} not: with the reference's it passes.`;
    found[at] = {
      ...again,
      status: "follow-on",
      sentence: first ? `${sentence}\n${first}` : sentence,
      ms: found[at].ms + again.ms,
    };
  }
}
