// What is wrong in tfjs's plain JavaScript kernels, which are also those that other engines fall
// back on (./onJs).
import * as tf from "@tensorflow/tfjs-core";
import {
  abs,
  boolConstant,
  choice,
  depthToSpace,
  emptyChoice,
  emptyGather,
  emptyReduction,
  emptySelect,
  fusedConvolution,
  oneHot,
  stridedSlice,
  unfused,
} from "./common";
import { convolution, convolutionKernels } from "./convolutions";
import { einsum } from "./einsum";
import { elementsOf, remainder, toInt } from "./numbers";
import { type Repair, repair, run, sizeOf } from "./repair";
import { repairTypes } from "./types";

const done = Symbol.for("llm.repairs");

/** What is out of range is wrapped; it becomes the nearest int32. */
const castToInt: Repair = ({ x }, { dtype }) =>
  dtype === "int32" && x.dtype === "float32"
    ? tf.tensor(Int32Array.from(x.dataSync(), toInt), x.shape, "int32")
    : undefined;

/** Of floats it gives int32. */
const floorDiv: Repair = ({ a, b }) =>
  a.dtype === "float32" ? tf.tidy(() => tf.floor(tf.div(a, b))) : undefined;

/** NaN for an infinite divisor: −1 mod ∞ is ∞, as in Python. */
const mod: Repair = ({ a, b }) => {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const [p, q] = [elementsOf(a.shape, shape), elementsOf(b.shape, shape)];
  const [A, B] = [a.dataSync(), b.dataSync()];
  const values = Array.from(p, (at, i) => remainder(A[at], B[q[i]]));
  return tf.tensor(values, shape, a.dtype);
};

/** Of integers it goes by way of float32, which has 24 bits. */
const square: Repair = ({ x }) => (x.dtype === "int32" ? tf.mul(x, x) : undefined);

/** NaN has the sign 0. */
const sign: Repair = ({ x }) => {
  if (x.dtype !== "float32") return undefined;
  return tf.tensor(
    (x.dataSync() as Float32Array).map((v) => (Number.isNaN(v) ? v : Math.sign(v))),
    x.shape,
  );
};

/** Of integers it gives float32. */
const segmentSum: Repair = ({ x, segmentIds }, attrs) => {
  if (x.dtype !== "int32") return undefined;
  return tf.tidy(() => {
    const floats = { x: tf.cast(x, "float32"), segmentIds };
    return tf.cast(run("UnsortedSegmentSum", floats, attrs), "int32");
  });
};

/** The wrong matrices are multiplied where batches are broadcast both ways: repeated first. */
const matMul: Repair = ({ a, b }, attrs) => {
  const batches = [a, b].map((x) => x.shape.slice(0, -2));
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batches[0], batches[1]);
  if (a.size === 0 || b.size === 0) {
    const M = a.shape[a.rank - (attrs.transposeA ? 1 : 2)];
    const N = b.shape[b.rank - (attrs.transposeB ? 2 : 1)];
    return tf.zeros([...batch, M, N], a.dtype);
  }
  if (batches.every((shape) => [1, sizeOf(batch)].includes(sizeOf(shape)))) return undefined;
  const wide = (x: tf.Tensor) => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
  return tf.tidy(() => run("BatchMatMul", { a: wide(a), b: wide(b) }, attrs));
};

/** It calls the product of matrices directly, past the repair. */
const fusedMatMul: Repair = (inputs, attrs) => unfused("BatchMatMul", inputs, attrs);

/** With a negative axis the result is empty. */
const scan: Repair = ({ x }, attrs, kernelName) =>
  attrs.axis < 0 ? run(kernelName, { x }, { ...attrs, axis: attrs.axis + x.rank }) : undefined;

/** For the js engine, which must be the one in use. A second call does nothing. */
export function repairJs(): void {
  const mark = tf.backend() as unknown as Record<symbol, boolean | undefined>;
  if (mark[done]) return;
  mark[done] = true;
  repair("Abs", abs);
  repair("Cast", castToInt);
  repair("FloorDiv", floorDiv);
  repair("Mod", mod);
  repair("Sign", sign);
  repair("Square", square);
  repair("UnsortedSegmentSum", segmentSum);
  repair("BatchMatMul", matMul);
  repair("_FusedMatMul", fusedMatMul);
  repair("Cumsum Cumprod", scan);
  repair("Max Min Mean All", emptyReduction);
  repair("ArgMax ArgMin", choice);
  repair("ArgMax ArgMin", emptyChoice);
  repair("StridedSlice", stridedSlice);
  repair("GatherV2", emptyGather);
  repair("Select", emptySelect);
  repair("OneHot", oneHot);
  repair("Fill PadV2", boolConstant);
  repair("DepthToSpace", depthToSpace);
  repair("Einsum", einsum);
  repair(convolutionKernels, convolution);
  repair("FusedConv2D FusedDepthwiseConv2D", fusedConvolution);
  repairTypes();
}
