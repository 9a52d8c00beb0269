"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.marks = void 0;
// The marks of a saved picture: lines, bars, points and cells, in the pixels that geometry.ts
// gives.
const curves_1 = require("./curves");
const geometry_1 = require("./geometry");
const placing_1 = require("./placing");
const png_1 = require("./png");
const scale_1 = require("./scale");
const style_1 = require("./style");
const xml_1 = require("./xml");
const LINE_POINTS = 400;
/** All lines of a picture together. */
const ALL_POINTS = 8000;
/** All marks of a figure, and the words where a value is missing. */
function marks(figure, g) {
    const { plot } = g;
    const x = (value) => plot.left + (0, scale_1.share)(figure.x, value) * (plot.right - plot.left);
    const y = (value) => plot.bottom - (0, scale_1.share)(figure.y, value) * (plot.bottom - plot.top);
    const sides = (0, placing_1.placeLabels)(figure, g);
    const lineLimit = Math.min(LINE_POINTS, Math.floor(ALL_POINTS / figure.marks.length));
    let group = 0;
    const drawn = figure.marks.map((mark) => {
        if (mark.mark === "line")
            return line(mark, figure, g, lineLimit, x, y);
        if (mark.mark === "bars")
            return bars(mark, figure, g, x, y);
        if (mark.mark === "cells")
            return cells(mark, g);
        return points(mark, figure, sides[group++], x, y);
    });
    const words = figure.words.map((word) => figure.kind === "heatmap"
        ? (0, xml_1.svgText)(word.text, {
            ...cellCentre(word.x, word.y ?? 0, figure, g),
            ...middle,
            ...(0, xml_1.filled)("ink"),
        })
        : (0, xml_1.svgText)(word.text, {
            x: x(word.x),
            y: plot.bottom - 5,
            "text-anchor": "middle",
            "font-size": geometry_1.SIZE.label,
            "font-style": "italic",
            ...(0, xml_1.filled)("ink"),
        }));
    return drawn.join("") + words.join("");
}
exports.marks = marks;
const middle = { "text-anchor": "middle", "font-size": geometry_1.SIZE.label };
function line(mark, figure, g, limit, x, y) {
    const kept = (0, curves_1.thin)(mark.x, mark.y, Math.max(20, limit));
    const inside = (v, axis) => v === null || (0, scale_1.within)(axis, v);
    const all = kept.x.every((v, i) => inside(v, figure.x) && inside(kept.y[i], figure.y));
    let path = "";
    let pen = false;
    for (const [i, value] of kept.y.entries()) {
        if (value === null)
            pen = false;
        else {
            path += `${pen ? "L" : "M"}${(0, xml_1.at)(clamp(x(kept.x[i])), clamp(y(value)))}`;
            pen = true;
        }
    }
    const alone = (i) => kept.y[i - 1] == null && kept.y[i + 1] == null;
    const dots = kept.y.flatMap((value, i) => value !== null &&
        (mark.dots || alone(i)) &&
        (0, scale_1.within)(figure.x, kept.x[i]) &&
        (0, scale_1.within)(figure.y, value)
        ? [(0, xml_1.element)("circle", { cx: x(kept.x[i]), cy: y(value), r: 3, fill: mark.color })]
        : []);
    const stroke = {
        d: path,
        fill: "none",
        stroke: mark.color,
        "stroke-width": 2,
        "stroke-linejoin": "round",
        ...(0, xml_1.dashOf)(mark.dash),
    };
    const drawn = path === "" ? "" : (0, xml_1.element)("path", stroke);
    return (all ? drawn : clipped(drawn, g)) + dots.join("");
}
/** Far outside of the picture, but no number that a renderer cannot draw. */
const clamp = (pixel) => Math.min(20000, Math.max(-20000, pixel));
/** A nested picture shows nothing beyond its own edges. */
function clipped(content, { plot }) {
    const [width, height] = [plot.right - plot.left, plot.bottom - plot.top];
    const box = { x: plot.left, y: plot.top, width, height, overflow: "hidden" };
    const viewBox = `${(0, xml_1.at)(plot.left, plot.top)} ${(0, xml_1.at)(width, height)}`;
    return (0, xml_1.element)("svg", { ...box, viewBox }, content);
}
function bars(mark, figure, g, x, y) {
    const { plot } = g;
    const base = plot.bottom - (0, placing_1.baseShare)(figure.y) * (plot.bottom - plot.top);
    const place = (plot.right - plot.left) / Math.max(1, mark.values.length);
    const width = Math.max(0.5, mark.width * place - 1);
    const inside = (0, placing_1.numbersInside)(figure, mark, g);
    const size = (0, placing_1.textSize)(mark, width);
    return mark.values
        .map((value, i) => {
        if (value === null)
            return "";
        const middle = x(i + mark.offset);
        const end = Math.min(plot.bottom, Math.max(plot.top, y(value)));
        const box = { x: middle - width / 2, y: Math.min(base, end), width };
        const bar = (0, xml_1.element)("rect", { ...box, height: Math.abs(base - end), fill: mark.color });
        const up = end <= base;
        const spot = inside[i] ? (up ? 13 : -5) : up ? -5 : 13;
        const color = inside[i] ? { fill: (0, placing_1.inkOn)(mark.color) } : (0, xml_1.filled)("ink");
        const text = (0, xml_1.svgText)(mark.texts?.[i] ?? "", {
            x: middle,
            y: end + spot,
            "text-anchor": "middle",
            "font-size": size,
            ...color,
        });
        return bar + text;
    })
        .join("");
}
function points(mark, figure, sides, x, y) {
    const radius = (0, placing_1.pointSize)(figure) / 2;
    return mark.x
        .map((value, i) => {
        if (!(0, scale_1.within)(figure.x, value) || !(0, scale_1.within)(figure.y, mark.y[i]))
            return "";
        const [cx, cy] = [x(value), y(mark.y[i])];
        const dot = (0, xml_1.element)("circle", { cx, cy, r: radius, fill: mark.color });
        if (!mark.labelled || !mark.labels)
            return dot;
        const box = (0, placing_1.labelBox)(mark.labels[i], sides[i], cx, cy);
        const anchor = sides[i].includes("right")
            ? "start"
            : sides[i].includes("left")
                ? "end"
                : "middle";
        const from = { start: box.left, middle: cx, end: box.right }[anchor];
        const text = { x: from, y: box.bottom - 2.5, "text-anchor": anchor, "font-size": geometry_1.SIZE.label };
        return dot + (0, xml_1.svgText)(mark.labels[i], { ...text, ...(0, xml_1.filled)("ink") });
    })
        .join("");
}
/** Beyond this many cells a heat map is an embedded image: 5 KB instead of 1 MB. */
const MAX_CELLS = 400;
const LEVELS = 200;
function cells(mark, g) {
    const { plot } = g;
    const [rows, columns] = [mark.z.length, mark.z[0]?.length ?? 0];
    if (rows * columns === 0)
        return "";
    const [width, height] = [plot.right - plot.left, plot.bottom - plot.top];
    const level = (value) => (value - mark.min) / (mark.max - mark.min);
    const empty = mark.z.every((row) => row.every((v) => v === null));
    const bar = empty || mark.bar === false ? "" : colorbar(mark, g);
    if (rows * columns > MAX_CELLS) {
        const pixels = new Uint8Array(rows * columns);
        for (const [r, row] of mark.z.entries())
            for (const [c, value] of row.entries())
                if (value !== null) {
                    const part = Math.min(1, Math.max(0, level(value)));
                    pixels[r * columns + c] = 1 + Math.round(part * (LEVELS - 1));
                }
        const colors = Array.from({ length: LEVELS }, (_, i) => (0, style_1.colorAt)(mark.colors, i / (LEVELS - 1)));
        const image = {
            x: plot.left,
            y: plot.top,
            width,
            height,
            preserveAspectRatio: "none",
            style: "image-rendering:pixelated",
            href: (0, png_1.indexedPng)(pixels, columns, rows, colors),
        };
        return (0, xml_1.element)("image", image) + bar;
    }
    const [w, h] = [width / columns, height / rows];
    const gap = Math.min(w, h) > 6 ? 1 : 0;
    const drawn = mark.z.flatMap((row, r) => row.map((value, c) => {
        if (value === null)
            return "";
        const fill = (0, style_1.colorAt)(mark.colors, level(value));
        const box = { x: plot.left + c * w, y: plot.top + r * h };
        const cell = (0, xml_1.element)("rect", { ...box, width: w - gap, height: h - gap, fill });
        const text = (0, xml_1.svgText)(mark.texts?.[r][c] ?? "", {
            x: plot.left + (c + 0.5) * w,
            y: plot.top + (r + 0.5) * h + 4,
            ...middle,
            fill: (0, style_1.textOn)(fill),
        });
        return cell + text;
    }));
    return drawn.join("") + bar;
}
function cellCentre(column, row, figure, { plot }) {
    return {
        x: plot.left + (0, scale_1.share)(figure.x, column) * (plot.right - plot.left),
        y: plot.top + (0, scale_1.share)(figure.y, row) * (plot.bottom - plot.top) + 4,
    };
}
/** The scale of colours, beside the plot: 32 steps look even. */
function colorbar(mark, { plot }) {
    const height = Math.min(200, Math.max(60, plot.bottom - plot.top));
    const [left, top] = [plot.right + 16, plot.top];
    const steps = Array.from({ length: 32 }, (_, i) => (0, xml_1.element)("rect", {
        x: left,
        y: top + (i * height) / 32,
        width: 12,
        height: height / 32 + 0.5,
        fill: (0, style_1.colorAt)(mark.colors, 1 - i / 31),
    }));
    const axis = { title: "", log: false, range: [mark.min, mark.max] };
    const list = (0, scale_1.ticks)(axis, 5);
    const names = list.map(({ at: value, text }) => {
        const y = top + height * (1 - (0, scale_1.share)(axis, value)) + 4;
        return (0, xml_1.svgText)(text, { x: left + 17, y, "font-size": geometry_1.SIZE.tick, ...(0, xml_1.filled)("ink") });
    });
    const widest = list.reduce((w, { text }) => Math.max(w, (0, style_1.textWidth)(text, geometry_1.SIZE.tick)), 0);
    const title = (0, xml_1.svgText)(mark.title, {
        transform: `translate(${(0, xml_1.at)(left + 17 + widest + 10, top + height / 2)}) rotate(90)`,
        "font-size": geometry_1.SIZE.axis,
        "text-anchor": "middle",
        ...(0, xml_1.filled)("ink"),
    });
    return steps.join("") + names.join("") + title;
}
