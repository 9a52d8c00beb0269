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
exports.fusedConvolution = exports.unfused = exports.activated = exports.depthToSpace = exports.prelu = exports.boolConstant = exports.oneHot = exports.emptySelect = exports.emptyGather = exports.stridedSlice = exports.abs = exports.choice = exports.emptyChoice = exports.emptyReduction = void 0;
// Repairs that more than one engine needs.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const numbers_1 = require("./numbers");
const repair_1 = require("./repair");
const INFINITY = Number.POSITIVE_INFINITY;
/**
 * A reduction over no elements gives the value that changes nothing: 0 for a sum, −∞ for a maximum;
 * NaN for a mean. js gives NaN for max and min, false for all, 0 for mean; wasm whatever lies in
 * memory, or "divide by zero".
 */
const emptyReduction = ({ x }, attrs, kernelName) => {
    if (x.size > 0)
        return undefined;
    const axes = tf.util.parseAxisParam(attrs.axis ?? attrs.reductionIndices, x.shape);
    const shape = x.shape.flatMap((n, i) => (axes.includes(i) ? (attrs.keepDims ? [1] : []) : [n]));
    const whole = x.dtype === "int32";
    const values = {
        Sum: 0,
        Any: 0,
        All: 1,
        Prod: 1,
        Mean: Number.NaN,
        Max: whole ? numbers_1.INT32.least : -INFINITY,
        Min: whole ? numbers_1.INT32.most : INFINITY,
    };
    const dtype = kernelName === "Mean" ? "float32" : x.dtype;
    return tf.fill(shape, values[kernelName], dtype);
};
exports.emptyReduction = emptyReduction;
/** The place of the largest or smallest along no elements: there is none. */
const emptyChoice = ({ x }, { axis }, kernelName) => {
    if (x.size > 0)
        return undefined;
    const [at] = tf.util.parseAxisParam(axis, x.shape);
    const rest = x.shape.filter((_, i) => i !== at);
    if (x.shape[at] > 0)
        return tf.zeros(rest, "int32"); // "divide by zero" on wasm
    const name = kernelName === "ArgMax" ? "argMax" : "argMin";
    throw new Error(`${name}: expected at least one element along axis ${at}, got shape [${x.shape}]`);
};
exports.emptyChoice = emptyChoice;
/**
 * The place of the first of the largest or smallest; NaN is taken for the smallest or largest. In
 * tfjs it wins on js and wasm where it comes first, and elsewhere on native.
 */
const choice = ({ x }, { axis }, kernelName) => {
    if (x.dtype !== "float32")
        return undefined;
    const [at] = tf.util.parseAxisParam(axis, x.shape);
    const [outer, n, inner] = [x.shape.slice(0, at), x.shape[at], x.shape.slice(at + 1)];
    const step = (0, repair_1.sizeOf)(inner);
    const worst = kernelName === "ArgMax" ? -INFINITY : INFINITY;
    const values = x.dataSync();
    const places = new Int32Array((0, repair_1.sizeOf)(outer) * step);
    for (let i = 0; i < places.length; i++) {
        const from = Math.floor(i / step) * n * step + (i % step);
        let best = worst;
        for (let k = 0; k < n; k++) {
            const v = values[from + k * step];
            if (kernelName === "ArgMax" ? v > best : v < best) {
                best = v;
                places[i] = k;
            }
        }
    }
    return tf.tensor(places, [...outer, ...inner], "int32");
};
exports.choice = choice;
/** Of integers it goes by way of float32, which has 24 bits: on js and wasm. */
const abs = ({ x }) => x.dtype === "int32" ? tf.tidy(() => tf.maximum(x, tf.neg(x))) : undefined;
exports.abs = abs;
/**
 * A slice with strides: for each axis the places that are taken. js and wasm look at the wrong axes
 * where one place of an axis is taken (x[1, ::2]), and fail for some slices without elements.
 */
const stridedSlice = ({ x }, attrs) => {
    const { finalShape, isSimpleSlice, begin, end, strides } = tf.slice_util.sliceInfo(x.shape, attrs.begin, attrs.end, attrs.strides, attrs.beginMask, attrs.endMask, attrs.ellipsisMask, attrs.newAxisMask, attrs.shrinkAxisMask);
    const shape = finalShape.map((n) => Math.max(n, 0));
    if ((0, repair_1.sizeOf)(shape) === 0)
        return tf.zeros(shape, x.dtype);
    if (isSimpleSlice)
        return undefined;
    return tf.tidy(() => {
        let y = x;
        strides.forEach((stride, axis) => {
            if (stride === 1 && begin[axis] === 0 && end[axis] === x.shape[axis])
                return;
            const n = Math.ceil((end[axis] - begin[axis]) / stride);
            const places = Int32Array.from({ length: n }, (_, i) => begin[axis] + i * stride);
            y = tf.gather(y, tf.tensor1d(places, "int32"), axis);
        });
        return tf.reshape(y, shape);
    });
};
exports.stridedSlice = stridedSlice;
/** A gather without elements: js divides by zero, and wasm reads what is not there. */
const emptyGather = ({ x, indices }, { axis, batchDims = 0 }) => {
    if (x.size > 0 && indices.size > 0)
        return undefined;
    const [at] = tf.util.parseAxisParam(axis, x.shape);
    const shape = [
        ...x.shape.slice(0, at),
        ...indices.shape.slice(batchDims),
        ...x.shape.slice(at + 1),
    ];
    return (0, repair_1.sizeOf)(shape) === 0 ? tf.zeros(shape, x.dtype) : undefined;
};
exports.emptyGather = emptyGather;
/**
 * A choice without elements: tf.where leaves a shape as it is where it should be repeated no times,
 * and the kernel then reads the longest of them.
 */
const emptySelect = ({ condition, t, e }) => {
    if (condition.size > 0 && t.size > 0 && e.size > 0)
        return undefined;
    const shapes = [condition, t, e].map((x) => x.shape);
    const shape = shapes.reduce((a, b) => tf.broadcast_util.assertAndGetBroadcastShape(a, b));
    return tf.zeros(shape, t.dtype);
};
exports.emptySelect = emptySelect;
/**
 * Other values than 1 and 0, other types than int32: by the plain kernel. wasm writes 4 bytes of a
 * float32 as an int32 (1.4e-45 for 1), and 4 bytes for a bool; js writes numbers into bools.
 */
const oneHot = (inputs, attrs) => {
    const { onValue, offValue, dtype } = attrs;
    if (onValue === 1 && offValue === 0 && dtype === "int32")
        return undefined;
    return tf.tidy(() => {
        const ones = (0, repair_1.run)("OneHot", inputs, { ...attrs, onValue: 1, offValue: 0, dtype: "int32" });
        const [on, off] = [onValue, offValue].map((v) => tf.scalar(value(v, dtype), dtype));
        return tf.where(tf.cast(ones, "bool"), on, off);
    });
};
exports.oneHot = oneHot;
/** A number as a value of a type. */
function value(x, dtype) {
    if (dtype === "bool")
        return x !== 0;
    return dtype === "int32" ? Math.trunc(x) : x;
}
/** Numbers that are not 0 and 1, in a tensor of bools: js and wasm keep their last byte. */
const boolConstant = (inputs, attrs, kernelName) => {
    const name = kernelName === "Fill" ? "value" : "constantValue";
    const dtype = kernelName === "Fill" ? attrs.dtype : inputs.x.dtype;
    if (dtype !== "bool" || [0, 1].includes(attrs[name]))
        return undefined;
    return (0, repair_1.run)(kernelName, inputs, { ...attrs, [name]: Number(Boolean(attrs[name])) });
};
exports.boolConstant = boolConstant;
/**
 * x where it is not negative, and αx elsewhere. wasm takes an α that is broadcast from the wrong
 * places; native computes relu(x) + α (x − |x|) / 2, which is NaN for infinite numbers.
 */
const prelu = ({ x, alpha }) => tf.tidy(() => tf.where(tf.less(x, 0), tf.mul(alpha, x), x));
exports.prelu = prelu;
/** Channels second: by moving them. js has no "NCHW", and wasm leaves tensors behind. */
const depthToSpace = ({ x }, attrs) => {
    if (attrs.dataFormat !== "NCHW")
        return undefined;
    return tf.tidy(() => {
        const last = tf.transpose(x, [0, 2, 3, 1]);
        const y = (0, repair_1.run)("DepthToSpace", { x: last }, { ...attrs, dataFormat: "NHWC" });
        return tf.transpose(y, [0, 3, 1, 2]);
    });
};
exports.depthToSpace = depthToSpace;
const ACTIVATIONS = {
    linear: (x) => x,
    relu: tf.relu,
    relu6: tf.relu6,
    elu: tf.elu,
    sigmoid: tf.sigmoid,
    leakyrelu: (x, alpha) => tf.leakyRelu(x, alpha),
    prelu: (x, _, weights) => tf.prelu(x, weights),
};
/** What follows a product or a convolution in a fused layer. */
function activated(y, { bias, activation = "linear", leakyreluAlpha = 0.2, preluActivationWeights }) {
    const z = bias ? tf.add(y, bias) : y;
    return ACTIVATIONS[activation](z, leakyreluAlpha, preluActivationWeights);
}
exports.activated = activated;
/** A fused kernel as what it is fused of. */
function unfused(kernelName, inputs, attrs) {
    const { bias, preluActivationWeights, ...factors } = inputs;
    const { activation, leakyreluAlpha, ...rest } = attrs;
    const layer = { bias, activation, leakyreluAlpha, preluActivationWeights };
    return tf.tidy(() => activated((0, repair_1.run)(kernelName, factors, rest), layer));
}
exports.unfused = unfused;
/** They call their convolutions directly, past ./convolutions. */
const fusedConvolution = (inputs, attrs, kernelName) => unfused(kernelName === "FusedConv2D" ? "Conv2D" : "DepthwiseConv2dNative", inputs, attrs);
exports.fusedConvolution = fusedConvolution;
