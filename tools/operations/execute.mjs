// Calls the function of a case with tensors of the engine in use, and reads what it returns.
import { inputsOf, withInputs } from "./cases.mjs";

/** @typedef {import("./cases.mjs").Case} Case */
/** @typedef {import("./cases.mjs").Entry} Entry */
/** @typedef {import("./cases.mjs").Outcome} Outcome */
/** @typedef {import("./cases.mjs").Result} Result */
/** @typedef {import("./cases.mjs").Tensor} Tensor */
/** @typedef {import("./cases.mjs").Tf} Tf */
/** @typedef {import("./draw.mjs").Input} Input */
/** @typedef {(fn: (xs: Tensor[]) => unknown) => ((xs: Tensor[]) => any) & { dispose(): void }}
 *   Compile */

/**
 * @param {Tf} tf
 * @param {Input} input
 * @returns {Tensor}
 */
export function tensorOf(tf, { shape, dtype, values }) {
  if (dtype !== "complex64")
    return tf.tensor(/** @type {number[]} */ (values), /** @type {[]} */ (shape), dtype);
  const part = (/** @type {number} */ at) =>
    tf.tensor(/** @type {number[]} */ (values.filter((_, i) => i % 2 === at)), shape, "float32");
  return tf.complex(part(0), part(1));
}

/**
 * @param {Tf} tf
 * @param {Entry} entry
 * @param {Case} one
 * @param {any[]} args
 */
export function call(tf, entry, { name, method }, args) {
  if (entry.run) return entry.run(tf, args);
  if (method) return args[0][name](...args.slice(1));
  /** @type {any} */
  let fn = tf;
  for (const part of name.split(".")) fn = fn[part];
  return fn(...args);
}

/**
 * The tensors in what an operation returned, and everything else as text.
 * @param {Tf} tf
 * @param {unknown} value
 * @returns {(Tensor | string)[]}
 */
export function flat(tf, value) {
  if (value instanceof tf.Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap((item) => flat(tf, item));
  if (
    value !== null &&
    typeof value === "object" &&
    Object.getPrototypeOf(value) === Object.prototype
  )
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, item]) => flat(tf, item));
  return [String(value)];
}

/**
 * @param {Tensor | string} x
 * @returns {Result}
 */
export function read(x) {
  if (typeof x === "string") return { shape: [], dtype: "text", values: [x] };
  return { shape: x.shape, dtype: x.dtype, values: x.dataSync().slice() };
}

/**
 * @param {unknown} error
 * @returns {Outcome}
 */
export const failure = (error) => ({
  error: error instanceof Error ? error.message : String(error),
  refused: error instanceof Error && ["EngineRefusal", "CompileError"].includes(error.name),
});

/**
 * @param {Tensor | string} x
 * @returns {x is Tensor}
 */
export const isFloat = (x) => typeof x !== "string" && x.dtype === "float32";

/** What an input is for a function: a tensor or an array. */
export const given = (/** @type {Tf} */ tf, /** @type {Input} */ input) =>
  input.asArray ? input.nested() : tensorOf(tf, input);

/**
 * What a function of the arguments of a case gives once it is compiled; the tensors among them are
 * the arguments of the compiled function.
 * @param {Tf} tf
 * @param {Compile} compile
 * @param {Case} one
 * @param {(args: any) => unknown} work
 * @returns {(Tensor | string)[]}
 */
export function compiled(tf, compile, one, work) {
  const inputs = inputsOf(one.args).filter((x) => !x.asArray);
  const fn = compile((xs) =>
    work(withInputs(one.args, (x) => (inputs.includes(x) ? xs[inputs.indexOf(x)] : given(tf, x)))),
  );
  try {
    return fn(inputs.map((x) => tensorOf(tf, x)));
  } finally {
    fn.dispose();
  }
}
