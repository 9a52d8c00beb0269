"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.leaderboard = void 0;
const bootstrap_1 = require("./bootstrap");
/**
 * Sorts models by bits per byte, the best first, with 95 % intervals.
 * @param bytes of each document
 * @throws if there is no model, or a run has not one figure for each document
 */
function leaderboard(entries, bytes, { rng, resamples = 1000 }) {
    if (entries.length === 0)
        throw new Error("leaderboard: expected at least one model, got none");
    for (const { name, runs } of entries)
        if (runs.length === 0 || runs.some((run) => run.length !== bytes.length))
            throw new Error(`leaderboard: expected runs of ${bytes.length} documents from ${name}, got ` +
                `${runs.map((run) => run.length).join(", ") || "no run"}`);
    const whole = Array.from(bytes, (_, i) => i);
    const point = entries.map(({ runs }) => bitsOf(runs, bytes, whole));
    const order = point.map((_, i) => i).sort((a, b) => point[a] - point[b]);
    const drawn = entries.map(() => new Float64Array(resamples));
    for (let r = 0; r < resamples; r++) {
        const documents = whole.map(() => rng.integer(bytes.length)); // the same for all models
        entries.forEach(({ runs }, e) => {
            const some = runs.map(() => runs[rng.integer(runs.length)]);
            drawn[e][r] = bitsOf(some, bytes, documents);
        });
    }
    const interval = (value, values) => ({
        ...{ value, low: (0, bootstrap_1.quantile)(values, 0.025), high: (0, bootstrap_1.quantile)(values, 0.975) },
    });
    return order.map((e, place) => {
        const { name, runs, note } = entries[e];
        const row = { name, runs: runs.length, note, ...interval(point[e], drawn[e]) };
        if (place === 0)
            return { ...row, likeAbove: false };
        const above = order[place - 1];
        const behind = interval(point[e] - point[above], drawn[e].map((bits, r) => bits - drawn[above][r]));
        return { ...row, behind, likeAbove: behind.low <= 0 && behind.high >= 0 };
    });
}
exports.leaderboard = leaderboard;
/** Mean over runs of the bits per byte of some documents. */
function bitsOf(runs, bytes, documents) {
    let [nats, size] = [0, 0];
    for (const i of documents) {
        size += bytes[i];
        for (const run of runs)
            nats += run[i];
    }
    return nats / runs.length / Math.LN2 / size;
}
