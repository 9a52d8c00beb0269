"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.causalSelfAttention = void 0;
// Multi-head causal self-attention on queries, keys and values that are already projected: Vaswani
// et al., 2017, "Attention Is All You Need", arXiv:1706.03762, sections 3.2.1 and 3.2.2, with the
// mask of a decoder. The projections before and after it are `linear`.
//
//     softmax(Q Kᵀ / √D + mask) V    in each head
const attention_1 = require("../attention");
const engine_1 = require("../engine");
const define_1 = require("./define");
const shapes_1 = require("./shapes");
function clear(qkv, nHead) {
    const T = qkv.shape[1];
    const [q, k, v] = engine_1.tf.split(qkv, 3, -1); // (B, T, C) each
    return (0, attention_1.multiHead)(q, k, v, { nHead, mask: (0, attention_1.causalMask)(T) }).output;
}
/**
 * softmax(Q Kᵀ / √D + mask) V in each of H heads, where position t sees positions 0 … t only. The
 * results of the heads lie side by side. B batch, T time, C channels, H = nHead heads, D = C / H
 * width of a head.
 * @param qkv (B, T, 3C): queries, keys and values side by side, each head after head
 * @param nHead number of heads H
 * @returns (B, T, C)
 * @throws Error when the width is not 3 · nHead · D
 */
exports.causalSelfAttention = (0, define_1.op)({
    name: "causalSelfAttention",
    shapes: "qkv (B, T, 3C)",
    check: (qkv, nHead) => {
        if (!(Number.isInteger(nHead) && nHead > 0))
            return `nHead to be a positive integer, got ${nHead}`;
        if (qkv.shape[2] % (3 * nHead) !== 0)
            return `qkv (B, T, 3C) with C a multiple of nHead ${nHead}, got ${(0, shapes_1.shapeText)(qkv)}`;
    },
    clear,
    kernel: "Attention",
    fast: (qkv, nHead) => ({
        inputs: { qkv },
        attributes: { nHead },
        outputs: ["y", "weights"],
        saved: ["qkv", "weights"],
    }),
});
