"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.multiHead = exports.mergeHeads = exports.splitHeads = exports.scaledDotProductAttention = exports.maskedSoftmax = exports.scaledScores = exports.causalMask = exports.attentionByLoops = void 0;
// Attention (lesson 06, attention): each position reads from the others by a weighted average, and
// chooses the weights itself.
//
// Follows Vaswani et al., "Attention Is All You Need" (2017), sections 3.2.1 (scaled dot products)
// and 3.2.2 (heads). These are the clear versions, and they return the weights too. Training uses
// the fast `causalSelfAttention` of llm/ops; the layers with their projections are in
// llm/transformer; positions are lesson 07 (positions).
//
// Letters: B batch, H heads, T queries, S keys (T = S in self-attention), C channels, D = C / H
// width of a head.
const engine_1 = require("./engine");
/**
 * The score of a key that may not be seen. Not −∞: e^(−10⁹) is 0 in 32-bit floats as well, but in a
 * row with nothing to see −∞ − (−∞) would be NaN.
 */
const HIDDEN_SCORE = -1e9;
/**
 * Attention for one sequence with nothing but loops: the slow specification of all that follows.
 *
 *     s[i][j] = scale · Σ_d q[i][d] k[j][d]    w[i] = softmax(s[i])    out[i] = Σ_j w[i][j] v[j]
 *
 * @param queries T rows of D numbers
 * @param keys S rows of D numbers
 * @param values S rows of any width
 * @param options `scale` (the papers use 1/√D); `causal`: query i sees only keys j ≤ i
 * @returns `weights` T × S and `output` T × width of a value
 * @throws if queries and keys differ in width, or keys and values in number
 */
function attentionByLoops(queries, keys, values, { scale = 1, causal = false } = {}) {
    if (keys.length === 0 || keys.length !== values.length)
        throw new Error("attentionByLoops: expected one value for each key, " +
            `got ${keys.length} keys and ${values.length} values`);
    const weights = [];
    const output = [];
    for (const [i, query] of queries.entries()) {
        const scores = keys.map((key, j) => {
            if (key.length !== query.length)
                throw new Error("attentionByLoops: expected keys as wide as the queries, " +
                    `got widths ${key.length} and ${query.length}`);
            let dot = 0;
            for (let d = 0; d < query.length; d++)
                dot += query[d] * key[d];
            return causal && j > i ? -Infinity : dot * scale;
        });
        const largest = Math.max(...scores); // e^(s − largest) cannot overflow; the ratios stay
        const exps = scores.map((s) => Math.exp(s - largest));
        const total = exps.reduce((a, b) => a + b, 0);
        const row = exps.map((e) => e / total);
        weights.push(row);
        output.push(values[0].map((_, c) => row.reduce((sum, w, j) => sum + w * values[j][c], 0)));
    }
    return { weights, output };
}
exports.attentionByLoops = attentionByLoops;
/**
 * Who may look at whom when text is read from left to right: true where the key stands at the
 * query's position or before it. Key j stands at position j, query i at position offset + i.
 *
 * @param T number of queries
 * @param options `keys` S, the number of keys, T if absent; `offset`, the first query's position:
 *   if absent S − T, so that the queries are the last T of S positions. A tensor of one number
 *   where the offset changes inside a compiled function.
 * @returns (T, S) bool; row = query, column = key
 */
function causalMask(T, { keys: S = T, offset = S - T } = {}) {
    if (!Number.isInteger(T) || T < 1)
        throw new Error(`causalMask: expected a whole number of positions, got ${T}`);
    return engine_1.tf.tidy(() => {
        const query = engine_1.tf.add(engine_1.tf.range(0, T), offset).expandDims(1); // (T, 1)
        const key = engine_1.tf.range(0, S).expandDims(0); // (1, S)
        return engine_1.tf.lessEqual(key, query);
    });
}
exports.causalMask = causalMask;
/**
 * Similarity of every query to every key, divided by √D so that its variance does not grow with D:
 * Q Kᵀ / √D.
 *
 * @param q (…, T, D)
 * @param k (…, S, D)
 * @returns (…, T, S)
 */
function scaledScores(q, k) {
    const D = q.shape.at(-1);
    if (k.shape.at(-1) !== D)
        throw new Error(`scaledScores: expected queries and keys of one width, got (${q.shape}) and (${k.shape})`);
    return engine_1.tf.tidy(() => engine_1.tf.div(engine_1.tf.matMul(q, k, false, true), Math.sqrt(D)));
}
exports.scaledScores = scaledScores;
/**
 * Softmax over the keys (the last axis) that leaves hidden keys out *before* it, so that rows still
 * sum to 1. A query that may see no key at all gets zeros, not NaN (as in PyTorch's
 * scaled_dot_product_attention).
 *
 * @param scores (…, T, S)
 * @param mask broadcastable to `scores`: true (or 1) where the query may see the key; if absent, it
 *   may see all
 * @returns weights (…, T, S)
 */
function maskedSoftmax(scores, mask) {
    if (!mask)
        return engine_1.tf.softmax(scores);
    return engine_1.tf.tidy(() => {
        const visible = engine_1.tf.cast(mask, "float32");
        // Added, not chosen by tf.where, which repeats a small mask to the size of the scores: slow.
        const hiding = engine_1.tf.mul(engine_1.tf.sub(1, visible), HIDDEN_SCORE);
        const weights = engine_1.tf.softmax(engine_1.tf.add(scores, hiding));
        return engine_1.tf.mul(weights, visible); // matters only for a row with nothing to see
    });
}
exports.maskedSoftmax = maskedSoftmax;
/**
 * Attention(Q, K, V) = softmax(Q Kᵀ / √D + bias) V, where the bias may be absent.
 *
 * @param q (…, T, D)
 * @param k (…, S, D)
 * @param v (…, S, any width)
 * @returns `output` (…, T, width of v), and `weights` (…, T, S) as they are before dropout; the
 *   caller disposes both
 */
function scaledDotProductAttention(q, k, v, { mask, bias, dropout = (weights) => weights } = {}) {
    return engine_1.tf.tidy(() => {
        const scores = scaledScores(q, k); // (…, T, S)
        const weights = maskedSoftmax(bias ? engine_1.tf.add(scores, bias) : scores, mask);
        return { output: engine_1.tf.matMul(dropout(weights), v), weights };
    });
}
exports.scaledDotProductAttention = scaledDotProductAttention;
/**
 * Cuts the channels into heads: head h gets channels h·D … (h+1)·D − 1 of every position.
 *
 * @param x (B, T, C)
 * @returns (B, H, T, D), so that one matMul serves all heads
 * @throws if C is not divisible by nHead
 */
function splitHeads(x, nHead) {
    const [B, T, C] = x.shape;
    if (x.rank !== 3 || C % nHead !== 0)
        throw new Error(`splitHeads: expected (B, T, C) with C divisible by nHead = ${nHead}, got (${x.shape})`);
    return engine_1.tf.tidy(() => {
        const heads = engine_1.tf.reshape(x, [B, T, nHead, C / nHead]); // (B, T, H, D)
        return engine_1.tf.transpose(heads, [0, 2, 1, 3]);
    });
}
exports.splitHeads = splitHeads;
/**
 * Puts the heads side by side again; undoes `splitHeads`.
 *
 * @param x (B, H, T, D)
 * @returns (B, T, H·D)
 */
function mergeHeads(x) {
    if (x.rank !== 4)
        throw new Error(`mergeHeads: expected (B, H, T, D), got (${x.shape})`);
    const [B, H, T, D] = x.shape;
    return engine_1.tf.tidy(() => engine_1.tf.reshape(engine_1.tf.transpose(x, [0, 2, 1, 3]), [B, T, H * D]));
}
exports.mergeHeads = mergeHeads;
/**
 * All heads at once, on queries, keys and values that are already projected: split, attend, merge.
 *
 * @param q (B, T, C)
 * @param k (B, S, C); S ≠ T in cross-attention
 * @param v (B, S, C)
 * @param options `nHead` divides C
 * @returns `output` (B, T, C), `weights` (B, H, T, S)
 */
function multiHead(q, k, v, { nHead, ...options }) {
    return engine_1.tf.tidy(() => {
        const [qs, ks, vs] = [q, k, v].map((x) => splitHeads(x, nHead)); // (B, H, T or S, D)
        const { output, weights } = scaledDotProductAttention(qs, ks, vs, options);
        return { output: mergeHeads(output), weights };
    });
}
exports.multiHead = multiHead;
