"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.placesOf = exports.namedAxis = exports.firstOf = exports.texts = exports.outside = exports.makeLevels = exports.makeAxis = exports.LARGEST = exports.colorOf = exports.expectSameLength = exports.extent = exports.short = void 0;
// What a figure is: axes, marks (lines, bars, points, cells), levels across the plot, a caption.
// `curves`, `bars`, `points` and `heatmap` make it, once and for all readers: plotly.ts turns it
// into a live figure, svg.ts into a picture, plot.ts into text. So all of them show the same.
const label_1 = require("./label");
const style_1 = require("./style");
/** Plotly JSON needs no more digits than a screen shows; a saved notebook stays small. */
const short = (value, digits = 5) => Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;
exports.short = short;
/** The smallest and the largest of the finite values, or null where there are none. */
function extent(values) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of values) {
        if (value === null || !Number.isFinite(value))
            continue;
        if (value < low)
            low = value;
        if (value > high)
            high = value;
    }
    return low > high ? null : [low, high];
}
exports.extent = extent;
function expectSameLength(name, x, y) {
    if (x.length !== y.length)
        throw new Error(`${name}: expected as many x as y, got ${x.length} and ${y.length}`);
}
exports.expectSameLength = expectSameLength;
/** The colour of series i: the caller's, or the next of the palette. */
function colorOf(caller, i, color) {
    return color === undefined ? style_1.palette[i % style_1.palette.length] : (0, label_1.checkedColor)(caller, color);
}
exports.colorOf = colorOf;
/** Beyond this, differences of two values may overflow. */
exports.LARGEST = 1e300;
/**
 * An axis: the range that was asked for, or one that holds the data with some room.
 * @param room share of the range that is added at both ends
 */
function makeAxis(caller, { title, log = false, range }, data, room = [0.05, 0.05]) {
    const named = { title: (0, label_1.nameText)(title), log };
    if (range !== undefined)
        return { ...named, range: checkedRange(caller, range, log) };
    if (log)
        return { ...named, range: logRange(data, room) };
    const [low, high] = data ?? [0, 1];
    const [from, to] = [Math.max(low, -exports.LARGEST), Math.min(high, exports.LARGEST)];
    if (from >= to) {
        const half = Math.min(Math.max(Math.abs(from) / 10, 0.5), exports.LARGEST / 10);
        return { ...named, range: [from - half, from + half] };
    }
    return { ...named, range: [from - (to - from) * room[0], to + (to - from) * room[1]] };
}
exports.makeAxis = makeAxis;
function checkedRange(caller, range, log) {
    const [low, high] = range;
    const fits = Number.isFinite(high - low) && low < high && (!log || low > 0);
    if (fits)
        return [low, high];
    const wanted = log ? "above zero, " : "";
    throw new Error(`${caller}: expected a range [low, high], ${wanted}got [${low}, ${high}]`);
}
/** At least two powers of ten lie on a logarithmic axis: they alone have ticks. */
function logRange(data, room) {
    const [first, last] = (data ?? [1, 10]).map((v) => Math.log10(Math.max(v, 1e-300)));
    let [low, high] = [first - (last - first) * room[0], last + (last - first) * room[1]];
    if (Math.floor(high) - Math.ceil(low) < 1) {
        low = Math.floor(first);
        high = Math.max(Math.ceil(last), low + 1);
        const more = (high - low) * 0.04; // the ends are ticks, and a line on the frame is hard to see
        [low, high] = [low - more, high + more];
    }
    return [10 ** Math.max(low, -307), 10 ** Math.min(high, 307)];
}
/** Baselines differ in their dashes, so that they can be told apart without colour. */
const MAX_LEVELS = 24;
const DASHES = ["dash", "dot", "dashdot", "longdash"];
/** Lines across the whole plot; `notes` says which cannot be drawn. */
function makeLevels(baselines, thresholds, log) {
    const [some, fewer] = firstOf([...baselines, ...thresholds], MAX_LEVELS, "line");
    const all = some.map((level, i) => ({
        ...level,
        name: (0, label_1.nameText)(level.name),
        ...(i < baselines.length
            ? { color: style_1.baselineColor, dash: DASHES[i % DASHES.length] }
            : { color: style_1.thresholdColor, dash: "longdashdot" }),
    }));
    const drawable = ({ y }) => Number.isFinite(y) && (!log || y > 0);
    const levels = all.filter(drawable).map((level) => ({ ...level, y: (0, exports.short)(level.y) }));
    const undrawn = all
        .filter((level) => !drawable(level))
        .map(({ name, y }) => `"${name}" is ${(0, label_1.numberText)(y)} and has no line.`);
    return { levels, notes: [...fewer, ...undrawn] };
}
exports.makeLevels = makeLevels;
/** Levels that the axis does not reach, in a sentence each. */
function outside(levels, { range: [low, high] }) {
    return levels
        .filter(({ y }) => y < low || y > high)
        .map(({ name, y }) => `"${name}" (${(0, label_1.numberText)(y)}) lies outside of the picture.`);
}
exports.outside = outside;
/** Title and caption; `notes` are sentences about what is not shown. */
function texts({ title, caption, height }, notes) {
    return {
        title: (0, label_1.sentence)(title, 200),
        caption: [(0, label_1.sentence)(caption), ...notes].filter(Boolean).join(" "),
        ...(height === undefined ? {} : { height: checkedHeight(height) }),
    };
}
exports.texts = texts;
function checkedHeight(height) {
    return Number.isFinite(height) ? Math.min(2000, Math.max(140, height)) : 360;
}
/** The first `limit` of a list, and a sentence where that is not all. */
function firstOf(list, limit, one, many = `${one}s`) {
    if (list.length <= limit)
        return [Array.from(list), []];
    const shown = Array.from({ length: limit }, (_, i) => list[i]);
    return [shown, [`The first ${(0, label_1.count)(limit, one, `of ${(0, label_1.count)(list.length, one, many)}`)}.`]];
}
exports.firstOf = firstOf;
/** An axis of names: label i stands at i, with half a place around it. */
function namedAxis(title, labels) {
    const range = [-0.5, Math.max(1, labels.length) - 0.5];
    return { title: (0, label_1.nameText)(title), log: false, range, labels };
}
exports.namedAxis = namedAxis;
/**
 * Places of labels that several series share. Labels may repeat ("the cat … the mat"): the k-th
 * "the" of each series stands at the k-th place of that name.
 */
function placesOf(lists) {
    const labels = [];
    const place = new Map();
    const known = new Map();
    const done = new Map(); // series often share one list
    const placed = (list) => {
        const seen = new Map();
        return Array.from(list, (label) => {
            const text = known.get(label) ?? (0, label_1.labelText)(label);
            known.set(label, text);
            const nth = (seen.get(text) ?? 0) + 1;
            seen.set(text, nth);
            const key = `${nth} ${text}`;
            const at = place.get(key) ?? labels.push(text) - 1;
            place.set(key, at);
            return at;
        });
    };
    const places = lists.map((list) => {
        const result = done.get(list) ?? placed(list);
        done.set(list, result);
        return result;
    });
    const letters = labels.length > 150 ? label_1.FEW_LETTERS : undefined;
    return { labels: labels.map((label) => (0, label_1.cut)(label, letters)), places };
}
exports.placesOf = placesOf;
