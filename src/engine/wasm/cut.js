"use strict";
// How work is cut into pieces for the threads: ranges of rows or elements, and the tiles of a
// matrix product.
Object.defineProperty(exports, "__esModule", { value: true });
exports.tiles = exports.ranges = exports.PIECES = void 0;
/** Pieces per thread: with more than one, a slower thread takes fewer. */
exports.PIECES = 4;
const stepOf = (n, pieces, unit) => Math.max(1, Math.ceil(n / pieces / unit)) * unit;
/**
 * The range [0, n) cut into so many ranges [from, to), or fewer, that begin at multiples of `unit`.
 * If n is 0 there is one range, because a kernel must be called for an empty tensor, too.
 */
function ranges(n, pieces, unit = 1) {
    const step = stepOf(n, pieces, unit);
    const cut = [[0, Math.min(n, step)]];
    for (let from = step; from < n; from += step)
        cut.push([from, Math.min(n, from + step)]);
    return cut;
}
exports.ranges = ranges;
const known = new Map();
/** Rows that ./kernels/gemm packs at once. */
const BLOCK = 96;
/** Packing one number costs as much as so many multiplications. */
const PACKING = 9;
/**
 * The tiles of an M × N product for so many threads, cut where they cost least. A tile packs its
 * part of A once, and its part of B for every block of 96 rows. So many small tiles pack more,
 * while few large ones leave threads waiting for the last.
 */
function tiles(M, N, threads) {
    if (threads === 1)
        return [[0, M, 0, N]];
    const key = `${M} ${N} ${threads}`;
    const found = known.get(key);
    if (found)
        return found;
    let [r, c, least] = [1, 1, Number.POSITIVE_INFINITY];
    const most = threads * exports.PIECES;
    for (let rows = 1; rows <= most; rows++) {
        for (let columns = 1; rows * columns <= most; columns++) {
            const [m, n] = [Math.min(M, stepOf(M, rows, 4)), Math.min(N, stepOf(N, columns, 8))];
            const rounds = Math.ceil((Math.ceil(M / m) * Math.ceil(N / n)) / threads);
            const cost = (rounds + 0.15) * (m * n + PACKING * (m + n * Math.ceil(m / BLOCK)));
            if (cost < least)
                [r, c, least] = [rows, columns, cost];
        }
    }
    const columns = ranges(N, c, 8);
    const best = ranges(M, r, 4).flatMap(([m0, m1]) => columns.map(([n0, n1]) => [m0, m1, n0, n1]));
    if (known.size > 1000)
        known.clear(); // for lengths that change at every call
    known.set(key, best);
    return best;
}
exports.tiles = tiles;
