"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.heatmap = void 0;
// A matrix as colours: attention weights, counts, gradients.
const figure_1 = require("./figure");
const label_1 = require("./label");
const style_1 = require("./style");
/** A screen has no room for more; then a cell is the mean of several. */
const MAX_SIDE = 200;
const FEW_CELLS = 100;
/** Cells with printed values, at the most: each is a text. */
const MAX_TEXTS = 900;
/** A matrix as colours, first row on top. */
function heatmap(options) {
    const { xLabels, yLabels, diverging = false } = options;
    const [rows, columns] = [options.z.length, options.z[0]?.length ?? 0];
    for (let r = 0; r < rows; r++)
        if (options.z[r].length !== columns)
            throw new Error(`heatmap: expected rows of one length, got ${columns} and ${options.z[r].length}`);
    expectLabels("xLabels", xLabels, columns);
    expectLabels("yLabels", yLabels, rows);
    const printed = options.cells && Array.from(options.cells, (row) => Array.from(row, (cell) => (0, label_1.labelText)(cell)));
    if (printed && `${printed.map((row) => row.length)}` !== `${Array(rows).fill(columns)}`)
        throw new Error(`heatmap: expected cells of ${rows} rows and ${columns} columns, as z has, got rows of ` +
            `${printed.map((row) => row.length).join(", ")}`);
    const step = [
        Math.ceil(rows / MAX_SIDE) || 1,
        Math.ceil(columns / MAX_SIDE) || 1,
    ];
    const pooled = step[0] * step[1] > 1;
    const source = pooled ? means(options.z, step) : options.z;
    const cells = rows * columns;
    const withTexts = (options.values ?? (printed !== undefined || cells <= FEW_CELLS)) &&
        cells <= MAX_TEXTS &&
        !pooled;
    const z = [];
    const words = [];
    let strange = 0;
    for (let r = 0; r < source.length; r++)
        z.push(Array.from(source[r], (value, c) => {
            if (value === null || value === undefined)
                return null;
            if (!Number.isFinite(value)) {
                strange++;
                if (withTexts)
                    words.push({ x: c, y: r, text: (0, label_1.wordFor)(value) });
            }
            return (0, figure_1.short)(value, cells > 400 ? 3 : 5);
        }));
    const found = (0, figure_1.extent)(z.flat());
    const bound = Math.max(1e-9, Math.abs(found?.[0] ?? 0), Math.abs(found?.[1] ?? 0));
    const min = checkedEnd("min", options.min) ?? clamp(diverging ? -bound : (found?.[0] ?? 0));
    const max = checkedEnd("max", options.max) ?? clamp(diverging ? bound : (found?.[1] ?? min + 1));
    const mark = {
        mark: "cells",
        z,
        min,
        max: max > min ? max : min + Math.max(1, Math.abs(min)),
        colors: diverging ? style_1.diverging : style_1.sequential,
        title: (0, label_1.nameText)(options.colorbar ? options.colorbar.title : ""),
        ...(options.colorbar === false ? { bar: false } : {}),
        step,
        size: [rows, columns],
        ...(withTexts ? { texts: printed ?? cellTexts(z) } : {}),
    };
    return {
        kind: "heatmap",
        ...(0, figure_1.texts)(options, [
            ...(pooled ? [`Each cell is the mean of ${step[0]} × ${step[1]} values.`] : []),
            ...(strange > 0 && !withTexts
                ? [`${(0, label_1.count)(strange, "cell is", "cells are")} empty: no finite number.`]
                : []),
            ...(cells === 0 ? ["There are no values to show."] : []),
        ]),
        x: axisOf(options.x.title, xLabels, columns),
        y: axisOf(options.y.title, yLabels, rows),
        marks: [mark],
        levels: [],
        words,
    };
}
exports.heatmap = heatmap;
function expectLabels(name, labels, size) {
    if (labels !== undefined && labels.length !== size)
        throw new Error(`heatmap: expected ${size} ${name}, got ${labels.length}`);
}
const clamp = (value) => Math.min(figure_1.LARGEST, Math.max(-figure_1.LARGEST, value));
function checkedEnd(name, value) {
    if (value === undefined)
        return value;
    if (Number.isFinite(value))
        return clamp(value);
    throw new Error(`heatmap: expected a finite ${name}, got ${value}`);
}
const axisOf = (title, labels, size) => ({
    title: (0, label_1.nameText)(title),
    log: false,
    range: [-0.5, Math.max(1, size) - 0.5],
    whole: true,
    ...(labels ? { labels: Array.from(labels, (label) => (0, label_1.labelText)(label)) } : {}),
});
/** Two decimals for all, so that they can be compared; other digits where two say nothing. */
function cellTexts(z) {
    const [low, high] = (0, figure_1.extent)(z.flat()) ?? [0, 0];
    const largest = Math.max(Math.abs(low), Math.abs(high));
    const write = (value) => {
        if (largest >= 1e4 || (largest > 0 && largest < 0.05))
            return (0, label_1.numberText)(value);
        const text = value.toFixed(largest >= 1000 ? 0 : largest >= 100 ? 1 : 2);
        return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
    };
    return z.map((row) => row.map((value) => (value === null ? "" : write(value))));
}
/**
 * Means of blocks of `step[0]` × `step[1]` values: NaN where one of them is no finite number, null
 * where there is none.
 */
function means(z, [down, across]) {
    const [rows, columns] = [z.length, z[0].length];
    return Array.from({ length: Math.ceil(rows / down) }, (_, R) => {
        const sums = new Float64Array(Math.ceil(columns / across));
        const counts = new Float64Array(sums.length);
        const strange = new Uint8Array(sums.length);
        for (let r = R * down; r < Math.min(rows, (R + 1) * down); r++)
            for (let c = 0; c < columns; c++) {
                const value = z[r][c];
                if (value === null || value === undefined)
                    continue;
                const C = Math.floor(c / across);
                if (Number.isFinite(value)) {
                    counts[C]++;
                    sums[C] += (value - sums[C]) / counts[C]; // a running mean never overflows
                }
                else
                    strange[C] = 1;
            }
        return Array.from(sums, (mean, C) => (strange[C] ? Number.NaN : counts[C] > 0 ? mean : null));
    });
}
