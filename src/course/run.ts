// Runs a lesson's tests on the learner's file in a child process, so that nothing a learner writes
// can hurt the notebook: an endless loop, a crash, process.exit, a gigabyte. The child notes what
// happens in a file of JSON lines (./kit/supervise.ts). When it dies, the exercise it was at is
// marked, and a new child runs the rest.

import { spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { clearInterrupt, interrupted as isInterrupted } from "../engine/interrupt";
import { type Answers, findExercise, fingerprint, isUntouched, readAnswers } from "./answers";
import { FILE, type Note, readNotes, SETTINGS, type Settings, type Trial } from "./kit/protocol";
import { CourseError, courseRoot, lessonFiles } from "./paths";
import { recordOf, updateProgress } from "./progress";

export interface ExerciseResult {
  name: string;
  state: "passed" | "failed" | "todo";
  points: number;
  minutes: number;
  difficulty: number;
  /** What to tell the learner, one or more lines. */
  message?: string;
  /** What the answer printed, its beginning. */
  printed?: string;
  /** What TypeScript says about its types. */
  types?: string[];
  ms?: number;
  /** Failed, and only with inputs that were drawn anew. */
  anew?: boolean;
}

export interface RunOptions {
  /** Only these exercises. */
  only?: string[];
  /** Seconds for one exercise, 20 by default. */
  seconds?: number;
  /** Megabytes of memory that one exercise may take, 2048 by default. */
  megabytes?: number;
}

/** One learner's answers among several (tools/teach/grade). */
export interface Submitted {
  answers: Answers;
  /**
   * The module that is asked: one that stands for the learner's file, which this process must not
   * load, and asks the answers in a sandbox; or, if `standsIn` is false, that file itself.
   */
  file: string;
  standsIn?: boolean;
  /** Only these exercises. */
  only?: string[];
  /** Seeds inputs that nobody could know, for a second look at the numbers. */
  newInputs?: number;
  /** A module with the teacher's own kinds of inputs for that look. */
  inputs?: string;
}

type Limits = Required<Pick<RunOptions, "seconds" | "megabytes">>;

const POLL_MS = 40;
/** For starting vitest and the tensor engine, on a slow and busy machine. */
const START_MS = 90_000;
/** Where many are graded nobody waits for the first answer, and the machine is busy by itself. */
const START_MANY_MS = 600_000;

interface Outcome {
  notes: Note[];
  /** The end of what the child printed: why it died, if it does not say otherwise. */
  output: string;
  ending: string;
  interrupted: boolean;
}

/**
 * A new folder for what a check writes. @throws CourseError where the system has no place for it
 */
function temporaryFolder(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    throw new CourseError(
      `The check needs the temporary folder ${tmpdir()}, and cannot write there ` +
        `(${(error as Error).message}). Is the disk full? TMPDIR (on Windows TEMP) names another folder.`,
    );
  }
}

/** Secrets of the machine, such as JUPYTER_TOKEN, are none of an answer's business. */
const SECRET = /^(JUPYTER|JPY)_|(TOKEN|SECRET|PASSWORD|API_KEY|ACCESS_KEY)$/i;
/** What would change how the child runs. */
const OURS = /^(VITEST|NODE_ENV$|TEST$|NODE_OPTIONS$|NODE_CHANNEL|FORCE_COLOR$)/;

/** Vitest on one lesson's file, until it ends or has to be ended. */
function runChild(answers: Answers, only: string[], options: Limits, trials?: Trial[]) {
  const root = courseRoot();
  const folder = temporaryFolder("llm-check-");
  const notes = join(folder, "notes.jsonl");
  const env: NodeJS.ProcessEnv = {};
  for (const [key, value] of Object.entries(process.env))
    if (!OURS.test(key) && !SECRET.test(key)) env[key] = value;
  Object.assign(env, {
    LLM_ROOT: root,
    [SETTINGS]: join(folder, "settings.json"),
    LLM_SIZE: "smoke",
    // Above the watchdog's limit, so that it is the one to speak.
    NODE_OPTIONS: `--max-old-space-size=${options.megabytes + 2048}`,
    NO_COLOR: "1",
    VITE_CONFIG_NATIVE_IGNORE_WARNING: "true",
  });
  const settings: Settings = {
    file: trials?.[0].file ?? answers.file,
    only,
    sources: answers.exercises,
    notes,
    milliseconds: options.seconds * 1000,
    megabytes: options.megabytes,
    answers: trials,
  };
  if (!trials && answers.runnable !== answers.text) {
    settings.text = join(folder, "text.ts");
    writeFileSync(settings.text, answers.runnable);
  }
  writeFileSync(env[SETTINGS]!, JSON.stringify(settings));
  writeFileSync(notes, "");
  const args = [
    join(root, "node_modules", "vitest", "vitest.mjs"),
    "run",
    "--config",
    join(root, "src", "course", "kit", "check.config.mjs"),
    // As it stands: vite would first write a copy into node_modules, which may not be writable.
    "--configLoader",
    "native",
    lessonFiles(answers.id).test,
  ];
  const windows = process.platform === "win32";
  // A group of its own, so that the worker dies with it.
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: !windows,
  });
  const kill = () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    if (windows) spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" });
    else
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
  };
  process.once("exit", kill);
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-6000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return new Promise<Outcome>((done, failed) => {
    let size = 0;
    let last = Date.now();
    let interrupted = false;
    let begun = false;
    const poll = setInterval(() => {
      const text = readIfThere(notes);
      if (text === undefined) return kill(); // somebody cleaned up the temporary folder
      if (text.length !== size) {
        size = text.length;
        last = Date.now();
        if (text.includes('"type":"dead"')) kill();
        begun = text.includes('"type":"start"');
      }
      if (isInterrupted()) {
        interrupted = true;
        kill();
      }
      const start = trials ? START_MANY_MS : START_MS;
      const patience = begun ? options.seconds * 1000 + 15_000 : start;
      if (Date.now() - last > patience) kill();
    }, POLL_MS);
    const finish = (ending: string) => {
      clearInterval(poll);
      process.removeListener("exit", kill);
      const text = readIfThere(notes);
      rmSync(folder, { recursive: true, force: true });
      if (text !== undefined) return done({ notes: readNotes(text), output, ending, interrupted });
      failed(
        new CourseError(
          `The check's temporary folder ${folder} vanished while it ran. Check once more.`,
        ),
      );
    };
    child.on("error", (error) => finish(error.message));
    child.on("close", (code, signal) => finish(signal ? `signal ${signal}` : `exit code ${code}`));
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function sayDeath(
  name: string,
  reason: "time" | "memory" | undefined,
  outcome: Outcome,
  options: Limits,
) {
  const what = name === FILE ? "Loading the file (the code outside its functions)" : name;
  const memory = `${what} took more than ${(options.megabytes / 1024).toFixed(1).replace(".0", "")} GB of memory and was stopped. The usual causes: an array that grows in a loop that never ends, or a shape with one factor too many.`;
  if (
    reason === "memory" ||
    /heap out of memory|ERR_WORKER_OUT_OF_MEMORY|bad_alloc/i.test(outcome.output)
  )
    return memory;
  if (reason === "time")
    return `${what} did not finish within ${options.seconds} second${options.seconds === 1 ? "" : "s"} and was stopped. The usual cause: a loop that never ends (is its condition ever false, does its counter move?).`;
  return `${what} ended the whole process (${outcome.ending}) before its test was over. Does it call process.exit, process.kill or process.abort?`;
}

/**
 * What TypeScript says about the file, per line. Answers run in spite of it: a note, not a verdict.
 */
function checkTypes(answers: Answers): Promise<{ line: number; message: string }[]> {
  const root = courseRoot();
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  if (!existsSync(compiler)) return Promise.resolve([]);
  const folder = temporaryFolder("llm-types-");
  const modules = realpathSync(
    join(root, existsSync(join(root, "dist", "course")) ? "dist" : "src"),
  );
  const project = join(folder, "tsconfig.json");
  const compilerOptions = {
    ...{
      target: "ES2022",
      lib: ["ES2023"],
      module: "ESNext",
      moduleResolution: "bundler",
      strict: true,
    },
    ...{ skipLibCheck: true, noEmit: true, esModuleInterop: true, resolveJsonModule: true },
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    paths: { "llm/*": [`${modules}/*`] },
  };
  writeFileSync(project, JSON.stringify({ compilerOptions, files: [answers.file] }));
  const child = spawn(process.execPath, [compiler, "-p", project, "--pretty", "false"], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const timer = setTimeout(() => child.kill(), 20_000);
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
      const found = output.matchAll(/^(.*)\((\d+),\d+\): error TS\d+: (.*(?:\n .*)*)/gm);
      const own = [...found].filter(([, file]) => file.endsWith(`${answers.id}.ts`));
      done(
        own.map(([, , line, message]) => ({ line: Number(line), message: message.split("\n")[0] })),
      );
    };
    child.on("error", finish);
    child.on("close", finish);
  });
}

/**
 * Checks a lesson's exercises and records the results.
 * @throws CourseError for an unknown exercise, a missing file, or when stopped
 */
export async function runLesson(id: string, options: RunOptions = {}): Promise<ExerciseResult[]> {
  // A stop that was pressed before this check began is not meant for it.
  clearInterrupt();
  const answers = readAnswers(id);
  const only = options.only?.map((name) => findExercise(answers, name));
  const runs = answers.exercises.some(
    ({ name }) =>
      (only?.includes(name) ?? true) && !answers.broken.has(name) && isTouched(answers, name),
  );
  const types = runs ? checkTypes(answers) : undefined;
  const results = await judge(answers, options);
  if (types) attachTypes(answers, results, await types);
  record(answers, results);
  return results;
}

const isTouched = (answers: Answers, name: string) =>
  !isUntouched(answers.own.get(name)?.code ?? "");

/** The results before anything has run, and those that have to run. */
function prepare(answers: Answers, only?: string[]) {
  const names = only?.map((name) => findExercise(answers, name));
  const results = answers.exercises
    .filter((e) => names?.includes(e.name) ?? true)
    .map(
      ({ name, points, minutes, difficulty }): ExerciseResult => ({
        name,
        points,
        minutes,
        difficulty,
        state: "todo",
      }),
    );
  const waiting: ExerciseResult[] = [];
  for (const result of results) {
    const said = answers.broken.get(result.name);
    if (said) Object.assign(result, { state: "failed", message: said });
    else if (isTouched(answers, result.name)) waiting.push(result);
  }
  return { results, waiting };
}

const limitsOf = ({ seconds = 20, megabytes = 2048 }: RunOptions): Limits => ({
  seconds,
  megabytes,
});

/**
 * Runs the lesson's tests on answers, and records nothing.
 * @throws CourseError for an unknown exercise, where the tests cannot be run, or when stopped
 */
export async function judge(answers: Answers, options: RunOptions = {}): Promise<ExerciseResult[]> {
  const { results, waiting: first } = prepare(answers, options.only);
  const waiting = new Map(first.map((result) => [result.name, result]));
  while (waiting.size > 0) await runSome(answers, waiting, limitsOf(options));
  return results;
}

/**
 * The same for several learners' answers to one lesson at once: the tests and their engine start
 * only once.
 */
export async function judgeAll(
  all: readonly Submitted[],
  options: RunOptions = {},
): Promise<ExerciseResult[][]> {
  const prepared = all.map(({ answers, only }) => prepare(answers, only));
  const waiting = new Map<string, ExerciseResult>();
  const trials: Trial[] = [];
  for (const [i, { file, standsIn = true, newInputs, inputs }] of all.entries())
    for (const result of prepared[i].waiting) {
      const name = `${i} ${result.name}`;
      waiting.set(name, result);
      trials.push({ name, exercise: result.name, file, standsIn, newInputs, inputs });
    }
  while (waiting.size > 0) await runSome(all[0].answers, waiting, limitsOf(options), trials);
  return prepared.map(({ results }) => results);
}

/** One child; takes out of `waiting` what it settled, and at least one exercise. */
async function runSome(
  answers: Answers,
  waiting: Map<string, ExerciseResult>,
  limits: Limits,
  trials?: Trial[],
) {
  const outcome = await runChild(answers, [...waiting.keys()], limits, trials);
  if (outcome.interrupted) throw new CourseError("The check was stopped.");
  const settle = (name: string, result: Partial<ExerciseResult>) => {
    const names = name === FILE ? [...waiting.keys()] : [name];
    for (const each of names) Object.assign(waiting.get(each) ?? {}, result);
    for (const each of names) waiting.delete(each);
  };
  let at: string | undefined;
  let reason: "time" | "memory" | undefined;
  const before = waiting.size;
  for (const note of outcome.notes) {
    if (note.type === "start") at = note.exercise;
    else if (note.type === "dead") reason = note.reason;
    else if (note.type !== "loaded") {
      at = undefined;
      if (note.exercise === FILE && note.type === "pass") continue;
      const state = note.type === "pass" ? "passed" : note.type === "todo" ? "todo" : "failed";
      const { message, printed, ms } = note;
      const anew = note.type === "fail" ? note.anew : undefined;
      settle(note.exercise, { state, message, printed, ms, anew });
    }
  }
  if (at !== undefined) {
    const name = waiting.get(at)?.name ?? at;
    settle(at, { state: "failed", message: sayDeath(name, reason, outcome, limits) });
  }
  // Nothing was even begun: the fault is the course's, or the machine's. Nothing is recorded.
  if (waiting.size === before) {
    const said = stripVTControlCharacters(outcome.output).trim().slice(-1500);
    throw new CourseError(
      `The tests of lesson ${answers.id} could not be run (${outcome.ending}). This is not your answer's fault; \`npm run doctor\` may tell more.\n${said}`,
    );
  }
}

function attachTypes(
  answers: Answers,
  results: ExerciseResult[],
  found: { line: number; message: string }[],
): void {
  for (const { line, message } of found) {
    const text = answers.text.split(/\r?\n/)[line - 1]?.trim() ?? "";
    const owner = [...answers.own.values()].find(
      (f) => line >= f.line && line < f.line + f.code.split("\n").length,
    );
    const result = results.find((r) => r.name === owner?.name);
    if (!result || result.state === "todo") continue;
    result.types = [...(result.types ?? []), `line ${line}: ${message}\n  ${text}`];
  }
}

function record(answers: Answers, results: ExerciseResult[]): void {
  const now = new Date().toISOString();
  updateProgress((progress) => {
    for (const { name, state, points } of results) {
      // A lesson merely opened leaves no record behind.
      if (state === "todo" && !isTouched(answers, name) && !progress.lessons[answers.id]?.[name])
        continue;
      Object.assign(recordOf(progress, answers.id, name), {
        state,
        points,
        content: fingerprint(answers, name),
        checked: now,
      });
    }
  });
}
