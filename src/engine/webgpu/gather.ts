// Rows by their numbers, of any type and along any axis: y[b, o, j, i] = x[b, o, indices[b, j], i].
// A number out of range gives 0 here; who looks up tokens checks them before (../ids).
import type * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../repairs/repair";
import type { Commands } from "./backend";
import { eachElement, groupsFor, runOwn, wordOf } from "./kernels";

const code = (type: string): string =>
  eachElement(`
  let within = P(4); let k = P(3); let n = P(2); let outer = P(1);
  let column = i % within;
  let j = (i / within) % k;
  let line = i / (within * k);
  let row = b[(line / outer) * k + j];
  if (row >= 0 && row < n) { y[i] = a[(line * n + row) * within + column]; }
  else { y[i] = ${type}(0); }`);

export function gathered(
  commands: Commands,
  { x, indices }: { x: tf.TensorInfo; indices: tf.TensorInfo },
  axis: number,
  batchDims: number,
): tf.TensorInfo {
  const [batch, places] = [x.shape.slice(0, batchDims), indices.shape.slice(batchDims)];
  const [between, rest] = [x.shape.slice(batchDims, axis), x.shape.slice(axis + 1)];
  const shape = [...batch, ...between, ...places, ...rest];
  const n = sizeOf(shape);
  return runOwn(commands, {
    key: "gather",
    code: () => code(wordOf(x.dtype)),
    inputs: [x, indices],
    outputs: [{ shape, dtype: x.dtype }],
    parameters: [n, sizeOf(between), x.shape[axis], sizeOf(places), sizeOf(rest)],
    groups: groupsFor(n),
  })[0];
}
