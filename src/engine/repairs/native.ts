// What is wrong or missing in tfjs-node's kernels. Its errors say no more than a number of
// TensorFlow's ("Invalid TF_Status: 3"). Where a repair reads values, it cannot be compiled, and
// `compile` says so.
import * as tf from "@tensorflow/tfjs-core";
import { depthToSpace, emptyChoice, emptySelect, fusedConvolution, prelu } from "./common";
import { convolution, convolutionKernels } from "./convolutions";
import { einsum } from "./einsum";
import { toInt } from "./numbers";
import { onJs } from "./onJs";
import { asVectors, binaryKernels, padInTurn } from "./ranks";
import { type Repair, repair, run, sizeOf, words } from "./repair";
import { repairTypes } from "./types";

const done = Symbol.for("llm.repairs");

const MISSING = words(`
  BitwiseAnd DenseBincount RaggedGather RaggedRange RaggedTensorToTensor RotateWithOffset SearchSorted
  SparseFillEmptyRows SparseReshape SparseSegmentMean SparseSegmentSum StringNGrams StringSplit
  StringToHashBucketFast Transform
`);

/** Integers divided by zero: an error of TensorFlow; 0, as on the other engines. */
const byZero: Repair = ({ a, b }, attrs, kernelName) => {
  if (a.dtype !== "int32" || guarded.has(b)) return undefined;
  return tf.tidy(() => {
    const isZero = tf.equal(b, 0);
    const divisor = tf.where(isZero, tf.onesLike(b), b);
    guarded.add(divisor);
    const quotient = run(kernelName, { a, b: divisor }, attrs);
    return tf.where(isZero, tf.zerosLike(quotient), quotient);
  });
};
/** Divisors without a zero. */
const guarded = new WeakSet<tf.Tensor>();

/** Of integers to a negative power: an error of TensorFlow. */
const pow: Repair = (inputs, attrs) =>
  inputs.a.dtype === "int32" ? onJs("Pow", inputs, attrs) : undefined;

/** Rounds integers to 0. */
const round: Repair = ({ x }) => (x.dtype === "int32" ? tf.clone(x) : undefined);

/** Of integers with bounds beyond theirs, infinite ones: wrapped. */
const clip: Repair = ({ x }, { clipValueMin: low, clipValueMax: high }) => {
  if (x.dtype !== "int32") return undefined;
  const bound = (v: number) => tf.scalar(toInt(v), "int32");
  return tf.tidy(() => tf.maximum(tf.minimum(x, bound(high)), bound(low)));
};

/** What is out of range becomes −2³¹. */
const castToInt: Repair = ({ x }, { dtype }) => {
  if (dtype !== "int32" || x.dtype !== "float32" || inRange.has(x)) return undefined;
  return tf.tidy(() => {
    const most = 2 ** 31;
    const high = tf.greaterEqual(x, most);
    const outside = tf.logicalOr(tf.logicalOr(high, tf.less(x, -most)), tf.isNaN(x));
    const inside = tf.where(outside, tf.zerosLike(x), x);
    inRange.add(inside);
    const whole = run("Cast", { x: inside }, { dtype });
    const edges = tf.where(high, tf.scalar(most - 1, "int32"), tf.scalar(-most, "int32"));
    const nearest = tf.where(tf.isNaN(x), tf.scalar(0, "int32"), edges);
    return tf.where(outside, nearest, whole);
  });
};
/** Floats that an int32 holds. */
const inRange = new WeakSet<tf.Tensor>();

/**
 * Matrices (B, 1, M, K) times one matrix: oneDNN writes beyond the result, which ends the process
 * then or later. Without the axis of size 1 it is right.
 */
const matMul: Repair = ({ a, b }, attrs, kernelName) => {
  if (a.rank !== 4 || a.shape[1] !== 1 || sizeOf(b.shape.slice(0, -2)) !== 1) return undefined;
  return tf.tidy(() => {
    const flat = tf.reshape(a, [a.shape[0], ...a.shape.slice(2)]);
    const matrix = tf.reshape(b, b.shape.slice(-2));
    const y = run(kernelName, { a: flat, b: matrix }, attrs);
    const lead = new Array<number>(Math.max(b.rank - 4, 0)).fill(1);
    return tf.reshape(y, [...lead, a.shape[0], 1, ...y.shape.slice(1)]);
  });
};

/** NaN is taken for a large number by some of the loops, and not by others: never chosen. */
const choice: Repair = ({ x }, attrs, kernelName) => {
  if (x.dtype !== "float32" || withoutNaN.has(x)) return undefined;
  return tf.tidy(() => {
    const worst = tf.scalar(kernelName === "ArgMax" ? -Infinity : Infinity);
    const numbers = tf.where(tf.isNaN(x), worst, x);
    withoutNaN.add(numbers);
    return run(kernelName, { x: numbers }, attrs);
  });
};
const withoutNaN = new WeakSet<tf.Tensor>();

/** Refuses probabilities. */
const multinomial: Repair = ({ logits }, attrs) =>
  attrs.normalized
    ? tf.tidy(() => run("Multinomial", { logits: tf.log(logits) }, { ...attrs, normalized: false }))
    : undefined;

/** One value for all places, and places that are not in order, are refused. */
const sparseToDense: Repair = ({ sparseIndices, sparseValues, defaultValue }, { outputShape }) =>
  tf.tidy(() => {
    const n = sparseIndices.rank === 0 ? 1 : sparseIndices.shape[0];
    const indices = tf.reshape(sparseIndices, [n, outputShape.length]);
    const values = tf.broadcastTo(sparseValues, [n]);
    return tf.tensorScatterUpdate(tf.broadcastTo(defaultValue, outputShape), indices, values);
  });

/** With a sigma, the threshold cuts nothing off: on js and wasm it does, as in older TensorFlow. */
const softSuppression: Repair = (inputs, attrs, kernelName) =>
  attrs.softNmsSigma > 0 ? onJs(kernelName, inputs, attrs) : undefined;

/** −1 for an axis where there are no elements: any size fits, so it is refused, as elsewhere. */
const reshape: Repair = ({ x }, { shape }) => {
  if (x.size === 0) tf.util.inferFromImplicitShape(shape, x.size);
  return undefined;
};

/** Strides that are left out are an error. */
const strides: Repair = (inputs, attrs) =>
  attrs.strides
    ? undefined
    : run("StridedSlice", inputs, { ...attrs, strides: attrs.begin.map(() => 1) });

/** For the native engine, which must be the one in use. A second call does nothing. */
export function repairNative(): void {
  const mark = tf.backend() as unknown as Record<symbol, boolean | undefined>;
  if (mark[done]) return;
  mark[done] = true;
  repair(MISSING, (inputs, attrs, kernelName) => onJs(kernelName, inputs, attrs));
  repair("FloorDiv Mod", byZero);
  repair("Pow", pow);
  repair("Round", round);
  repair("ClipByValue", clip);
  repair("Cast", castToInt);
  repair("BatchMatMul", matMul);
  repair("Prelu", prelu);
  repair("ArgMax ArgMin", choice);
  repair("ArgMax ArgMin", emptyChoice);
  repair("Multinomial", multinomial);
  repair("Select", emptySelect);
  repair("SparseToDense", sparseToDense);
  repair("NonMaxSuppressionV5", softSuppression);
  repair("DepthToSpace", depthToSpace);
  repair("Reshape", reshape);
  repair("StridedSlice", strides);
  repair("Einsum", einsum);
  repair(binaryKernels, asVectors(5));
  repair("PadV2", padInTurn(6));
  repair(convolutionKernels, convolution);
  repair("FusedConv2D FusedDepthwiseConv2D", fusedConvolution);
  repairTypes();
}
