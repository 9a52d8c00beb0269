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
exports.padInTurn = exports.asVectors = exports.binaryKernels = void 0;
// More axes than a kernel takes. TensorFlow broadcasts over five axes at most ("Broadcast between
// [2,1,2,1,2,1] and [1,2,1,2,1,2] is not supported yet"). XNNPACK, which some of wasm's kernels
// call, has six axes; what those kernels return beyond is whatever lies in memory, and no error.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const repair_1 = require("./repair");
/** Kernels of two tensors that are broadcast. */
exports.binaryKernels = (0, repair_1.words)(`
  Add Atan2 BitwiseAnd Equal FloorDiv Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr
  Maximum Minimum Mod Multiply NotEqual Pow Prelu RealDiv SquaredDifference Sub
`);
/**
 * Beyond so many axes: both tensors are repeated to the shape of the result, and what is computed
 * then is of rank 1.
 */
const asVectors = (most) => (inputs, attrs, kernelName) => {
    let rank = 0; // asked at every call, so it makes nothing
    for (const name in inputs)
        rank = Math.max(rank, inputs[name].rank);
    if (rank <= most)
        return undefined;
    const shape = Object.values(inputs)
        .map((x) => x.shape)
        .reduce((a, b) => tf.broadcast_util.assertAndGetBroadcastShape(a, b));
    const n = (0, repair_1.sizeOf)(shape);
    const vector = (x) => {
        if (n === 0)
            return tf.zeros([0], x.dtype);
        return tf.reshape(x.size === n ? x : tf.broadcastTo(x, shape), [n]);
    };
    return tf.tidy(() => {
        const vectors = Object.entries(inputs).map(([name, x]) => [name, vector(x)]);
        return tf.reshape((0, repair_1.run)(kernelName, Object.fromEntries(vectors), attrs), shape);
    });
};
exports.asVectors = asVectors;
/** Beyond so many axes: padded along one after the other, each as the middle one of three. */
const padInTurn = (most) => ({ x }, attrs, kernelName) => {
    if (x.rank <= most)
        return undefined;
    const paddings = attrs.paddings;
    return tf.tidy(() => paddings.reduce((y, [before, after], axis) => {
        if (before + after === 0)
            return y;
        const [lead, rest] = [y.shape.slice(0, axis), y.shape.slice(axis + 1)];
        const cube = tf.reshape(y, [(0, repair_1.sizeOf)(lead), y.shape[axis], (0, repair_1.sizeOf)(rest)]);
        const only = {
            ...attrs,
            paddings: [
                [0, 0],
                [before, after],
                [0, 0],
            ],
        };
        const padded = (0, repair_1.run)(kernelName, { x: cube }, only);
        return tf.reshape(padded, [...lead, y.shape[axis] + before + after, ...rest]);
    }, tf.clone(x)));
};
exports.padInTurn = padInTurn;
