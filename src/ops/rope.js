"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.rope = void 0;
// Rotary position embedding: Su et al., 2021, "RoFormer: Enhanced Transformer with Rotary Position
// Embedding", arXiv:2104.09864, section 3.4. Queries and keys are turned by angles that grow with
// their position, so that their dot product knows the distance between them. At position p, pair i
// of a head of width D turns by θ = p · base^(−2i/D):
//
//     (a, b) → (a cos θ − b sin θ,  b cos θ + a sin θ)
//
// The tables of cosines and sines are made in ./ropeTables. Left out: turning only a part of each
// head (GPT-NeoX, GPT-J), which is a slice, a rope and a concat of the caller's.
const engine_1 = require("../engine");
const define_1 = require("./define");
const ropeTables_1 = require("./ropeTables");
const shapes_1 = require("./shapes");
function clear(x, options = {}) {
    const [cos, sin] = (0, ropeTables_1.ropeTables)(x.shape, options).map((table) => besides(x, table));
    const interleaved = options.layout === "interleaved";
    const [a, b] = pairs(x, interleaved); // (…, T, D/2) each
    const first = engine_1.tf.sub(engine_1.tf.mul(a, cos), engine_1.tf.mul(b, sin));
    const second = engine_1.tf.add(engine_1.tf.mul(b, cos), engine_1.tf.mul(a, sin));
    return unpaired(first, second, interleaved);
}
/** A table of each text's own, (B, T, D/2), as (B, 1, …, T, D/2) for x (B, …, T, D). */
function besides(x, table) {
    if (table.rank === 2)
        return table; // (T, D/2) fits every leading axis
    const [B, ...rest] = table.shape;
    return engine_1.tf.reshape(table, [B, ...new Array(x.rank - 3).fill(1), ...rest]);
}
/** The first and the second entry of every pair. */
function pairs(x, interleaved) {
    if (!interleaved)
        return engine_1.tf.split(x, 2, -1);
    return engine_1.tf.unstack(engine_1.tf.reshape(x, [...x.shape.slice(0, -1), x.shape.at(-1) / 2, 2]), -1);
}
function unpaired(first, second, interleaved) {
    if (!interleaved)
        return engine_1.tf.concat([first, second], -1);
    const shape = [...first.shape.slice(0, -1), 2 * first.shape.at(-1)];
    return engine_1.tf.reshape(engine_1.tf.stack([first, second], -1), shape);
}
/**
 * Rotary position embedding of queries or keys: at position p, pair i of each row turns by p ·
 * base^(−2i/D). Lengths stay, and the dot product of rope(q at m) and rope(k at n) depends on m − n
 * only. In a decoder with a KV cache, keys are cached turned, and a step passes its position as
 * `offset` or `positions`. B batch, T time, D head width.
 *
 * Angles are exact to 2e-6 for positions up to 4 million, whichever way the position comes (a
 * 32-bit product p · θ, as in Hugging Face's code, is off by 2e-4 at position 8,000).
 * @param x (…, T, D), for example (B, H, T, D), with D even
 * @returns the shape of x
 * @throws Error when the shapes do not fit, D is odd, or a position is negative (inside `compile`
 *   positions are not checked)
 * @example const scores = scaledScores(rope(q), rope(k)); // (B, H, T, T)
 * @example
 * // one program for all positions
 * const step = compile((q, position: tf.Scalar) => rope(q, { offset: position }));
 */
exports.rope = (0, define_1.op)({
    name: "rope",
    shapes: "x (…, T, D)",
    check: problemWith,
    clear,
    kernel: "Rope",
    fast: (x, options = {}) => {
        const [cos, sin] = (0, ropeTables_1.ropeTables)(x.shape, options);
        return rotation(x, cos, sin, options.layout === "interleaved" ? 1 : 0, 1);
    },
});
/** The gradient of a rotation is the rotation back, which has a gradient in turn. */
function rotation(x, cos, sin, interleaved, sign) {
    return {
        inputs: { x },
        constants: { cos, sin },
        attributes: { interleaved, sign },
        saved: ["cos", "sin"],
        gradient: (dy, { cos, sin }) => [
            (0, define_1.callKernel)("Rope", rotation(dy, cos, sin, interleaved, sign === 1 ? -1 : 1)),
        ],
    };
}
function problemWith(x, { base = 10000, offset, positions, layout = "half" } = {}) {
    const [T, D] = x.shape.slice(-2);
    if (D < 2 || D % 2 !== 0)
        return `x (…, T, D) with an even D, got ${(0, shapes_1.shapeText)(x)}`;
    if (!(base > 0 && Number.isFinite(base)))
        return `base to be a positive number, got ${base}`;
    if (layout !== "half" && layout !== "interleaved")
        return `layout "half" or "interleaved", got ${JSON.stringify(layout)}`;
    if (offset !== undefined && positions)
        return "offset or positions, got both";
    if (offset instanceof engine_1.tf.Tensor && (offset.rank !== 0 || offset.dtype !== "int32"))
        return `offset to be a number or an int32 scalar, got ${offset.dtype} ${(0, shapes_1.shapeText)(offset)}`;
    if (!positions)
        return undefined;
    const shapes = x.rank > 2 ? [[T], [x.shape[0], T]] : [[T]];
    const fits = shapes.some((shape) => engine_1.tf.util.arraysEqual(shape, positions.shape));
    if (positions.dtype === "int32" && fits)
        return undefined;
    const wanted = shapes.map((shape) => (0, shapes_1.shapeText)({ shape })).join(" or ");
    const got = `${positions.dtype} ${(0, shapes_1.shapeText)(positions)}`;
    return `positions int32 ${wanted} for x ${(0, shapes_1.shapeText)(x)}, got ${got}`;
}
