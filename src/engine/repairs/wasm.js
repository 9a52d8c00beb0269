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
exports.repairWasm = void 0;
// What is wrong or missing in tfjs's wasm kernels and needs no access to their memory; what does is
// in ../wasm/overrides and ../wasm/exact. On this engine a wrong kernel is worse than a wrong
// number: it may write where other tensors lie.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const ids_1 = require("../ids");
const common_1 = require("./common");
const convolutions_1 = require("./convolutions");
const einsum_1 = require("./einsum");
const onJs_1 = require("./onJs");
const ranks_1 = require("./ranks");
const repair_1 = require("./repair");
const types_1 = require("./types");
const done = Symbol.for("llm.repairs");
/** Missing, or wrong whatever is asked of them. */
const FROM_JS = (0, repair_1.words)(`
  DenseBincount Dilation2D Dilation2DBackpropInput Dilation2DBackpropFilter RaggedGather RaggedRange
  RaggedTensorToTensor RotateWithOffset SearchSorted StaticRegexReplace Transform
`);
const COMPLEX = {
    Complex: "tf.complex",
    ComplexAbs: "tf.abs of complex numbers",
    FFT: "tf.fft",
    IFFT: "tf.ifft",
    Imag: "tf.imag",
    Real: "tf.real",
};
/** No complex numbers: there is no place for them in the memory of this engine. */
const noComplex = (_, __, kernelName) => {
    throw new repair_1.EngineRefusal(COMPLEX[kernelName], "there are no complex numbers", 'await useEngine({ prefer: "js" })');
};
const castComplex = ({ x }, { dtype }) => {
    if (dtype !== "complex64" && x.dtype !== "complex64")
        return undefined;
    throw new repair_1.EngineRefusal("tf.cast to complex64", "there are no complex numbers", 'await useEngine({ prefer: "js" })');
};
/**
 * With batchDims it reads other memory, and along any axis but the first it checks no index. Both
 * become one gather of rows (../wasm/overrides), counted through all batches.
 */
const gather = ({ x, indices }, { axis, batchDims: n = 0 }) => {
    const [at] = tf.util.parseAxisParam(axis, x.shape);
    if (at === 0)
        return undefined;
    (0, ids_1.checkIds)(indices, x.shape[at], "gather", "indices");
    return tf.tidy(() => {
        const axes = x.shape.map((_, i) => i);
        const [batch, between, after] = [axes.slice(0, n), axes.slice(n, at), axes.slice(at + 1)];
        const rows = between.length ? tf.transpose(x, [...batch, at, ...between, ...after]) : x;
        const [count, rest] = [(0, repair_1.sizeOf)(x.shape.slice(0, n)), rows.shape.slice(n + 1)];
        const starts = tf.reshape(tf.range(0, count, 1, "int32"), [count, 1]);
        const ids = tf.reshape(indices, [count, -1]);
        const all = tf.add(ids, tf.mul(starts, tf.scalar(x.shape[at], "int32")));
        const taken = tf.gather(tf.reshape(rows, [count * x.shape[at], ...rest]), tf.reshape(all, [-1]));
        const shape = [...x.shape.slice(0, n), ...indices.shape.slice(n), ...rest];
        const k = indices.rank;
        const places = Array.from({ length: k - n }, (_, i) => n + i);
        const moved = [...between, ...after].map((_, i) => k + i);
        const order = [...batch, ...moved.slice(0, at - n), ...places, ...moved.slice(at - n)];
        return tf.transpose(tf.reshape(taken, shape), order);
    });
};
/** Of a tensor that is not of rank 1 the result has axes too many. */
const bincount = ({ x, weights }, attrs) => x.rank === 1
    ? undefined
    : tf.tidy(() => (0, repair_1.run)("Bincount", { x: tf.reshape(x, [-1]), weights: tf.reshape(weights, [-1]) }, attrs));
/** Integers are refused. */
const matMul = (inputs, attrs, kernelName) => inputs.a.dtype === "float32" ? undefined : (0, onJs_1.onJs)(kernelName, inputs, attrs);
/**
 * Refuses integers, and a bias that is not of rank 1, and does nothing where a factor is empty; the activations
 * that ../wasm/overrides does not take over are inexact.
 */
const fusedMatMul = (inputs, attrs) => {
    const { a, b, bias } = inputs;
    const columns = b.shape[attrs.transposeB ? b.rank - 2 : b.rank - 1];
    const plain = !bias || (bias.size === columns && bias.shape.at(-1) === columns);
    const activation = attrs.activation ?? "linear";
    const known = ["linear", "relu", "relu6", "elu", "sigmoid"].includes(activation);
    const floats = !(0, repair_1.hasType)(inputs, ["int32", "bool"]);
    return floats && plain && known && a.size > 0 && b.size > 0
        ? undefined
        : (0, common_1.unfused)("BatchMatMul", inputs, attrs);
};
/** "nearest" takes other cells. */
const crop = (inputs, attrs) => attrs.method === "nearest" ? (0, onJs_1.onJs)("CropAndResize", inputs, attrs) : undefined;
/** Stays float32 for integers. */
const nearest = ({ images }, attrs) => {
    if (images.dtype === "float32")
        return undefined;
    return tf.tidy(() => {
        const floats = { images: tf.cast(images, "float32") };
        return tf.cast((0, repair_1.run)("ResizeNearestNeighbor", floats, attrs), images.dtype);
    });
};
/** With a negative axis it writes beyond its result. */
const scan = ({ x }, attrs, kernelName) => {
    if (x.size === 0)
        return tf.zerosLike(x); // "divide by zero"
    const axis = attrs.axis + x.rank;
    return attrs.axis < 0 ? (0, repair_1.run)(kernelName, { x }, { ...attrs, axis }) : undefined;
};
/** For the wasm engine, which must be the one in use. A second call does nothing. */
function repairWasm() {
    const mark = tf.backend();
    if (mark[done])
        return;
    mark[done] = true;
    (0, repair_1.repair)(FROM_JS, (inputs, attrs, kernelName) => (0, onJs_1.onJs)(kernelName, inputs, attrs));
    (0, repair_1.repair)(Object.keys(COMPLEX), noComplex);
    (0, repair_1.repair)("Cast", castComplex);
    (0, repair_1.repair)("GatherV2", gather);
    (0, repair_1.repair)("GatherV2", common_1.emptyGather);
    (0, repair_1.repair)("Prelu", common_1.prelu);
    (0, repair_1.repair)("BatchMatMul", matMul);
    (0, repair_1.repair)("_FusedMatMul", fusedMatMul);
    (0, repair_1.repair)("CropAndResize", crop);
    (0, repair_1.repair)("ResizeNearestNeighbor", nearest);
    (0, repair_1.repair)("Cumsum Cumprod", scan);
    (0, repair_1.repair)("Max Min Mean All Any Prod Sum", common_1.emptyReduction);
    (0, repair_1.repair)("ArgMax ArgMin", common_1.choice);
    (0, repair_1.repair)("ArgMax ArgMin", common_1.emptyChoice);
    (0, repair_1.repair)("StridedSlice", common_1.stridedSlice);
    (0, repair_1.repair)("Abs", common_1.abs);
    (0, repair_1.repair)("Bincount", bincount);
    (0, repair_1.repair)("Select", common_1.emptySelect);
    (0, repair_1.repair)("OneHot", common_1.oneHot);
    (0, repair_1.repair)("Fill PadV2", common_1.boolConstant);
    (0, repair_1.repair)("DepthToSpace", common_1.depthToSpace);
    (0, repair_1.repair)("Einsum", einsum_1.einsum);
    (0, repair_1.repair)(ranks_1.binaryKernels, (0, ranks_1.asVectors)(6));
    (0, repair_1.repair)("PadV2", (0, ranks_1.padInTurn)(6));
    (0, repair_1.repair)(convolutions_1.convolutionKernels, convolutions_1.convolution);
    (0, repair_1.repair)("FusedConv2D FusedDepthwiseConv2D", common_1.fusedConvolution);
    (0, types_1.repairTypes)();
}
exports.repairWasm = repairWasm;
