// Along an axis, one thread for each line: sums and the like of integers, which tfjs's kernels pass
// through float32, and running sums and products, which they do not do for every number of axes.
// Every sum is in one order.
import type * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../repairs/repair";
import type { Commands } from "./backend";
import { eachElement, groupsFor, runOwn, wordOf } from "./kernels";

/** What a reduction begins with, and how the next element comes in. */
const REDUCTIONS: Record<string, [start: string, step: string]> = {
  Sum: ["0", "sum + v"],
  Prod: ["1", "sum * v"],
  Max: ["-2147483647 - 1", "max(sum, v)"],
  Min: ["2147483647", "min(sum, v)"],
  Any: ["0", "sum | i32(v != 0)"],
  All: ["1", "sum & i32(v != 0)"],
};
export const REDUCED = Object.keys(REDUCTIONS);

/** x (lines, n), int32 or bool, to (lines). */
export function reduced(commands: Commands, name: string, x: tf.TensorInfo): tf.TensorInfo {
  const [lines, n] = x.shape;
  const [start, step] = REDUCTIONS[name];
  const body = `
  var sum = ${start};
  for (var k = 0; k < P(1); k++) { let v = a[i * P(1) + k]; sum = ${step}; }
  y[i] = sum;`;
  return runOwn(commands, {
    key: `reduce ${name}`,
    code: () => eachElement(body),
    inputs: [x],
    outputs: [{ shape: [lines], dtype: x.dtype }],
    parameters: [lines, n],
    groups: groupsFor(lines),
  })[0];
}

/** Running sums or products along an axis; `exclusive`: of what came before. */
export function running(
  commands: Commands,
  kernelName: string,
  x: tf.TensorInfo,
  { axis, exclusive, reverse }: { axis: number; exclusive: boolean; reverse: boolean },
): tf.TensorInfo {
  const { shape, dtype } = x;
  const [n, step] = [shape[axis], sizeOf(shape.slice(axis + 1))];
  const lines = sizeOf(shape) / n;
  const isSum = kernelName === "Cumsum";
  const body = `
  let n = P(1); let step = P(2);
  let start = (i / step) * n * step + i % step;
  var sum = ${wordOf(dtype)}(${isSum ? 0 : 1});
  for (var k = 0; k < n; k++) {
    let at = start + ${reverse ? "(n - 1 - k)" : "k"} * step;
    let v = a[at];
    ${exclusive ? "y[at] = sum;" : ""}
    sum = sum ${isSum ? "+" : "*"} v;
    ${exclusive ? "" : "y[at] = sum;"}
  }`;
  return runOwn(commands, {
    key: `${kernelName} ${exclusive} ${reverse}`,
    code: () => eachElement(body),
    inputs: [x],
    outputs: [{ shape, dtype }],
    parameters: [lines, n, step],
    groups: groupsFor(lines),
  })[0];
}
