"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.thin = exports.curves = void 0;
// Lines over a common x axis: losses over steps, with what they are to be compared with.
const figure_1 = require("./figure");
const label_1 = require("./label");
const scale_1 = require("./scale");
const style_1 = require("./style");
/** A line with more points keeps the lowest and the highest of each bucket: spikes stay visible. */
const MAX_POINTS = 1500;
/** All lines of a figure together. */
const MAX_ALL = 20000;
const MAX_SERIES = 60;
const MAX_WORDS = 12;
/** After a round of colours, the next lines are dashed, so that no two look alike. */
const ROUNDS = ["solid", "dash", "dot", "dashdot"];
/** Lines over a common x axis, with baselines. */
function curves(options) {
    const { baselines = [], thresholds = [] } = options;
    const [series, notes] = (0, figure_1.firstOf)(options.series, MAX_SERIES, "line");
    for (const s of series)
        (0, figure_1.expectSameLength)(`curves: series "${(0, label_1.nameText)(s.name)}"`, s.x, s.y);
    const named = series.some((s) => Array.prototype.some.call(s.x, (v) => typeof v === "string"));
    const { labels, places } = named
        ? (0, figure_1.placesOf)(series.map((s) => s.x))
        : { labels: undefined, places: series.map((s) => Array.from(s.x)) };
    const limit = Math.max(60, Math.min(MAX_POINTS, Math.floor(MAX_ALL / series.length)));
    const missing = { gaps: [], refused: 0, lost: 0 };
    const lines = series.map((s, i) => {
        const few = thin(...pointsOf(places[i], s.y, options, missing), limit);
        return {
            mark: "line",
            name: (0, label_1.nameText)(s.name),
            color: (0, figure_1.colorOf)("curves", i, s.color),
            dash: s.dash ?? ROUNDS[Math.floor(i / style_1.palette.length) % ROUNDS.length],
            dots: s.marker ?? false,
            x: few.x.map((x) => (0, figure_1.short)(x, 9)),
            y: few.y.map((y) => (y === null ? null : (0, figure_1.short)(y))),
        };
    });
    const { levels, notes: undrawn } = (0, figure_1.makeLevels)(baselines, thresholds, options.y.log ?? false);
    const ys = (0, figure_1.extent)([...lines.flatMap((l) => l.y), ...levels.map((l) => l.y)]);
    const xs = (0, figure_1.extent)(lines.flatMap((l) => l.x));
    const room = lines.some((l) => l.dots) ? 0.03 : 0;
    const y = (0, figure_1.makeAxis)("curves", options.y, ys);
    const across = labels
        ? (0, figure_1.namedAxis)(options.x.title, labels)
        : { ...(0, figure_1.makeAxis)("curves", options.x, xs, [room, room]), whole: whole(lines) };
    return {
        kind: "curves",
        ...(0, figure_1.texts)(options, [...notes, ...notesOn(missing), ...undrawn, ...(0, figure_1.outside)(levels, y)]),
        x: across,
        y,
        marks: lines,
        levels,
        words: missing.gaps.filter((gap) => (0, scale_1.within)(across, gap.x)).slice(0, MAX_WORDS),
    };
}
exports.curves = curves;
/** The points of a series that have a place on the x axis, gaps as null. */
function pointsOf(places, values, { x: across, y: up }, missing) {
    const xs = [];
    const ys = [];
    for (let k = 0; k < places.length; k++) {
        const [x, y] = [places[k], values[k]];
        if (!(Math.abs(x) <= figure_1.LARGEST) || (across.log && x <= 1 / figure_1.LARGEST)) {
            missing.lost++;
            continue;
        }
        const finite = Number.isFinite(y);
        if (!finite && (k === 0 || Number.isFinite(values[k - 1])))
            missing.gaps.push({ x, text: (0, label_1.wordFor)(y) });
        const refused = finite && up.log === true && y <= 0;
        if (refused)
            missing.refused++;
        xs.push(x);
        ys.push(finite && !refused ? y : null);
    }
    return [xs, ys];
}
function notesOn({ gaps, refused, lost }) {
    return [
        ...(refused === 0
            ? []
            : [`${(0, label_1.count)(refused, "value is", "values are")} not above zero and not on the axis.`]),
        ...(lost === 0 ? [] : [`${(0, label_1.count)(lost, "point has", "points have")} no place on the x axis.`]),
        ...(gaps.length <= MAX_WORDS
            ? []
            : [`${(0, label_1.count)(gaps.length, "gap")}: values that are no finite numbers.`]),
    ];
}
const whole = (lines) => lines.every(({ x }) => x.every((value) => Number.isInteger(value)));
/** At most about `limit` points of a line, with its extremes and its gaps. */
function thin(x, y, limit) {
    if (y.length <= limit)
        return { x, y };
    const buckets = Math.floor(limit / 2);
    const keep = new Set([0, y.length - 1]);
    for (let b = 0; b < buckets; b++) {
        const from = Math.floor((b * y.length) / buckets);
        const to = Math.floor(((b + 1) * y.length) / buckets);
        let low = -1;
        let high = -1;
        let gap = -1;
        for (let i = from; i < to; i++) {
            const value = y[i];
            if (value === null)
                gap = i;
            else {
                if (low < 0 || value < y[low])
                    low = i;
                if (high < 0 || value > y[high])
                    high = i;
            }
        }
        if (low >= 0)
            keep.add(low).add(high);
        if (gap >= 0)
            keep.add(gap);
    }
    const order = thinGaps([...keep].sort((a, b) => a - b), y);
    return { x: order.map((i) => x[i]), y: order.map((i) => y[i]) };
}
exports.thin = thin;
/** A run of missing values is one gap, however long it is. */
const thinGaps = (order, y) => order.filter((i, k) => y[i] !== null || k === 0 || y[order[k - 1]] !== null);
