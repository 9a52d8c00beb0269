"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.hiddenScores = exports.cachedAttention = void 0;
// Attention of new tokens that follow tokens whose keys and values are kept (./cache).
const attention_1 = require("../attention");
const engine_1 = require("../engine");
const gpt_1 = require("../gpt");
/**
 * Causal attention of n new tokens, to S kept rows and to each other. With grouped queries, H / K
 * heads of queries share one head of keys and values.
 * @param q (1, H, n, D)
 * @param k (1, K, n, D)
 * @param v (1, K, n, D)
 * @param kept keys and values of earlier positions, (1, K, S, D) each
 * @param hidden (H/K · n, S + n), as `hiddenScores` gives it: the same for all layers
 * @returns (1, n, H·D)
 */
function cachedAttention(q, k, v, kept, hidden) {
    const [, H, n, D] = q.shape;
    const [, K, S] = kept.keys.shape;
    return engine_1.tf.tidy(() => {
        const queries = engine_1.tf.reshape(q, [1, K, (H / K) * n, D]);
        const scores = engine_1.tf.concat([(0, attention_1.scaledScores)(queries, kept.keys), (0, attention_1.scaledScores)(queries, k)], -1);
        const [before, own] = engine_1.tf.split(engine_1.tf.softmax(engine_1.tf.add(scores, hidden)), [S, n], -1);
        const mixed = engine_1.tf.add(engine_1.tf.matMul(before, kept.values), engine_1.tf.matMul(own, v)); // (1, K, H/K·n, D)
        const byToken = engine_1.tf.transpose(engine_1.tf.reshape(mixed, [1, H, n, D]), [0, 2, 1, 3]);
        return engine_1.tf.reshape(byToken, [1, n, H * D]);
    });
}
exports.cachedAttention = cachedAttention;
/** Far below every score: e to its power is 0. */
const HIDDEN = 1e9;
/**
 * What is added to the scores so that each new token sees, of S kept rows, those before it, and of n
 * new ones itself and those before: 0 where a row is seen, −10⁹ elsewhere. Worked out once for all
 * layers.
 * @param position (1) int32: where the first new token stands; rows from here on belong to an older
 *   text
 * @param options `groups` H / K: how often the rows are repeated; `window`: how many positions may
 *   be seen, the own one included, all before it if absent
 * @returns (groups · n, S + n)
 */
function hiddenScores(n, S, position, { groups, window }) {
    return engine_1.tf.tidy(() => {
        const past = engine_1.tf.tile((0, attention_1.causalMask)(1, { keys: S, offset: engine_1.tf.sub(position, 1) }), [n, 1]);
        const near = () => engine_1.tf.logicalNot((0, attention_1.causalMask)(n, { keys: S, offset: engine_1.tf.sub(position, window) }));
        const isLimited = window !== undefined && window < S;
        const seen = isLimited ? engine_1.tf.logicalAnd(past, near()) : past; // (n, S)
        const own = engine_1.tf.cast((0, gpt_1.slidingMask)(n, window), "float32");
        const rows = engine_1.tf.concat([engine_1.tf.cast(seen, "float32"), own], 1); // 1 where a row is seen
        return engine_1.tf.mul(engine_1.tf.sub(engine_1.tf.tile(rows, [groups, 1]), 1), HIDDEN);
    });
}
exports.hiddenScores = hiddenScores;
