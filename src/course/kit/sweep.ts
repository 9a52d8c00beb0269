// What the kit asks of every exercise by itself, after the test's own questions:
//
//   numbers     equal to the reference's on seeded inputs of every kind that the stub allows
//   memory      nothing is remembered between calls: other numbers of the same shape, the same
//               containers with other contents, a first result that lives on, or was freed, an
//               option that the next call leaves out
//   gradients   reach every float tensor that came in, and equal the reference's
//   leaks       no call leaves tensors behind
//
// A lesson declares the kinds of inputs once, with its test; only after the numbers may a message
// say that the numbers are right.

import type { tf as TF } from "llm/engine";
import type { ExerciseSource } from "../source";
import { engineIfAny, Told } from "./assert";
import { Draw } from "./draw";
import type { AnyFunction, Watch } from "./guard";
import {
  type Copy,
  copyOf,
  differenceOf,
  fresh,
  pathText,
  sharedMemory,
  type Tolerance,
  tensorsIn,
  walk,
  walkArguments,
} from "./values";
import { isRecord, isTensor, isTyped, valueText } from "./words";

export interface Sweep<F extends AnyFunction = AnyFunction> {
  /**
   * Every kind of input that the stub allows, by a name that completes the sentence "with …": each
   * draws the arguments of one call. Small ones first: the first that fails is shown.
   */
  cases: Record<string, (draw: Draw) => Parameters<F>>;
  /** Calls of each kind, 3 by default; one where nothing is drawn. */
  repeats?: number;
  /**
   * Through which arguments something is trained, by the names of their parameters: only their
   * gradients are asked for, not those of a mask. false: of none. By default: of every float tensor.
   */
  gradients?: boolean | readonly string[];
  /** How exactly numbers are compared; by default 1e-5 of the largest, and 1e-4 of each. */
  tolerance?: Tolerance;
  gradientTolerance?: Tolerance;
}

/** What a sweep needs to know of the exercise. */
export interface Swept {
  answer: AnyFunction;
  reference: AnyFunction;
  source: ExerciseSource;
  sweep: Sweep;
  watch: Watch;
}

/** One call of a sweep, and what should come out. */
export interface Case {
  kind: string;
  args: unknown[];
  expected: Copy;
}

/** Calls of each kind, unless the sweep says otherwise. */
const REPEATS = 3;

/** Whether, somewhere, floats come in: only through these can gradients flow. */
const floatsIn = (args: readonly unknown[]): TF.Tensor[] =>
  [...tensorsIn(args)].filter((t) => t.dtype === "float32" && t.size > 0);

/** "With x (3, 5), nHead 3:" */
export function argumentsText(args: readonly unknown[], { parameters }: ExerciseSource): string {
  const parts: string[] = [];
  args.forEach((arg, i) => {
    const name = parameters[i] ?? `argument ${i + 1}`;
    if (arg === undefined) return;
    if (isRecord(arg))
      for (const [key, value] of Object.entries(arg)) {
        if (value !== undefined) parts.push(`${name ? `${name}.` : ""}${key} ${valueText(value)}`);
      }
    else if (typeof arg !== "function") parts.push(`${name} ${valueText(arg)}`);
  });
  return parts.join(", ");
}

/**
 * The arguments of a call that have a value, and the fields of its records, with what makes a call
 * without them.
 */
function givenIn(args: readonly unknown[], { parameters, signature }: ExerciseSource) {
  type Given = { name: string; without: (args: unknown[]) => unknown[] };
  // The keys of a dictionary are data, and no options: a tree without one of its states is no tree.
  const isDictionary = (name = "") =>
    name !== "" && new RegExp(`\\b${name}\\??: (Readonly<)?Record<`).test(signature);
  return args.flatMap((arg, i): Given[] => {
    if (arg === undefined) return [];
    const others = (list: unknown[]) => list.map((each, at) => (at === i ? undefined : each));
    const whole = { name: parameters[i] || `argument ${i + 1}`, without: others };
    if (!isRecord(arg) || isDictionary(parameters[i])) return [whole];
    const fields = Object.keys(arg).filter((key) => arg[key] !== undefined);
    const field = (name: string): Given => ({
      name,
      without: (list) => list.map((each, at) => (at === i ? omit(each as object, name) : each)),
    });
    return [...(parameters[i] ? [whole] : []), ...fields.map(field)];
  });
}

const omit = (record: object, key: string) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

export class Sweeper {
  private readonly swept: Swept;
  private readonly draws: Draw[] = [];
  private readonly seed: number;

  /** @param seed 0 draws what is the same for everybody; any other, inputs that nobody knows */
  constructor(swept: Swept, seed = 0) {
    this.swept = swept;
    this.seed = seed;
  }

  /** Asks everything, in order; throws what the learner is told. */
  async run(): Promise<void> {
    await this.numbers();
    await this.memory();
    await this.leftOut();
    await this.gradients();
    this.leaks();
  }

  /** Frees what was drawn. */
  dispose(): void {
    for (const draw of this.draws) draw.dispose();
  }

  /** The arguments of one call: `form` decides shapes and choices, `contents` the numbers. */
  draw(kind: string, form: number, contents = form): unknown[] {
    const names = Object.keys(this.swept.sweep.cases);
    const at = names.indexOf(kind);
    const stem = 1000 * (at + 1) + this.seed;
    const draw = new Draw(stem + form, stem + contents);
    this.draws.push(draw);
    // Copies of the containers: a case may share one with others, and `refill` writes into them.
    return fresh(this.swept.sweep.cases[kind](draw)) as unknown[];
  }

  async expect(args: unknown[]): Promise<Copy> {
    return copyOf(await this.swept.reference(...args));
  }

  kinds(): string[] {
    return Object.keys(this.swept.sweep.cases);
  }

  /** Asks for the numbers alone; `said` stands before what is wrong with them. */
  async numbers(said = ""): Promise<void> {
    const { answer, sweep } = this.swept;
    for (const kind of this.kinds())
      for (let k = 0; k < (sweep.repeats ?? REPEATS); k++) {
        const args = this.draw(kind, k);
        if (k > 0 && !this.draws.at(-1)!.used) break;
        const expected = await this.expect(args);
        const actual = copyOf(await this.call(answer, args, kind));
        this.compare(actual, expected, args, kind, said);
      }
  }

  private compare(actual: Copy, expected: Copy, args: unknown[], kind: string, said = ""): void {
    const difference = differenceOf(actual, expected, this.swept.sweep.tolerance);
    if (!difference) return;
    const { sentence, picture } = difference;
    throw new Told(
      `${said ? `${said}\n` : ""}With ${kind}: ${sentence}${picture}\n` +
        `The call: ${argumentsText(args, this.swept.source)}`,
      said !== "",
    );
  }

  /** Calls the answer; where it stops, the kind of input is said. */
  private async call(answer: AnyFunction, args: unknown[], kind: string): Promise<unknown> {
    try {
      return await answer(...args);
    } catch (error) {
      if (error instanceof Error && error.name !== "Told" && error.name !== "NotDoneYet")
        Object.assign(error, {
          when: `With ${kind}, the call ${argumentsText(args, this.swept.source)}:`,
        });
      throw error;
    }
  }

  /** What one call was given must not be in force in the next, which leaves it out. */
  private async leftOut(): Promise<void> {
    const { answer, source } = this.swept;
    const draws = this.kinds().map((kind) => ({ kind, args: this.draw(kind, 0) }));
    for (const { kind, args } of draws)
      for (const { name, without } of givenIn(args, source)) {
        if (!draws.some((other) => givenIn(other.args, source).every((g) => g.name !== name)))
          continue; // no kind of input leaves it out
        const less = without(this.draw(kind, 0));
        const expected = await this.expect(less).catch(() => undefined);
        if (expected === undefined) continue; // it may be left out elsewhere, not here
        await answer(...this.draw(kind, 0));
        const remembers =
          `${source.name} remembers something from an earlier call: the call before this one was ` +
          `given \`${name}\`, and this one is not. Keep nothing outside the function.`;
        this.compare(copyOf(await answer(...less)), expected, less, kind, remembers);
      }
  }

  /**
   * Compares a result; that something is remembered is said only if it is so, and not of an answer
   * that is wrong for these inputs whenever they come.
   */
  private async blame(
    result: unknown,
    args: unknown[],
    kind: string,
    said: string,
    isRemembered: (actual: Copy) => Promise<boolean>,
  ): Promise<void> {
    const [actual, expected] = [copyOf(result), await this.expect(args)];
    if (!differenceOf(actual, expected, this.swept.sweep.tolerance)) return;
    this.compare(actual, expected, args, kind, (await isRemembered(actual)) ? said : "");
  }

  /** Whether the same inputs give another result after other calls, or every call gives the first's. */
  private async remembers(kind: string, first: Copy, second: Copy): Promise<boolean> {
    const { answer, sweep } = this.swept;
    await answer(...this.draw(kind, 1, 300));
    const repeated = copyOf(await answer(...this.draw(kind, 0, 100)));
    if (differenceOf(repeated, second)) return true;
    if (differenceOf(second, first)) return false;
    const expected = await this.expect(this.draw(kind, 0, 400));
    if (!differenceOf(first, expected, sweep.tolerance)) return false;
    return !differenceOf(copyOf(await answer(...this.draw(kind, 0, 400))), first);
  }

  private async memory(): Promise<void> {
    const { answer, source } = this.swept;
    for (const kind of this.kinds()) {
      const args = this.draw(kind, 0);
      const first = await answer(...args);
      const shared = sharedMemory(first, args, source.name);
      if (shared) throw new Told(shared);
      const copy = copyOf(first);
      const others = this.draw(kind, 0, 100);
      const second = await answer(...others);
      const remembers = `${source.name} remembers something from an earlier call: `;
      await this.blame(
        second,
        others,
        kind,
        `${remembers}this is the second call, with other numbers of the same shape. ` +
          "Keep nothing outside the function.",
        (actual) => this.remembers(kind, copy, actual),
      );
      const again = differenceOf(copyOf(first), copy);
      if (again)
        throw new Told(
          `The result of the first call was changed by the second one (${again.sentence}): both write ` +
            "into the same array. Make a new one in each call.",
        );
      if ([...tensorsIn(first)].some((t) => t.isDisposed))
        throw new Told(
          `The result of the first call was disposed by the second one: ${source.name} may free only ` +
            "what it made in the same call, and never what it returned.",
        );
      this.expectNew(first, second);
      const stale = refill(args, this.draw(kind, 1, 200));
      await this.blame(
        await answer(...stale),
        stale,
        kind,
        `${remembers}the same arrays or records came again, with other contents. ` +
          "Keep nothing outside the function.",
        async (actual) => differenceOf(copyOf(await answer(...fresh(stale))), actual) !== undefined,
      );
      spoil(first);
      const last = this.draw(kind, 0);
      const freed =
        "The caller freed the result of the first call (or wrote over it), and now the same call gives " +
        "something else: the function hands out what it keeps. Make a new result in each call.";
      let result: unknown;
      try {
        result = await answer(...last);
        if ([...tensorsIn(result)].some((t) => t.isDisposed)) throw new Told(freed);
      } catch (error) {
        if (error instanceof Error && /disposed/.test(error.message)) throw new Told(freed);
        throw error;
      }
      this.compare(copyOf(result), await this.expect(last), last, kind, freed);
    }
  }

  /** Two calls return two results. */
  private expectNew(first: unknown, second: unknown): void {
    const seen = new Set<unknown>();
    walk(first, (value) => {
      if (typeof value === "object" && value !== null) seen.add(value);
    });
    walk(second, (value, path) => {
      if (!seen.has(value)) return;
      const what = path.length ? `\`${pathText(path)}\`` : "the result";
      throw new Told(
        `The second call returned the same ${isTensor(value) ? "tensor" : "object"} as the first ` +
          `(${what}): make a new one in each call.`,
      );
    });
  }

  private async gradients(): Promise<void> {
    const tf = engineIfAny();
    const { answer, reference, source, sweep } = this.swept;
    if (sweep.gradients === false || !tf) return;
    for (const kind of this.kinds()) {
      const args = this.draw(kind, 0);
      const names = new Map<TF.Tensor, string>();
      walkArguments(args, source.parameters, (value, path) => {
        if (isTensor(value) && !names.has(value)) names.set(value, pathText(path));
      });
      const { gradients: asked } = sweep;
      const inputs = floatsIn(args).filter(
        (x) => typeof asked !== "object" || asked.includes(names.get(x) ?? ""),
      );
      if (inputs.length === 0) continue;
      const expected = gradientsOf(tf, () => reference(...args), inputs);
      let actual: (TF.Tensor | null)[];
      try {
        actual = gradientsOf(tf, () => answer(...args), inputs);
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        const without = /gradient function not found for (\w+)/.exec(said);
        if (!without) throw error;
        throw new Told(
          "The numbers are right, but nothing can be trained through them: tfjs knows no gradient for " +
            `the operation ${without[1]}. Write it with others.`,
        );
      }
      const cut = inputs.filter((_, i) => !actual[i] && reaches(expected[i]));
      if (cut.length) {
        const all = cut.length === inputs.filter((_, i) => reaches(expected[i])).length;
        const which = cut.map((x) => `\`${names.get(x)}\``).join(", ");
        throw new Told(
          `The numbers are right, but no gradient flows ${all ? "back to the inputs" : `to ${which}`}: ` +
            "somewhere the numbers leave tensor operations (dataSync(), arraySync(), tf.tensor(…) of " +
            "computed numbers, tf.variable(…)), so that nothing can be trained through the function.",
        );
      }
      inputs.forEach((x, i) => {
        if (!actual[i] || !expected[i]) return;
        const [a, e] = [copyOf(actual[i]), copyOf(expected[i])];
        const difference = differenceOf(a, e, { rtol: 1e-3, ...sweep.gradientTolerance });
        if (!difference) return;
        const what = `the gradient for \`${names.get(x)}\``;
        const nan =
          difference.at !== undefined && Number.isNaN(difference.actual!.data[difference.at]);
        throw new Told(
          `With ${kind} the numbers are right, but ` +
            difference.sentence.replace(/^the result/, what) +
            (nan
              ? " A NaN that is repaired in the result, as with tf.where, comes back in the gradient, as " +
                "0 · NaN: keep it from arising."
              : " Is a part of the way a number that was taken out of its tensor (dataSync)?") +
            difference.picture,
        );
      });
    }
  }

  private leaks(): void {
    const { left } = this.swept.watch;
    if (left <= 0) return;
    throw new Told(
      `The numbers are right, but ${left} tensor${left === 1 ? " is" : "s are"} left in memory after ` +
        "each call. Wrap the body in `tf.tidy(() => { … })`, which frees everything but what it returns.",
    );
  }
}

/** A gradient that is not zero everywhere. */
const reaches = (gradient: TF.Tensor | null): boolean =>
  gradient !== null && Array.from(gradient.dataSync()).some((g) => g !== 0);

/** A record with its fields in the order of their names: `{ weights, output }` is as right. */
const inOrder = (result: unknown): unknown =>
  isRecord(result) && !isTensor(result)
    ? Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)))
    : result;

/**
 * The gradient of a result by each input, or null where none flows. All float numbers of the result
 * are weighted with fixed, unequal numbers and summed, so that nothing cancels by symmetry.
 */
function gradientsOf(tf: typeof TF, run: () => unknown, inputs: TF.Tensor[]): (TF.Tensor | null)[] {
  const loss = () => {
    const parts = [...tensorsIn(inOrder(run()))].filter((t) => t.dtype === "float32");
    return tf.addN(
      parts.map((part, n) => {
        const weights = Array.from({ length: part.size }, (_, i) => Math.cos(1 + n + i));
        return tf.sum(tf.mul(part, tf.tensor(weights, part.shape)));
      }),
    ) as TF.Scalar;
  };
  return tf.engine().gradients(loss, inputs, undefined, true).grads;
}

/** The arguments of `from` in the containers of `args`: arrays, maps, records, variables. */
function refill(args: unknown[], from: unknown[]): unknown[] {
  const fill = (into: unknown, value: unknown): unknown => {
    if (isTensor(into) || isTensor(value)) {
      const [variable, x] = [into as TF.Variable, value as TF.Tensor];
      const fits = isTensor(value) && `${variable?.shape}` === `${x.shape}`;
      if (!fits || typeof variable.assign !== "function") return value;
      variable.assign(x);
      return into;
    }
    if (isTyped(into) && isTyped(value) && into.length === value.length) {
      into.set(value);
      return into;
    }
    if (Array.isArray(into) && Array.isArray(value)) {
      const items = value.map((item, i) => fill(into[i], item));
      into.splice(0, into.length, ...items);
      return into;
    }
    if (into instanceof Map && value instanceof Map) {
      into.clear();
      for (const [key, item] of value) into.set(key, item);
      return into;
    }
    if (isRecord(into) && isRecord(value)) {
      const items = Object.entries(value).map(([key, item]) => [key, fill(into[key], item)]);
      for (const key of Object.keys(into)) delete into[key];
      return Object.assign(into, Object.fromEntries(items));
    }
    return value;
  };
  return from.map((value, i) => fill(args[i], value));
}

/** Frees the tensors of a result and overwrites its arrays, as a caller may. */
function spoil(result: unknown): void {
  walk(result, (value) => {
    if (isTensor(value)) {
      if (!value.isDisposed) value.dispose();
    } else if (isTyped(value)) value.fill(0);
    else if (Array.isArray(value) && value.every((x) => typeof x === "number")) value.fill(0);
  });
}

/** Asks with a sweeper of its own, whose draws are freed afterwards. */
export async function withSweeper<R>(
  swept: Swept,
  use: (sweeper: Sweeper) => Promise<R>,
  seed = 0,
): Promise<R> {
  const sweeper = new Sweeper(swept, seed);
  try {
    return await use(sweeper);
  } finally {
    sweeper.dispose();
  }
}
