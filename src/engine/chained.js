"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __importStar = (this && this.__importStar) || function (mod) {
    if (mod && mod.__esModule) return mod;
    var result = {};
    if (mod != null) for (var k in mod) if (k !== "default" && Object.prototype.hasOwnProperty.call(mod, k)) __createBinding(result, mod, k);
    __setModuleDefault(result, mod);
    return result;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.registerChainedOps = void 0;
// Tensor methods (`x.matMul(w).add(b)`): tfjs-core ships their types and, for bundlers only, their
// code. Its Node bundle leaves them out, so they are put on the prototype here, for every engine.
// tfjs-node brings its own, of which some drop arguments (`ids.oneHot(depth, 1, 0, "float32")` has
// the type int32), so they are put there again after it has been loaded.
const tf = __importStar(require("./tf"));
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
const special = {
    as1D: function () {
        return tf.reshape(this, [this.size]);
    },
    asScalar: function () {
        return tf.reshape(this, []);
    },
    asType: function (dtype) {
        return tf.cast(this, dtype);
    },
    concat: function (others, axis) {
        return tf.concat([this, ...(others instanceof tf.Tensor ? [others] : others)], axis);
    },
    flatten: function () {
        return tf.reshape(this, [this.size]);
    },
    reshapeAs: function (other) {
        return tf.reshape(this, other.shape);
    },
    stack: function (others, axis) {
        return tf.stack([this, ...(others instanceof tf.Tensor ? [others] : others)], axis);
    },
    toBool: function () {
        return tf.cast(this, "bool");
    },
    toFloat: function () {
        return tf.cast(this, "float32");
    },
    toInt: function () {
        return tf.cast(this, "int32");
    },
    where: function (condition, other) {
        return tf.where(condition, this, other);
    },
};
for (const [name, shape] of [
    ["as2D", 2],
    ["as3D", 3],
    ["as4D", 4],
    ["as5D", 5],
]) {
    special[name] = function (...sizes) {
        return tf.reshape(this, sizes.slice(0, shape));
    };
}
for (const name of ["resizeBilinear", "resizeNearestNeighbor"])
    special[name] = function (size, align, half) {
        return tf.image[name](this, size, align, half);
    };
/** Puts the methods on `tf.Tensor.prototype`. */
function registerChainedOps() {
    const prototype = tf.Tensor.prototype;
    const functions = tf;
    for (const name of sameName) {
        prototype[name] = function (...args) {
            return functions[name](this, ...args);
        };
    }
    Object.assign(prototype, special);
}
exports.registerChainedOps = registerChainedOps;
