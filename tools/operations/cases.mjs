// A case: one call of one operation, as data. It is drawn by its entry in the catalogue from a
// seed, so the name and the seed are all that another process needs to make it again.
import { Draw, Input } from "./draw.mjs";

/** @typedef {typeof import("@tensorflow/tfjs-core")} Tf */
/** @typedef {import("@tensorflow/tfjs-core").Tensor} Tensor */
/**
 * @typedef {object} Entry how the arguments of one function are drawn, and how results compare
 * @property {(d: Draw) => unknown[]} draw the arguments; tensors are `Input`s
 * @property {(tf: Tf, args: any[]) => unknown} [run] how the function is called; default: by its
 *   name, with the arguments
 * @property {boolean} [gradients] false: nothing is differentiated
 * @property {boolean} [smooth] false: the gradient is not compared with differences of values,
 *   because the function has steps or is not what it is the gradient of
 * @property {number} [tolerance] relative; default 1e-5
 * @property {boolean} [sums] results are sums of terms that cancel: the error is relative to the
 *   largest number that came in or out
 */
/**
 * @typedef {object} Case
 * @property {string} name
 * @property {number} seed
 * @property {unknown[]} args
 * @property {boolean} method whether it is called as a method of its first argument
 */
/**
 * @typedef {{ shape: number[], dtype: string, values: ArrayLike<number | string> }} Result
 * @typedef {{ error: string, refused: boolean } | { results: Result[] }} Outcome
 * @typedef {{ value: Outcome, gradient?: Outcome, left: number, slope?: Slope }}
 *   Report
 * @typedef {object} Slope the derivative in a random direction
 * @property {number} byGradient
 * @property {number[]} byDifferences of values on both sides, at three distances
 * @property {number[]} oneSided of values on each side, at the smallest distance
 */

/** A number from a name, so that every operation has its own draws. */
const numberOf = (/** @type {string} */ name) =>
  [...name].reduce((n, c) => (Math.imul(n, 31) + c.charCodeAt(0)) >>> 0, 7);

/**
 * @param {string} name
 * @param {Entry} entry
 * @param {number} seed
 * @param {boolean} [isMethod] whether tensors have a method of that name
 * @returns {Case}
 */
export function draw(name, entry, seed, isMethod = false) {
  const d = new Draw(Math.imul(numberOf(name), 0x85ebca6b) + seed);
  const args = entry.draw(d);
  const first = args[0];
  if (first instanceof Input && isMethod && !entry.run && d.chance(0.15)) {
    first.asArray = false;
    return { name, seed, args, method: true };
  }
  return { name, seed, args, method: false };
}

/** The inputs anywhere in the arguments, in order. */
export function inputsOf(/** @type {unknown} */ value) {
  if (value instanceof Input) return [value];
  if (value === null || typeof value !== "object") return [];
  /** @type {Input[]} */
  const found = Object.values(value).flatMap(inputsOf);
  return found;
}

/**
 * The same structure, with something else for each input.
 * @param {unknown} value
 * @param {(input: Input) => unknown} replace
 * @returns {any}
 */
export function withInputs(value, replace) {
  if (value instanceof Input) return replace(value);
  if (Array.isArray(value)) return value.map((item) => withInputs(item, replace));
  if (
    value === null ||
    typeof value !== "object" ||
    Object.getPrototypeOf(value) !== Object.prototype
  )
    return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withInputs(item, replace)]);
  return Object.fromEntries(entries);
}

/** The call as one would write it, with the shapes for the tensors. */
export function textOf(/** @type {Case} */ { name, args, method }) {
  /** @returns {string} */
  const text = (/** @type {unknown} */ value) => {
    if (value instanceof Input) {
      const { shape, dtype, asArray, style, size } = value;
      const values =
        size <= 6 ? ` ${value.values.join(" ")}` : style === "plain" ? "" : ` ${style}`;
      return `${asArray ? "array " : ""}${dtype}[${shape}]${values && `{${values.trim()}}`}`;
    }
    if (Array.isArray(value)) return `[${value.map(text).join(", ")}]`;
    if (value !== null && typeof value === "object")
      return `{ ${Object.entries(value)
        .map(([key, item]) => `${key}: ${text(item)}`)
        .join(", ")} }`;
    if (typeof value === "function") return String(value);
    return JSON.stringify(value) ?? "undefined";
  };
  const words = args.map(text);
  return method
    ? `${words[0]}.${name}(${words.slice(1).join(", ")})`
    : `tf.${name}(${words.join(", ")})`;
}
