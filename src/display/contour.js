"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.contour = void 0;
/**
 * Where f(x, y) = level.
 * @throws {Error} where a range is empty
 */
function contour(f, options) {
    const { x: across, y: up, level = 0, cells = 48 } = options;
    if (!(across[0] < across[1] && up[0] < up[1]))
        throw new Error(`contour: expected ranges [low, high], got [${across}] and [${up}]`);
    const xs = Array.from({ length: cells + 1 }, (_, i) => mix(across[0], across[1], i / cells));
    const ys = Array.from({ length: cells + 1 }, (_, i) => mix(up[0], up[1], i / cells));
    const heights = ys.map((y) => xs.map((x) => f(x, y) - level));
    const height = ([c, r]) => heights[r][c];
    // A point of a contour lies on an edge of the grid, and the edge's two corners name it.
    const places = new Map();
    const neighbours = new Map();
    const pointOn = (a, b) => {
        const key = `${a} ${b}`;
        const t = height(a) / (height(a) - height(b));
        places.set(key, [mix(xs[a[0]], xs[b[0]], t), mix(ys[a[1]], ys[b[1]], t)]);
        return key;
    };
    const join = (p, q) => {
        neighbours.set(p, [...(neighbours.get(p) ?? []), q]);
        neighbours.set(q, [...(neighbours.get(q) ?? []), p]);
    };
    for (let r = 0; r < cells; r++)
        for (let c = 0; c < cells; c++) {
            const corners = [
                [c, r],
                [c + 1, r],
                [c + 1, r + 1],
                [c, r + 1],
            ];
            const [sw, se, ne, nw] = corners;
            const sides = [
                [sw, se],
                [se, ne],
                [nw, ne],
                [sw, nw],
            ];
            const cut = sides
                .filter(([a, b]) => height(a) < 0 !== height(b) < 0)
                .map(([a, b]) => pointOn(a, b));
            for (let i = 0; i + 1 < cut.length; i += 2)
                join(cut[i], cut[i + 1]);
        }
    return joined(places, neighbours);
}
exports.contour = contour;
const mix = (a, b, t) => a + (b - a) * t;
/** Walks along the pieces: first lines with ends, then rings. */
function joined(places, neighbours) {
    const line = { x: [], y: [] };
    const left = new Set(neighbours.keys());
    const ends = [...left].filter((p) => neighbours.get(p)?.length === 1);
    for (const start of [...ends, ...left]) {
        if (!left.has(start))
            continue;
        if (line.x.length > 0)
            add(line, line.x[line.x.length - 1], null);
        let at = start;
        let last = start;
        while (at !== undefined) {
            left.delete(at);
            add(line, ...places.get(at));
            last = at;
            at = neighbours.get(at)?.find((p) => left.has(p));
        }
        const ring = last !== start && neighbours.get(last)?.includes(start);
        if (ring && line.x.length > 2)
            add(line, ...places.get(start));
    }
    return line;
}
function add(line, x, y) {
    line.x.push(x);
    line.y.push(y);
}
