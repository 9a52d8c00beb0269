// Runs one case on the engine in use: the values, the gradients, and what is left in memory.
import { withInputs } from "./cases.mjs";
import { call, compiled, failure, flat, given, isFloat, read } from "./execute.mjs";
import { gradient, slope } from "./gradient.mjs";

/** @typedef {import("./cases.mjs").Case} Case */
/** @typedef {import("./cases.mjs").Entry} Entry */
/** @typedef {import("./execute.mjs").Compile} Compile */
/** @typedef {import("./cases.mjs").Report} Report */
/** @typedef {import("./cases.mjs").Tf} Tf */

/**
 * @param {Tf} tf
 * @param {Entry} entry
 * @param {Case} one
 * @param {{ slopes?: boolean, compile?: Compile }} [options] `slopes`: the gradient is compared
 *   with differences, too; `compile`: values and gradients are those of compiled functions
 * @returns {Promise<Report>}
 */
export async function run(tf, entry, one, { slopes = false, compile } = {}) {
  const before = held(tf);
  tf.engine().startScope();
  /** @type {Report} */
  const report = { value: { results: [] }, left: 0 };
  let hasFloats = false;
  /**
   * What an asynchronous operation promised, where `compile` refuses it: what that throws later
   * would end the process in the midst of another case.
   * @type {Promise<unknown> | undefined}
   */
  let promised;
  const begin = (/** @type {any} */ args) => {
    const value = call(tf, entry, one, args);
    if (value instanceof Promise) promised = value.catch(() => {});
    return flat(tf, value);
  };
  try {
    const outputs = compile
      ? compiled(tf, compile, one, begin)
      : flat(tf, await call(tf, entry, one, inputsGiven(tf, one)));
    report.value = { results: outputs.map(read) };
    // into a result without elements nothing flows back
    hasFloats = outputs.some((x) => isFloat(x) && x.size > 0);
  } catch (error) {
    report.value = failure(error);
  } finally {
    // It reads tensors that are gone by then, and may never end.
    if (promised) await Promise.race([promised, new Promise((done) => setTimeout(done, 100))]);
    tf.engine().endScope();
  }
  report.left = held(tf) - before;
  if (entry.gradients === false || !hasFloats) return report;
  const middle = held(tf);
  report.gradient = gradient(tf, entry, one, compile);
  if (!report.gradient || "error" in report.gradient) return report; // an error leaves the tape's
  report.left += held(tf) - middle;
  if (slopes && entry.smooth !== false)
    report.slope = slope(tf, entry, one, report.gradient.results);
  return report;
}

/** The arguments, with tensors or arrays for the inputs. */
const inputsGiven = (/** @type {Tf} */ tf, /** @type {Case} */ one) =>
  withInputs(one.args, (input) => given(tf, input));

/** Tensors and buffers in memory. */
const held = (/** @type {Tf} */ tf) => tf.memory().numTensors + tf.memory().numDataBuffers;
