// Which types the kernels take. tfjs checks little: on wasm most kernels read every tensor as
// float32, whatever it holds, native refuses with "Invalid TF_Status: 3", and js cuts results to
// the type of the input, so that tf.acos of integers is 0 or 1 and tf.neg of true is 255. Here the
// rules are the same on every engine:
//
//   functions of real numbers        give float32, of integers and bools, too
//   arithmetic on bools              is arithmetic on 0 and 1, and gives int32
//   what cannot leave 0 and 1        (products, maxima, moves) gives bools for bools
//   several tensors in one result    (where, concat, stack) have the widest of their types
import * as tf from "@tensorflow/tfjs-core";
import { type Attributes, castInputs, hasType, type Repair, repair, run, words } from "./repair";

const REAL = words(`
  Acos Acosh Asin Asinh Atan Atan2 Atanh Cos Cosh Elu Erf Exp Expm1 LeakyRelu Log Log1p LogSoftmax
  Mean Prelu RealDiv Reciprocal Rsqrt Selu Sigmoid Sin Sinh Softmax Softplus Sqrt Step Tan Tanh
`);
const COUNTS = words(`
  Add AddN BatchMatMul ClipByValue Cumprod Cumsum Einsum FloorDiv Mod Neg Pow SquaredDifference Sub
  Sum UnsortedSegmentSum
`);
/** These leave bools 0 and 1: computed as integers on all engines, because each has a few wrong. */
const CLOSED = words(`
  Abs BatchToSpaceND Diag Max Min Multiply Relu Relu6 Round ScatterNd Sign
  SpaceToBatchND SparseToDense Square TopK
`);
const COMPARED = words("Greater GreaterEqual Less LessEqual");
const CLASSES = words("IsFinite IsInf IsNan");

const WHOLE: tf.DataType[] = ["int32", "bool"];
const BOOL: tf.DataType[] = ["bool"];

const real: Repair = (inputs, attrs, kernelName) =>
  hasType(inputs, WHOLE)
    ? tf.tidy(() => run(kernelName, castInputs(inputs, WHOLE, "float32"), attrs))
    : undefined;

const counts: Repair = (inputs, attrs, kernelName) =>
  hasType(inputs, BOOL)
    ? tf.tidy(() => run(kernelName, castInputs(inputs, BOOL, "int32"), attrs))
    : undefined;

/** The values among several inputs, which say the type of the result. */
const VALUES: Record<string, string> = { ScatterNd: "updates", SparseToDense: "sparseValues" };

/** The first result has the type of the input; TopK has a second one, of indices. */
const closed: Repair = (inputs, attrs, kernelName) => {
  if (!hasType(inputs, BOOL)) return undefined;
  if (kernelName in VALUES && inputs[VALUES[kernelName]].dtype !== "bool") return undefined;
  return tf.tidy(() => {
    const made = run<tf.Tensor | tf.Tensor[]>(kernelName, castInputs(inputs, BOOL, "int32"), attrs);
    const [first, ...rest] = [made].flat();
    const bools = tf.cast(first, "bool");
    return Array.isArray(made) ? [bools, ...rest] : bools;
  });
};

const joined: Repair = (inputs, attrs, kernelName) => {
  const types = Object.values(inputs).map((x) => x.dtype);
  if (types.every((type) => type === types[0])) return undefined;
  const wide = types.reduce((a, b) => tf.upcastType(a, b));
  return tf.tidy(() => run(kernelName, castInputs(inputs, types, wide), attrs));
};

const select: Repair = ({ condition, t, e }, attrs: Attributes, kernelName) => {
  const wide = t.dtype === e.dtype ? undefined : tf.upcastType(t.dtype, e.dtype);
  if (!wide) return undefined;
  return tf.tidy(() =>
    run(kernelName, { condition, t: tf.cast(t, wide), e: tf.cast(e, wide) }, attrs),
  );
};

/** For the engine in use. */
export function repairTypes(): void {
  repair(REAL, real);
  repair(COUNTS, counts);
  repair(CLOSED, closed);
  repair(COMPARED, counts);
  repair(CLASSES, real);
  repair("Concat Pack", joined);
  repair("Select", select);
}
