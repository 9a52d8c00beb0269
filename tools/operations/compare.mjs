// Whether an engine did in a case what the js engine did: the same values, types and shapes, the
// same gradients; errors where js has errors; nothing left in memory.
import { inputsOf } from "./cases.mjs";

/** @typedef {import("./cases.mjs").Case} Case */
/** @typedef {import("./cases.mjs").Entry} Entry */
/** @typedef {import("./cases.mjs").Outcome} Outcome */
/** @typedef {import("./cases.mjs").Report} Report */
/** @typedef {import("./cases.mjs").Result} Result */
/** @typedef {{ kind: string, text: string }} Difference */

/**
 * @param {Case} one
 * @param {Entry} entry
 * @param {Report} js
 * @param {Report} other
 * @returns {Difference[]}
 */
export function differences(one, entry, js, other) {
  return [
    ...ofOutcomes("value", one, entry, js.value, other.value),
    ...(js.gradient && other.gradient
      ? ofOutcomes("gradient", one, entry, js.gradient, other.gradient)
      : []),
    ...ofMemory(js, other),
  ];
}

/** What was refused leaves nothing, or as much as on js. */
function ofMemory(/** @type {Report} */ js, /** @type {Report} */ other) {
  if (other.left === js.left || (isRefused(other) && other.left === 0)) return [];
  return [{ kind: "memory", text: `${other.left} tensors are left, on js ${js.left}` }];
}

/** Whether the engine said by name that it does not do this. */
export const isRefused = (/** @type {Report} */ { value, gradient }) =>
  [value, gradient].some((outcome) => outcome && "error" in outcome && outcome.refused);

/**
 * @param {string} what
 * @param {Case} one
 * @param {Entry} entry
 * @param {Outcome} js
 * @param {Outcome} other
 * @returns {Difference[]}
 */
function ofOutcomes(what, one, entry, js, other) {
  if ("error" in other && other.refused) return [];
  if ("error" in js || "error" in other) {
    if ("error" in js && "error" in other) return [];
    if ("error" in js) return [{ kind: `${what}: js fails`, text: firstLine(js.error) }];
    return [{ kind: `${what}: fails`, text: firstLine(/** @type {any} */ (other).error) }];
  }
  if (js.results.length !== other.results.length)
    return [{ kind: `${what}: count`, text: `${other.results.length}, not ${js.results.length}` }];
  return js.results.flatMap((a, k) => ofResults(what, one, entry, a, other.results[k], k));
}

const firstLine = (/** @type {string} */ text) => text.split("\n")[0].slice(0, 200);

/**
 * @param {string} what
 * @param {Case} one
 * @param {Entry} entry
 * @param {Result} a what js gives
 * @param {Result} b
 * @param {number} k
 * @returns {Difference[]}
 */
function ofResults(what, one, entry, a, b, k) {
  const place = `result ${k}`;
  if (String(a.shape) !== String(b.shape))
    return [{ kind: `${what}: shape`, text: `${place}: [${b.shape}], not [${a.shape}]` }];
  if (a.dtype !== b.dtype)
    return [{ kind: `${what}: type`, text: `${place}: ${b.dtype}, not ${a.dtype}` }];
  if (a.values.length !== b.values.length)
    return [
      { kind: `${what}: length`, text: `${place}: ${b.values.length}, not ${a.values.length}` },
    ];
  const exact = !["float32", "complex64"].includes(a.dtype);
  const tolerance = entry.tolerance ?? 1e-5;
  const scale = entry.sums || what === "gradient" ? scaleOf(one, a) : 1e-2;
  const [x, y] = [a.values, b.values];
  for (let i = 0; i < x.length; i++) {
    if (Object.is(x[i], y[i]) || x[i] === y[i]) continue;
    const [p, q] = [Number(x[i]), Number(y[i])];
    const near = Math.abs(p - q) <= tolerance * (Math.abs(p) + scale);
    if (exact || !near || Number.isNaN(p) !== Number.isNaN(q))
      return [{ kind: `${what}: numbers`, text: `${place}, value ${i}: ${y[i]}, not ${x[i]}` }];
  }
  return [];
}

/** The largest finite number that came in or out, and at least 1. */
function scaleOf(/** @type {Case} */ one, /** @type {Result} */ { values }) {
  let largest = 1;
  const look = (/** @type {ArrayLike<number | string>} */ list) => {
    for (let i = 0; i < list.length; i++) {
      const size = Math.abs(Number(list[i]));
      if (Number.isFinite(size) && size > largest) largest = size;
    }
  };
  look(values);
  for (const input of inputsOf(one.args)) if (input.dtype === "float32") look(input.values);
  return largest;
}

/**
 * Whether the gradient of js itself is right: it must agree with differences of values, where those
 * agree with each other; and there must be one where values and inputs are floats.
 * @param {Case} one
 * @param {Report} report
 * @returns {Difference[]}
 */
export function slopeDifferences(one, { slope, gradient }) {
  const whole = inputsOf(one.args).some((x) => x.dtype !== "float32");
  if (gradient && "error" in gradient && !whole && !NO_GRADIENT.test(gradient.error))
    return [{ kind: "gradient: fails", text: firstLine(gradient.error) }];
  if (!slope) return [];
  const { byGradient, byDifferences: by, oneSided } = slope;
  const size = Math.max(1, ...by.map(Math.abs));
  if (!(Math.max(...by) - Math.min(...by) < 5e-3 * size)) return [];
  const error = Math.abs(byGradient - by[1]);
  if (error < 2e-2 * size) return [];
  if (Math.abs(oneSided[1] - oneSided[0]) > error) return []; // a kink lies between
  const text = `along a direction: ${byGradient}, by differences ${by[1]}`;
  return [{ kind: "gradient: slope", text }];
}
/** tfjs says by name that there is no gradient, or that the result does not depend on x. */
const NO_GRADIENT =
  /gradient function not found|not yet supported|Cannot compute gradient (of y=f\(x\)|for fused)/;
