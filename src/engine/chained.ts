// Tensor methods (`x.matMul(w).add(b)`): tfjs-core ships their types and, for bundlers only, their
// code. Its Node bundle leaves them out, so they are put on the prototype here, once, for every
// engine. Left out: image and convolution methods, which no lesson uses; `tf.conv2d(x, …)` works
// as a function.
import * as tf from "@tensorflow/tfjs-core";

type Method = (this: tf.Tensor, ...args: never[]) => unknown;

/** Methods that only put the tensor in front of the arguments of the function of the same name. */
const sameName = `
  abs acos acosh add all any argMax argMin asin asinh atan atan2 atanh broadcastTo cast ceil
  clipByValue cos cosh cumprod cumsum div divNoNan dot elu equal erf euclideanNorm exp
  expandDims expm1 floor floorDiv gather greater greaterEqual isFinite isInf isNaN leakyRelu
  less lessEqual log log1p logSigmoid logSoftmax logSumExp logicalAnd logicalNot logicalOr
  logicalXor matMul max maximum mean min minimum mirrorPad mod mul neg norm notEqual oneHot
  onesLike pad pow prelu prod reciprocal relu relu6 reshape reverse round rsqrt selu sigmoid
  sign sin sinh slice softmax softplus split sqrt square squaredDifference squeeze step
  stridedSlice sub sum tan tanh tile topk transpose unique unsortedSegmentSum unstack
  zerosLike
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

/** Puts the methods on `tf.Tensor.prototype`; those already there (from tfjs-node) stay. */
export function registerChainedOps(): void {
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>;
  const functions = tf as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of sameName) {
    if (name in prototype) continue;
    prototype[name] = function (this: tf.Tensor, ...args: unknown[]) {
      return functions[name](this, ...args);
    };
  }
  for (const [name, method] of Object.entries(special))
    if (!(name in prototype)) prototype[name] = method;
}
