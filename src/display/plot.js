"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.figureToText = exports.figureBundle = exports.plot = void 0;
// plot(figure): one MIME bundle for every kind of reader (Plotly JSON, static SVG, text), which can
// be updated in place.
const node_util_1 = require("node:util");
const geometry_1 = require("./geometry");
const label_1 = require("./label");
const output_1 = require("./output");
const plotly_1 = require("./plotly");
const plotlyFrames_1 = require("./plotlyFrames");
const svg_1 = require("./svg");
const xml_1 = require("./xml");
const EVERY_MS = 150;
/** Shows a figure; in a terminal, its title, caption and last values. */
function plot(figure) {
    const display = (0, output_1.show)(figureBundle(figure));
    if (!(0, output_1.inNotebook)())
        return silent({ update: () => { } });
    const frames = (0, output_1.throttle)((next) => display.update(figureBundle(next)), EVERY_MS);
    return silent({ update: frames.set });
}
exports.plot = plot;
/**
 * A cell that ends with `plot(…)` would print the handle under the figure. Ours prints nothing, and
 * tslab without the course's kernel prints an empty line.
 */
function silent(handle) {
    const hidden = { enumerable: false };
    return Object.defineProperties(handle, {
        [Symbol.for("llm.silent")]: { value: true, ...hidden },
        [node_util_1.inspect.custom]: { value: () => "", ...hidden },
    });
}
function figureBundle(figure) {
    if ("kind" in figure && figure.kind === "frames")
        return framesBundle(figure);
    if ("kind" in figure && figure.kind === "diagram")
        return diagramBundle(figure);
    if ("kind" in figure && figure.kind === "points3d")
        return spaceBundle(figure);
    const ours = "kind" in figure;
    const live = ours ? (0, plotly_1.toPlotly)(figure) : figure;
    return {
        "application/vnd.plotly.v1+json": withConfig(live),
        "image/svg+xml": ours ? (0, svg_1.figureToSvg)(figure) : interactiveOnly(figure),
        "text/plain": ours ? figureToText(figure) : `[figure] ${captionOf(figure)}`,
    };
}
exports.figureBundle = figureBundle;
/** A drawing does not move: it is a picture for every reader, and its description in a terminal. */
function diagramBundle({ svg, alt, title, caption }) {
    const head = [title, caption].filter((text) => text !== "").join(" · ");
    return {
        "image/svg+xml": svg,
        "text/plain": [`[drawing] ${head}`.trimEnd(), `  ${alt}`].join("\n"),
    };
}
const withConfig = (live) => ({ ...live, config: { ...plotly_1.config, ...live.config } });
/** Readers without Plotly get the frame at which the slider starts, and a sentence. */
function framesBundle(moving) {
    const { slider, labels, start, figures } = moving;
    const ends = `from ${labels[0]} to ${labels[labels.length - 1]}`;
    const note = labels.length < 2
        ? ""
        : `Shown: ${slider} ${labels[start]}. In JupyterLab, a slider moves it ${ends}.`;
    return {
        "application/vnd.plotly.v1+json": withConfig((0, plotlyFrames_1.framesToPlotly)(moving)),
        "image/svg+xml": (0, svg_1.figureToSvg)(figures[start], note),
        "text/plain": [figureToText(figures[start]), note && `  ${note}`].filter(Boolean).join("\n"),
    };
}
/** Readers without Plotly see the points from one side. */
function spaceBundle({ live, flat }) {
    const note = "Shown from one side. In JupyterLab, drag to turn it.";
    return {
        "application/vnd.plotly.v1+json": withConfig(live),
        "image/svg+xml": (0, svg_1.figureToSvg)(flat, note),
        "text/plain": `${figureToText(flat)}\n  ${note}`,
    };
}
const captionOf = ({ layout }) => (0, label_1.wellFormed)(layout?.meta?.caption ?? "");
/** The picture of a Plotly figure that is not one of ours. */
function interactiveOnly(figure) {
    const said = "This figure is interactive: open the notebook in JupyterLab.";
    const lines = [said, ...(0, svg_1.captionLines)(captionOf(figure))].map((line, i) => (0, xml_1.svgText)(line, { x: 14, y: 28 + 19 * i, "font-size": geometry_1.SIZE.caption, ...(0, xml_1.filled)("ink") }));
    return (0, xml_1.svgPage)(geometry_1.WIDTH, 24 + 19 * lines.length, said, lines.join(""));
}
const MAX_SERIES = 20;
/** What a reader without pictures gets: what to see, and how each series begins and ends. */
function figureToText({ title, caption, marks, levels }) {
    const head = [title, caption].filter((line) => line !== "").join(" · ");
    const ends = (name, values) => {
        const [first, last] = [values[0], values[values.length - 1]].map((v) => (0, label_1.numberText)(v ?? Number.NaN));
        return `  ${name}: ${first === last ? first : `${first} → ${last}`}`;
    };
    const series = marks.flatMap((mark) => {
        if (mark.mark === "cells")
            return [];
        const values = mark.mark === "bars" ? mark.values : mark.y;
        return values.length === 0 ? [] : [ends(mark.name, values)];
    });
    const lines = levels.map(({ name, y }) => `  ${name}: ${(0, label_1.numberText)(y)}`);
    return [`[figure] ${head}`, ...series.slice(0, MAX_SERIES), ...lines].join("\n");
}
exports.figureToText = figureToText;
