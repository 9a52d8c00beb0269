"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.toPlotly = exports.config = void 0;
const geometry_1 = require("./geometry");
const scale_1 = require("./scale");
const traces_1 = require("./traces");
exports.config = {
    displaylogo: false,
    responsive: true,
    typesetMath: false,
    // Those that are named, and no other: none sends a figure anywhere.
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
};
/** The buttons need this much. */
const LEAST = 260;
/**
 * The figure for Plotly, in the style of the course.
 * @param below room under the figure in pixels, for a slider
 */
function toPlotly(figure, below = 0) {
    const above = (0, geometry_1.geometry)(figure, { live: true });
    const margin = { ...above.margin, b: above.margin.b + below };
    const g = { ...above, margin, height: above.height + below };
    const heat = figure.kind === "heatmap";
    return {
        data: (0, traces_1.traces)(figure, g),
        layout: {
            meta: { caption: figure.caption },
            height: g.height,
            // A heat map is as wide as its cells are square; other figures are as wide as the page.
            ...(heat ? { width: Math.max(LEAST, Math.ceil(g.plot.right + g.margin.r)) } : {}),
            margin: g.margin,
            paper_bgcolor: "rgba(0,0,0,0)",
            plot_bgcolor: "rgba(0,0,0,0)",
            modebar: { bgcolor: "rgba(0,0,0,0)", color: "#8c8c8c", activecolor: "#0072B2" },
            hovermode: "closest",
            hoverlabel: { namelength: -1, align: "left" },
            showlegend: g.legend.length > 0,
            legend: {
                orientation: "h",
                x: 0,
                xanchor: "left",
                yref: "container",
                y: 1 - g.legendTop / g.height,
                yanchor: "top",
                bgcolor: "rgba(0,0,0,0)",
                font: { size: geometry_1.SIZE.legend },
            },
            ...(figure.title === ""
                ? {}
                : {
                    title: {
                        text: (0, traces_1.literal)(figure.title),
                        font: { size: geometry_1.SIZE.title },
                        x: 0.01,
                        xanchor: "left",
                        yref: "container",
                        y: 1 - 17 / g.height,
                        yanchor: "middle",
                    },
                }),
            barmode: "overlay",
            xaxis: {
                ...axisOf(figure.x, g.plot.right - g.plot.left),
                ...(figure.x.labels ? named(figure.x, g.x.ticks, g.x.slanted) : {}),
                ...(heat ? bare : {}),
            },
            yaxis: {
                ...axisOf(figure.y, g.plot.bottom - g.plot.top),
                title: { text: g.yTitle.map(traces_1.literal).join("<br>"), standoff: 8, font: { size: geometry_1.SIZE.axis } },
                ...(figure.y.labels ? named(figure.y, g.y.ticks, false) : {}),
                ...(heat ? { ...bare, ...squares(figure), range: [...figure.y.range].reverse() } : {}),
            },
            ...across(figure, g),
        },
    };
}
exports.toPlotly = toPlotly;
const bare = { showgrid: false, zeroline: false, showline: false, ticks: "" };
/** Cells stay squares where a page is narrower than the figure. */
function squares(figure) {
    const { plot } = (0, geometry_1.geometry)(figure);
    const { z } = figure.marks[0];
    const [w, h] = [(plot.right - plot.left) / z[0]?.length, (plot.bottom - plot.top) / z.length];
    return Math.abs(w - h) < 0.01
        ? { scaleanchor: "x", constrain: "domain", constraintoward: "top" }
        : {};
}
function axisOf(axis, pixels) {
    const common = {
        title: { text: (0, traces_1.literal)(axis.title), standoff: 10, font: { size: geometry_1.SIZE.axis } },
        automargin: true,
        showline: true,
        zeroline: false,
        tickfont: { size: geometry_1.SIZE.tick },
        range: axis.log ? axis.range.map(Math.log10) : axis.range,
    };
    if (axis.log)
        return { ...common, type: "log", ...onPowers(axis) };
    const step = (0, scale_1.stepOf)(axis, Math.max(2, pixels / (pixels > 400 ? 80 : 32)));
    const counted = axis.whole && step === 1 ? { dtick: 1, tickformat: "d" } : { nticks: 10 };
    return { ...common, type: "linear", exponentformat: "SI", ...counted };
}
/** Powers of ten alone. */
function onPowers({ range }) {
    const list = (0, scale_1.powers)(range, true);
    return {
        tickmode: "array",
        tickvals: list.map((p) => 10 ** p),
        ticktext: list.map(scale_1.powerText),
        minor: { ticks: "", showgrid: false },
    };
}
/** Of more names, those of the ticks are sent only. */
const MAX_NAMES = 1200;
/** Places by their names. Those without room for a tick have it when a reader points at them. */
function named({ labels = [], range }, ticks, slanted) {
    const alias = new Map(ticks.map(({ at, text }) => [String(at), (0, traces_1.literal)(text)]));
    for (const [i, label] of labels.slice(0, MAX_NAMES).entries())
        if (!alias.has(String(i)))
            alias.set(String(i), (0, traces_1.literal)(label));
    return {
        type: "linear",
        tickmode: "linear",
        tick0: 0,
        dtick: ticks.length > 1 ? ticks[1].at - ticks[0].at : 1,
        tickformat: "d",
        labelalias: Object.fromEntries(alias),
        tickangle: slanted ? -45 : 0,
        showgrid: false,
        minallowed: range[0],
        maxallowed: range[1],
    };
}
/** Levels across the whole plot with their names at the end, and words where a value is missing. */
function across(figure, g) {
    const onAxis = (y) => (figure.y.log ? Math.log10(y) : y);
    const note = { showarrow: false, font: { size: geometry_1.SIZE.label } };
    return {
        shapes: g.levels.map(({ level }) => ({
            type: "line",
            xref: "paper",
            x0: 0,
            x1: 1,
            yref: "y",
            y0: level.y,
            y1: level.y,
            line: { color: level.color, width: 1.8, dash: level.dash },
        })),
        annotations: [
            ...g.levels.map(({ level, at, labelAt, lines }) => ({
                ...note,
                text: lines.map(traces_1.literal).join("<br>"),
                align: "left",
                xref: "paper",
                x: 1,
                xanchor: "left",
                xshift: 4,
                yref: "y",
                y: onAxis(level.y),
                yanchor: "middle",
                yshift: at - labelAt,
            })),
            ...figure.words.map(({ x, y, text }) => ({
                ...note,
                text: y === undefined ? `<i>${(0, traces_1.literal)(text)}</i>` : (0, traces_1.literal)(text),
                xref: "x",
                x: figure.x.log ? Math.log10(x) : x,
                ...(y === undefined
                    ? { yref: "paper", y: 0, yanchor: "bottom" }
                    : { yref: "y", y, yanchor: "middle" }),
            })),
        ],
    };
}
