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
exports.repairNative = void 0;
// What is wrong or missing in tfjs-node's kernels. Its errors say no more than a number of
// TensorFlow's ("Invalid TF_Status: 3"). Where a repair reads values, it cannot be compiled, and
// `compile` says so.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const common_1 = require("./common");
const convolutions_1 = require("./convolutions");
const einsum_1 = require("./einsum");
const numbers_1 = require("./numbers");
const onJs_1 = require("./onJs");
const ranks_1 = require("./ranks");
const repair_1 = require("./repair");
const types_1 = require("./types");
const done = Symbol.for("llm.repairs");
const MISSING = (0, repair_1.words)(`
  BitwiseAnd DenseBincount RaggedGather RaggedRange RaggedTensorToTensor RotateWithOffset SearchSorted
  SparseFillEmptyRows SparseReshape SparseSegmentMean SparseSegmentSum StringNGrams StringSplit
  StringToHashBucketFast Transform
`);
/** Integers divided by zero: an error of TensorFlow; 0, as on the other engines. */
const byZero = ({ a, b }, attrs, kernelName) => {
    if (a.dtype !== "int32" || guarded.has(b))
        return undefined;
    return tf.tidy(() => {
        const isZero = tf.equal(b, 0);
        const divisor = tf.where(isZero, tf.onesLike(b), b);
        guarded.add(divisor);
        const quotient = (0, repair_1.run)(kernelName, { a, b: divisor }, attrs);
        return tf.where(isZero, tf.zerosLike(quotient), quotient);
    });
};
/** Divisors without a zero. */
const guarded = new WeakSet();
/** Of integers to a negative power: an error of TensorFlow. */
const pow = (inputs, attrs) => inputs.a.dtype === "int32" ? (0, onJs_1.onJs)("Pow", inputs, attrs) : undefined;
/** Rounds integers to 0. */
const round = ({ x }) => (x.dtype === "int32" ? tf.clone(x) : undefined);
/** Of integers with bounds beyond theirs, infinite ones: wrapped. */
const clip = ({ x }, { clipValueMin: low, clipValueMax: high }) => {
    if (x.dtype !== "int32")
        return undefined;
    const bound = (v) => tf.scalar((0, numbers_1.toInt)(v), "int32");
    return tf.tidy(() => tf.maximum(tf.minimum(x, bound(high)), bound(low)));
};
/** What is out of range becomes −2³¹. */
const castToInt = ({ x }, { dtype }) => {
    if (dtype !== "int32" || x.dtype !== "float32" || inRange.has(x))
        return undefined;
    return tf.tidy(() => {
        const most = 2 ** 31;
        const high = tf.greaterEqual(x, most);
        const outside = tf.logicalOr(tf.logicalOr(high, tf.less(x, -most)), tf.isNaN(x));
        const inside = tf.where(outside, tf.zerosLike(x), x);
        inRange.add(inside);
        const whole = (0, repair_1.run)("Cast", { x: inside }, { dtype });
        const edges = tf.where(high, tf.scalar(most - 1, "int32"), tf.scalar(-most, "int32"));
        const nearest = tf.where(tf.isNaN(x), tf.scalar(0, "int32"), edges);
        return tf.where(outside, nearest, whole);
    });
};
/** Floats that an int32 holds. */
const inRange = new WeakSet();
/**
 * Matrices (B, 1, M, K) times one matrix: oneDNN writes beyond the result, which ends the process
 * then or later. Without the axis of size 1 it is right.
 */
const matMul = ({ a, b }, attrs, kernelName) => {
    if (a.rank !== 4 || a.shape[1] !== 1 || (0, repair_1.sizeOf)(b.shape.slice(0, -2)) !== 1)
        return undefined;
    return tf.tidy(() => {
        const flat = tf.reshape(a, [a.shape[0], ...a.shape.slice(2)]);
        const matrix = tf.reshape(b, b.shape.slice(-2));
        const y = (0, repair_1.run)(kernelName, { a: flat, b: matrix }, attrs);
        const lead = new Array(Math.max(b.rank - 4, 0)).fill(1);
        return tf.reshape(y, [...lead, a.shape[0], 1, ...y.shape.slice(1)]);
    });
};
/** NaN is taken for a large number by some of the loops, and not by others: never chosen. */
const choice = ({ x }, attrs, kernelName) => {
    if (x.dtype !== "float32" || withoutNaN.has(x))
        return undefined;
    return tf.tidy(() => {
        const worst = tf.scalar(kernelName === "ArgMax" ? -Infinity : Infinity);
        const numbers = tf.where(tf.isNaN(x), worst, x);
        withoutNaN.add(numbers);
        return (0, repair_1.run)(kernelName, { x: numbers }, attrs);
    });
};
const withoutNaN = new WeakSet();
/** Refuses probabilities. */
const multinomial = ({ logits }, attrs) => attrs.normalized
    ? tf.tidy(() => (0, repair_1.run)("Multinomial", { logits: tf.log(logits) }, { ...attrs, normalized: false }))
    : undefined;
/** One value for all places, and places that are not in order, are refused. */
const sparseToDense = ({ sparseIndices, sparseValues, defaultValue }, { outputShape }) => tf.tidy(() => {
    const n = sparseIndices.rank === 0 ? 1 : sparseIndices.shape[0];
    const indices = tf.reshape(sparseIndices, [n, outputShape.length]);
    const values = tf.broadcastTo(sparseValues, [n]);
    return tf.tensorScatterUpdate(tf.broadcastTo(defaultValue, outputShape), indices, values);
});
/** With a sigma, the threshold cuts nothing off: on js and wasm it does, as in older TensorFlow. */
const softSuppression = (inputs, attrs, kernelName) => attrs.softNmsSigma > 0 ? (0, onJs_1.onJs)(kernelName, inputs, attrs) : undefined;
/** −1 for an axis where there are no elements: any size fits, so it is refused, as elsewhere. */
const reshape = ({ x }, { shape }) => {
    if (x.size === 0)
        tf.util.inferFromImplicitShape(shape, x.size);
    return undefined;
};
/** Strides that are left out are an error. */
const strides = (inputs, attrs) => attrs.strides
    ? undefined
    : (0, repair_1.run)("StridedSlice", inputs, { ...attrs, strides: attrs.begin.map(() => 1) });
/** For the native engine, which must be the one in use. A second call does nothing. */
function repairNative() {
    const mark = tf.backend();
    if (mark[done])
        return;
    mark[done] = true;
    (0, repair_1.repair)(MISSING, (inputs, attrs, kernelName) => (0, onJs_1.onJs)(kernelName, inputs, attrs));
    (0, repair_1.repair)("FloorDiv Mod", byZero);
    (0, repair_1.repair)("Pow", pow);
    (0, repair_1.repair)("Round", round);
    (0, repair_1.repair)("ClipByValue", clip);
    (0, repair_1.repair)("Cast", castToInt);
    (0, repair_1.repair)("BatchMatMul", matMul);
    (0, repair_1.repair)("Prelu", common_1.prelu);
    (0, repair_1.repair)("ArgMax ArgMin", choice);
    (0, repair_1.repair)("ArgMax ArgMin", common_1.emptyChoice);
    (0, repair_1.repair)("Multinomial", multinomial);
    (0, repair_1.repair)("Select", common_1.emptySelect);
    (0, repair_1.repair)("SparseToDense", sparseToDense);
    (0, repair_1.repair)("NonMaxSuppressionV5", softSuppression);
    (0, repair_1.repair)("DepthToSpace", common_1.depthToSpace);
    (0, repair_1.repair)("Reshape", reshape);
    (0, repair_1.repair)("StridedSlice", strides);
    (0, repair_1.repair)("Einsum", einsum_1.einsum);
    (0, repair_1.repair)(ranks_1.binaryKernels, (0, ranks_1.asVectors)(5));
    (0, repair_1.repair)("PadV2", (0, ranks_1.padInTurn)(6));
    (0, repair_1.repair)(convolutions_1.convolutionKernels, convolutions_1.convolution);
    (0, repair_1.repair)("FusedConv2D FusedDepthwiseConv2D", common_1.fusedConvolution);
    (0, types_1.repairTypes)();
}
exports.repairNative = repairNative;
