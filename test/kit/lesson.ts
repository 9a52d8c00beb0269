// A lesson's tests, written once and run on four kinds of answers:
//
//   solutions   the reference must pass
//   stubs       an untouched exercise must say «not done yet», never crash
//   mutants     each plausible mistake must be rejected, and by the message that explains it
//   exercises   the learner's file; results go as JSON lines to LLM_EVENTS (see src/course/run.ts)
//
// `LLM_ANSWERS` picks one; without it the first three run, with checks that the lesson's files fit together.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { tf as TF } from "llm/engine";
import { afterAll, beforeAll, describe as group, test } from "vitest";
import { isNotDoneYet } from "../../src/course/exercise";
import { type ExerciseSource, readFunctions, readHints } from "../../src/course/source";
import { describe, fail, isArrayOfNumbers, isTensor, setTensors } from "./assert";
import { Supervisor } from "./supervise";

export {
  expectClose,
  expectFinite,
  expectGradient,
  expectNoLeak,
  expectRowsSumTo,
  expectShape,
  expectThrows,
  expectTrue,
  fail,
  flatten,
  isTensor,
} from "./assert";

// biome-ignore lint/suspicious/noExplicitAny: any function is an exercise, whatever it takes
type AnyFunction = (...args: any[]) => any;
/** The names of a module's functions. */
export type ExerciseName<S> = { [K in keyof S]: S[K] extends AnyFunction ? K : never }[keyof S] & string;

export interface Mutant<F> {
  /** The mistake in a few words: «mask after softmax». */
  name: string;
  /** What the learner who makes it must be told. */
  told: RegExp;
  answer: F;
}
export type Mutants<S> = { [K in ExerciseName<S>]: Mutant<S[K]>[] };

export interface Context<S> {
  /** The reference answers, for slow specifications and expected values. */
  reference: S;
}
export type Body<S, K extends keyof S> = (answer: S[K], context: Context<S>) => unknown;
export type Define<S> = <K extends ExerciseName<S>>(name: K, body: Body<S, K>) => void;

type Module = Record<string, AnyFunction>;

const root = process.env.LLM_ROOT ?? resolve(__dirname, "../..");
const mode = process.env.LLM_ANSWERS ?? "all";
let tf: typeof TF | undefined;

/** By a plain path, which vite takes as it is: in a URL, spaces and 中文 would be escaped. */
async function load(path: string): Promise<Module> {
  const plain = path.replace(/\\/g, "/");
  return (await import(/* @vite-ignore */ plain.startsWith("/") ? plain : `/@fs/${plain}`)) as Module;
}

/** Marks errors that came out of the answer itself, so that a crash is told apart from a failed assertion. */
const thrownByAnswer = new WeakSet<object>();

/** The declared type of the result, checked in words, before any assertion reads it. */
function checkType(value: unknown, declared: string, what: string): void {
  if (/^(void|undefined|any|unknown|never)?$/.test(declared)) return;
  if (value === undefined || value === null) {
    if (new RegExp(`\\b(${value}|void)\\b`).test(declared)) return;
    fail(`${what} returned nothing (${value}): is there a \`return\` in front of the answer?`);
  }
  if (value instanceof Promise) {
    if (declared.startsWith("Promise")) return;
    fail(
      `${what} returned a Promise, expected ${declared}: leave out \`async\`, or \`await\` before you return.`,
    );
  }
  if (/^Promise\b/.test(declared)) return;
  if (/^tf\.(Tensor(\d+D)?|Scalar|Variable)\b[^|]*$/.test(declared) && !/\[\]$/.test(declared)) {
    const mend =
      typeof value === "number"
        ? " Wrap it: tf.scalar(…)."
        : Array.isArray(value)
          ? " Make one of it: tf.tensor(…)."
          : "";
    if (!isTensor(value)) fail(`${what} returned ${describe(value)}, expected a tensor.${mend}`);
    if (value.isDisposed)
      fail(`${what} returned a tensor that has been disposed: a tidy() or dispose() freed it too early.`);
  } else if (declared === "number" && typeof value !== "number") {
    const mend = isTensor(value) ? " Take the number out: .dataSync()[0]." : "";
    fail(`${what} returned ${describe(value)}, expected a number.${mend}`);
  } else if ((declared === "string" || declared === "boolean") && typeof value !== declared) {
    fail(`${what} returned ${describe(value)}, expected a ${declared}.`);
  } else if (
    /\[\]$/.test(declared) &&
    !/[|&]/.test(declared) &&
    !Array.isArray(value) &&
    !isArrayOfNumbers(value)
  ) {
    const mend = isTensor(value) ? " Turn it into one: .arraySync()." : "";
    fail(`${what} returned ${describe(value)}, expected an array (${declared}).${mend}`);
  }
}

function checkResult(value: unknown, source: ExerciseSource, declared = source.returns): void {
  checkType(value, declared, source.name);
  if (!source.fields || declared.startsWith("Promise")) return;
  if (typeof value !== "object" || isTensor(value))
    fail(
      `${source.name} returned ${describe(value)}, expected an object with the fields ${Object.keys(source.fields).join(", ")}.`,
    );
  for (const [field, type] of Object.entries(source.fields)) {
    if (!(field in (value as object)))
      fail(`${source.name} returned ${describe(value)}, and the field ${field} is missing.`);
    checkType((value as Record<string, unknown>)[field], type, `The field ${field} of what ${source.name}`);
  }
}

/** The answer as the tests see it: results are checked against the declared type, crashes are marked. */
function guarded(answer: AnyFunction, source: ExerciseSource): AnyFunction {
  return (...args: unknown[]) => {
    const alive = args.filter((a) => isTensor(a) && !a.isDisposed);
    let result: unknown;
    try {
      result = answer(...args);
    } catch (error) {
      if (typeof error === "object" && error !== null) thrownByAnswer.add(error);
      throw error;
    }
    if (alive.some((a) => isTensor(a) && a.isDisposed))
      fail(`${source.name} disposed a tensor it was given: free only what it made itself.`);
    checkResult(result, source);
    if (!(result instanceof Promise)) return result;
    const inner = /^Promise<(.*)>$/.exec(source.returns)?.[1] ?? "";
    return result.then(
      (value) => {
        checkResult(value, source, inner);
        return value;
      },
      (error) => {
        if (typeof error === "object" && error !== null) thrownByAnswer.add(error);
        throw error;
      },
    );
  };
}

/** What a learner reads: a told sentence as it is, a crash with its line and usual cause. */
function inWords(error: unknown, exercise: string, file: string): string {
  if (!(error instanceof Error)) return `${exercise} threw ${describe(error)}.`;
  if (error.name === "Told") return error.message;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of an assertion message
  const said = error.message.replace(/\u001b\[\d+m/g, "");
  const exit = /process\.exit unexpectedly called/.test(said);
  if (exit)
    return `${exercise} called process.exit(), which would end the whole notebook: return the answer instead.`;
  if (!thrownByAnswer.has(error) && error.name === "AssertionError") return said;
  const where = placeOf(error, file);
  if (!thrownByAnswer.has(error) && !where)
    return `The test of ${exercise} could not go on with what it returned: ${said}`;
  let cause = "";
  if (error instanceof RangeError && /call stack/.test(said))
    cause = "\nIt calls itself without end: is there a case that returns before the call?";
  else if (/Cannot read propert\w+ of (undefined|null)/.test(said))
    cause =
      "\nSomething that was expected to hold a value is empty: an index past the end, or a forgotten `return`?";
  else if (/is not a function/.test(said))
    cause = "\nA misspelt name, or a value where a function was expected.";
  else if (/Invalid (typed )?array length|allocation failed/i.test(said))
    cause = "\nA size is far too large or negative.";
  const kind = error.name === "Error" ? "an error" : error.name;
  return `${exercise} stopped with ${kind}: ${said}${where}${cause}`;
}

function placeOf(error: Error, file: string): string {
  const name = file.replace(/.*[\\/]/, "");
  for (const frame of error.stack?.split("\n") ?? []) {
    const at = frame.lastIndexOf(name + ":");
    const line = at < 0 ? 0 : Number.parseInt(frame.slice(at + name.length + 1), 10);
    if (!line) continue;
    const code = readFileSync(file, "utf8").split(/\r?\n/)[line - 1]?.trim();
    return `\n  exercises/${name}, line ${line}${code ? `:  ${code}` : ""}`;
  }
  return "";
}

async function startEngine(): Promise<void> {
  const engine = await import("llm/engine");
  await engine.useEngine({ prefer: "wasm", quiet: true }); // errors of engines differ, and every message is proven on this one
  tf = engine.tf;
  setTensors(tf);
}

/** Runs a body with its tensors freed afterwards, whatever it leaves behind. */
async function scoped(run: () => unknown): Promise<void> {
  tf?.engine().startScope();
  try {
    await run();
  } finally {
    tf?.engine().endScope();
  }
}

export interface LessonOptions {
  /** false: the lesson uses no tensors, so the engine need not start (a second saved). */
  tensors?: boolean;
}

/** Defines the tests of a lesson. See CONTRIBUTING.md, «How to write exercises». */
export function lesson<S>(
  id: string,
  mutants: Mutants<S>,
  define: (exercise: Define<S>) => void,
  { tensors = true }: LessonOptions = {},
): void {
  const bodies = new Map<string, Body<S, keyof S>>();
  define((name, body) => {
    if (bodies.has(name)) throw new Error(`lesson ${id}: the exercise ${name} is defined twice.`);
    bodies.set(name, body as unknown as Body<S, keyof S>);
  });
  const file = {
    exercises: join(root, "exercises", `${id}.ts`),
    hints: join(root, "exercises", `${id}.hints.md`),
    solutions: join(root, "solutions", `${id}.ts`),
  };
  const all = mutants as unknown as Record<string, Mutant<AnyFunction>[]>;
  let reference: Module;
  let sources: ExerciseSource[];
  beforeAll(async () => {
    if (tensors) await startEngine();
    reference = await load(file.solutions);
    sources = process.env.LLM_SOURCES
      ? (JSON.parse(process.env.LLM_SOURCES) as ExerciseSource[])
      : readFunctions(readFileSync(file.solutions, "utf8"), file.solutions);
  });
  const run = (name: string, answer: AnyFunction) => {
    const source = sources.find((s) => s.name === name);
    if (!source) throw new Error(`lesson ${id}: solutions/${id}.ts exports no function ${name}.`);
    const answered = guarded(answer, source) as unknown as S[keyof S];
    return scoped(() => bodies.get(name)!(answered, { reference: reference as unknown as S }));
  };

  if (mode === "exercises") {
    defineLearnersTests(id, bodies, file.exercises, run);
    return;
  }
  const shipped = shippedStubs(id, file.exercises);
  if (mode === "all") defineCompleteness(id, [...bodies.keys()], all, file, shipped);
  let stubs: Module | undefined;
  if (mode === "all" || mode === "stubs")
    beforeAll(async () => {
      stubs = await loadStubs(id, shipped);
    });

  for (const name of bodies.keys()) {
    group(name, () => {
      if (mode === "all" || mode === "solutions") {
        test("solution passes", () => run(name, reference[name]));
      }
      if (mode === "all" || mode === "stubs") {
        test("stub says not done yet", async (context) => {
          if (!stubs) return context.skip(shipped.reason);
          const error = await rejection(() => run(name, stubs![name]));
          if (error === undefined)
            throw new Error(`The stub of ${name} passes its own test: the test asks too little.`);
          if (!isNotDoneYet(error))
            throw new Error(`The stub of ${name} should say «not done yet», but: ${String(error)}`);
        });
      }
      if (mode === "all" || mode === "mutants") {
        for (const mutant of all[name] ?? []) {
          test(`rejected: ${mutant.name}, told ${mutant.told}`, async () => {
            const error = await rejection(() => run(name, mutant.answer));
            if (error === undefined) throw new Error(`The wrong answer «${mutant.name}» passes.`);
            const said = inWords(error, name, file.exercises);
            if (!mutant.told.test(said))
              throw new Error(
                `«${mutant.name}» is rejected by a message for another mistake. It was told:\n${said}`,
              );
          });
        }
        test("rejected: nothing returned, told in words", async (context) => {
          if (/^(void|Promise<void>)?$/.test(sources.find((s) => s.name === name)?.returns ?? ""))
            context.skip();
          const error = await rejection(() => run(name, () => undefined));
          const said = error === undefined ? "(it passes)" : inWords(error, name, file.exercises);
          if (!/return/.test(said))
            throw new Error(`A forgotten \`return\` should be told in words. It was told:\n${said}`);
        });
      }
    });
  }
}

async function rejection(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error ?? new Error("threw nothing");
  }
  return undefined;
}

/** Every function has its stub (same signature, tags), three hints, two mutants and a test. */
function defineCompleteness(
  id: string,
  tested: string[],
  mutants: Record<string, unknown[]>,
  file: { exercises: string; solutions: string; hints: string },
  shipped: Stubs,
): void {
  group("the lesson's files fit together", () => {
    const solutions = readFunctions(readFileSync(file.solutions, "utf8"));
    const stubs = readFunctions(shipped.text);
    const hints = existsSync(file.hints) ? readHints(readFileSync(file.hints, "utf8")) : {};
    test("every test and every stub has a solution, in the same order", (context) => {
      if (shipped.reason) context.skip(shipped.reason);
      const names = solutions.map((s) => s.name).join(", ");
      const order = (list: string[]) => list.join(", ");
      if (order(tested) !== names) throw new Error(`tests: ${order(tested)}\nsolutions/${id}.ts: ${names}`);
      if (order(stubs.map((s) => s.name)) !== names)
        throw new Error(
          `exercises/${id}.ts: ${order(stubs.map((s) => s.name))}\nsolutions/${id}.ts: ${names}`,
        );
      if (solutions.length === 0) throw new Error(`solutions/${id}.ts exports no function.`);
    });
    for (const solution of solutions) {
      test(`${solution.name}: stub, tags, hints, mutants`, (context) => {
        if (shipped.reason) context.skip(shipped.reason);
        const problems: string[] = [];
        const stub = stubs.find((s) => s.name === solution.name);
        if (!stub) problems.push(`exercises/${id}.ts has no stub of it`);
        else {
          if (stub.signature !== solution.signature)
            problems.push(
              `signatures differ:\n    stub      ${stub.signature}\n    solution  ${solution.signature}`,
            );
          if (!stub.returns) problems.push("the signature names no result type");
          if (!(stub.points > 0)) problems.push("the stub's doc comment needs @points, a positive number");
          if (!(stub.minutes > 0)) problems.push("the stub's doc comment needs @minutes, a positive number");
          if (![1, 2, 3, 4, 5].includes(stub.difficulty))
            problems.push("the stub's doc comment needs @difficulty, 1 to 5");
          if (stub.doc.length < 30)
            problems.push("the stub's doc comment is the whole task; this one says nearly nothing");
        }
        const tiers = hints[solution.name]?.map((h) => h.title).join(", ");
        if (tiers !== "Idea, Pseudocode, Answer")
          problems.push(
            `${id}.hints.md should have «## ${solution.name}» with ### Idea, ### Pseudocode, ### Answer; it has: ${tiers ?? "nothing"}`,
          );
        for (const hint of hints[solution.name] ?? [])
          if (!hint.text) problems.push(`the hint «${hint.title}» is empty`);
        const count = mutants[solution.name]?.length ?? 0;
        if (count < 2) problems.push(`it needs two mutants or more, and has ${count}`);
        if (problems.length > 0) throw new Error(`${solution.name}:\n  ${problems.join("\n  ")}`);
      });
    }
  });
}

interface Stubs {
  text: string;
  /** Where the text lies; unset if it is the committed one, which the learner's file has replaced. */
  path?: string;
  /** Why there are none to judge. */
  reason?: string;
}

/** The stubs as the course ships them: the learner's own edits are not what `npm test` judges. */
function shippedStubs(id: string, path: string): Stubs {
  const now = existsSync(path) ? readFileSync(path, "utf8") : "";
  const areStubs = (text: string) => readFunctions(text).every((f) => /\bnotDoneYet\(/.test(f.code));
  // An author's new stubs are judged as they are, before they are committed.
  if (areStubs(now)) return { text: now, path };
  let committed = now;
  try {
    const git = ["show", `HEAD:./exercises/${id}.ts`];
    committed = execFileSync("git", git, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {}
  if (committed !== now && areStubs(committed)) return { text: committed };
  if (process.env.CI) return { text: now, path };
  return {
    text: now,
    reason: `exercises/${id}.ts has answers in it, and there are no committed stubs to judge instead`,
  };
}

async function loadStubs(id: string, stubs: Stubs): Promise<Module | undefined> {
  if (stubs.reason) return undefined;
  if (stubs.path) return load(stubs.path);
  const folder = mkdtempSync(join(tmpdir(), "llm-stubs-"));
  try {
    const copy = join(folder, `${id}.ts`);
    writeFileSync(copy, stubs.text);
    return await load(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The learner's file, each exercise under supervision; the results are notes for src/course/run.ts. */
function defineLearnersTests(
  id: string,
  bodies: Map<string, unknown>,
  path: string,
  run: (name: string, answer: AnyFunction) => Promise<void>,
): void {
  const only = process.env.LLM_ONLY ? (JSON.parse(process.env.LLM_ONLY) as string[]) : [...bodies.keys()];
  const names = [...bodies.keys()].filter((name) => only.includes(name));
  const supervisor = new Supervisor(process.env.LLM_EVENTS ?? join(root, "exercises", "events.log"), [
    ...names,
    "(the file)",
  ]);
  let mine: Module;
  beforeAll(async () => {
    supervisor.start("(the file)");
    try {
      mine = await load(path);
    } catch (error) {
      supervisor.end({
        type: "fail",
        exercise: "(the file)",
        ms: 0,
        message: inWords(error, `exercises/${id}.ts`, path),
      });
      throw error;
    }
    supervisor.end({ type: "pass", exercise: "(the file)", ms: 0 });
  });
  afterAll(() => supervisor.stop());
  for (const name of names) {
    test(name, { timeout: 0 }, async () => {
      const begin = performance.now();
      const ms = () => Math.round(performance.now() - begin);
      supervisor.start(name);
      const answer = mine[name];
      if (typeof answer !== "function") {
        const message = `exercises/${id}.ts does not export a function ${name}: was it renamed, or its \`export\` removed?`;
        return supervisor.end({ type: "fail", exercise: name, ms: 0, message });
      }
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(TOO_LONG), supervisor.limit);
      });
      try {
        await Promise.race([run(name, answer), tooLong]);
        supervisor.end({ type: "pass", exercise: name, ms: ms() });
      } catch (error) {
        if (error === TOO_LONG) {
          const message = `${name} did not finish within ${supervisor.limit / 1000} seconds: it waits for a promise that never settles.`;
          supervisor.end({ type: "fail", exercise: name, ms: ms(), message });
          process.kill(process.pid, "SIGKILL"); // whatever still runs must not disturb the next exercise
        }
        if (isNotDoneYet(error) && error.exercise === name)
          supervisor.end({ type: "todo", exercise: name, ms: ms() });
        else if (isNotDoneYet(error))
          supervisor.end({
            type: "todo",
            exercise: name,
            ms: ms(),
            message: `It calls ${error.exercise}, which is not done yet.`,
          });
        else supervisor.end({ type: "fail", exercise: name, ms: ms(), message: inWords(error, name, path) });
      } finally {
        clearTimeout(timer);
      }
    });
  }
}

const TOO_LONG = Symbol("too long");
