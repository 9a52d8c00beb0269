"use strict";
// The saved picture of a figure, for GitHub, nbconvert and every page without our renderer: the
// same as the live figure, with the caption below. It is drawn from the figure and its geometry
// alone, so the same figure always gives the same file. The marks are in svgMarks.ts.
Object.defineProperty(exports, "__esModule", { value: true });
exports.captionLines = exports.figureToSvg = void 0;
const geometry_1 = require("./geometry");
const scale_1 = require("./scale");
const style_1 = require("./style");
const svgMarks_1 = require("./svgMarks");
const xml_1 = require("./xml");
const CAPTION_LINE = 19;
/** Draws a figure made by `curves`, `bars`, `points` or `heatmap`. */
function figureToSvg(figure, note = "") {
    const g = (0, geometry_1.geometry)(figure);
    const caption = captionLines(figure.caption, note);
    const total = g.height + (caption.length > 0 ? caption.length * CAPTION_LINE + 16 : 0);
    const body = [
        (0, xml_1.svgText)(figure.title, {
            x: 14,
            y: 22,
            "font-size": geometry_1.SIZE.title,
            "font-weight": 600,
            ...(0, xml_1.filled)("ink"),
        }),
        axes(figure, g),
        (0, svgMarks_1.marks)(figure, g),
        levels(g),
        legend(figure, g),
        ...caption.map((line, i) => (0, xml_1.svgText)(line, {
            x: 14,
            y: g.height + 14 + i * CAPTION_LINE,
            "font-size": geometry_1.SIZE.caption,
            ...(0, xml_1.filled)("ink"),
        })),
    ].join("");
    return (0, xml_1.svgPage)(geometry_1.WIDTH, Math.ceil(total), figure.title || figure.caption, body);
}
exports.figureToSvg = figureToSvg;
function captionLines(caption, note = "") {
    return [caption, note].flatMap((text) => (0, style_1.wrap)(text, geometry_1.WIDTH - 28, geometry_1.SIZE.caption));
}
exports.captionLines = captionLines;
function axes(figure, g) {
    const { plot } = g;
    const parts = [];
    const heat = figure.kind === "heatmap";
    const [wide, tall] = [plot.right - plot.left, plot.bottom - plot.top];
    const axisText = { "font-size": geometry_1.SIZE.tick, ...(0, xml_1.filled)("ink") };
    for (const tick of g.x.ticks) {
        const x = plot.left + (0, scale_1.share)(figure.x, tick.at) * wide;
        if (!heat && !figure.x.labels && x > plot.left + 1)
            parts.push(rule(x, plot.top, x, plot.bottom));
        const y = plot.bottom + (g.x.slanted ? 12 : 17);
        const slant = g.x.slanted ? { transform: `rotate(-45 ${(0, xml_1.at)(x + 4, y)})` } : {};
        const anchor = g.x.slanted ? "end" : "middle";
        parts.push((0, xml_1.svgText)(tick.text, {
            x: x + (g.x.slanted ? 4 : 0),
            y,
            "text-anchor": anchor,
            ...slant,
            ...axisText,
        }));
    }
    for (const tick of g.y.ticks) {
        const y = heat
            ? plot.top + (0, scale_1.share)(figure.y, tick.at) * tall
            : plot.bottom - (0, scale_1.share)(figure.y, tick.at) * tall;
        if (!heat && y < plot.bottom - 1)
            parts.push(rule(plot.left, y, plot.right, y));
        parts.push((0, xml_1.svgText)(tick.text, { x: plot.left - 7, y: y + 4, "text-anchor": "end", ...axisText }));
    }
    if (!heat) {
        const path = `M${(0, xml_1.at)(plot.left, plot.top)}V${plot.bottom}H${plot.right}`;
        parts.push((0, xml_1.element)("path", { d: path, fill: "none", ...(0, xml_1.stroked)("line") }));
    }
    const title = { "font-size": geometry_1.SIZE.axis, "text-anchor": "middle", ...(0, xml_1.filled)("ink") };
    const below = plot.bottom + 8 + g.x.depth + 15;
    const half = (0, style_1.textWidth)(figure.x.title, geometry_1.SIZE.axis) / 2;
    const middle = Math.max(half + 6, Math.min((plot.left + plot.right) / 2, geometry_1.WIDTH - half - 6));
    parts.push((0, xml_1.svgText)(figure.x.title, { x: middle, y: below, ...title }));
    for (const [i, line] of g.yTitle.entries()) {
        const spot = (0, xml_1.at)(16 + i * geometry_1.LINE_HEIGHT, (plot.top + plot.bottom) / 2);
        parts.push((0, xml_1.svgText)(line, { transform: `translate(${spot}) rotate(-90)`, ...title }));
    }
    return parts.join("");
}
const rule = (x1, y1, x2, y2) => (0, xml_1.element)("path", { d: `M${(0, xml_1.at)(x1, y1)}L${(0, xml_1.at)(x2, y2)}`, fill: "none", ...(0, xml_1.stroked)("grid") });
function levels({ plot, levels: list }) {
    return list
        .map(({ level, at: y, labelAt, lines }) => {
        const stroke = { stroke: level.color, "stroke-width": 1.8, ...(0, xml_1.dashOf)(level.dash) };
        const path = (0, xml_1.element)("path", {
            d: `M${(0, xml_1.at)(plot.left, y)}H${plot.right}`,
            fill: "none",
            ...stroke,
        });
        const first = labelAt + 4 - ((lines.length - 1) * 13.5) / 2;
        const names = lines.map((name, i) => (0, xml_1.svgText)(name, {
            x: plot.right + 6,
            y: first + i * 13.5,
            "font-size": geometry_1.SIZE.label,
            ...(0, xml_1.filled)("ink"),
        }));
        return path + names.join("");
    })
        .join("");
}
function legend(figure, g) {
    return g.legend
        .map(({ index, name, x, y }) => {
        const mark = figure.marks[index];
        const sample = mark.mark === "line"
            ? (0, xml_1.element)("path", {
                d: `M${(0, xml_1.at)(x, y)}h26`,
                fill: "none",
                stroke: mark.color,
                "stroke-width": 2,
                ...(0, xml_1.dashOf)(mark.dash),
            }) + (mark.dots ? (0, xml_1.element)("circle", { cx: x + 13, cy: y, r: 3, fill: mark.color }) : "")
            : mark.mark === "bars"
                ? (0, xml_1.element)("rect", { x: x + 8, y: y - 6, width: 12, height: 12, fill: mark.color })
                : (0, xml_1.element)("circle", { cx: x + 14, cy: y, r: 4.5, fill: mark.color });
        const text = { x: x + 32, y: y + 4, "font-size": geometry_1.SIZE.legend, ...(0, xml_1.filled)("ink") };
        return sample + (0, xml_1.svgText)(name, text);
    })
        .join("");
}
