"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.multiHeadAttention = exports.crossAttention = exports.selfAttention = void 0;
// Attention as a layer of a block: project, attend in heads, project back. What happens between the
// projections is llm/attention, or the fast `causalSelfAttention` of llm/ops where nothing else is
// asked for than the causal rule.
const attention_1 = require("../attention");
const engine_1 = require("../engine");
const ops_1 = require("../ops");
const params_1 = require("../params");
const options_1 = require("./options");
/**
 * Multi-head self-attention with its projections: softmax(Q Kᵀ / √D) V in each head. Unless
 * `causal` is false, position t sees positions 0 … t.
 * @param x (B, T, C)
 * @param params holds `c_attn` (C → 3C: queries, keys, values) and `c_proj` (C → C) under `prefix`
 * @returns (B, T, C)
 */
function selfAttention(x, params, prefix, options) {
    const { dropout = options_1.dropNothing } = options;
    return engine_1.tf.tidy(() => {
        const qkv = (0, ops_1.linear)(x, ...(0, params_1.layerParams)(params, `${prefix}c_attn`)); // (B, T, 3C)
        const mixed = attend(qkv, options); // (B, T, C)
        return dropout((0, ops_1.linear)(mixed, ...(0, params_1.layerParams)(params, `${prefix}c_proj`))); // (B, T, C)
    });
}
exports.selfAttention = selfAttention;
/** What happens between the projections: (B, T, 3C) → (B, T, C). */
function attend(projected, options) {
    const { nHead, ops, dropout, causal = true, mask, onAttention, position = {} } = options;
    const { rotate, bias } = position;
    const qkv = rotate ? rotated(projected, nHead, rotate) : projected;
    if (options.mixHeads) {
        const [q, k, v] = engine_1.tf.split(qkv, 3, -1).map((x) => (0, attention_1.splitHeads)(x, nHead)); // (B, H, T, D)
        return options.mixHeads(q, k, v);
    }
    const onlyCausal = causal && !mask && !bias;
    if (ops?.attention && !onlyCausal)
        throw new Error("transformerBlock: expected ops.attention in blocks that are causal and nothing else, got " +
            "a mask, a bias of the scores or causal: false, which the replacement would not see");
    const visible = onAttention || !onlyCausal ? visibility(qkv.shape[1], causal, mask) : undefined;
    onAttention?.(attentionWeights(qkv, nHead, visible, bias));
    if (ops?.attention)
        return ops.attention(qkv, nHead);
    if (!dropout && onlyCausal)
        return (0, ops_1.causalSelfAttention)(qkv, nHead);
    // Dropout acts on the weights and a bias on the scores; the fast attention hands out neither, so
    // the clear one computes.
    const [q, k, v] = engine_1.tf.split(qkv, 3, -1); // (B, T, C) each
    const seen = visible ?? visibility(qkv.shape[1], causal, mask);
    return (0, attention_1.multiHead)(q, k, v, { nHead, mask: seen, bias, dropout }).output;
}
/** Both rules together, broadcastable to (B, H, T, T); undefined where everything may be seen. */
function visibility(T, causal, mask) {
    if (!causal)
        return mask;
    const past = (0, attention_1.causalMask)(T);
    return mask ? engine_1.tf.logicalAnd(past, engine_1.tf.cast(mask, "bool")) : past;
}
/** The projections with queries and keys turned, head by head: (B, T, 3C) → (B, T, 3C). */
function rotated(qkv, nHead, rotate) {
    const [q, k, v] = engine_1.tf.split(qkv, 3, -1); // (B, T, C) each
    const turn = (x) => (0, attention_1.mergeHeads)(rotate((0, attention_1.splitHeads)(x, nHead)));
    return engine_1.tf.concat([turn(q), turn(k), v], -1);
}
/** The weights alone, to be looked at: (B, T, 3C) → (B, H, T, T). */
function attentionWeights(qkv, nHead, visible, bias) {
    const [q, k] = engine_1.tf.split(qkv, 3, -1).map((x) => (0, attention_1.splitHeads)(x, nHead)); // (B, H, T, D)
    const scores = (0, attention_1.scaledScores)(q, k);
    return (0, attention_1.maskedSoftmax)(bias ? engine_1.tf.add(scores, bias) : scores, visible);
}
/**
 * Cross-attention with its projections: the positions of x ask, those of the context answer.
 * @param x (B, T, C)
 * @param context (B, S, any width), such as the hidden states of an encoder
 * @param params holds `q_attn` (C → C), `c_attn` (width of the context → 2C: keys, values) and
 *   `c_proj` (C → C) under `prefix`
 * @returns (B, T, C)
 */
function crossAttention(x, context, params, prefix, { nHead, contextMask, dropout = options_1.dropNothing, onCrossAttention }) {
    return engine_1.tf.tidy(() => {
        const project = (h, name) => (0, ops_1.linear)(h, ...(0, params_1.layerParams)(params, prefix + name));
        const q = project(x, "q_attn"); // (B, T, C)
        const [k, v] = engine_1.tf.split(project(context, "c_attn"), 2, -1); // (B, S, C) each
        const { output, weights } = (0, attention_1.multiHead)(q, k, v, { nHead, mask: contextMask, dropout });
        onCrossAttention?.(weights);
        return dropout(project(output, "c_proj"));
    });
}
exports.crossAttention = crossAttention;
/**
 * A whole attention layer in its clear form: project, attend in heads, project back.
 *
 * Self-attention reads `c_attn` (C → 3C). With a `context`, cross-attention reads `q_attn` (C → C)
 * for the queries and `c_attn` (width of the context → 2C) for keys and values. Both end with
 * `c_proj` (C → C).
 *
 * @param x (B, T, C): the positions that ask
 * @param params holds the layers above, each with `.weight` and, if it has one, `.bias`
 * @param options `context` (B, S, any width): the positions that are asked, x itself if absent;
 *   `mask` broadcastable to (B, H, T, S)
 * @returns `output` (B, T, C), `weights` (B, H, T, S)
 */
function multiHeadAttention(x, params, { nHead, mask, context }) {
    const project = (h, name) => (0, ops_1.linear)(h, ...(0, params_1.layerParams)(params, name));
    const selfProjections = () => engine_1.tf.split(project(x, "c_attn"), 3, -1);
    const crossProjections = (context) => [
        project(x, "q_attn"),
        ...engine_1.tf.split(project(context, "c_attn"), 2, -1),
    ];
    return engine_1.tf.tidy(() => {
        const [q, k, v] = context ? crossProjections(context) : selfProjections();
        const { output, weights } = (0, attention_1.multiHead)(q, k, v, { nHead, mask });
        return { output: project(output, "c_proj"), weights };
    });
}
exports.multiHeadAttention = multiHeadAttention;
