// A constant around a tensor of any type and any number of axes; tfjs's kernel has four.
import type * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../repairs/repair";
import type { Commands } from "./backend";
import { eachElement, float, groupsFor, runOwn } from "./kernels";
import { stridesOf } from "./strided";

/** For each axis: its size in the result, its size and stride in x, and what stands before x. */
const code = (rank: number, read: string): string =>
  eachElement(`
  var rest = i;
  var at = 0;
  var inside = true;
  for (var axis = ${rank - 1}; axis >= 0; axis--) {
    let k = 2 + 4 * axis;
    let place = rest % P(k) - P(k + 3);
    rest /= P(k);
    inside = inside && place >= 0 && place < P(k + 1);
    at += place * P(k + 2);
  }
  if (inside) { y[i] = a[at]; } else { y[i] = ${read}; }`);

/** @param paddings of each axis: how many before and after; @param value of those */
export function padded(
  commands: Commands,
  x: tf.TensorInfo,
  paddings: [number, number][],
  value: number,
): tf.TensorInfo {
  const { dtype } = x;
  const shape = x.shape.map((n, i) => n + paddings[i][0] + paddings[i][1]);
  const strides = stridesOf(x.shape);
  const n = sizeOf(shape);
  const isFloat = dtype === "float32";
  return runOwn(commands, {
    key: `pad ${x.shape.length}`,
    code: () => code(x.shape.length, isFloat ? "F(1)" : "P(1)"),
    inputs: [x],
    outputs: [{ shape, dtype }],
    parameters: [
      n,
      isFloat ? float(value) : value,
      ...shape.flatMap((size, i) => [size, x.shape[i], strides[i], paddings[i][0]]),
    ],
    groups: groupsFor(n),
  })[0];
}
