// What is wrong or missing in tfjs's WebGPU kernels. Most of it has kernels of our own (../webgpu);
// what a language model does not need is computed by the js engine. Found by `npm run operations`:
//
//   integers              pass through float32, which has 24 bits; divided by 0 they are −2³¹; some
//                         shaders (transpose) are not valid for them
//   axes                  where has four, pad four, others six
//   sin, cos, tan, acos   eleven bits: what WebGPU promises (../webgpu/functions)
//   cast                  the old bits with a new type
//   log1p, softplus       numbers for what has none, and for NaN
//   argMax, argMin        NaN is chosen; the axis is wrong; a shape [1] for []
//   matMul                ∞ at the edge of a tile becomes NaN
//   unsortedSegmentSum    sums in another order each time (../webgpu/segments)
//   addN                  more tensors than a shader may have
//   no elements           an error
import * as tf from "@tensorflow/tfjs-core";
import { placeOf } from "../webgpu/choice";
import { CASTS, FUNCTION_LIBRARY, FUNCTIONS } from "../webgpu/functions";
import { float, wordOf } from "../webgpu/kernels";
import { REDUCED, reduced, running } from "../webgpu/lines";
import { matMul } from "../webgpu/matMul";
import { softmax } from "../webgpu/softmax";
import { broadcast, commonShape, strided } from "../webgpu/strided";
import { BINARY, UNARY } from "../webgpu/wholeNumbers";
import {
  boolConstant,
  COMPLEX,
  castComplex,
  depthToSpace,
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
import { onJs, prepareJs } from "./onJs";
import { asVectors, binaryKernels } from "./ranks";
import { type Repair, repair, run, sizeOf, words } from "./repair";
import { repairTypes } from "./types";
import {
  commands,
  concat,
  gather,
  isWhole,
  pack,
  pad,
  result,
  reverse,
  segments,
  slice,
  split,
  tile,
  transpose,
  unpack,
} from "./webgpuMoves";

const done = Symbol.for("llm.repairs");

/** Missing, wrong whatever is asked of them, or, as Range, needed in JavaScript: for the checks. */
const FROM_JS = words(`
  Bincount CropAndResize DenseBincount LinSpace NonMaxSuppressionV4 RaggedGather RaggedRange RaggedTensorToTensor
  RotateWithOffset SparseFillEmptyRows SparseReshape SparseSegmentMean SparseSegmentSum
  Range StaticRegexReplace StringNGrams StringSplit StringToHashBucketFast Transform Unique
`);
/** These pass integers through float32, and are rarely needed of them. */
const WHOLE_FROM_JS = words(`
  BatchToSpaceND Diag MirrorPad Pow ScatterNd SpaceToBatchND SparseToDense StridedSlice TensorScatterUpdate TopK
`);

const fromJs: Repair = (inputs, attrs, kernelName) => onJs(kernelName, inputs, attrs);

const wholeFromJs: Repair = (inputs, attrs, kernelName) =>
  Object.values(inputs).every(isWhole) ? onJs(kernelName, inputs, attrs) : undefined;

/** Nothing can be bound to a shader that has no bytes. */
const empty: Repair = (inputs, attrs, kernelName) => {
  for (const name in inputs) if (inputs[name]?.size === 0) return onJs(kernelName, inputs, attrs);
  return undefined;
};

/** A single number that JavaScript knows is computed there, and stays known: that of a step. */
const known: Repair = (inputs, attrs, kernelName) => {
  if (commands().listener) return undefined;
  for (const name in inputs) {
    const { size, dataId } = inputs[name];
    if (size !== 1 || commands().reads.knownValues(dataId) === undefined) return undefined;
  }
  return onJs(kernelName, inputs, attrs);
};

const wholeBinary: Repair = ({ a, b }, _, kernelName) => {
  if (!isWhole(a) || !isWhole(b)) return undefined;
  const shape = commonShape(a, b);
  const [expression, dtype = "int32"] = BINARY[kernelName];
  const views = [broadcast(a, shape), broadcast(b, shape)];
  return result(strided(commands(), { name: kernelName, expression, views, shape, dtype }));
};

const wholeUnary: Repair = ({ x }, _, kernelName) => {
  if (!isWhole(x)) return undefined;
  const { shape, dtype } = x;
  const views = [broadcast(x, shape)];
  const expression = UNARY[kernelName];
  return result(strided(commands(), { name: kernelName, expression, views, shape, dtype }));
};

const ofOne = (x: tf.Tensor, name: string, expression: string, dtype: tf.DataType): tf.Tensor => {
  const views = [broadcast(x, x.shape)];
  const call = { name, expression, library: FUNCTION_LIBRARY, extra: [float(Number.NaN)] };
  return result(strided(commands(), { ...call, views, shape: x.shape, dtype }));
};
const functions: Repair = ({ x }, _, kernelName) =>
  isWhole(x) ? undefined : ofOne(x, kernelName, FUNCTIONS[kernelName], "float32");

/** tfjs gives the new type to the old bits, and every kernel would have to know. */
const cast: Repair = ({ x }, { dtype }) => {
  if (x.dtype === dtype) return undefined;
  const name = `${wordOf(x.dtype)} ${dtype}`;
  return ofOne(x, `cast ${name}`, CASTS[name], dtype);
};

/** Sums and the like of integers: the axes that go are moved to the end. */
const reduction: Repair = ({ x }, attrs, kernelName) => {
  const whole = isWhole(x);
  if (!whole && x.rank <= 6) return undefined;
  const axes = tf.util.parseAxisParam(attrs.axis ?? attrs.reductionIndices, x.shape);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const sizes = (list: number[]) => list.map((i) => x.shape[i]);
  return tf.tidy(() => {
    const last = tf.transpose(x, [...kept, ...axes]);
    const lines = tf.reshape(last, [sizeOf(sizes(kept)), sizeOf(sizes(axes))]);
    const sums = whole
      ? tf.engine().makeTensorFromTensorInfo(reduced(commands(), kernelName, lines))
      : run(kernelName, { x: lines }, { ...attrs, axis: [1], keepDims: false });
    const ones = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
    return tf.reshape(sums, attrs.keepDims ? ones : sizes(kept));
  });
};

const scan: Repair = ({ x }, { axis, exclusive, reverse }, kernelName) => {
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  return result(running(commands(), kernelName, x, { axis: at, exclusive, reverse }));
};

/** A shader may have eight tensors, on some GPUs more: longer sums in parts, in the same order. */
const addN: Repair = (inputs, attrs, kernelName) => {
  const list = Object.values(inputs);
  if (list.length > 1 && list.every(isWhole))
    return tf.tidy(() => list.reduce((a, b) => tf.add(a, b)));
  if (list.length <= 7) return undefined;
  return tf.tidy(() => {
    let [sum] = list;
    for (let i = 1; i < list.length; i += 6)
      sum = run(kernelName, [sum, ...list.slice(i, i + 6)], attrs);
    return sum;
  });
};

/** Of floats it gives int32. */
const floorDiv: Repair = ({ a, b }) =>
  isWhole(a) ? undefined : tf.tidy(() => tf.floor(tf.div(a, b)));

/** Of floats: an infinite divisor leaves x, or itself where the signs differ. */
const mod: Repair = ({ a, b }) => {
  if (isWhole(a) || isWhole(b)) return undefined;
  const shape = commonShape(a, b);
  const expression = `
    if (isNaNumber(a) || isNaNumber(b) || abs(a) > 3.4028234e38 || b == 0.0) { return QF(0); }
    var rest = a;
    if (abs(b) <= 3.4028234e38) { rest = a % b; }
    return select(rest, rest + b, rest != 0.0 && (rest < 0.0) != (b < 0.0));`;
  const views = [broadcast(a, shape), broadcast(b, shape)];
  const call = { name: "mod", expression, library: FUNCTION_LIBRARY, extra: [float(Number.NaN)] };
  return result(strided(commands(), { ...call, views, shape, dtype: "float32" }));
};

/** A shader's atan2 is not defined where both are 0, and is π for tiny a beside 1; NaN is lost. */
const atan2: Repair = ({ a, b }) => {
  if (isWhole(a) || isWhole(b)) return undefined;
  const shape = commonShape(a, b);
  const expression = `
    if (isNaNumber(a) || isNaNumber(b)) { return QF(0); }
    if (abs(a) > 3.4e38 || abs(b) > 3.4e38) { return atan2(a, b); }
    if (b > 0.0) { return atan(a / b); }
    let isDown = (bitcast<u32>(a) >> 31u) == 1u;
    if (b < 0.0) { return atan(a / b) + select(3.14159265, -3.14159265, isDown); }
    if (a != 0.0) { return select(1.57079633, -1.57079633, isDown); }
    return select(select(3.14159265, -3.14159265, isDown), a, bitcast<u32>(b) == 0u);`;
  const views = [broadcast(a, shape), broadcast(b, shape)];
  const call = { name: "atan2", expression, library: FUNCTION_LIBRARY, extra: [float(Number.NaN)] };
  return result(strided(commands(), { ...call, views, shape, dtype: "float32" }));
};

const softmaxOfRows: Repair = ({ logits }, { dim }) =>
  isWhole(logits) || ![-1, logits.rank - 1].includes(dim)
    ? undefined
    : result(softmax(commands(), logits));

/** A choice between values of one type, broadcast. */
const select: Repair = ({ condition, t, e }) => {
  const shape = commonShape(condition, t, e);
  const views = [condition, t, e].map((x) => broadcast(x, shape));
  // The condition of a vector may choose whole rows: tf.where has repeated it by then.
  const expression = "if (a != 0) { return b; } return c;";
  return result(strided(commands(), { name: "select", expression, views, shape, dtype: t.dtype }));
};

const choice: Repair = ({ x }, { axis }, kernelName) => {
  const [at] = tf.util.parseAxisParam(axis, x.shape);
  return result(placeOf(commands(), kernelName, x, at));
};

const product: Repair = ({ a, b }, attrs) => {
  const batches = [a, b].map((x) => x.shape.slice(0, -2));
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batches[0], batches[1]);
  if (isWhole(a) || isWhole(b)) return onJs("BatchMatMul", { a, b }, attrs);
  return result(matMul(commands(), { a, b }, attrs.transposeA, attrs.transposeB, batch));
};

const fusedProduct: Repair = (inputs, attrs) => unfused("BatchMatMul", inputs, attrs);

/** Bounds of integers. */
const clip: Repair = ({ x }, { clipValueMin: low, clipValueMax: high }) =>
  x.dtype === "int32"
    ? onJs("ClipByValue", { x }, { clipValueMin: low, clipValueMax: high })
    : undefined;

const rankOver =
  (most: number): Repair =>
  (inputs, attrs, kernelName) => {
    for (const name in inputs) if (inputs[name].rank > most) return onJs(kernelName, inputs, attrs);
    return undefined;
  };

/** Kernels that take shapes from the tensor's own axes, without a shader for more than six. */
const SIX = words(`
  BatchToSpaceND Concat MirrorPad Pack Slice SpaceToBatchND SplitV StridedSlice Unpack
`);

/** For the WebGPU engine, which must be the one in use. A second call does nothing. */
export function repairWebGpu(): void {
  const mark = tf.backend() as unknown as Record<symbol, boolean | undefined>;
  if (mark[done]) return;
  mark[done] = true;
  prepareJs();
  repair(FROM_JS, fromJs);
  repair(WHOLE_FROM_JS, wholeFromJs);
  repair(Object.keys(COMPLEX), noComplex);
  repair("Cast", cast);
  repair("Cast", castComplex);
  repair(SIX, rankOver(6));
  repair(Object.keys(FUNCTIONS), functions);
  repair([...REDUCED, "Mean"], reduction);
  repair("Cumsum Cumprod", scan);
  repair(binaryKernels, asVectors(4));
  repair(Object.keys(BINARY), wholeBinary);
  repair(Object.keys(UNARY), wholeUnary);
  repair("Add Sub Multiply", known);
  repair("Select", select);
  repair("Select", emptySelect);
  repair("Transpose", transpose);
  repair("Reverse", reverse);
  repair("PadV2", pad);
  repair("Slice", slice);
  repair("Tile", tile);
  repair("StridedSlice", stridedSlice);
  repair("Concat", concat);
  repair("Pack", pack);
  repair("SplitV", split);
  repair("Unpack", unpack);
  repair("GatherV2", gather);
  repair("UnsortedSegmentSum", segments);
  repair("GatherNd", rankOver(4));
  repair("ArgMax ArgMin", choice);
  repair("BatchMatMul", product);
  repair("_FusedMatMul", fusedProduct);
  repair("ClipByValue", clip);
  repair("Prelu", prelu);
  repair("OneHot", oneHot);
  repair("DepthToSpace", depthToSpace);
  repair("Einsum", einsum);
  repair(convolutionKernels, convolution);
  repair("FusedConv2D FusedDepthwiseConv2D", fusedConvolution);
  repair("Fill", boolConstant);
  repair("Mod", mod);
  repair("Atan2", atan2);
  repair("Softmax", softmaxOfRows);
  repair("FloorDiv", floorDiv);
  repair("AddN", addN);
  const all = tf.getKernelsForBackend("webgpu").map(({ kernelName }) => kernelName);
  repair(
    all.filter((name) => !/^(Identity|Reshape|Fill|llm.*)$/.test(name) && !(name in COMPLEX)),
    empty,
  );
  repairTypes();
}
