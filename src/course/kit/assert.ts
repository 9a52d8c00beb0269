// Assertions that speak in plain sentences: what is wrong, the likely mistake, then expected and
// actual for a small input. The first one that fails ends the exercise, so a body asks in the
// order: shape, finite, properties, numbers. What every exercise is asked (a sweep of inputs,
// arguments left alone, gradients, leaks) is the kit's own business: see ./sweep.

import type { tf as TF } from "llm/engine";
import {
  describe,
  type Flat,
  indexOf,
  isTensor,
  isTyped,
  matrixAt,
  type Numbers,
  numberText,
  placeText,
  shapeText,
  sideBySide,
} from "./words";

/** What a test tells the learner. Every helper below throws this; so does `fail`. */
export class Told extends Error {
  override readonly name = "Told";
  /** Whether the sentence names the mistake; where not, ./diagnose looks for its name. */
  readonly names: boolean;
  constructor(sentence: string, names = true) {
    super(sentence);
    this.names = names;
  }
}

let engine: typeof TF | undefined;
/** Set by the kit once the tensor engine is up; lessons without tensors never load it. */
export function setTensors(tf: typeof TF): void {
  engine = tf;
}
export function tensors(): typeof TF {
  if (!engine)
    throw new Error("kit: expected the tensor engine, but this lesson says { tensors: false }");
  return engine;
}

/** The engine, where the lesson uses one. */
export const engineIfAny = (): typeof TF | undefined => engine;

/** Says one sentence to the learner and stops the exercise. */
export function fail(sentence: string): never {
  throw new Told(sentence);
}

/** `fail` unless the condition holds. */
export function expectTrue(condition: boolean, sentence: string): asserts condition {
  if (!condition) fail(sentence);
}

/** Any way of writing numbers, as a shape and flat data. `what` names it if it is none of them. */
export function flatten(x: Numbers, what = "the result"): Flat {
  if (isTensor(x)) {
    if (x.isDisposed)
      fail(
        `${what} is a tensor that has been disposed: does a tidy() or dispose() free it too early?`,
      );
    return { shape: [...x.shape], data: x.dataSync() as ArrayLike<number> };
  }
  if (typeof x === "number") return { shape: [], data: [x] };
  if (isTyped(x)) return { shape: [x.length], data: x };
  if (!Array.isArray(x))
    fail(`${what} should be numbers (a tensor or an array), but is ${describe(x)}.`);
  const data: number[] = [];
  const shape: number[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (Array.isArray(value) || isTyped(value)) {
      if (shape.length === depth) shape.push(value.length);
      else if (shape[depth] !== value.length)
        fail(`${what} has rows of different lengths (${shape[depth]} and ${value.length}).`);
      for (let i = 0; i < value.length; i++) walk(value[i], depth + 1);
    } else if (typeof value === "number") {
      if (depth !== shape.length) fail(`${what} mixes numbers and arrays at the same depth.`);
      data.push(value);
    } else fail(`${what} should hold only numbers, but holds ${describe(value)}.`);
  };
  walk(x, 0);
  return { shape, data };
}

export const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** Shape of a tensor or of nested arrays. `-1` accepts any length. */
export function expectShape(actual: Numbers, shape: readonly number[], what = "the result"): void {
  const got = flatten(actual, what).shape;
  const fits = got.length === shape.length && shape.every((n, i) => n === -1 || n === got[i]);
  if (!fits)
    throw new Told(`${what} has shape ${shapeText(got)}, expected ${shapeText(shape)}.`, false);
}

export function expectFinite(actual: Numbers, message?: string, what = "the result"): void {
  const { shape, data } = flatten(actual, what);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const usual =
      "The usual causes: 0 / 0, the logarithm of 0 or of a negative number, exp of a large number, " +
      "−Infinity − (−Infinity).";
    throw new Told(
      `${what} holds ${numberText(data[i])}${placeText(shape, i)}. ${message ?? usual}`,
      message !== undefined,
    );
  }
}

interface Difference {
  index: number[];
  actual: number;
  expected: number;
}

export interface CloseOptions {
  /** Absolute tolerance, default 1e-5. */
  atol?: number;
  /** Relative tolerance, default 1e-4 (what float32 keeps through a few operations). */
  rtol?: number;
  /** What each known mistake gives, and its sentence. All must give different numbers. */
  mistakes?: readonly (readonly [gives: Numbers, sentence: string])[];
  /** What should hold, where no known mistake fits: a rule, never a guess at the mistake. */
  message?: string | ((difference: Difference) => string);
  what?: string;
}

/** Whether x is y within the tolerance; only −Infinity itself is −Infinity. */
export const within = (x: number, y: number, atol: number, rtol: number) =>
  x === y ||
  (Number.isFinite(y) && Math.abs(x - y) <= atol + rtol * Math.abs(y)) ||
  (Number.isNaN(x) && Number.isNaN(y));

/**
 * Whether two arrays of numbers have the same shape and, within the tolerance, the same numbers.
 */
export function isClose(a: Flat, e: Flat, atol = 1e-5, rtol = 1e-4): boolean {
  if (!sameShape(a.shape, e.shape)) return false;
  for (let i = 0; i < e.data.length; i++)
    if (!within(a.data[i], e.data[i], atol, rtol)) return false;
  return true;
}

/**
 * Looks at mistakes that cannot be told apart: an error of the test, found by the solution's run.
 */
function expectApart(expected: Flat, mistakes: [Flat, string][], what: string): void {
  mistakes.forEach(([gives, sentence], i) => {
    if (isClose(gives, expected))
      throw new Error(`kit: of ${what}, the mistake "${sentence}" gives the right numbers.`);
    for (const [other, said] of mistakes.slice(0, i))
      if (said !== sentence && isClose(gives, other))
        throw new Error(`kit: of ${what}, "${said}" and "${sentence}" give the same numbers.`);
  });
}

/**
 * Same shape, and every number within `atol + rtol·|expected|`. A result that equals what a known
 * mistake gives is told that mistake; any other is told the rule and where the numbers differ
 * first.
 */
export function expectClose(actual: Numbers, expected: Numbers, options: CloseOptions = {}): void {
  const { atol = 1e-5, rtol = 1e-4, mistakes = [], message, what = "the result" } = options;
  const a = flatten(actual, what);
  const e = flatten(expected, "kit: expected value");
  const known = mistakes.map(([gives, sentence]): [Flat, string] => [flatten(gives), sentence]);
  expectApart(e, known, what);
  const made = isClose(a, e, atol, rtol)
    ? undefined
    : known.find(([gives]) => isClose(a, gives))?.[1];
  if (!sameShape(a.shape, e.shape)) {
    const shapes = `${what} has shape ${shapeText(a.shape)}, expected ${shapeText(e.shape)}.`;
    throw new Told(made ? `${made}\n${shapes}` : shapes, made !== undefined);
  }
  for (let i = 0; i < e.data.length; i++) {
    const x = a.data[i];
    const y = e.data[i];
    if (within(x, y, atol, rtol)) continue;
    const difference = { index: indexOf(e.shape, i), actual: x, expected: y };
    const rule = typeof message === "function" ? message(difference) : message;
    const said = made ?? rule;
    const first = `${what} is ${numberText(x)}${placeText(e.shape, i)}, expected ${numberText(y)}.`;
    throw new Told((said ? said + "\n" : "") + first + pictures(a, e, i), made !== undefined);
  }
}

/**
 * Exactly the same text or number. A result that equals what a known mistake gives is told that
 * mistake; any other is told the rule.
 */
export function expectEqual<V extends string | number>(
  actual: V,
  expected: V,
  options: {
    mistakes?: readonly (readonly [gives: V, sentence: string])[];
    /** What should hold, where no known mistake fits. */
    message?: string;
    /** What was asked, and what came: said last. */
    asked: string;
  },
): void {
  const { mistakes = [], message, asked } = options;
  for (const [i, [gives, sentence]] of mistakes.entries()) {
    if (gives === expected)
      throw new Error(`kit: the mistake "${sentence}" gives the right result ${expected}.`);
    for (const [other, said] of mistakes.slice(0, i))
      if (other === gives && said !== sentence)
        throw new Error(`kit: "${said}" and "${sentence}" give the same result.`);
  }
  if (Object.is(actual, expected) || actual === expected) return;
  const made = mistakes.find(([gives]) => Object.is(gives, actual))?.[1];
  const said = made ?? message;
  throw new Told((said ? `${said}\n` : "") + asked, made !== undefined);
}

/** Got and expected side by side, where there is more than one number. */
export function pictures(a: Flat, e: Flat, at: number): string {
  if (e.data.length <= 1) return "";
  const [left, right] = [matrixAt(a, at), matrixAt(e, at)];
  return `\n${left.where ? `the part ${left.where}:\n` : ""}${sideBySide(left.flat, right.flat)}`;
}

/** Every row along the last axis adds up to `total`. */
export function expectRowsSumTo(
  actual: Numbers,
  total = 1,
  {
    atol = 1e-4,
    message,
    what = "the result",
  }: { atol?: number; message?: string; what?: string } = {},
): void {
  const { shape, data } = flatten(actual, what);
  const columns = shape.at(-1) ?? 1;
  for (let start = 0; start < data.length; start += columns) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += data[start + c];
    if (Math.abs(sum - total) <= atol) continue;
    const row = Array.from({ length: Math.min(columns, 8) }, (_, c) =>
      numberText(data[start + c]),
    ).join(", ");
    const which = `[${indexOf(shape.slice(0, -1), start / columns).join(", ")}]`;
    throw new Told(
      `${message ? message + "\n" : ""}Row ${which} of ${what} adds up to ${numberText(sum)}, ` +
        `expected ${total}: ${row}`,
      false,
    );
  }
}

/** The function throws, and its message fits `pattern`. */
export function expectThrows(fn: () => unknown, pattern: RegExp, sentence: string): void {
  try {
    fn();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && (error.name === "NotDoneYet" || error.name === "Told"))
      throw error;
    if (pattern.test(said)) return;
    fail(`${sentence}\nIt threw an error, but one that says "${said}".`);
  }
  fail(sentence);
}

export interface GradientOptions {
  /**
   * A reference to compare gradients with. Without one: central differences (float32, so tolerances
   * are wide).
   */
  against?: (...x: TF.Tensor[]) => TF.Tensor;
  atol?: number;
  rtol?: number;
  /** Step of the central differences. */
  step?: number;
  message?: string;
  what?: string;
}

/**
 * The gradient of `fn` with respect to each of `inputs`. A result that is not a scalar is weighted
 * with fixed, unequal numbers and summed, so that no gradient cancels by symmetry.
 */
export function expectGradient(
  fn: (...x: TF.Tensor[]) => TF.Tensor,
  inputs: TF.Tensor | TF.Tensor[],
  options: GradientOptions = {},
): void {
  const tf = tensors();
  const { against, message, what = "the gradient", step = 1e-2 } = options;
  const { atol = against ? 1e-5 : 2e-3, rtol = against ? 1e-3 : 2e-2 } = options;
  const xs = Array.isArray(inputs) ? inputs : [inputs];
  const toScalar =
    (f: typeof fn) =>
    (...x: TF.Tensor[]): TF.Scalar => {
      const y = f(...x);
      const weights = tf.tensor(
        Array.from({ length: y.size }, (_, i) => Math.cos(1 + i)),
        y.shape,
      );
      return y.mul(weights).sum();
    };
  tf.tidy(() => {
    const gradients = (f: typeof fn): TF.Tensor[] => tf.grads(toScalar(f) as never)(xs);
    let actual: TF.Tensor[];
    try {
      actual = gradients(fn);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const without = /gradient function not found for (\w+)/.exec(said);
      if (without)
        fail(
          `Nothing can be trained through this: tfjs knows no gradient for the operation ` +
            `${without[1]}. Write it with other operations.`,
        );
      if (!/Cannot compute gradient of y/i.test(said)) throw error;
      fail(
        "No gradient flows from the result back to the input: somewhere the numbers leave tensor operations " +
          "(dataSync(), arraySync(), tf.tensor(…) of computed numbers), or the result does not depend on the input.",
      );
    }
    const expected = against
      ? gradients(against)
      : xs.map((x, k) => {
          const data = Float32Array.from(x.dataSync() as ArrayLike<number>);
          const slopes = data.map((value, i) => {
            const at = (moved: number) => {
              const copy = data.slice();
              copy[i] = moved;
              const args = xs.map((other, j) => (j === k ? tf.tensor(copy, x.shape) : other));
              return toScalar(fn)(...args).dataSync()[0];
            };
            return (at(value + step) - at(value - step)) / (2 * step);
          });
          return tf.tensor(slopes, x.shape);
        });
    for (let k = 0; k < xs.length; k++) {
      const name = xs.length > 1 ? `${what} for input ${k + 1}` : what;
      expectFinite(actual[k], undefined, name);
      expectClose(actual[k], expected[k], { atol, rtol, message, what: name });
    }
  });
}
