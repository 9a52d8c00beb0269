"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.blockShapes = exports.normShapes = exports.normalised = exports.transformerBlock = void 0;
/**
 * One block of a Transformer. The defaults make GPT-2's (Radford et al., 2019), causal and pre-norm:
 *
 *     x ← x + selfAttention(norm(x))     every position collects from the positions before it
 *     x ← x + crossAttention(norm(x))    and from a context, if there is one
 *     x ← x + feedForward(norm(x))       every position by itself
 *
 * Vaswani et al. (2017) put the normalisation after the sum. Before it, the sums form an
 * undisturbed path from the last layer to the first, and deep stacks train without tricks (Xiong et
 * al., 2020). `options.ts` has what can be exchanged. Left out: grouped queries and experts (lesson
 * 11, GPT), the KV cache (lesson 21, inference).
 *
 * Parameters are one flat record under Hugging Face's GPT-2 names; a block reads those that begin
 * with its `prefix`. A bias that the record lacks is not added. Letters: B batch, T time, S
 * positions of the context, C channels, H heads, D = C / H.
 */
const engine_1 = require("../engine");
const ops_1 = require("../ops");
const params_1 = require("../params");
const attention_1 = require("./attention");
const feedForward_1 = require("./feedForward");
/**
 * One block.
 * @param x (B, T, C)
 * @param params holds `ln_1`, `attn.c_attn`, `attn.c_proj`, `ln_2`, `mlp.c_fc` and `mlp.c_proj`,
 *   each with `.weight` and `.bias`; with a context also `ln_cross_attn` and `crossattention`'s
 *   `q_attn`, `c_attn` and `c_proj`. `blockShapes` lists them.
 * @param prefix what stands before those names, such as `transformer.h.0.`
 * @returns (B, T, C); the caller disposes it
 * @throws if a weight is missing, or C is not divisible by nHead
 */
function transformerBlock(x, params, prefix, options) {
    const { normPlacement = "pre", residual = true, context } = options;
    const part = (x, norm, f) => {
        const normalise = (h) => normalised(h, params, prefix + norm, options);
        const change = f(normPlacement === "pre" ? normalise(x) : x);
        const sum = residual ? engine_1.tf.add(x, change) : change;
        return normPlacement === "post" ? normalise(sum) : sum;
    };
    return engine_1.tf.tidy(() => {
        let h = part(x, "ln_1", (y) => (0, attention_1.selfAttention)(y, params, `${prefix}attn.`, options));
        if (context)
            h = part(h, "ln_cross_attn", (y) => (0, attention_1.crossAttention)(y, context, params, `${prefix}crossattention.`, options));
        return part(h, "ln_2", (y) => (0, feedForward_1.feedForward)(y, params, `${prefix}mlp.`, options));
    });
}
exports.transformerBlock = transformerBlock;
/**
 * The norm of a design, over the last axis; x itself where the design has none.
 * @param name what stands before `.weight` and `.bias`
 * @returns the shape of x
 */
function normalised(x, params, name, { norm = "layerNorm", ops }) {
    if (norm === "none")
        return x;
    const [gain, bias] = (0, params_1.layerParams)(params, name);
    if (norm === "rmsNorm")
        return (0, ops_1.rmsNorm)(x, gain);
    return (ops?.layerNorm ?? ops_1.layerNorm)(x, gain, bias);
}
exports.normalised = normalised;
/** Name and shape of a norm's parameters: a gain, and in a layer norm a bias where models have any. */
function normShapes(name, { nEmbd: C, bias, norm = "layerNorm" }) {
    if (norm === "none")
        return {};
    const gain = { [`${name}.weight`]: [C] };
    return bias && norm === "layerNorm" ? { ...gain, [`${name}.bias`]: [C] } : gain;
}
exports.normShapes = normShapes;
/**
 * Name and shape of every parameter of a block, in Hugging Face's order. Linear weights are
 * (in, out), as its Conv1D. With "swiglu" the feed-forward network is two thirds as wide, so that
 * its three matrices hold about as many numbers as the other two.
 */
function blockShapes(size) {
    const { nEmbd: C, bias, cross = false, activation = "gelu" } = size;
    const F = (0, feedForward_1.feedForwardWidth)(C, activation);
    const shapes = {};
    const layer = (name, shape) => {
        shapes[`${name}.weight`] = shape;
        if (bias)
            shapes[`${name}.bias`] = shape.slice(-1);
    };
    const normLayer = (name) => Object.assign(shapes, normShapes(name, size));
    normLayer("ln_1");
    layer("attn.c_attn", [C, 3 * C]);
    layer("attn.c_proj", [C, C]);
    normLayer("ln_2");
    if (cross) {
        layer("crossattention.c_attn", [C, 2 * C]);
        layer("crossattention.q_attn", [C, C]);
        layer("crossattention.c_proj", [C, C]);
        normLayer("ln_cross_attn");
    }
    layer("mlp.c_fc", [C, F]);
    if (activation === "swiglu")
        layer("mlp.c_gate", [C, F]);
    layer("mlp.c_proj", [F, C]);
    return shapes;
}
exports.blockShapes = blockShapes;
