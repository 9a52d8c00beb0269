// The gradient of a case, by tf.grads; and the same along a direction by differences of values,
// which shows where a gradient is wrong on all engines alike.
import { inputsOf, withInputs } from "./cases.mjs";
import { Draw, Input } from "./draw.mjs";
import { call, failure, flat, given, isFloat, read, tensorOf } from "./execute.mjs";

/** @typedef {import("./cases.mjs").Case} Case */
/** @typedef {import("./cases.mjs").Entry} Entry */
/** @typedef {import("./cases.mjs").Outcome} Outcome */
/** @typedef {import("./cases.mjs").Result} Result */
/** @typedef {import("./cases.mjs").Tensor} Tensor */
/** @typedef {import("./cases.mjs").Tf} Tf */
/** @typedef {import("./cases.mjs").Slope} Slope */

/** Weights of the sum that is differentiated, for output k. */
function weightsOf(/** @type {Case} */ one, /** @type {number} */ k, /** @type {number} */ size) {
  const d = new Draw(one.seed * 31 + k);
  return Float32Array.from({ length: size }, () => d.normal());
}

/**
 * What is differentiated: all float inputs; in one case of four all inputs, whatever their type.
 * @param {Case} one
 */
function wantedOf({ args, seed }) {
  const all = seed % 4 === 3;
  return inputsOf(args).filter(
    ({ asArray, dtype }) =>
      !asArray && (dtype === "float32" || (all && (dtype === "int32" || dtype === "bool"))),
  );
}

/** NaN and infinite numbers: what a gradient is there, nobody says. */
const isUndefined = (/** @type {Input} */ { style }) => style === "edges" || style === "mild";

/**
 * The gradient of a weighted sum of all float outputs. In every second case the inputs are computed
 * before, as they are inside of a model. Undefined where there is nothing to differentiate.
 * @param {Tf} tf
 * @param {Entry} entry
 * @param {Case} one
 * @param {import("./execute.mjs").Compile} [compile]
 * @returns {Outcome | undefined}
 */
export function gradient(tf, entry, one, compile) {
  const computed = one.seed % 2 === 0;
  const wanted = wantedOf(one);
  if (wanted.every(({ size }) => size === 0) || wanted.some(isUndefined)) return undefined;
  const loss = (/** @type {Tensor[]} */ ...xs) => {
    const args = withInputs(one.args, (input) => {
      const at = wanted.indexOf(input);
      if (at < 0) return given(tf, input);
      return computed && input.dtype === "float32" ? tf.mul(xs[at], 1) : xs[at];
    });
    const terms = flat(tf, call(tf, entry, one, args)).flatMap((y, k) =>
      isFloat(y) ? [tf.sum(tf.mul(y, tf.tensor(weightsOf(one, k, y.size), y.shape)))] : [],
    );
    return terms.reduce((a, b) => tf.add(a, b));
  };
  try {
    /** @type {Result[]} */
    let results = [];
    tf.tidy(() => {
      const xs = wanted.map((x) => tensorOf(tf, x));
      const fn = compile?.((given) => tf.grads(loss)(given));
      results = (fn ? fn(xs) : tf.grads(loss)(xs)).map(read);
      fn?.dispose();
    });
    return { results };
  } catch (error) {
    return failure(error);
  }
}

/**
 * The derivative in a random direction, by the gradient and by differences. Undefined for inputs
 * that are not floats, or lie where functions have kinks.
 * @param {Tf} tf
 * @param {Entry} entry
 * @param {Case} one
 * @param {Result[]} grads
 * @returns {Slope | undefined}
 */
export function slope(tf, entry, one, grads) {
  const wanted = wantedOf(one);
  if (inputsOf(one.args).some((x) => x.style !== "plain")) return undefined;
  if (wanted.some((x) => x.dtype !== "float32")) return undefined;
  const d = new Draw(one.seed * 17 + 5);
  const direction = wanted.map((x) => x.values.map(() => d.normal()));
  const byGradient = direction.reduce(
    (sum, u, k) => u.reduce((s, v, i) => s + v * Number(grads[k].values[i]), sum),
    0,
  );
  const at = (/** @type {number} */ h) =>
    tf.tidy(() => {
      const args = withInputs(one.args, (input) => {
        const k = wanted.indexOf(input);
        if (k < 0) return given(tf, input);
        const values = input.values.map((v, i) => Number(v) + h * direction[k][i]);
        return tensorOf(tf, new Input(input.shape, "float32", values));
      });
      return flat(tf, call(tf, entry, one, args)).reduce((sum, y, k) => {
        if (!isFloat(y)) return sum;
        const weights = weightsOf(one, k, y.size);
        const values = /** @type {Float32Array} */ (y.dataSync());
        return values.reduce((s, v, i) => s + v * weights[i], sum);
      }, 0);
    });
  const [h, here] = [1e-3, at(0)];
  const [left, right] = [at(-h), at(h)];
  const both = (/** @type {number} */ h) => (at(h) - at(-h)) / (2 * h);
  return {
    byGradient,
    byDifferences: [both(1e-2), both(3e-3), (right - left) / (2 * h)],
    oneSided: [(here - left) / h, (right - here) / h],
  };
}
