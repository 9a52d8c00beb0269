"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.ropeTables = void 0;
// The angles of rotary position embedding (./rope), as tables of cosines and sines: in a head of
// width D, pair i turns by base^(−2i/D) radians per position. Where positions are numbers, the
// tables are computed in JavaScript with 64 bits, and the latest are kept. In a traced function
// positions have no values, and tensor operations compute the tables.
const engine_1 = require("../engine");
const ids_1 = require("../engine/ids");
const TURN = 2 * Math.PI;
const SPLIT = 2048; // a position is high · 2048 + low, 11 bits each
const MOST = SPLIT * SPLIT;
const KEPT = 4;
/**
 * cos and sin of every angle: (T, D/2) each, or (B, T, D/2) for positions (B, T).
 * @param shape (…, T, D)
 * @throws Error when a position is not a whole number from 0 to 2²² − 1
 */
function ropeTables(shape, { base = 10000, offset = 0, positions }) {
    const [T, D] = shape.slice(-2);
    const frequencies = Array.from({ length: D / 2 }, (_, i) => base ** ((-2 * i) / D));
    if ((0, engine_1.isTracing)() && (positions || typeof offset !== "number")) {
        const at = positions ?? engine_1.tf.add(engine_1.tf.range(0, T, 1, "int32"), offset);
        const angles = tracedAngles(at, frequencies);
        return [engine_1.tf.cos(angles), engine_1.tf.sin(angles)];
    }
    const first = typeof offset === "number" ? offset : offset.dataSync()[0];
    if (!Number.isInteger(first) || first < 0 || first + T > MOST)
        throw new Error(`rope: expected offset to be a whole number from 0 to ${MOST - T}, got ${first}`);
    const list = positions?.dataSync() ?? Int32Array.from({ length: T }, (_, t) => first + t);
    if (positions)
        (0, ids_1.checkIdValues)(list, MOST, "rope", "positions");
    const { cos, sin } = cosinesAndSines(list, frequencies, `${D} ${base} ${list.join()}`);
    const size = [...(positions?.shape ?? [T]), D / 2];
    return [engine_1.tf.tensor(cos, size), engine_1.tf.tensor(sin, size)];
}
exports.ropeTables = ropeTables;
/**
 * The latest tables: a training step needs the same ones in every layer, for queries and for keys.
 */
const kept = new Map();
function cosinesAndSines(positions, frequencies, key) {
    const known = kept.get(key);
    if (known)
        return known;
    const half = frequencies.length;
    const tables = {
        cos: new Float32Array(positions.length * half),
        sin: new Float32Array(positions.length * half),
    };
    for (let t = 0; t < positions.length; t++)
        for (let i = 0; i < half; i++) {
            tables.cos[t * half + i] = Math.cos(positions[t] * frequencies[i]);
            tables.sin[t * half + i] = Math.sin(positions[t] * frequencies[i]);
        }
    if (kept.size === KEPT)
        kept.delete(kept.keys().next().value);
    kept.set(key, tables);
    return tables;
}
/**
 * p · θ for positions p (…) and frequencies θ, less the whole turns: (…, D/2), from −π to π.
 * A 32-bit product would have lost the fraction of a turn at large p. So p and each rate (turns per
 * position) are split into parts whose products are exact, and whole turns are dropped before
 * anything is rounded.
 */
function tracedAngles(positions, frequencies) {
    const p = engine_1.tf.expandDims(engine_1.tf.cast(positions, "float32"), -1); // (…, 1)
    const high = engine_1.tf.floor(engine_1.tf.div(p, SPLIT));
    const low = engine_1.tf.sub(p, engine_1.tf.mul(high, SPLIT));
    const rates = frequencies.map((frequency) => frequency / TURN);
    const coarseRates = rates.map((rate) => rate * SPLIT);
    const turns = engine_1.tf.add(partOfTurn(high, coarseRates), partOfTurn(low, rates));
    return engine_1.tf.mul(engine_1.tf.sub(turns, engine_1.tf.round(turns)), TURN);
}
/** n · rate without its whole turns, up to one, for whole n from 0 to 2047. */
function partOfTurn(n, rates) {
    const parts = rates.map((rate) => rate - Math.floor(rate));
    // 12 bits, which with n's 11 are fewer than the 24 of a float
    const coarse = parts.map((part) => Math.floor(part * 4096) / 4096);
    const product = engine_1.tf.mul(n, coarse); // exact
    const fine = parts.map((part, i) => part - coarse[i]);
    return engine_1.tf.add(engine_1.tf.sub(product, engine_1.tf.floor(product)), engine_1.tf.mul(n, fine));
}
