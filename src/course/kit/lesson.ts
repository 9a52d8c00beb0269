// A lesson's tests, written once and run on four kinds of answers:
//
//   solutions   the reference must pass
//   stubs       an untouched exercise must say "not done yet", never crash
//   mutants     each plausible mistake must be rejected, and by the message that explains it
//   exercises   the learner's file, in a check (./learners)
//
// `LLM_ANSWERS` picks one of the first three; without it all three run, with checks that the
// lesson's files fit together. An exercise's test asks its own questions first, then the kit asks
// its own (./sweep), so that no lesson forgets them.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, describe as group, test } from "vitest";
import { type Call, readCalls } from "../calls";
import { isNotDoneYet } from "../exercise";
import { courseRoot, lessonFiles, lessonPaths } from "../paths";
import { exercisesOf } from "../release";
import { type ExerciseSource, readFunctions } from "../source";
import { askAnew } from "./anew";
import { engineIfAny, Told } from "./assert";
import { diagnose, type Known } from "./diagnose";
import { forgetRefusals, onJs, refusals, startEngine } from "./engines";
import { defineCompleteness, loadStubs, shippedStubs } from "./files";
import { type AnyFunction, guarded, type Watch } from "./guard";
import { defineLearnersTests, type Run } from "./learners";
import { askNotebooks } from "./notebook";
import { readSettings } from "./protocol";
import type { Repair } from "./repairs";
import { type Sweep, type Swept, withSweeper } from "./sweep";
import { inWords } from "./told";
import { copyOf, differenceOf, tensorsIn } from "./values";

/** The names of a module's functions. */
export type ExerciseName<S> = { [K in keyof S]: S[K] extends AnyFunction ? K : never }[keyof S] &
  string;

export interface Mutant<F> {
  /** The mistake in a few words: "mask after softmax". */
  name: string;
  /**
   * What the learner who makes it must be told. Without it, that it is a known mistake, by its
   * name: so that answers which do the same are told, with no question of the test.
   */
  told?: RegExp;
  answer: F;
}
export type Mutants<S> = { [K in ExerciseName<S>]: Mutant<S[K]>[] };

export interface Context<S> {
  /** The reference answers, for slow specifications and expected values. */
  reference: S;
}
export type Body<S, K extends keyof S> = (answer: S[K], context: Context<S>) => unknown;
export type SweepOf<F> = F extends AnyFunction ? Sweep<F> : never;
/** Defines one exercise: the test's own questions, then the inputs for the kit's. */
export type Define<S> = <K extends ExerciseName<S>>(
  name: K,
  body: Body<S, K>,
  sweep: SweepOf<S[K]>,
) => void;

type Module = Record<string, AnyFunction>;
interface Exercise {
  body: Body<Module, string>;
  sweep: Sweep;
}

/** Counts modules that are imported once more. */
let imports = 0;
const settings = readSettings();
const mode = settings ? "exercises" : (process.env.LLM_ANSWERS ?? "all");

/** By a plain path, which vite takes as it is: in a URL, spaces and 中文 would be escaped. */
async function load(path: string): Promise<Module> {
  const plain = path.replace(/\\/g, "/");
  const from = plain.startsWith("/") ? plain : `/@fs/${plain}`;
  return (await import(/* @vite-ignore */ from)) as Module;
}

/** A right answer that this engine cannot run. */
const engineText = ([{ operation, instead }]: ReturnType<typeof refusals>) =>
  `This is right. But the engine of this check, wasm, does not have ${operation}, so it was judged on ` +
  `the slow JavaScript engine. To run it yourself, use ${instead}.`;

/**
 * The reference with one thing done otherwise; the parser is loaded only here, where it is needed.
 */
async function variants(path: string, source: ExerciseSource): Promise<Iterable<Known>> {
  const { variantsOf } = await import("./variants");
  return variantsOf(path, source, await modulesOf(path));
}

/** The learner's code with one thing changed. */
async function repairs(path: string, source: ExerciseSource): Promise<Iterable<Repair>> {
  const { repairsOf } = await import("./repairs");
  return repairsOf(path, source, await modulesOf(path));
}

/** What a file imports from packages, by name. */
async function modulesOf(path: string): Promise<Record<string, unknown>> {
  const names = readFileSync(path, "utf8").matchAll(/^import [^;]*? from "([^".][^"]*)"/gm);
  const modules: Record<string, unknown> = {};
  for (const [, name] of names)
    if (!(name in modules)) modules[name] = await import(/* @vite-ignore */ name);
  return modules;
}

/** Mutants that are known by their numbers; others spoil arguments, remember, or stop gradients. */
const known = (mutants: readonly Mutant<AnyFunction>[]) =>
  mutants.filter(
    ({ told }) => !/caller|dispos|remember|memory|changed|gradient|returned/.test(`${told}`),
  );

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const memoryText = (name: string) =>
  `${name} remembers something from an earlier call: the same arguments give another result when they ` +
  "are the first that it sees. Keep nothing outside the function.";

/**
 * Whether the last call would have had another result if it had been the first; or, where it threw,
 * the right one.
 */
async function remembers(
  { watch: { last }, reference }: Swept,
  again: () => Promise<AnyFunction>,
): Promise<boolean> {
  if (!last || [...tensorsIn(last.args)].some((t) => t.isDisposed)) return false;
  try {
    const result = copyOf(await (await again())(...last.args));
    if (last.result) return differenceOf(last.result, result) !== undefined;
    return differenceOf(result, copyOf(await reference(...last.args))) === undefined;
  } catch {
    return false;
  }
}

/** Runs a body with its tensors freed afterwards, whatever it leaves behind. */
async function scoped<R>(run: () => Promise<R>): Promise<R> {
  const tf = engineIfAny();
  tf?.engine().startScope();
  try {
    return await run();
  } finally {
    tf?.engine().endScope();
  }
}

export interface LessonOptions {
  /** false: the lesson uses no tensors, so the engine need not start (a second saved). */
  tensors?: boolean;
}

/** Defines the tests of a lesson. See CONTRIBUTING.md, "An exercise". */
export function lesson<S>(
  id: string,
  mutants: Mutants<S>,
  define: (exercise: Define<S>) => void,
  { tensors = true }: LessonOptions = {},
): void {
  const exercises = new Map<string, Exercise>();
  define((name, body, sweep) => {
    if (exercises.has(name))
      throw new Error(`lesson ${id}: the exercise ${name} is defined twice.`);
    exercises.set(name, { body, sweep } as unknown as Exercise);
  });
  const file = lessonFiles(id);
  // A release for a class holds the reference compiled, and no mutants.
  const keptBack = !existsSync(file.solutions);
  const shipped = settings ? undefined : shippedStubs(id, file.exercises);
  const all = mutants as unknown as Record<string, Mutant<AnyFunction>[]>;
  let reference: Module;
  let sources: ExerciseSource[];
  let calls: Call[];
  beforeAll(async () => {
    if (tensors) await startEngine();
    calls = readCalls(id);
    reference = keptBack
      ? createRequire(join(courseRoot(), "package.json"))(file.compiled)
      : await load(file.solutions);
    sources = settings?.sources ?? sourcesOf(id, shipped!.text);
  });
  const run: Run = (name, answer, { again, diagnosing, path, newInputs, further } = {}) => {
    const source = sources.find((s) => s.name === name);
    if (!source)
      throw new Error(`lesson ${id}: ${lessonPaths(id).solutions} exports no function ${name}.`);
    const watch: Watch = { calls: 0, left: 0 };
    const { body, sweep } = exercises.get(name)!;
    const answered = guarded(answer, source, watch);
    const swept = { answer: answered, reference: reference[name], source, sweep, watch };
    /** Asks everything once; returns what went wrong. */
    const ask = () =>
      withSweeper(swept, (sweeper) =>
        rejection(async () => {
          await body(answered, { reference });
          await sweeper.run();
          await askNotebooks(
            swept,
            calls.filter(({ exercise }) => exercise === name),
          );
          if (newInputs) await askAnew(swept, newInputs, further);
        }),
      );
    return scoped(async () => {
      forgetRefusals();
      const error = await ask();
      if (error === undefined) return undefined;
      if (isNotDoneYet(error)) throw error;
      const missing = refusals();
      if (missing.length > 0 && (await onJs(ask)) === undefined) return engineText(missing);
      diagnosing?.();
      if (again && (await remembers(swept, again))) throw new Told(memoryText(name));
      if (!(error instanceof Error) || (error instanceof Told && error.names)) throw error;
      const why = await onJs(() =>
        withSweeper(swept, (sweeper) =>
          diagnose(
            swept,
            sweeper,
            known(all[name] ?? []),
            async () => (keptBack ? [] : variants(file.solutions, source)),
            path ? () => repairs(path, source) : undefined,
          ),
        ),
      ).catch(() => undefined);
      if (error instanceof Told && why) throw new Told(`${why}\n${error.message}`);
      if (why) Object.assign(error, { why });
      throw error;
    });
  };

  if (settings) {
    defineLearnersTests([...exercises.keys()], settings, run, load);
    return;
  }
  if (mode === "all" && !keptBack)
    defineCompleteness(id, [...exercises.keys()], all, file, shipped!);
  let stubs: Module | undefined;
  if (mode === "all" || mode === "stubs")
    beforeAll(async () => {
      stubs = await loadStubs(id, shipped!, load);
    });

  for (const name of exercises.keys()) {
    /** The same mutant in a module that has seen no call. */
    const anew = async ({ name: wanted }: Mutant<AnyFunction>): Promise<AnyFunction> => {
      const path = join(courseRoot(), "test", "mutants", `${id}.ts`);
      const module = (await load(`${path}?anew=${++imports}`)) as unknown as {
        mutants: typeof all;
      };
      return module.mutants[name].find((mutant) => mutant.name === wanted)!.answer;
    };
    group(name, () => {
      if (mode === "all" || mode === "solutions") {
        test("solution passes", async () => {
          const note = await run(name, reference[name]);
          if (note) throw new Error(note);
        });
      }
      if (mode === "all" || mode === "stubs") {
        test("stub says not done yet", async (context) => {
          if (!stubs) return context.skip(shipped!.reason);
          const error = await rejection(() => run(name, stubs![name]));
          if (error === undefined)
            throw new Error(`The stub of ${name} passes its own test: the test asks too little.`);
          if (!isNotDoneYet(error))
            throw new Error(`The stub of ${name} should say "not done yet", but: ${String(error)}`);
        });
      }
      if (mode === "all" || mode === "mutants") {
        for (const mutant of all[name] ?? []) {
          const told = mutant.told ?? new RegExp(escaped(`known mistake: ${mutant.name}`));
          test(`rejected: ${mutant.name}, told ${told}`, async () => {
            const error = await rejection(() =>
              run(name, mutant.answer, { again: () => anew(mutant) }),
            );
            if (error === undefined) throw new Error(`The wrong answer "${mutant.name}" passes.`);
            const said = inWords(error, name, file.exercises);
            if (!told.test(said))
              throw new Error(
                `"${mutant.name}" is rejected by a message for another mistake. It was told:\n${said}`,
              );
          });
        }
        test("rejected: nothing returned, told in words", async (context) => {
          if (/^(void|Promise<void>)?$/.test(sources.find((s) => s.name === name)?.returns ?? ""))
            context.skip();
          const error = await rejection(() => run(name, () => undefined));
          const said = error === undefined ? "(it passes)" : inWords(error, name, file.exercises);
          if (!/return/.test(said))
            throw new Error(
              `A forgotten \`return\` should be told in words. It was told:\n${said}`,
            );
        });
      }
    });
  }
}

/** The solutions' functions with the stubs' tasks, which name the axes. */
function sourcesOf(id: string, stubs: string): ExerciseSource[] {
  const tasks = new Map(readFunctions(stubs).map(({ name, doc }) => [name, doc]));
  return exercisesOf(id).map((source) => ({
    ...source,
    doc: tasks.get(source.name) ?? source.doc,
  }));
}

async function rejection(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error ?? new Error("threw nothing");
  }
  return undefined;
}
