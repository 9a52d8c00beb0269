"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.llamaShapes = exports.slidingMask = exports.repeatHeads = exports.groupedAttention = exports.llamaNorm = exports.llamaBlock = void 0;
/**
 * A block of the LLaMA family (Touvron et al., 2023): LLaMA, Qwen2 and Qwen3, Mistral, SmolLM, and
 * with experts Mixtral.
 *
 *     x ← x + attention(rmsNorm(x))      grouped queries, rotary positions
 *     x ← x + swiglu(rmsNorm(x))         or a mixture of such networks
 *
 * What differs from GPT-2's block: a gain and no mean in the norm, no biases, rotated queries and
 * keys instead of position embeddings, a gated feed-forward network, and in grouped-query attention
 * (Ainslie et al., 2023) fewer heads for keys and values than for queries: each serves H / K of
 * them, and a KV cache is H / K times smaller. Qwen2 adds biases to queries, keys and values, Qwen3
 * an RMS norm over every head's queries and keys, Mistral a window beyond which nothing is seen.
 *
 * Parameters have Hugging Face's names and layout, weights (out, in). Letters: B batch, T time, C
 * channels, H heads of queries, K of keys and values, D width of a head, F width inside the
 * feed-forward network.
 */
const attention_1 = require("../attention");
const engine_1 = require("../engine");
const moe_1 = require("../moe");
const ops_1 = require("../ops");
const params_1 = require("../params");
const transformer_1 = require("../transformer");
const config_1 = require("./config");
/** What stands before the names of a layer's parameters. */
const prefixOf = (layer) => `model.layers.${layer}.`;
/**
 * One block.
 * @param x (B, T, C)
 * @returns (B, T, C); the caller disposes it
 */
function llamaBlock(x, params, config, options) {
    const prefix = prefixOf(options.layer);
    const norm = (h, name) => llamaNorm(h, params, prefix + name, config);
    const { dropout = transformer_1.dropNothing } = options;
    return engine_1.tf.tidy(() => {
        const attended = selfAttention(norm(x, "input_layernorm"), params, config, options);
        const h = engine_1.tf.add(x, dropout(attended));
        const inner = norm(h, "post_attention_layernorm");
        const wide = config.experts ? experts : gated;
        return engine_1.tf.add(h, dropout(wide(inner, params, prefix, config, options)));
    });
}
exports.llamaBlock = llamaBlock;
/** The family's norm over the last axis. */
function llamaNorm(x, params, name, { normEps = 1e-5 }) {
    return (0, ops_1.rmsNorm)(x, (0, params_1.layerParams)(params, name)[0], normEps);
}
exports.llamaNorm = llamaNorm;
/** Self-attention with its projections: (B, T, C) → (B, T, C). */
function selfAttention(x, params, config, { layer, positions, mixHeads, onAttention }) {
    const { H, K, D } = (0, config_1.headsOf)(config);
    const [B, T] = x.shape;
    const prefix = `${prefixOf(layer)}self_attn.`;
    const heads = (name, n) => {
        const projected = engine_1.tf.reshape((0, transformer_1.dense)(x, params, `${prefix}${name}_proj`), [B, T, n, D]);
        const isNormed = config.qkNorm && name !== "v";
        const normed = isNormed
            ? llamaNorm(projected, params, `${prefix}${name}_norm`, config)
            : projected;
        return engine_1.tf.transpose(normed, [0, 2, 1, 3]); // (B, n, T, D)
    };
    const turn = (h) => (0, ops_1.rope)(h, { base: config.ropeBase, positions });
    const [q, k, v] = [turn(heads("q", H)), turn(heads("k", K)), heads("v", K)];
    onAttention?.(layer, groupedWeights(q, k, config.window));
    const mixed = mixHeads?.(layer, q, k, v) ?? groupedAttention(q, k, v, config.window); // (B, T, H·D)
    return (0, transformer_1.dense)(mixed, params, `${prefix}o_proj`);
}
/**
 * Causal attention with grouped queries: head h of the queries asks head ⌊h · K / H⌋ of the keys.
 * @param q (B, H, T, D)
 * @param k (B, K, T, D), K divides H
 * @param v (B, K, T, D)
 * @param window how many positions may be seen, the own one included; all before it if absent
 * @returns (B, T, H·D); the caller disposes it
 */
function groupedAttention(q, k, v, window) {
    const [, H, T] = q.shape;
    return engine_1.tf.tidy(() => {
        const [keys, values] = [k, v].map((x) => repeatHeads(x, H / k.shape[1]));
        if (window === undefined || window >= T)
            return (0, ops_1.causalSelfAttention)(engine_1.tf.concat([q, keys, values].map(attention_1.mergeHeads), -1), H);
        return (0, attention_1.mergeHeads)(engine_1.tf.matMul(groupedWeights(q, k, window), values));
    });
}
exports.groupedAttention = groupedAttention;
/** The attention weights, (B, H, T, T). */
function groupedWeights(q, k, window) {
    const [, H, T] = q.shape;
    const scores = (0, attention_1.scaledScores)(q, repeatHeads(k, H / k.shape[1]));
    return (0, attention_1.maskedSoftmax)(scores, slidingMask(T, window));
}
/**
 * Each head `times` times in a row, so that queries 0 … times − 1 meet the first one:
 * (B, K, T, D) → (B, K · times, T, D).
 */
function repeatHeads(x, times) {
    if (times === 1)
        return x;
    const [B, K, T, D] = x.shape;
    return engine_1.tf.tidy(() => {
        const copies = engine_1.tf.tile(engine_1.tf.reshape(x, [B, K, 1, T * D]), [1, 1, times, 1]);
        return engine_1.tf.reshape(copies, [B, K * times, T, D]);
    });
}
exports.repeatHeads = repeatHeads;
/**
 * The causal mask, and of the past only the last `window` positions, the own one included.
 * @returns (T, T) bool; row = query, column = key
 */
function slidingMask(T, window = T) {
    if (window >= T)
        return (0, attention_1.causalMask)(T);
    return engine_1.tf.tidy(() => {
        const near = engine_1.tf.logicalNot((0, attention_1.causalMask)(T, { offset: -window })); // key > query − window
        return engine_1.tf.logicalAnd((0, attention_1.causalMask)(T), near);
    });
}
exports.slidingMask = slidingMask;
/** The feed-forward network: (silu(x Wgᵀ) · (x Wuᵀ)) Wdᵀ. */
const gated = (x, params, prefix) => {
    const layer = (h, name) => (0, transformer_1.dense)(h, params, `${prefix}mlp.${name}_proj`);
    return layer((0, ops_1.swiglu)(layer(x, "gate"), layer(x, "up")), "down");
};
/** Experts of the same kind, under Mixtral's names: w1 is the gate, w3 up, w2 down. */
const experts = (x, params, prefix, config, { layer, onRouting }) => {
    const moe = `${prefix}block_sparse_moe.`;
    const [router] = (0, params_1.layerParams)(params, `${moe}gate`); // (E, C)
    const expert = (rows, e) => {
        const w = (h, n) => (0, transformer_1.dense)(h, params, `${moe}experts.${e}.w${n}`);
        return w((0, ops_1.swiglu)(w(rows, 1), w(rows, 3)), 2);
    };
    const [, , C] = x.shape;
    const y = (0, moe_1.mixtureOfExperts)(engine_1.tf.reshape(x, [-1, C]), router, expert, {
        perToken: config.experts.perToken,
        balance: (config.experts.balance ?? 0) / config.nLayer,
        onRouting: onRouting && ((routing) => onRouting(layer, routing)),
    });
    return engine_1.tf.reshape(y, x.shape);
};
/** Name and shape of every parameter, in Hugging Face's order. Linear weights are (out, in). */
function llamaShapes(config) {
    const { vocabSize: V, nEmbd: C, nLayer, qkNorm, attentionBias, tied = true } = config;
    const { H, K, D } = (0, config_1.headsOf)(config);
    const shapes = { "model.embed_tokens.weight": [V, C] };
    for (let i = 0; i < nLayer; i++) {
        const prefix = prefixOf(i);
        const layer = (name, shape, bias = false) => {
            shapes[`${prefix}${name}.weight`] = shape;
            if (bias)
                shapes[`${prefix}${name}.bias`] = [shape[0]];
        };
        shapes[`${prefix}input_layernorm.weight`] = [C];
        for (const [name, n] of [
            ["q", H],
            ["k", K],
            ["v", K],
        ])
            layer(`self_attn.${name}_proj`, [n * D, C], attentionBias !== undefined);
        layer("self_attn.o_proj", [C, H * D], attentionBias === "all");
        if (qkNorm)
            for (const name of ["q", "k"])
                shapes[`${prefix}self_attn.${name}_norm.weight`] = [D];
        shapes[`${prefix}post_attention_layernorm.weight`] = [C];
        innerShapes(config, layer);
    }
    shapes["model.norm.weight"] = [C];
    if (!tied)
        shapes["lm_head.weight"] = [V, C];
    return shapes;
}
exports.llamaShapes = llamaShapes;
function innerShapes(config, layer) {
    const { nEmbd: C, experts } = config;
    const F = (0, config_1.innerWidth)(config);
    if (!experts) {
        layer("mlp.gate_proj", [F, C]);
        layer("mlp.up_proj", [F, C]);
        layer("mlp.down_proj", [C, F]);
        return;
    }
    layer("block_sparse_moe.gate", [experts.count, C]);
    for (let e = 0; e < experts.count; e++) {
        layer(`block_sparse_moe.experts.${e}.w1`, [F, C]);
        layer(`block_sparse_moe.experts.${e}.w2`, [C, F]);
        layer(`block_sparse_moe.experts.${e}.w3`, [F, C]);
    }
}
