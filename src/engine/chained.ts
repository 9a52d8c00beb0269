// Tensor methods (`x.matMul(w).add(b)`): tfjs-core ships their types and, for bundlers only, their
// code. Its Node bundle leaves them out, so they are put on the prototype here, for every engine.
// tfjs-node brings its own, of which some drop arguments (`ids.oneHot(depth, 1, 0, "float32")` has
// the type int32), so they are put there again after it has been loaded.
import * as tf from "./tf";

type Method = (this: tf.Tensor, ...args: never[]) => unknown;

/** Methods that only put the tensor in front of the arguments of the function of the same name. */
const sameName = `
  abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh avgPool batchNorm
  batchToSpaceND broadcastTo ceil clipByValue conv1d conv2d conv2dTranspose cos cosh cumprod
  cumsum depthToSpace depthwiseConv2d dilation2d div divNoNan dot elu equal erf euclideanNorm exp
  expandDims expm1 fft floor floorDiv gather greater greaterEqual ifft irfft isFinite isInf isNaN
  leakyRelu less lessEqual localResponseNormalization log log1p logSigmoid logSoftmax logSumExp
  logicalAnd logicalNot logicalOr logicalXor matMul max maxPool maximum mean min minimum mirrorPad
  mod mul neg norm notEqual oneHot onesLike pad pool pow prelu prod reciprocal relu relu6 reshape
  reverse rfft round rsqrt selu separableConv2d sigmoid sign sin sinh slice softmax softplus
  spaceToBatchND split sqrt square squaredDifference squeeze step stridedSlice sub sum tan tanh
  tile topk transpose unique unsortedSegmentSum unstack zerosLike
`
  .trim()
  .split(/\s+/);

const special: Record<string, Method> = {
  as1D: function (this: tf.Tensor) {
    return tf.reshape(this, [this.size]);
  } as Method,
  asScalar: function (this: tf.Tensor) {
    return tf.reshape(this, []);
  } as Method,
  asType: function (this: tf.Tensor, dtype: tf.DataType) {
    return tf.cast(this, dtype);
  } as Method,
  concat: function (this: tf.Tensor, others: tf.Tensor | tf.Tensor[], axis?: number) {
    return tf.concat([this, ...(others instanceof tf.Tensor ? [others] : others)], axis);
  } as Method,
  flatten: function (this: tf.Tensor) {
    return tf.reshape(this, [this.size]);
  } as Method,
  reshapeAs: function (this: tf.Tensor, other: tf.Tensor) {
    return tf.reshape(this, other.shape);
  } as Method,
  stack: function (this: tf.Tensor, others: tf.Tensor | tf.Tensor[], axis?: number) {
    return tf.stack([this, ...(others instanceof tf.Tensor ? [others] : others)], axis);
  } as Method,
  toBool: function (this: tf.Tensor) {
    return tf.cast(this, "bool");
  } as Method,
  toFloat: function (this: tf.Tensor) {
    return tf.cast(this, "float32");
  } as Method,
  toInt: function (this: tf.Tensor) {
    return tf.cast(this, "int32");
  } as Method,
  where: function (this: tf.Tensor, condition: tf.Tensor, other: tf.Tensor) {
    return tf.where(condition, this, other);
  } as Method,
};
for (const [name, shape] of [
  ["as2D", 2],
  ["as3D", 3],
  ["as4D", 4],
  ["as5D", 5],
] as const) {
  special[name] = function (this: tf.Tensor, ...sizes: number[]) {
    return tf.reshape(this, sizes.slice(0, shape));
  } as Method;
}

for (const name of ["resizeBilinear", "resizeNearestNeighbor"] as const)
  special[name] = function (
    this: tf.Tensor3D,
    size: [number, number],
    align?: boolean,
    half?: boolean,
  ) {
    return tf.image[name](this, size, align, half);
  } as Method;

/** Puts the methods on `tf.Tensor.prototype`. */
export function registerChainedOps(): void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>;
  const functions = tf as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of sameName) {
    prototype[name] = function (this: tf.Tensor, ...args: unknown[]) {
      return functions[name](this, ...args);
    };
  }
  Object.assign(prototype, special);
}
