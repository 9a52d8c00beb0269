// What is wrong or missing in tfjs's wasm kernels and needs no access to their memory; what does is
// in ../wasm/overrides and ../wasm/exact. On this engine a wrong kernel is worse than a wrong
// number: it may write where other tensors lie.
import * as tf from "@tensorflow/tfjs-core";
import { checkIds } from "../ids";
import {
  abs,
  boolConstant,
  COMPLEX,
  castComplex,
  choice,
  depthToSpace,
  emptyChoice,
  emptyGather,
  emptyReduction,
  emptySelect,
  fusedConvolution,
  noComplex,
  oneHot,
  prelu,
  stridedSlice,
  unfused,
} from "./common";
import { convolution, convolutionKernels } from "./convolutions";
import { einsum } from "./einsum";
import { onJs } from "./onJs";
import { asVectors, binaryKernels, padInTurn } from "./ranks";
import { hasType, type Repair, repair, run, sizeOf, words } from "./repair";
import { repairTypes } from "./types";

const done = Symbol.for("llm.repairs");

/** Missing, or wrong whatever is asked of them. */
const FROM_JS = words(`
  DenseBincount Dilation2D Dilation2DBackpropInput Dilation2DBackpropFilter RaggedGather RaggedRange
  RaggedTensorToTensor RotateWithOffset SearchSorted StaticRegexReplace Transform
`);
/**
 * With batchDims it reads other memory, and along any axis but the first it checks no index. Both
 * become one gather of rows (../wasm/overrides), counted through all batches.
 */
const gather: Repair = ({ x, indices }, { axis, batchDims: n = 0 }) => {
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  if (at === 0) return undefined;
  checkIds(indices, x.shape[at], "gather", "indices");
  return tf.tidy(() => {
    const axes = x.shape.map((_, i) => i);
    const [batch, between, after] = [axes.slice(0, n), axes.slice(n, at), axes.slice(at + 1)];
    const rows = between.length ? tf.transpose(x, [...batch, at, ...between, ...after]) : x;
    const [count, rest] = [sizeOf(x.shape.slice(0, n)), rows.shape.slice(n + 1)];
    const starts = tf.reshape(tf.range(0, count, 1, "int32"), [count, 1]);
    const ids = tf.reshape(indices, [count, -1]);
    const all = tf.add(ids, tf.mul(starts, tf.scalar(x.shape[at], "int32")));
    const taken = tf.gather(
      tf.reshape(rows, [count * x.shape[at], ...rest]),
      tf.reshape(all, [-1]),
    );
    const shape = [...x.shape.slice(0, n), ...indices.shape.slice(n), ...rest];
    const k = indices.rank;
    const places = Array.from({ length: k - n }, (_, i) => n + i);
    const moved = [...between, ...after].map((_, i) => k + i);
    const order = [...batch, ...moved.slice(0, at - n), ...places, ...moved.slice(at - n)];
    return tf.transpose(tf.reshape(taken, shape), order);
  });
};

/** Of a tensor that is not of rank 1 the result has axes too many. */
const bincount: Repair = ({ x, weights }, attrs) =>
  x.rank === 1
    ? undefined
    : tf.tidy(() =>
        run("Bincount", { x: tf.reshape(x, [-1]), weights: tf.reshape(weights, [-1]) }, attrs),
      );

/** Integers are refused. */
const matMul: Repair = (inputs, attrs, kernelName) =>
  inputs.a.dtype === "float32" ? undefined : onJs(kernelName, inputs, attrs);

/**
 * Refuses integers, and a bias that is not of rank 1, and does nothing where a factor is empty; the
 * activations that ../wasm/overrides does not take over are inexact.
 */
const fusedMatMul: Repair = (inputs, attrs) => {
  const { a, b, bias } = inputs;
  const columns = b.shape[attrs.transposeB ? b.rank - 2 : b.rank - 1];
  const plain = !bias || (bias.size === columns && bias.shape.at(-1) === columns);
  const activation = attrs.activation ?? "linear";
  const known = ["linear", "relu", "relu6", "elu", "sigmoid"].includes(activation);
  const floats = !hasType(inputs, ["int32", "bool"]);
  return floats && plain && known && a.size > 0 && b.size > 0
    ? undefined
    : unfused("BatchMatMul", inputs, attrs);
};

/** "nearest" takes other cells. */
const crop: Repair = (inputs, attrs) =>
  attrs.method === "nearest" ? onJs("CropAndResize", inputs, attrs) : undefined;

/** Stays float32 for integers. */
const nearest: Repair = ({ images }, attrs) => {
  if (images.dtype === "float32") return undefined;
  return tf.tidy(() => {
    const floats = { images: tf.cast(images, "float32") };
    return tf.cast(run("ResizeNearestNeighbor", floats, attrs), images.dtype);
  });
};

/** With a negative axis it writes beyond its result. */
const scan: Repair = ({ x }, attrs, kernelName) => {
  if (x.size === 0) return tf.zerosLike(x); // "divide by zero"
  const axis = attrs.axis + x.rank;
  return attrs.axis < 0 ? run(kernelName, { x }, { ...attrs, axis }) : undefined;
};

/** For the wasm engine, which must be the one in use. A second call does nothing. */
export function repairWasm(): void {
  const mark = tf.backend() as unknown as Record<symbol, boolean | undefined>;
  if (mark[done]) return;
  mark[done] = true;
  repair(FROM_JS, (inputs, attrs, kernelName) => onJs(kernelName, inputs, attrs));
  repair(Object.keys(COMPLEX), noComplex);
  repair("Cast", castComplex);
  repair("GatherV2", gather);
  repair("GatherV2", emptyGather);
  repair("Prelu", prelu);
  repair("BatchMatMul", matMul);
  repair("_FusedMatMul", fusedMatMul);
  repair("CropAndResize", crop);
  repair("ResizeNearestNeighbor", nearest);
  repair("Cumsum Cumprod", scan);
  repair("Max Min Mean All Any Prod Sum", emptyReduction);
  repair("ArgMax ArgMin", choice);
  repair("ArgMax ArgMin", emptyChoice);
  repair("StridedSlice", stridedSlice);
  repair("Abs", abs);
  repair("Bincount", bincount);
  repair("Select", emptySelect);
  repair("OneHot", oneHot);
  repair("Fill PadV2", boolConstant);
  repair("DepthToSpace", depthToSpace);
  repair("Einsum", einsum);
  repair(binaryKernels, asVectors(6));
  repair("PadV2", padInTurn(6));
  repair(convolutionKernels, convolution);
  repair("FusedConv2D FusedDepthwiseConv2D", fusedConvolution);
  repairTypes();
}
