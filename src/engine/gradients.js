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
exports.registerGradients = void 0;
// Gradients that are wrong in tfjs 4.22 on every engine, corrected. Where an input is broadcast,
// its gradient must be summed over the axes along which it was repeated; tfjs leaves the sum out.
//
//   BatchMatMul      x (B, T, C) times weight (C, V) is an error in the backward pass
//   Maximum, Minimum, SquaredDifference
//                    the same error, for example in tf.maximum(x, 0)
//   Tile             and so tf.broadcastTo: an error from rank 5 on, as for keys repeated for
//                    grouped queries
//   Select           an error in tf.where without elements
//   Unpack, SplitV   an error where there is one part, as in tf.unstack of a sequence of length 1
//   Cumsum           the gradient comes out transposed along any axis but the last; no error is
//                    reported where the matrix is square
//   GatherV2         an error with two batchDims and more; the wrong sums with one, unless the rows
//                    are whole
//   Prod             an error along any axis but the last
//   Einsum           has none (./repairs/einsum)
//   Greater, ArgMax, …
//                    have none, so that tf.where(x.greater(0), x, 0) is an error: no gradient flows
//                    through the choice, as through tf.sign, which has one
//   MirrorPad        the gradient of what was mirrored is lost
//   ResizeBilinear, ResizeNearestNeighbor
//                    an error where the image is not square, the wrong cells with halfPixelCenters,
//                    and an endless loop with alignCorners where the result has one row
//
// Two gradients are in no registry, because their functions bring them along: ./tf has these anew.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const einsum_1 = require("./repairs/einsum");
/** Sums a gradient over the axes along which an input of this shape was repeated. */
function sumTo(gradient, shape) {
    const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
    return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape);
}
function matMulGradient(dy, [a, b], { transposeA, transposeB }) {
    const db = () => {
        if (a.rank > 2 && b.rank === 2 && !transposeA) {
            // One weight for all rows: the leading axes become one.
            const [rows, dRows] = [a, dy].map((x) => tf.reshape(x, [-1, x.shape.at(-1)]));
            return transposeB ? tf.matMul(dRows, rows, true) : tf.matMul(rows, dRows, true);
        }
        return sumTo(transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false), b.shape);
    };
    const da = () => sumTo(transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB), a.shape);
    return { a: da, b: db };
}
/** ∂y goes to the input that was chosen; of two equal ones to the first, as in tfjs. */
const choice = (first) => (dy, [a, b]) => ({
    a: () => sumTo(tf.mul(dy, tf.cast(first(a, b), "float32")), a.shape),
    b: () => sumTo(tf.mul(dy, tf.cast(tf.logicalNot(first(a, b)), "float32")), b.shape),
});
/** ∂x of x repeated: the sum over the repetitions, axis after axis. */
function tileGradient(dy, [x], { reps }) {
    const sum = (g, axis) => {
        if (reps[axis] === 1)
            return g;
        const pieces = tf.reshape(g, [size(g.shape.slice(0, axis)), reps[axis], -1]);
        return tf.reshape(tf.sum(pieces, 1), [
            ...x.shape.slice(0, axis + 1),
            ...g.shape.slice(axis + 1),
        ]);
    };
    return {
        x: () => (dy.size === 0 ? tf.zerosLike(x) : reps.reduce((g, _, axis) => sum(g, axis), dy)),
    };
}
const size = (shape) => shape.reduce((a, b) => a * b, 1);
/** ∂x of gathered places: each gets the sum of what was taken from it, batch by batch. */
function gatherGradient(dy, [x, indices], { axis, batchDims: n = 0 }) {
    const dx = () => {
        const [at] = tf.util.parseAxisParam(axis, x.shape);
        const count = size(x.shape.slice(0, n));
        const axes = x.shape.map((_, i) => i);
        // ∂y as (batch, places, between, after), and what comes out as (batch, at, between, after)
        const k = indices.rank - n;
        const steps = dy.shape.map((_, i) => i);
        const [batch, between] = [steps.slice(0, n), steps.slice(n, at)];
        const first = [...batch, ...steps.slice(at, at + k), ...between, ...steps.slice(at + k)];
        const rows = at === n ? dy : tf.transpose(dy, first);
        const rest = rows.shape.slice(n + k);
        let ids = tf.reshape(indices, [count, -1]);
        if (n > 0) {
            const starts = tf.reshape(tf.range(0, count, 1, "int32"), [count, 1]);
            ids = tf.add(ids, tf.mul(starts, tf.scalar(x.shape[at], "int32")));
        }
        const places = tf.reshape(ids, [-1]);
        const flat = tf.reshape(rows, [indices.size, ...rest]);
        const sums = tf.unsortedSegmentSum(flat, places, count * x.shape[at]);
        const wide = tf.reshape(sums, [...x.shape.slice(0, n), x.shape[at], ...rest]);
        if (at === n)
            return wide;
        const order = [...axes.slice(0, n), ...axes.slice(n + 1, at + 1), n, ...axes.slice(at + 1)];
        return tf.transpose(wide, order);
    };
    return { x: dx, indices: () => tf.zeros(indices.shape) };
}
/** ∂x of a product: the product of all others, which is also right where some are zero. */
function prodGradient(dy, [x], { axis }) {
    const gradient = () => {
        const axes = tf.util.parseAxisParam(axis, x.shape);
        const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
        const order = [...kept, ...axes];
        const lists = tf.reshape(tf.transpose(x, order), [...kept.map((i) => x.shape[i]), -1]);
        const others = tf.mul(tf.cumprod(lists, -1, true), tf.cumprod(lists, -1, true, true));
        const d = tf.mul(tf.reshape(dy, [...lists.shape.slice(0, -1), 1]), others);
        const back = order.map((_, i) => order.indexOf(i));
        return tf.transpose(tf.reshape(d, order.map((i) => x.shape[i])), back);
    };
    return { x: () => (x.size === 0 ? tf.zerosLike(x) : gradient()) };
}
/** ∂x of x mirrored at its edges: every cell gets what its images got, axis after axis. */
function mirrorGradient(dy, [x], { paddings, mode }) {
    const edge = mode === "symmetric" ? 1 : 0; // whether the outermost cell is mirrored, too
    const fold = (g, axis) => {
        const [n, [before, after]] = [x.shape[axis], paddings[axis]];
        if (before + after === 0)
            return g;
        const cells = Array.from({ length: before + n + after }, (_, i) => {
            const at = i - before;
            if (at < 0)
                return -at - edge;
            return at < n ? at : 2 * (n - 1) - at + edge;
        });
        const swapped = g.shape.map((_, i) => (i === 0 ? axis : i === axis ? 0 : i));
        const rows = tf.transpose(g, swapped);
        return tf.transpose(tf.unsortedSegmentSum(rows, tf.tensor1d(cells, "int32"), n), swapped);
    };
    return { x: () => x.shape.reduce((g, _, axis) => fold(g, axis), dy) };
}
/** (out, n): how much of each of n cells is in each of `out` cells, along one axis. */
function shares(n, out, nearest, options) {
    const { alignCorners, halfPixelCenters } = options;
    const corners = alignCorners && out > 1 ? 1 : 0;
    const scale = (n - corners) / (out - corners);
    const half = halfPixelCenters ? 0.5 : 0;
    const rows = tf.buffer([out, n]);
    for (let i = 0; i < out; i++) {
        const at = scale * (i + half) - (nearest ? 0 : half);
        const cell = (j) => Math.min(Math.max(j, 0), n - 1);
        if (nearest)
            rows.set(1, i, cell(alignCorners ? Math.round(at) : Math.floor(at)));
        else {
            const low = Math.max(Math.floor(at), 0);
            rows.set(1 - (at - low), i, cell(low));
            rows.set(rows.get(i, cell(Math.ceil(at))) + at - low, i, cell(Math.ceil(at)));
        }
    }
    return rows.toTensor();
}
/** y = R x Sᵀ for each channel, so ∂x = Rᵀ ∂y S: (B, H, W, C) from (B, P, Q, C). */
const resizeGradient = (nearest) => (dy, [images], options) => ({
    images: () => {
        const [, H, W] = images.shape;
        const [, P, Q] = dy.shape;
        const rows = tf.einsum("ph,bpqc->bhqc", shares(H, P, nearest, options), dy);
        return tf.einsum("qw,bhqc->bhwc", shares(W, Q, nearest, options), rows);
    },
});
/**
 * For each kernel: which inputs it saves, and its gradient from ∂y, which is one tensor, or an
 * array where the result has several parts.
 */
const gradients = {
    BatchMatMul: [["a", "b"], matMulGradient],
    Maximum: [["a", "b"], choice(tf.greaterEqual)],
    Minimum: [["a", "b"], choice(tf.lessEqual)],
    SquaredDifference: [
        ["a", "b"],
        (dy, [a, b]) => ({
            a: () => sumTo(tf.mul(dy, tf.mul(tf.sub(a, b), 2)), a.shape),
            b: () => sumTo(tf.mul(dy, tf.mul(tf.sub(b, a), 2)), b.shape),
        }),
    ],
    Select: [
        ["condition", "t", "e"],
        (dy, [condition, t, e]) => ({
            condition: () => tf.zeros(condition.shape),
            t: () => sumTo(tf.mul(dy, tf.cast(condition, "float32")), t.shape),
            e: () => sumTo(tf.mul(dy, tf.cast(tf.logicalNot(condition), "float32")), e.shape),
        }),
    ],
    Tile: [["x"], tileGradient],
    Unpack: [
        [],
        (dy, _, { axis }) => ({
            value: () => tf.stack([dy].flat(), axis),
        }),
    ],
    SplitV: [
        [],
        (dy, _, { axis }) => ({
            x: () => tf.concat([dy].flat(), axis),
        }),
    ],
    GatherV2: [["x", "indices"], gatherGradient],
    Prod: [["x"], prodGradient],
    MirrorPad: [["x"], mirrorGradient],
    ResizeBilinear: [["images"], resizeGradient(false)],
    ResizeNearestNeighbor: [["images"], resizeGradient(true)],
    Cumsum: [
        [],
        (dy, _, a) => ({
            x: () => tf.cumsum(dy, a.axis, a.exclusive, !a.reverse),
        }),
    ],
};
/** Steps: their gradient is zero wherever they have one. */
const STEPS = "Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalNot " +
    "IsFinite IsInf IsNan ArgMax ArgMin";
for (const kernelName of STEPS.split(" ")) {
    const names = /Equal|Greater|Less|And|Or/.test(kernelName) ? ["a", "b"] : ["x"];
    const zeros = (_, inputs) => Object.fromEntries(inputs.map((x, i) => [names[i], () => tf.zeros(x.shape)]));
    gradients[kernelName] = [names, zeros];
}
/**
 * Registers them in place of tfjs's own. To be called after a backend's package is loaded, because
 * tfjs-node registers its own again.
 */
function registerGradients() {
    for (const [kernelName, [inputsToSave, gradFunc]] of Object.entries(gradients))
        tf.registerGradient({ kernelName, inputsToSave, gradFunc: gradFunc });
    tf.registerGradient({
        kernelName: "Einsum",
        saveAllInputs: true,
        gradFunc: einsum_1.einsumGradient,
    });
}
exports.registerGradients = registerGradients;
