// On Gradescope: grades the submission in /autograder/submission and writes
// /autograder/results/results.json. It is started by ./run_autograder, as root, and only it writes
// results: the answers run in a sandbox that cannot.
//
// A fault of the machine leaves no results.json and an exit code of 1, which Gradescope shows as an
// autograder that failed; it is never a 0.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMain, root, SetupError } from "../../kit.mjs";
import { lessons as allLessons, lessonPaths } from "../../register.mjs";
import { boxedAs, endAll, someUser, userTrouble } from "../grade/asUser.mjs";
import { sandboxTrouble } from "../grade/box.mjs";
import { factsOf, inputsIn } from "../grade/facts.mjs";
import { gradeAll } from "../grade/one.mjs";
import { Reader } from "../grade/reader.mjs";
import { intakeOf } from "../intake/intake.mjs";
import { writeAtomically } from "../page.mjs";
import { points } from "../say.mjs";
import { report } from "./report.mjs";

const at = (...path) => join(process.env.LLM_AUTOGRADER || "/autograder", ...path);

/** Where the course's tree has the teacher's own inputs for a lesson. */
export const inputsPath = ({ number }) => `private/${number}.ts`;

/** Megabytes of the container that are not the answer's: the tests and their engine. */
const OUTSIDE = 600;
/** With less an answer does not even begin. */
const LEAST = 250;

/** The megabytes that an answer may take here: what `teach grade` allows, or what there is. */
export function megabytesFor(limit) {
  const left = Math.floor(limit / 2 ** 20) - OUTSIDE;
  return Math.max(LEAST, Math.min(2048, left));
}

/** The bytes that this container may take; Infinity where nobody says. */
function memoryLimit() {
  const files = ["memory.max", "memory/memory.limit_in_bytes"].map(
    (name) => `/sys/fs/cgroup/${name}`,
  );
  const [limit = Number.POSITIVE_INFINITY] = files
    .filter((file) => existsSync(file))
    .map((file) => Number(readFileSync(file, "utf8")))
    .filter((bytes) => bytes > 0);
  return limit;
}

/** When it came and from whom, as Gradescope says; what it does not say stays undefined. */
function metadata() {
  try {
    const read = JSON.parse(readFileSync(at("submission_metadata.json"), "utf8"));
    const created = new Date(read.created_at);
    return {
      student: String(read.users?.[0]?.email || read.users?.[0]?.name || "").slice(0, 100),
      submittedAt: Number.isNaN(created.getTime()) ? undefined : created.toISOString(),
      attempt: (read.previous_submissions?.length ?? 0) + 1,
    };
  } catch {
    return {};
  }
}

/**
 * The best sandbox that there is here.
 * @returns { sandbox, box?, close }
 * @throws SetupError where there is none
 */
function sandboxHere(lessons, bwrap) {
  const trouble = sandboxTrouble(bwrap);
  if (!trouble) return { sandbox: "bubblewrap", close() {} };
  const uid = someUser();
  // What was handed in and what comes out is nobody else's.
  for (const name of ["submission", "results"]) chmodSync(at(name), 0o700);
  const closed = lessons
    .flatMap((lesson) => {
      const { solutions, test } = lessonPaths(lesson.id);
      const inputs = inputsPath(lesson);
      return [solutions, test, ...(existsSync(join(root, inputs)) ? [inputs] : [])];
    })
    .concat("autograder.json")
    .map((path) => join(root, path))
    .concat(at("results"), at("submission"));
  const other = userTrouble({ uid, closed });
  if (other)
    throw new SetupError(
      `run_autograder: expected a sandbox, and ${trouble.why}; ${other.why}`,
      `${trouble.mend}\n${other.mend}`,
    );
  const folder = mkdtempSync(join(tmpdir(), "llm-box-"));
  chmodSync(folder, 0o711);
  const close = () => {
    endAll(uid);
    rmSync(folder, { recursive: true, force: true });
  };
  const box = boxedAs({ user: () => uid, folder });
  return { sandbox: `another user, because ${trouble.why}`, box, close };
}

/** What is known of a lesson: { lesson, result } or { lesson, max, unmatched }. */
async function gradeLesson(lesson, options) {
  const { settings, reader, box, about, ids } = options;
  const owner = { student: "submission", name: "", email: "", github: "", canvas: "", moodle: "" };
  const folder = realpathSync(at("submission"));
  const { submissions, unmatched } = intakeOf(folder, lesson, {
    ...{ course: { timezone: "UTC" }, owner },
  });
  if (submissions.length === 0) {
    const { exercises } = factsOf(lesson.id);
    const max = exercises.reduce((sum, exercise) => sum + exercise.points, 0);
    // What another lesson of this assignment asks for needs no excuse.
    const own = unmatched.filter(
      ({ reason }) => !ids.some((id) => reason.includes(`lesson ${id}`)),
    );
    return { lesson, max, unmatched: own, left: unmatched };
  }
  const { submittedAt = submissions[0].submittedAt, attempt = 1 } = about;
  const submission = { ...submissions[0], submittedAt, attempt, timeSource: "lms" };
  const isCleared = ({ sha256 }, { kind, line }) =>
    settings.cleared.some(
      (row) =>
        row.lesson === lesson.id && row.sha256 === sha256 && row.kind === kind && row.line === line,
    );
  const { followOn, secret, limits } = settings;
  const megabytes = megabytesFor(memoryLimit());
  const [{ result }] = await gradeAll([submission], {
    ...{ reader, followOn, secret, isCleared, box, bwrap: settings.bwrap, megabytes },
    ...{ inputs: inputsIn(join(root, inputsPath(lesson))), ...limits },
  });
  const failed = result.exercises.find(({ status }) => status === "error");
  if (failed) throw new Error(`lesson ${lesson.number}: ${failed.sentence}`);
  return { lesson, result, left: unmatched };
}

/** The files that no lesson took: what another lesson of the assignment takes is no stray. */
function strays([first, ...others]) {
  return first.left.filter(({ path }) =>
    others.every(({ left }) => left.some((row) => row.path === path)),
  );
}

/** Says to instructors that Linux may end the container. */
function warnOfMemory() {
  const [has, least] = [memoryLimit() / 2 ** 20, OUTSIDE + LEAST];
  if (has < least)
    console.log(
      `This container has ${Math.round(has)} MB. Give it more than ${least} MB (in the ` +
        "assignment's settings), or Linux may end it.",
    );
}

async function main() {
  const begin = performance.now();
  const file = at("results", "results.json");
  mkdirSync(at("results"), { recursive: true });
  rmSync(file, { force: true });
  const settings = JSON.parse(readFileSync(join(root, "autograder.json"), "utf8"));
  const lessons = allLessons().filter(({ id }) => settings.lessons.includes(id));
  warnOfMemory();
  const { sandbox, box, close } = sandboxHere(lessons, settings.bwrap);
  const reader = new Reader();
  const about = metadata();
  const parts = [];
  try {
    const options = { settings, reader, box, about, ids: settings.lessons };
    for (const lesson of lessons) parts.push(await gradeLesson(lesson, options));
  } finally {
    reader.close();
    close();
  }
  // Whatever the answers began has ended before results are written.
  const results = report(parts, {
    ...{ student: about.student || "submission", unmatched: strays(parts), sandbox },
    seconds: (performance.now() - begin) / 1000,
  });
  writeAtomically(file, [`${JSON.stringify(results, null, 2)}\n`]);
  const max = results.tests.reduce((sum, one) => sum + one.max_score, 0);
  console.log(`${points(results.score)} of ${points(max)}; sandbox: ${sandbox}`);
}

if (isMain(import.meta.url))
  main().catch((error) => {
    rmSync(at("results", "results.json"), { force: true });
    console.error(`The autograder failed; the submission has no result.\n${error.message}`);
    if (error.mend) console.error(error.mend);
    process.exit(1);
  });
