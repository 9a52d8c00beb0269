// Assertions that speak in plain sentences: what is wrong, the likely mistake, then expected and actual for a small
// input. The first one that fails ends the exercise, so a body asks in the order: shape, finite, properties, numbers,
// gradient, leaks.

import type { tf as TF } from "llm/engine";

/** What a test tells the learner. Every helper below throws this; so does `fail`. */
export class Told extends Error {
  override readonly name = "Told";
}

export type Numbers = TF.Tensor | ArrayLike<number> | NestedNumbers | number;
export type NestedNumbers = readonly (number | NestedNumbers)[];
export type Awaitable<T> = T | Promise<T>;

let engine: typeof TF | undefined;
/** Set by the kit once the tensor engine is up; lessons without tensors never load it. */
export function setTensors(tf: typeof TF): void {
  engine = tf;
}
function tensors(): typeof TF {
  if (!engine) throw new Error("kit: expected the tensor engine, but this lesson says { tensors: false }");
  return engine;
}

/** Says one sentence to the learner and stops the exercise. */
export function fail(sentence: string): never {
  throw new Told(sentence);
}

/** `fail` unless the condition holds. */
export function expectTrue(condition: boolean, sentence: string): asserts condition {
  if (!condition) fail(sentence);
}

export function isTensor(x: unknown): x is TF.Tensor {
  const t = x as Partial<TF.Tensor> | null;
  return typeof x === "object" && t !== null && Array.isArray(t.shape) && typeof t.dataSync === "function";
}

export function isArrayOfNumbers(x: unknown): x is ArrayLike<number> {
  return ArrayBuffer.isView(x) && !(x instanceof DataView);
}

/** «a tensor of shape (2, 3)», «the number 0.5», «nothing (undefined)», … */
export function describe(x: unknown): string {
  if (x === undefined) return "nothing (undefined)";
  if (x === null) return "null";
  if (isTensor(x))
    return x.isDisposed ? "a tensor that has been disposed" : `a tensor of shape ${shapeText(x.shape)}`;
  if (x instanceof Promise) return "a Promise";
  if (Array.isArray(x)) return `an array of length ${x.length}`;
  if (isArrayOfNumbers(x)) return `a ${(x as object).constructor.name} of length ${x.length}`;
  if (typeof x === "number") return `the number ${numberText(x)}`;
  if (typeof x === "string") return `the text ${JSON.stringify(x.length > 60 ? x.slice(0, 57) + "…" : x)}`;
  if (typeof x === "function") return "a function";
  if (typeof x === "object") return `an object with ${Object.keys(x).slice(0, 6).join(", ") || "no fields"}`;
  return `the ${typeof x} ${String(x)}`;
}

export const shapeText = (shape: readonly number[]) =>
  shape.length === 0
    ? "() (a single number)"
    : shape.length === 1
      ? `(${shape[0]},)`
      : `(${shape.join(", ")})`;

export function numberText(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity";
  if (Number.isInteger(x) && Math.abs(x) < 1e7) return String(x);
  const size = Math.abs(x);
  return size >= 1e-3 && size < 1e5 ? String(Number(x.toPrecision(4))) : x.toExponential(2);
}

export interface Flat {
  shape: number[];
  data: ArrayLike<number>;
}

/** Any way of writing numbers, as a shape and flat data. `what` names it if it is none of them. */
export function flatten(x: Numbers, what = "the result"): Flat {
  if (isTensor(x)) {
    if (x.isDisposed)
      fail(`${what} is a tensor that has been disposed: does a tidy() or dispose() free it too early?`);
    return { shape: [...x.shape], data: x.dataSync() as ArrayLike<number> };
  }
  if (typeof x === "number") return { shape: [], data: [x] };
  if (isArrayOfNumbers(x)) return { shape: [x.length], data: x };
  if (!Array.isArray(x)) fail(`${what} should be numbers (a tensor or an array), but is ${describe(x)}.`);
  const data: number[] = [];
  const shape: number[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (Array.isArray(value) || isArrayOfNumbers(value)) {
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

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** Shape of a tensor or of nested arrays. `-1` accepts any length. */
export function expectShape(actual: Numbers, shape: readonly number[], what = "the result"): void {
  const got = flatten(actual, what).shape;
  const fits = got.length === shape.length && shape.every((n, i) => n === -1 || n === got[i]);
  if (!fits) fail(`${what} has shape ${shapeText(got)}, expected ${shapeText(shape)}.`);
}

const indexText = (shape: readonly number[], flat: number) => {
  const index: number[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(flat % shape[d]);
    flat = Math.floor(flat / shape[d]);
  }
  return `[${index.join(", ")}]`;
};

export function expectFinite(actual: Numbers, message?: string, what = "the result"): void {
  const { shape, data } = flatten(actual, what);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const where = shape.length === 0 ? "" : ` at ${indexText(shape, i)}`;
    const usual =
      "The usual causes: 0 / 0, the logarithm of 0, exp of a large number, −Infinity − (−Infinity)";
    fail(`${what} holds ${numberText(data[i])}${where}. ${message ?? usual + "."}`);
  }
}

/** A matrix as lines of right-aligned numbers; larger arrays are cut at 6 rows of 8. */
function picture({ shape, data }: Flat): string[] {
  const columns = shape.at(-1) ?? 1;
  const rows = columns === 0 ? 0 : data.length / columns;
  const texts: string[][] = [];
  for (let r = 0; r < Math.min(rows, 6); r++) {
    const row: string[] = [];
    for (let c = 0; c < Math.min(columns, 8); c++) row.push(numberText(data[r * columns + c]));
    if (columns > 8) row.push("…");
    texts.push(row);
  }
  const width = Math.max(1, ...texts.flat().map((t) => t.length));
  const lines = texts.map((row) => row.map((t) => t.padStart(width)).join("  "));
  if (rows > 6) lines.push("…");
  return lines;
}

/** Two arrays side by side, or under each other where they are wide. */
export function sideBySide(actual: Flat, expected: Flat): string {
  const left = picture(actual);
  const right = picture(expected);
  const width = Math.max(4, ...left.map((l) => l.length));
  if (width > 48)
    return ["got", ...left.map((l) => "  " + l), "expected", ...right.map((l) => "  " + l)].join("\n");
  const lines = [`  ${"got".padEnd(width)}    expected`];
  for (let i = 0; i < Math.max(left.length, right.length); i++)
    lines.push(`  ${(left[i] ?? "").padEnd(width)}    ${right[i] ?? ""}`.trimEnd());
  return lines.join("\n");
}

export interface CloseOptions {
  /** Absolute tolerance, default 1e-5. */
  atol?: number;
  /** Relative tolerance, default 1e-4 (what float32 keeps through a few operations). */
  rtol?: number;
  /** The likely mistake, said before the numbers; a function may look at the first difference. */
  message?: string | ((difference: { index: number[]; actual: number; expected: number }) => string);
  what?: string;
}

/** Same shape, and every number within `atol + rtol·|expected|`. */
export function expectClose(actual: Numbers, expected: Numbers, options: CloseOptions = {}): void {
  const { atol = 1e-5, rtol = 1e-4, message, what = "the result" } = options;
  const a = flatten(actual, what);
  const e = flatten(expected, "kit: expected value");
  if (!sameShape(a.shape, e.shape))
    fail(`${what} has shape ${shapeText(a.shape)}, expected ${shapeText(e.shape)}.`);
  for (let i = 0; i < e.data.length; i++) {
    const x = a.data[i];
    const y = e.data[i];
    if (x === y || Math.abs(x - y) <= atol + rtol * Math.abs(y) || (Number.isNaN(x) && Number.isNaN(y)))
      continue;
    const index = JSON.parse(indexText(e.shape, i)) as number[];
    const said = typeof message === "function" ? message({ index, actual: x, expected: y }) : message;
    const where = e.shape.length === 0 ? "" : ` at ${indexText(e.shape, i)}`;
    const first = `${what} is ${numberText(x)}${where}, expected ${numberText(y)}.`;
    const pictures = e.data.length > 1 ? "\n" + sideBySide(a, e) : "";
    fail((said ? said + "\n" : "") + first + pictures);
  }
}

/** Every row along the last axis adds up to `total`. */
export function expectRowsSumTo(
  actual: Numbers,
  total = 1,
  { atol = 1e-4, message, what = "the result" }: { atol?: number; message?: string; what?: string } = {},
): void {
  const { shape, data } = flatten(actual, what);
  const columns = shape.at(-1) ?? 1;
  for (let start = 0; start < data.length; start += columns) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += data[start + c];
    if (Math.abs(sum - total) <= atol) continue;
    const row = Array.from({ length: Math.min(columns, 8) }, (_, c) => numberText(data[start + c])).join(
      ", ",
    );
    const which = indexText(shape.slice(0, -1), start / columns);
    fail(
      `${message ? message + "\n" : ""}Row ${which} of ${what} adds up to ${numberText(sum)}, expected ${total}: ${row}`,
    );
  }
}

/** The function throws, and its message fits `pattern`. */
export function expectThrows(fn: () => unknown, pattern: RegExp, sentence: string): void {
  try {
    fn();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && (error.name === "NotDoneYet" || error.name === "Told")) throw error;
    if (pattern.test(said)) return;
    fail(`${sentence}\nIt threw an error, but one that says «${said}».`);
  }
  fail(sentence);
}

/** Tensors inside a result: a tensor, or arrays and records of them. */
function tensorsIn(x: unknown, found = new Set<TF.Tensor>()): Set<TF.Tensor> {
  if (isTensor(x)) found.add(x);
  else if (Array.isArray(x)) for (const y of x) tensorsIn(y, found);
  else if (x && typeof x === "object" && !ArrayBuffer.isView(x))
    for (const y of Object.values(x)) tensorsIn(y, found);
  return found;
}

/**
 * `fn` leaves no tensors behind but those it returns (which are disposed here). The count is taken outside any
 * tidy(), so intermediate results that the learner did not tidy show up.
 */
export function expectNoLeak<T>(
  fn: () => T,
  message?: string,
): T extends Promise<unknown> ? Promise<void> : void {
  const tf = tensors();
  const first = tf.scalar(0);
  const firstId = first.id;
  first.dispose();
  const before = tf.memory().numTensors;
  const judge = (result: unknown) => {
    const made = [...tensorsIn(result)].filter((t) => !t.isDisposed && t.id > firstId);
    const left = tf.memory().numTensors - before - made.length;
    for (const t of made) t.dispose();
    if (left > 0)
      fail(
        `${left} tensor${left === 1 ? " is" : "s are"} left in memory after each call. ` +
          (message ?? "Wrap the body in `tf.tidy(() => { … })`, which frees everything but what it returns."),
      );
  };
  const result = fn();
  if (result instanceof Promise) return result.then(judge) as never;
  judge(result);
  return undefined as never;
}

export interface GradientOptions {
  /** A reference to compare gradients with. Without one: central differences (float32, so tolerances are wide). */
  against?: (...x: TF.Tensor[]) => TF.Tensor;
  atol?: number;
  rtol?: number;
  /** Step of the central differences. */
  step?: number;
  message?: string;
  what?: string;
}

/**
 * The gradient of `fn` with respect to each of `inputs`. A result that is not a scalar is weighted with fixed,
 * unequal numbers and summed, so that no gradient cancels by symmetry.
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
          `The numbers are right, but nothing can be trained through them: tfjs knows no gradient for the operation ${without[1]} ` +
            `(for example tf.divNoNan uses Equal). Write it with other operations.`,
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
