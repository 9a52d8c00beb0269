// Kernels of tfjs's wasm backend whose results are inexact, replaced by our own (./kernels/clamp)
// and by loops over the heap:
//
//   Maximum, Minimum     lose NaN where it is the second number: max(1, NaN) is 1. A model whose
//                        loss is NaN would not show it. They take 36 ns per number
//   ClipByValue, Relu, Relu6
//                        lose NaN, Relu only some; of integers they read the bits as floats
//   Sin, Cos, Tan        lose all digits for very large numbers, and are slower than JavaScript
//   Sign                 is 0 for NaN, and for numbers below 1e-7
//   Mod                  is NaN for an infinite divisor, and 0 for −1e-10 mod 0.7
//   Neg, FloorDiv, Mod, Pow of integers
//                        are computed as float32, which has 24 bits; division by zero ends in
//                        "remainder by zero"
//   Cast to int32        wraps what is out of range; here, as on the other engines, it becomes the
//                        nearest int32, and NaN becomes 0
import * as tf from "@tensorflow/tfjs-core";
import { elementsOf, remainder, toInt } from "../repairs/numbers";
import { count, type Heap, type TensorInfo } from "./heap";

// biome-ignore lint/suspicious/noExplicitAny: the attributes of kernels have no common type
type Attributes = Record<string, any>;
type Replacement = (
  inputs: Record<string, TensorInfo>,
  attrs: Attributes,
) => TensorInfo | undefined;

/** f of each pair of elements, broadcast. */
function pairs(
  heap: Heap,
  a: TensorInfo,
  b: TensorInfo,
  f: (x: number, y: number) => number,
): TensorInfo {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const out = heap.output(shape, a.dtype);
  const [A, B, O] = [a, b, out].map((x) => heap.view(x));
  const isFull = (x: ArrayLike<number>) => x.length === O.length;
  if (isFull(A) && isFull(B)) for (let i = 0; i < O.length; i++) O[i] = f(A[i], B[i]);
  else if (isFull(A) && B.length === 1) for (let i = 0; i < O.length; i++) O[i] = f(A[i], B[0]);
  else {
    const [p, q] = [elementsOf(a.shape, shape), elementsOf(b.shape, shape)];
    for (let i = 0; i < O.length; i++) O[i] = f(A[p[i]], B[q[i]]);
  }
  return out;
}

/** f of each element. */
function each(heap: Heap, x: TensorInfo, f: (x: number) => number): TensorInfo {
  const out = heap.output(x.shape, x.dtype);
  const [X, O] = [x, out].map((t) => heap.view(t));
  for (let i = 0; i < O.length; i++) O[i] = f(X[i]);
  return out;
}

/** min(max(x, low), high). */
function clamp(heap: Heap, x: TensorInfo, low: number, high: number): TensorInfo {
  const out = heap.output(x.shape);
  const [from, to, n] = [heap.pointer(x), heap.pointer(out), count(x.shape)];
  const calls = heap
    .ranges(n, n * 3e-4, 4)
    .map(([i, j]) => [from + 4 * i, to + 4 * i, j - i, low, high]);
  heap.run("clamp", calls);
  return out;
}

/** The larger of two, or the smaller: `sign` −1. */
function extremum(heap: Heap, a: TensorInfo, b: TensorInfo, sign: 1 | -1): TensorInfo | undefined {
  if (!floats(a, b)) return undefined;
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const [n, p, q] = [shape, a.shape, b.shape].map(count);
  if (p !== n || (q !== n && q !== 1)) {
    if (q === n && p === 1) return extremum(heap, b, a, sign);
    const larger = (x: number, y: number) => (x > y || Number.isNaN(x) ? x : y);
    const smaller = (x: number, y: number) => (x < y || Number.isNaN(x) ? x : y);
    return pairs(heap, a, b, sign > 0 ? larger : smaller);
  }
  const out = heap.output(shape);
  const [A, B, Y] = [a, b, out].map((x) => heap.pointer(x));
  const step = q === n ? 4 : 0;
  const calls = heap
    .ranges(n, n * 3e-4, 4)
    .map(([i, j]) => [A + 4 * i, B + step * i, Y + 4 * i, j - i, step, sign]);
  heap.run("extremum", calls);
  return out;
}

const floats = (...x: TensorInfo[]) => x.every(({ dtype }) => dtype === "float32");
const alike = (...x: TensorInfo[]) => floats(...x) || integers(...x);
const integers = (...x: TensorInfo[]) => x.every(({ dtype }) => dtype === "int32");

const INFINITY = Number.POSITIVE_INFINITY;
/** The replacements, by kernel. They return undefined where the stock kernel is right. */
export function exactKernels(heap: Heap): Record<string, Replacement> {
  const one =
    (f: (x: number) => number): Replacement =>
    ({ x }) =>
      floats(x) ? each(heap, x, f) : undefined;
  const two =
    (f: (x: number, y: number) => number, isMine: typeof floats): Replacement =>
    ({ a, b }) =>
      isMine(a, b) ? pairs(heap, a, b, f) : undefined;
  const between = (x: TensorInfo, low: number, high: number) =>
    integers(x) ? each(heap, x, (v) => Math.min(Math.max(v, low), high)) : undefined;
  return {
    Maximum: ({ a, b }) => extremum(heap, a, b, 1),
    Minimum: ({ a, b }) => extremum(heap, a, b, -1),
    ClipByValue: ({ x }, { clipValueMin, clipValueMax }) =>
      floats(x)
        ? clamp(heap, x, clipValueMin, clipValueMax)
        : between(x, toInt(clipValueMin), toInt(clipValueMax)),
    Relu: ({ x }) => (floats(x) ? clamp(heap, x, 0, INFINITY) : between(x, 0, INFINITY)),
    Relu6: ({ x }) => (floats(x) ? clamp(heap, x, 0, 6) : between(x, 0, 6)),
    Sin: one(Math.sin),
    Cos: one(Math.cos),
    Tan: one(Math.tan),
    Sign: one((x) => (x > 0 ? 1 : x < 0 ? -1 : x)),
    Neg: ({ x }) => (integers(x) ? each(heap, x, (v) => -v) : undefined),
    FloorDiv: two((x, y) => Math.floor(x / y), integers),
    Mod: two(remainder, alike),
    Pow: two((x, y) => x ** y, integers),
  };
}

/** x as int32: cut towards zero. */
export function toIntegers(heap: Heap, x: TensorInfo): TensorInfo {
  const out = heap.output(x.shape, "int32");
  const [X, O] = [x, out].map((t) => heap.view(t));
  for (let i = 0; i < O.length; i++) O[i] = toInt(X[i]);
  return out;
}
