// Numbers as kernels have them, for those that are computed on the values themselves.
import { util } from "@tensorflow/tfjs-core";

export const INT32 = { least: -(2 ** 31), most: 2 ** 31 - 1 };

/** x as an int32: cut towards zero; the nearest where it is out of range, and 0 for NaN. */
export const toInt = (x: number): number =>
  Math.min(Math.max(Math.trunc(x), INT32.least), INT32.most) || 0;

/** For each element of the result the element of an input that is broadcast to its shape. */
export function elementsOf(from: readonly number[], to: readonly number[]): Int32Array {
  const index = new Int32Array(util.sizeFromShape(to as number[]));
  const strides = util.computeStrides([...from, 1]); // one for each axis of `from`
  const at = new Array<number>(to.length).fill(0);
  const lead = to.length - from.length;
  const steps = to.map((_, i) => (i >= lead && from[i - lead] > 1 ? strides[i - lead] : 0));
  let [i, where] = [0, 0];
  while (i < index.length) {
    index[i++] = where;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      where += steps[axis];
      if (++at[axis] < to[axis]) break;
      where -= steps[axis] * to[axis];
      at[axis] = 0;
    }
  }
  return index;
}

/**
 * What is left of x when it is divided by y, with the sign of y; of x itself where y is infinite,
 * and NaN for y = 0, which an int32 holds as 0.
 */
export function remainder(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}
