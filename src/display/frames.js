"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.thinned = exports.frames = void 0;
const label_1 = require("./label");
/** More positions than these cannot be hit with a mouse. */
const MAX_FRAMES = 60;
/**
 * A figure with a slider, for `plot`: it moves in JupyterLab without a kernel, also in a saved
 * notebook.
 *
 *     const values = [0.2, 0.5, 1, 2];
 *     plot(frames(
 *       values.map((t) => ({ label: t, figure: bars({ … softmax(logits, t) … }) })),
 *       { slider: "temperature", start: 2, caption: "Low temperatures favour the first choice." },
 *     ));
 *
 * For two things to choose from (layer and head), list all pairs: "layer 1 · head 2". Of more than
 * 60 figures an even choice is kept, with the first, the last and the start.
 * @param list figures of one kind with the same number of series, and for heat maps of one size
 * @throws {Error} where there is no frame, or a figure differs in kind, series, axes or size
 */
function frames(list, options) {
    if (list.length === 0)
        throw new Error("frames: expected at least one figure, got none");
    const { slider, unit = "", start = 0, play = false } = options;
    if (!Number.isInteger(start) || start < 0 || start >= list.length)
        throw new Error(`frames: expected start from 0 to ${list.length - 1}, the number of a frame, got ${start}`);
    for (const [i, { figure }] of list.entries())
        expectAlike(figure, list[0].figure, i);
    const kept = evenly(list.length, MAX_FRAMES, start);
    const note = kept.length < list.length ? `The slider has ${kept.length} of ${list.length} positions.` : "";
    const captionOf = (figure) => [(0, label_1.sentence)(options.caption), figure.caption, note].filter((text) => text !== "").join(" ");
    const titleOf = (figure) => options.title === undefined ? figure.title : (0, label_1.sentence)(options.title, 200);
    return {
        kind: "frames",
        slider: (0, label_1.nameText)(slider),
        labels: kept.map((i) => (0, label_1.nameText)(`${(0, label_1.labelText)(list[i].label)} ${unit}`)),
        figures: aligned(kept.map((i) => list[i].figure)).map((figure) => ({
            ...figure,
            title: titleOf(figure),
            caption: captionOf(figure),
        })),
        start: kept.indexOf(start),
        play,
    };
}
exports.frames = frames;
/** Only the frames that `keep` lists: a figure that is too large is thinned. */
function thinned(moving, most) {
    const kept = evenly(moving.figures.length, most, moving.start);
    return {
        ...moving,
        labels: kept.map((i) => moving.labels[i]),
        figures: kept.map((i) => moving.figures[i]),
        start: kept.indexOf(moving.start),
    };
}
exports.thinned = thinned;
/** At most about `most` of 0 … count − 1: evenly, with the first, the last and `start`. */
function evenly(count, most, start) {
    if (count <= most)
        return Array.from({ length: count }, (_, i) => i);
    const places = Array.from({ length: most - 1 }, (_, i) => Math.round((i * (count - 1)) / Math.max(1, most - 2)));
    return [...new Set([...places, start])].sort((a, b) => a - b);
}
const seriesOf = ({ marks }) => marks.map(({ mark }) => mark).join(", ");
const sizeOf = (mark) => (mark.mark === "cells" ? mark.size.join(" × ") : "");
function expectAlike(figure, first, i) {
    const differs = (what, expected, got) => {
        if (expected !== got)
            throw new Error(`frames: expected figures that are alike in ${what} ` +
                `(the first has ${expected || "none"}), got ${got || "none"} in frame ${i}`);
    };
    if (figure === null || typeof figure !== "object" || !("kind" in figure))
        throw new Error(`frames: expected a figure of ours in frame ${i}, got ${typeof figure}`);
    differs("kind", first.kind, figure.kind);
    differs("marks", seriesOf(first), seriesOf(figure));
    for (const [k, mark] of first.marks.entries())
        differs("size", sizeOf(mark), sizeOf(figure.marks[k]));
    for (const axis of ["x", "y"]) {
        const scale = ({ log, labels }) => labels ? "named places" : log ? "a logarithmic scale" : "a linear scale";
        differs(`the ${axis} axis`, scale(first[axis]), scale(figure[axis]));
    }
}
/** The same axes, colour scales and height in all figures: wide enough for each of them. */
function aligned(figures) {
    const range = (axis) => [
        Math.min(...figures.map((figure) => figure[axis].range[0])),
        Math.max(...figures.map((figure) => figure[axis].range[1])),
    ];
    const places = (axis) => Math.max(...figures.map((figure) => figure[axis].labels?.length ?? 0));
    const common = { x: range("x"), y: range("y") };
    const count = { x: places("x"), y: places("y") };
    const heights = figures.flatMap(({ height }) => height ?? []);
    const axisOf = (figure, axis) => {
        const { labels } = figure[axis];
        const padded = labels && [...labels, ...Array(count[axis] - labels.length).fill(" ")];
        return { ...figure[axis], range: common[axis], ...(padded ? { labels: padded } : {}) };
    };
    return figures.map((figure) => ({
        ...figure,
        ...(heights.length > 0 ? { height: Math.max(...heights) } : {}),
        x: axisOf(figure, "x"),
        y: axisOf(figure, "y"),
        marks: figure.marks.map((mark, k) => mark.mark === "cells" ? { ...mark, ...scaleOf(figures, k) } : mark),
    }));
}
function scaleOf(figures, k) {
    const cells = figures.map(({ marks }) => marks[k]);
    return {
        min: Math.min(...cells.map(({ min }) => min)),
        max: Math.max(...cells.map(({ max }) => max)),
    };
}
