// The learner's file, each exercise under supervision; the results are notes for ../run.ts.

import { afterAll, beforeAll, test } from "vitest";
import { isNotDoneYet } from "../exercise";
import { pathInCourse } from "../paths";
import { furtherOf, isAnew } from "./anew";
import type { AnyFunction } from "./guard";
import { FILE, type Settings, type Trial } from "./protocol";
import { Supervisor } from "./supervise";
import type { Sweep } from "./sweep";
import { inWords } from "./told";

const TOO_LONG = Symbol("too long");

export interface RunOptions {
  /** Imports the answer anew, as nothing has called it. */
  again?: () => Promise<AnyFunction>;
  /** Called when the answer has been found wrong, before it is asked why. */
  diagnosing?: () => void;
  /** The file that the answer stands in. */
  path?: string;
  /** Seeds inputs for a second look at the numbers, and the teacher's own kinds of them. */
  newInputs?: number;
  further?: Sweep;
}
/**
 * Runs one exercise's test on an answer. Returns what is to be said of a right answer, if anything.
 */
export type Run = (
  name: string,
  answer: AnyFunction,
  options?: RunOptions,
) => Promise<string | undefined>;
type Module = Record<string, AnyFunction>;

/** Defines the tests of a learner's check. `load` imports a module by its path. */
export function defineLearnersTests(
  tested: string[],
  settings: Settings,
  run: Run,
  load: (path: string) => Promise<Module>,
): void {
  const asked: Trial[] = (
    settings.answers ?? tested.map((name) => ({ name, exercise: name, file: settings.file }))
  ).filter(({ name, exercise }) => settings.only.includes(name) && tested.includes(exercise));
  const supervisor = new Supervisor(settings, [...asked.map(({ name }) => name), FILE]);
  const { file } = settings;
  let mine: Module;
  const further = new Map<string, Record<string, Sweep | undefined>>();
  beforeAll(async () => {
    for (const path of new Set(asked.flatMap(({ inputs }) => inputs ?? [])))
      further.set(path, furtherOf(await load(path), tested));
    if (settings.answers) return;
    supervisor.start(FILE);
    try {
      mine = await load(file);
    } catch (error) {
      const message = inWords(error, pathInCourse(file), file);
      supervisor.end({ type: "fail", exercise: FILE, ms: 0, message });
      throw error;
    }
    supervisor.end({ type: "pass", exercise: FILE, ms: 0 });
  });
  afterAll(() => supervisor.stop());
  for (const { name: entry, exercise: name, file, standsIn, newInputs, inputs } of asked) {
    test(entry, { timeout: 0 }, async () => {
      const begin = performance.now();
      const ended = () => ({ exercise: entry, ms: Math.round(performance.now() - begin) });
      supervisor.start(entry);
      if (settings.answers)
        try {
          mine = await load(file);
        } catch (error) {
          const message = inWords(error, pathInCourse(file), file);
          return supervisor.end({ type: "fail", ...ended(), message });
        }
      const answer = mine[name];
      if (typeof answer !== "function") {
        const message =
          `${pathInCourse(file)} does not export a function ${name}: was it renamed, ` +
          "or its `export` removed?";
        return supervisor.end({ type: "fail", ...ended(), message });
      }
      let timer: NodeJS.Timeout | undefined;
      let stop: (reason: unknown) => void = () => {};
      const tooLong = new Promise<never>((_, reject) => {
        stop = reject;
      });
      const arm = () => {
        clearTimeout(timer);
        timer = setTimeout(() => stop(TOO_LONG), supervisor.limit);
      };
      const diagnosing = () => {
        supervisor.again();
        arm();
      };
      arm();
      try {
        const again = async () => (await load(`${file}?anew=${name}`))[name];
        const message = await Promise.race([
          run(name, answer, {
            ...{ again, diagnosing, path: standsIn ? undefined : file, newInputs },
            further: inputs === undefined ? undefined : further.get(inputs)?.[name],
          }),
          tooLong,
        ]);
        supervisor.end({ type: "pass", ...ended(), message });
      } catch (error) {
        if (error === TOO_LONG) {
          const message =
            `${name} did not finish within ${supervisor.limit / 1000} seconds: ` +
            "it waits for a promise that never settles.";
          supervisor.end({ type: "fail", ...ended(), message });
          // Whatever still runs must not disturb the next exercise.
          process.kill(process.pid, "SIGKILL");
        }
        if (isNotDoneYet(error)) {
          const message =
            error.exercise === name
              ? undefined
              : `It calls ${error.exercise}, which is not done yet.`;
          supervisor.end({ type: "todo", ...ended(), message });
        } else {
          const message = inWords(error, name, file);
          supervisor.end({ type: "fail", ...ended(), message, anew: isAnew(error) || undefined });
        }
      } finally {
        clearTimeout(timer);
      }
    });
  }
}
