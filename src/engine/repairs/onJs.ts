// The js engine's kernel in place of one that another engine lacks or has wrong: the inputs are
// copied out, computed in JavaScript, and the results are copied in. The js engine has the most
// kernels, and ./js has repaired those that were wrong.
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { repairJs } from "./js";
import { type Attributes, type Result, run } from "./repair";

const requireHere = createRequire(__filename);

/** A tensor that is on no engine. */
interface Copy {
  values: tf.TypedArray;
  shape: number[];
  dtype: tf.DataType;
}

const copyOf = (x: tf.Tensor): Copy => ({
  values: x.dataSync(),
  shape: x.shape,
  dtype: x.dtype,
});
const tensorOf = ({ values, shape, dtype }: Copy) => tf.tensor(values, shape, dtype);

/** The inputs of a kernel: a record or, for some, a list; some have lists inside. */
type Given<T> = T | undefined | Given<T>[] | { [name: string]: Given<T> };

/** The same with something else for each tensor. */
function replaced<T extends object, U>(
  given: Given<T>,
  isTensor: (value: object) => value is T,
  by: (value: T) => U,
): Given<U> {
  if (given === undefined || given === null) return undefined;
  if (isTensor(given)) return by(given);
  if (Array.isArray(given)) return given.map((item) => replaced(item, isTensor, by));
  const entries = Object.entries(given).map(([name, item]) => [name, replaced(item, isTensor, by)]);
  return Object.fromEntries(entries);
}
const isTensor = (value: object): value is tf.Tensor => value instanceof tf.Tensor;
const isCopy = (value: object): value is Copy => "values" in value && "dtype" in value;

/**
 * Runs a kernel on the js engine.
 * @param inputs a record or, as some kernels have it, a list of tensors
 * @returns tensors of the engine in use, which is the same afterwards
 * @throws CompileError where a function is being traced for `compile`, because values are read
 */
export function onJs(kernelName: string, inputs: object, attrs: Attributes): Result {
  const given = replaced(inputs as Given<tf.Tensor>, isTensor, copyOf);
  let isList = false;
  let copies: Copy[] = [];
  onEngineJs(() => {
    tf.tidy(() => {
      const there = replaced(given, isCopy, tensorOf) as object;
      const made = run<Result>(kernelName, there, attrs);
      isList = Array.isArray(made);
      copies = [made].flat().map(copyOf);
    });
  });
  const results = copies.map(tensorOf);
  return isList ? results : results[0];
}

/** tfjs keeps here which engine is in use. */
interface InUse {
  backendName: string;
  backendInstance: unknown;
}

/** Makes js the engine in use for the time of a function, which must not be async. */
function onEngineJs(work: () => void): void {
  if (!tf.engine().findBackendFactory("cpu")) requireHere("@tensorflow/tfjs-backend-cpu");
  const engine = tf.engine() as unknown as InUse;
  const { backendName, backendInstance } = engine;
  const js = tf.engine().findBackend("cpu");
  Object.assign(engine, { backendName: "cpu", backendInstance: js });
  try {
    repairJs();
    work();
  } finally {
    Object.assign(engine, { backendName, backendInstance });
  }
}

/** Loads the js engine, which draws a random number when it is loaded: no trace may be under way. */
export const prepareJs = (): void => onEngineJs(() => {});
