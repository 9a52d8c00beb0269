"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.ropeScaled = exports.relativeBias = exports.relativeBucket = exports.alibiBias = exports.alibiSlopes = exports.sinusoidalPositions = exports.positionKinds = void 0;
// Where a token stands (lesson 07, positions). Attention is a weighted sum and does not see order:
// shuffle the keys with their values, and every output stays the same. A position can enter in
// three places, and each encoding of this file uses one of them:
//
//     added to the embeddings      sinusoidal (Vaswani et al., 2017, §3.5), learned (GPT-2)
//     queries and keys are turned  RoPE (Su et al., 2021), which is `rope` in llm/ops
//     added to the scores          T5's relative bias (Raffel et al., 2020, §2.1),
//                                  ALiBi (Press, Smith & Lewis, 2022, §3)
//
// A learned embedding is a table and a look-up, so it has no function here. Left out: Transformer-XL
// (Dai et al., 2019); of the ways to scale RoPE to longer texts, all but `ropeScaled` (lesson 29,
// long context and images).
//
// Letters: T queries, S keys, C channels, H heads. In causal attention with a cache the T queries
// are the last T of S positions.
const engine_1 = require("./engine");
/** How a model knows where a token stands; "none" is causal attention by itself (NoPE). */
exports.positionKinds = ["none", "sinusoidal", "learned", "t5", "alibi", "rope"];
/**
 * Sine and cosine waves of different lengths, one pair of channels for each length:
 *
 *     PE[p, 2i] = sin(p / base^(2i/C))     PE[p, 2i+1] = cos(p / base^(2i/C))
 *
 * Row p + k is row p with every pair turned by an angle that depends on k alone.
 *
 * @param T number of positions
 * @param C channels, even
 * @param options `offset` position of the first row; `base` 10,000 in the paper; `layout`
 *   "interleaved" as in the paper, or "half": all sines, then all cosines (tensor2tensor, fairseq,
 *   Marian)
 * @returns (T, C); the caller disposes it
 * @throws if C is odd or one of the numbers makes no sense
 */
function sinusoidalPositions(T, C, { offset = 0, base = 10000, layout = "interleaved", } = {}) {
    positive("sinusoidalPositions", { T, C });
    if (C % 2 !== 0)
        throw new Error(`sinusoidalPositions: expected an even C, got ${C}`);
    if (!(Number.isInteger(offset) && offset >= 0))
        throw new Error(`sinusoidalPositions: expected an offset of 0 or more, got ${offset}`);
    if (layout !== "interleaved" && layout !== "half")
        throw new Error(`sinusoidalPositions: expected layout "interleaved" or "half", got ${JSON.stringify(layout)}`);
    const table = new Float32Array(T * C);
    for (let t = 0; t < T; t++)
        for (let i = 0; i < C / 2; i++) {
            const angle = (offset + t) / base ** ((2 * i) / C);
            const [sine, cosine] = layout === "half" ? [i, C / 2 + i] : [2 * i, 2 * i + 1];
            table[t * C + sine] = Math.sin(angle);
            table[t * C + cosine] = Math.cos(angle);
        }
    return engine_1.tf.tensor2d(table, [T, C]);
}
exports.sinusoidalPositions = sinusoidalPositions;
/**
 * The slope of each head in ALiBi: a geometric sequence that begins at, and falls by, 2^(−8/H),
 * so 1/2, 1/4, … 1/256 for eight heads. Where H is not a power of two, the slopes of the next lower
 * power come first, then every second one of the next higher (as in the authors' code).
 *
 * @param H number of heads
 * @returns H slopes, each between 0 and 1
 */
function alibiSlopes(H) {
    positive("alibiSlopes", { H });
    const geometric = (n) => Array.from({ length: n }, (_, h) => 2 ** ((-8 * (h + 1)) / n));
    const power = 2 ** Math.floor(Math.log2(H));
    if (power === H)
        return geometric(H);
    const between = geometric(2 * power).filter((_, i) => i % 2 === 0);
    return [...geometric(power), ...between.slice(0, H - power)];
}
exports.alibiSlopes = alibiSlopes;
/**
 * ALiBi, attention with linear biases: what is added to the scores grows more negative with the
 * distance between query and key, in each head at its own slope.
 *
 *     bias[h][i][j] = −slope[h] · (position of query i − position of key j)
 *
 * Keys after the query get 0: the causal mask hides them.
 *
 * @param H number of heads
 * @param T number of queries
 * @param S number of keys; the queries are the last T of S positions
 * @returns (H, T, S); the caller disposes it
 */
function alibiBias(H, T, S = T) {
    queriesAndKeys("alibiBias", T, S);
    return engine_1.tf.tidy(() => {
        const slopes = engine_1.tf.tensor1d(alibiSlopes(H)).reshape([H, 1, 1]);
        const behind = engine_1.tf.relu(engine_1.tf.neg(relativePositions(T, S))); // (T, S)
        return engine_1.tf.neg(engine_1.tf.mul(slopes, behind));
    });
}
exports.alibiBias = alibiBias;
/**
 * T5's bucket of a distance: the near half of the distances have a bucket each, those beyond it
 * share buckets that grow logarithmically up to `maxDistance`.
 *
 * @param relative position of the key − position of the query
 * @returns a whole number from 0 to numBuckets − 1
 */
function relativeBucket(relative, { numBuckets = 32, maxDistance = 128, bidirectional = false } = {}) {
    const buckets = bidirectional ? numBuckets / 2 : numBuckets;
    const near = Math.floor(buckets / 2);
    if (!Number.isInteger(buckets) || near < 1 || !(maxDistance > near))
        throw new Error("relativeBucket: expected at least 2 buckets in each direction and a maxDistance beyond " +
            `the near ones, got ${numBuckets} buckets and maxDistance ${maxDistance}`);
    const side = bidirectional && relative > 0 ? buckets : 0;
    const distance = bidirectional ? Math.abs(relative) : Math.max(-relative, 0);
    if (distance < near)
        return side + distance;
    // Rounded to 32 bits as the reference computes: at a bucket's edge it decides.
    const steps = Math.fround(Math.fround(Math.fround(Math.log(Math.fround(distance / near))) / Math.log(maxDistance / near)) *
        (buckets - near));
    return side + Math.min(near + Math.trunc(steps), buckets - 1);
}
exports.relativeBucket = relativeBucket;
/**
 * T5's relative bias: each head has one learned number for every bucket of distances.
 *
 * @param table (numBuckets, H), learned
 * @param T number of queries
 * @param S number of keys; the queries are the last T of S positions
 * @param options as in `relativeBucket`; the number of buckets is the table's
 * @returns (H, T, S), with a gradient for the table; the caller disposes it
 */
function relativeBias(table, T, S = T, { maxDistance, bidirectional } = {}) {
    queriesAndKeys("relativeBias", T, S);
    if (table.rank !== 2)
        throw new Error(`relativeBias: expected a table (buckets, H), got (${table.shape})`);
    const [numBuckets, H] = table.shape;
    return engine_1.tf.tidy(() => {
        // Distances run from −(S − 1) to S − 1 for the keys: look each one up once, then spread them.
        const distances = Array.from({ length: T + S - 1 }, (_, n) => n - (S - 1));
        const buckets = distances.map((n) => relativeBucket(n, { numBuckets, maxDistance, bidirectional }));
        const ids = new Int32Array(T * S);
        for (let i = 0; i < T; i++)
            for (let j = 0; j < S; j++)
                ids[i * S + j] = buckets[j - (S - T + i) + S - 1];
        const rows = engine_1.tf.gather(table, engine_1.tf.tensor1d(ids, "int32")); // (T·S, H)
        return engine_1.tf.reshape(engine_1.tf.transpose(rows), [H, T, S]);
    });
}
exports.relativeBias = relativeBias;
/**
 * RoPE with positions divided evenly: position interpolation (Chen et al., 2023). A model trained on
 * T positions reads n·T of them with scale 1/n: no pair turns further than it did in training.
 *
 * @param x (…, T, D) queries or keys, D even; pairs are i and i + D/2, as in `rope` of llm/ops
 * @param options `scale` multiplies every position; `base` as in `rope`
 * @returns the shape of x
 */
function ropeScaled(x, { scale, base = 10000 }) {
    const [T, D] = x.shape.slice(-2);
    if (!(D % 2 === 0 && scale > 0))
        throw new Error(`ropeScaled: expected an even width and a positive scale, got ${D} and ${scale}`);
    return engine_1.tf.tidy(() => {
        const rates = Array.from({ length: D / 2 }, (_, i) => scale * base ** ((-2 * i) / D));
        const angles = engine_1.tf.mul(engine_1.tf.range(0, T).expandDims(1), engine_1.tf.tensor1d(rates)); // (T, D/2)
        const [cos, sin] = [engine_1.tf.cos(angles), engine_1.tf.sin(angles)];
        const [a, b] = engine_1.tf.split(x, 2, -1); // (…, T, D/2) each
        const turned = [engine_1.tf.sub(engine_1.tf.mul(a, cos), engine_1.tf.mul(b, sin)), engine_1.tf.add(engine_1.tf.mul(b, cos), engine_1.tf.mul(a, sin))];
        return engine_1.tf.concat(turned, -1);
    });
}
exports.ropeScaled = ropeScaled;
/** Position of key j − position of query i: (T, S), where the queries are the last T positions. */
function relativePositions(T, S) {
    return engine_1.tf.sub(engine_1.tf.range(0, S).expandDims(0), engine_1.tf.range(S - T, S).expandDims(1));
}
function queriesAndKeys(caller, T, S) {
    positive(caller, { T, S });
    if (T > S)
        throw new Error(`${caller}: expected at least as many keys as queries, got ${S} and ${T}`);
}
function positive(caller, sizes) {
    for (const [name, size] of Object.entries(sizes))
        if (!Number.isInteger(size) || size < 1)
            throw new Error(`${caller}: expected ${name} to be a whole number of 1 or more, got ${size}`);
}
