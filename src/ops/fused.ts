// Which of the fast operations the current backend has as one kernel. The wasm and the native backend have them
// (../engine/wasm/fused.ts, ../engine/native/fused.ts); on others the fast operations are the clear compositions.
// A fused kernel has no second derivative: take it of `clear.…` instead.
import { checkIdValues, declareIds, isTracing, tf } from "../engine";

/** Not for compiled functions: AdamW writes in place, and of gelu's definition XLA makes the faster code. */
const EAGER_ONLY = ["AdamW", "Gelu"];

/** Whether the current backend has the kernel `llm/<name>`, for where we are: inside a compiled function or not. */
export function hasFused(name: string): boolean {
  if (isTracing() && EAGER_ONLY.includes(name)) return false;
  return tf.getKernel(`llm/${name}`, tf.getBackend()) !== undefined;
}

/** Runs the kernel `llm/<name>`, which gives one tensor or several. */
export function runFused<R = tf.Tensor>(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attrs: object = {},
): R {
  return tf.engine().runKernel(`llm/${name}`, inputs, attrs as never) as R;
}

/** Whether all tensors are float32, the only type the fused kernels read. */
export function allFloat(...tensors: tf.Tensor[]): boolean {
  return tensors.every((t) => t.dtype === "float32");
}

/** «(2, 3, 4)», for messages. */
export function shapeText(x: { shape: number[] }): string {
  return `(${x.shape.join(", ")})`;
}

/**
 * Checks that the values of an int32 tensor lie in [0, n); `where` and `what` go into the message. Inside a compiled
 * function they are checked at its door instead, at every call.
 */
export function checkIds(ids: tf.Tensor, n: number, where: string, what: string): void {
  if (ids.dtype !== "int32") throw new Error(`${where}: expected ${what} of type int32, got ${ids.dtype}`);
  if (!declareIds(ids, n, where, what)) checkIdValues(ids.dataSync(), n, where, what);
}
