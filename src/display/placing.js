"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.pointSize = exports.textSize = exports.inkOn = exports.placeLabels = exports.labelBox = exports.baseShare = exports.numbersInside = void 0;
const geometry_1 = require("./geometry");
const scale_1 = require("./scale");
const style_1 = require("./style");
/**
 * Which numbers of a series stand inside the end of their bar: those that a level would strike
 * through above it.
 */
function numbersInside(figure, bars, { plot, levels }) {
    const tall = plot.bottom - plot.top;
    const place = (plot.right - plot.left) / Math.max(1, bars.values.length);
    return bars.values.map((value, i) => {
        if (value === null)
            return false;
        const end = plot.bottom - (0, scale_1.share)(figure.y, value) * tall;
        const base = plot.bottom - baseShare(figure.y) * tall;
        const up = end <= base;
        const struck = levels.some(({ at }) => up ? at > end - 19 && at < end : at < end + 19 && at > end);
        const fits = Math.abs(base - end) > 20 &&
            (0, style_1.textWidth)(bars.texts?.[i] ?? "", geometry_1.SIZE.label) < place * bars.width + 2;
        return struck && fits;
    });
}
exports.numbersInside = numbersInside;
/** What bars stand on: zero, or the lower end of the axis. */
function baseShare(y) {
    return y.log ? 0 : Math.min(1, Math.max(0, (0, scale_1.share)(y, 0)));
}
exports.baseShare = baseShare;
const SIDES = ["top", "bottom", "right", "left", "top right", "top left"];
const RADIUS = 5;
/** The box of a label beside a point. */
function labelBox(text, side, x, y) {
    const width = (0, style_1.textWidth)(text, geometry_1.SIZE.label);
    const [tall, gap] = [13, RADIUS + 2];
    const left = side.includes("right")
        ? x + gap
        : side.includes("left")
            ? x - gap - width
            : x - width / 2;
    const upper = side.includes("top") ? y - gap - tall : side === "bottom" ? y + gap : y - tall / 2;
    return { left, top: upper, right: left + width, bottom: upper + tall };
}
exports.labelBox = labelBox;
/** Sides on which the labels of points cover neither each other nor a point, as far as they can. */
function placeLabels(figure, { plot }) {
    const groups = figure.marks.filter((m) => m.mark === "points");
    const at = (axis, v, from, to) => from + (0, scale_1.share)(axis, v) * (to - from);
    const centres = groups.map((g) => g.x.map((v, i) => [
        at(figure.x, v, plot.left, plot.right),
        at(figure.y, g.y[i], plot.bottom, plot.top),
    ]));
    const inside = (i, g) => (0, scale_1.within)(figure.x, g.x[i]) && (0, scale_1.within)(figure.y, g.y[i]);
    const taken = groups.some((g) => g.labels && g.labelled)
        ? groups.flatMap((g, k) => centres[k].filter((_, i) => inside(i, g)).map(([x, y]) => around(x, y)))
        : [];
    return groups.map((g, k) => g.x.map((_, i) => {
        if (!g.labels || !g.labelled || !inside(i, g))
            return "top";
        const [x, y] = centres[k][i];
        const boxes = SIDES.map((side) => labelBox(g.labels[i], side, x, y));
        const cost = boxes.map((box) => taken.reduce((sum, other) => sum + overlap(box, other), 0) +
            (box.left < plot.left - 4 || box.right > geometry_1.WIDTH - 2 || box.top < plot.top - 4 ? 1e4 : 0) +
            (box.bottom > plot.bottom + 2 ? 1e4 : 0));
        const best = cost.indexOf(Math.min(...cost));
        taken.push(boxes[best]);
        return SIDES[best];
    }));
}
exports.placeLabels = placeLabels;
const around = (x, y) => ({
    left: x - RADIUS,
    right: x + RADIUS,
    top: y - RADIUS,
    bottom: y + RADIUS,
});
const overlap = (a, b) => Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
    Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
const inkOn = (color) => /^#[0-9a-f]{6}$/i.test(color) ? (0, style_1.textOn)(color) : "#ffffff";
exports.inkOn = inkOn;
/** Numbers on narrow bars are a little smaller. */
function textSize(mark, width) {
    const widest = (mark.texts ?? []).reduce((w, t) => Math.max(w, (0, style_1.textWidth)(t, 1)), 0);
    return Math.max(9, Math.min(geometry_1.SIZE.label, (width + 6) / Math.max(widest, 1e-9)));
}
exports.textSize = textSize;
/** Diameter of a point: many are small. */
function pointSize({ marks: list }) {
    const count = list.reduce((n, m) => n + (m.mark === "points" ? m.x.length : 0), 0);
    return count > 300 ? 5 : 9;
}
exports.pointSize = pointSize;
