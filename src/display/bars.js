"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.bars = void 0;
// Grouped bars: one group for each label, one bar in it for each series.
const figure_1 = require("./figure");
const label_1 = require("./label");
const style_1 = require("./style");
const MAX_BARS = 1200;
const MAX_SERIES = 30;
const MAX_WORDS = 60;
/** Bars take this share of their place, and at most this much of the plot. */
const FILLED = 0.8;
const WIDEST = 0.12;
/** Of the saved picture, about: numbers that are wider than their bar are left to pointing. */
const PLOT_WIDTH = 600;
/** Grouped bars. */
function bars(options) {
    const { x, y, baselines = [], thresholds = [] } = options;
    const [series, fewer] = (0, figure_1.firstOf)(options.series, MAX_SERIES, "series", "series");
    for (const s of series)
        (0, figure_1.expectSameLength)(`bars: series "${(0, label_1.nameText)(s.name)}"`, options.labels, s.values);
    const room = Math.floor(MAX_BARS / Math.max(1, series.length));
    const [shown, cut] = (0, figure_1.firstOf)(options.labels, room, "label");
    const letters = shown.length > 150 ? label_1.FEW_LETTERS : undefined;
    const labels = shown.map((label) => (0, label_1.labelText)(label, letters));
    const width = Math.min(FILLED / Math.max(1, series.length), WIDEST * Math.max(1, labels.length));
    const drawable = (value) => Number.isFinite(value) && (!y.log || value > 0);
    const words = [];
    const marks = series.map((s, i) => {
        const offset = (i - (series.length - 1) / 2) * width;
        const values = labels.map((_, k) => {
            if (drawable(s.values[k]))
                return (0, figure_1.short)(s.values[k]);
            const text = Number.isFinite(s.values[k]) ? (0, label_1.numberText)(s.values[k]) : (0, label_1.wordFor)(s.values[k]);
            words.push({ x: k + offset, text });
            return null;
        });
        return {
            mark: "bars",
            name: (0, label_1.nameText)(s.name),
            color: (0, figure_1.colorOf)("bars", i, s.color),
            values,
            offset,
            width,
        };
    });
    const flat = (0, label_1.numberTexts)(marks.flatMap((m) => m.values));
    const texts = marks.map((_, i) => flat.slice(i * labels.length, (i + 1) * labels.length));
    const few = labels.length * series.length <= 16;
    const fitting = (0, style_1.textWidth)(longest(flat), 10) < (PLOT_WIDTH * width) / labels.length + 6;
    if (options.values ?? (few && fitting))
        for (const [i, m] of marks.entries())
            m.texts = texts[i];
    const { levels, notes } = (0, figure_1.makeLevels)(baselines, thresholds, y.log ?? false);
    const data = (0, figure_1.extent)([...marks.flatMap((m) => m.values), ...levels.map((l) => l.y)]);
    const axis = y.log && !y.range ? onDecades(y, data) : (0, figure_1.makeAxis)("bars", y, withZero(data), overhang(data));
    return {
        kind: "bars",
        ...(0, figure_1.texts)(options, [
            ...fewer,
            ...cut,
            ...(words.length > MAX_WORDS ? [`${(0, label_1.count)(words.length, "bar")} without a height.`] : []),
            ...notes,
            ...(0, figure_1.outside)(levels, axis),
        ]),
        x: (0, figure_1.namedAxis)(x.title, labels),
        y: axis,
        marks,
        levels,
        words: words.slice(0, MAX_WORDS),
    };
}
exports.bars = bars;
const longest = (list) => list.reduce((a, b) => (b.length > a.length ? b : a), "");
const withZero = (data) => data && [Math.min(0, data[0]), Math.max(0, data[1])];
/** Room for the numbers at the ends of the bars, and none beyond zero. */
const overhang = (data) => data ? [data[0] < 0 ? 0.09 : 0, data[1] > 0 || data[0] === 0 ? 0.09 : 0] : [0, 0];
/**
 * A logarithmic axis has no zero for bars to stand on: they stand on a power of ten a little below
 * the smallest.
 */
function onDecades(y, data) {
    const [low, high] = (data ?? [1, 10]).map(Math.log10);
    const floor = Math.floor(low - 0.15); // − 0.15, so that a bar of exactly 1 is visible
    const top = Math.ceil(high + 0.08 * (high - floor)); // room for the number on the highest bar
    const range = [10 ** Math.max(floor, -307), 10 ** Math.min(top, 307)];
    return (0, figure_1.makeAxis)("bars", { ...y, range }, null);
}
