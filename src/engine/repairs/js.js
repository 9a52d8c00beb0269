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
exports.repairJs = void 0;
// What is wrong in tfjs's plain JavaScript kernels, which are also those that other engines fall
// back on (./onJs).
const tf = __importStar(require("@tensorflow/tfjs-core"));
const common_1 = require("./common");
const convolutions_1 = require("./convolutions");
const einsum_1 = require("./einsum");
const numbers_1 = require("./numbers");
const repair_1 = require("./repair");
const types_1 = require("./types");
const done = Symbol.for("llm.repairs");
/** What is out of range is wrapped; it becomes the nearest int32. */
const castToInt = ({ x }, { dtype }) => dtype === "int32" && x.dtype === "float32"
    ? tf.tensor(Int32Array.from(x.dataSync(), numbers_1.toInt), x.shape, "int32")
    : undefined;
/** Of floats it gives int32. */
const floorDiv = ({ a, b }) => a.dtype === "float32" ? tf.tidy(() => tf.floor(tf.div(a, b))) : undefined;
/** NaN for an infinite divisor: −1 mod ∞ is ∞, as in Python. */
const mod = ({ a, b }) => {
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const [p, q] = [(0, numbers_1.elementsOf)(a.shape, shape), (0, numbers_1.elementsOf)(b.shape, shape)];
    const [A, B] = [a.dataSync(), b.dataSync()];
    const values = Array.from(p, (at, i) => (0, numbers_1.remainder)(A[at], B[q[i]]));
    return tf.tensor(values, shape, a.dtype);
};
/** Of integers it goes by way of float32, which has 24 bits. */
const square = ({ x }) => (x.dtype === "int32" ? tf.mul(x, x) : undefined);
/** NaN has the sign 0. */
const sign = ({ x }) => {
    if (x.dtype !== "float32")
        return undefined;
    return tf.tensor(x.dataSync().map((v) => (Number.isNaN(v) ? v : Math.sign(v))), x.shape);
};
/** Of integers it gives float32. */
const segmentSum = ({ x, segmentIds }, attrs) => {
    if (x.dtype !== "int32")
        return undefined;
    return tf.tidy(() => {
        const floats = { x: tf.cast(x, "float32"), segmentIds };
        return tf.cast((0, repair_1.run)("UnsortedSegmentSum", floats, attrs), "int32");
    });
};
/** The wrong matrices are multiplied where batches are broadcast both ways: repeated first. */
const matMul = ({ a, b }, attrs) => {
    const batches = [a, b].map((x) => x.shape.slice(0, -2));
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(batches[0], batches[1]);
    if (a.size === 0 || b.size === 0) {
        const M = a.shape[a.rank - (attrs.transposeA ? 1 : 2)];
        const N = b.shape[b.rank - (attrs.transposeB ? 2 : 1)];
        return tf.zeros([...batch, M, N], a.dtype);
    }
    if (batches.every((shape) => [1, (0, repair_1.sizeOf)(batch)].includes((0, repair_1.sizeOf)(shape))))
        return undefined;
    const wide = (x) => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    return tf.tidy(() => (0, repair_1.run)("BatchMatMul", { a: wide(a), b: wide(b) }, attrs));
};
/** It calls the product of matrices directly, past the repair. */
const fusedMatMul = (inputs, attrs) => (0, common_1.unfused)("BatchMatMul", inputs, attrs);
/** With a negative axis the result is empty. */
const scan = ({ x }, attrs, kernelName) => attrs.axis < 0 ? (0, repair_1.run)(kernelName, { x }, { ...attrs, axis: attrs.axis + x.rank }) : undefined;
/** For the js engine, which must be the one in use. A second call does nothing. */
function repairJs() {
    const mark = tf.backend();
    if (mark[done])
        return;
    mark[done] = true;
    (0, repair_1.repair)("Abs", common_1.abs);
    (0, repair_1.repair)("Cast", castToInt);
    (0, repair_1.repair)("FloorDiv", floorDiv);
    (0, repair_1.repair)("Mod", mod);
    (0, repair_1.repair)("Sign", sign);
    (0, repair_1.repair)("Square", square);
    (0, repair_1.repair)("UnsortedSegmentSum", segmentSum);
    (0, repair_1.repair)("BatchMatMul", matMul);
    (0, repair_1.repair)("_FusedMatMul", fusedMatMul);
    (0, repair_1.repair)("Cumsum Cumprod", scan);
    (0, repair_1.repair)("Max Min Mean All", common_1.emptyReduction);
    (0, repair_1.repair)("ArgMax ArgMin", common_1.choice);
    (0, repair_1.repair)("ArgMax ArgMin", common_1.emptyChoice);
    (0, repair_1.repair)("StridedSlice", common_1.stridedSlice);
    (0, repair_1.repair)("GatherV2", common_1.emptyGather);
    (0, repair_1.repair)("Select", common_1.emptySelect);
    (0, repair_1.repair)("OneHot", common_1.oneHot);
    (0, repair_1.repair)("Fill PadV2", common_1.boolConstant);
    (0, repair_1.repair)("DepthToSpace", common_1.depthToSpace);
    (0, repair_1.repair)("Einsum", einsum_1.einsum);
    (0, repair_1.repair)(convolutions_1.convolutionKernels, convolutions_1.convolution);
    (0, repair_1.repair)("FusedConv2D FusedDepthwiseConv2D", common_1.fusedConvolution);
    (0, types_1.repairTypes)();
}
exports.repairJs = repairJs;
