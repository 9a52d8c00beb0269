"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.framesToPlotly = void 0;
// Figures behind a slider as Plotly's frames. A frame carries only what differs between frames,
// so that a notebook stays small.
const frames_1 = require("./frames");
const geometry_1 = require("./geometry");
const plotly_1 = require("./plotly");
const traces_1 = require("./traces");
/** Room for the slider under the figure, in pixels. */
const BELOW = 84;
/** A slider that is narrower than this cannot be hit; Plotly's buttons need room as well. */
const LEAST_WIDTH = 460;
/** All frames together, in characters of JSON. */
const MOST = 350000;
const PLAY_MS = 500;
/** The live figure. */
function framesToPlotly(moving) {
    let shown = moving;
    let figure = build(shown);
    while (shown.figures.length > 3 && JSON.stringify(figure.frames).length > MOST) {
        shown = (0, frames_1.thinned)(shown, Math.max(3, Math.floor(shown.figures.length / 2)));
        figure = build(shown);
    }
    return figure;
}
exports.framesToPlotly = framesToPlotly;
function build(moving) {
    const all = withOneMargin(moving.figures.map((figure) => (0, plotly_1.toPlotly)(figure, BELOW)));
    const base = all[moving.start];
    const data = base.data.map((_, k) => differing(all.map((figure) => figure.data[k])));
    const layout = differing(all.map((figure) => figure.layout));
    const axes = ["xaxis", "yaxis"].map((axis) => axis in layout[0] ? differing(all.map((figure) => figure.layout[axis])) : undefined);
    return {
        data: base.data,
        layout: { ...base.layout, ...controls(moving, base) },
        frames: all.map((_, i) => ({
            name: String(i),
            data: data.map((list) => list[i]),
            traces: data.map((_, k) => k),
            layout: {
                ...layout[i],
                ...(axes[0] ? { xaxis: axes[0][i] } : {}),
                ...(axes[1] ? { yaxis: axes[1][i] } : {}),
            },
        })),
    };
}
/** The margins of all frames: the plot must not jump. */
function withOneMargin(all) {
    const margins = all.map(({ layout }) => layout.margin);
    const most = (side) => Math.max(...margins.map((margin) => margin[side]));
    const margin = { l: most("l"), r: most("r"), t: most("t"), b: most("b") };
    const height = Math.max(...all.map(({ layout }) => layout.height));
    const widths = all.flatMap(({ layout }) => layout.width ?? []);
    if (widths.length === 0)
        return all.map((figure) => ({ ...figure, layout: { ...figure.layout, margin, height } }));
    const width = Math.max(LEAST_WIDTH, ...widths);
    // The room that a small heat map does not need stays on its right.
    const r = margin.r + width - Math.max(...widths);
    return all.map((figure) => ({
        ...figure,
        layout: { ...figure.layout, width, height, margin: { ...margin, r } },
    }));
}
/** For each record the entries that differ between records. */
function differing(records) {
    const keys = [...new Set(records.flatMap((record) => Object.keys(record)))].filter((key) => {
        const first = JSON.stringify(records[0][key]);
        return records.some((record) => JSON.stringify(record[key]) !== first);
    });
    return records.map((record) => Object.fromEntries(keys.map((key) => [key, record[key] === undefined ? null : record[key]])));
}
function controls({ slider, labels, start, play }, { layout }) {
    const margin = layout.margin;
    const width = layout.width;
    const room = play ? 96 : 0;
    const go = { mode: "immediate", transition: { duration: 0 } };
    const pad = { t: margin.b - BELOW + 12, l: 0, r: 0, b: 0 };
    return {
        sliders: [
            {
                active: start,
                currentvalue: {
                    prefix: `${(0, traces_1.literal)(slider)}: `,
                    font: { size: geometry_1.SIZE.caption },
                    xanchor: "left",
                    offset: 8,
                },
                x: 0,
                xanchor: "left",
                y: 0,
                yanchor: "top",
                pad: { ...pad, l: room },
                ...(width
                    ? { lenmode: "pixels", len: width - margin.l - 24 }
                    : { lenmode: "fraction", len: 1 }),
                font: { size: geometry_1.SIZE.tick },
                bgcolor: "#8c8c8c",
                activebgcolor: "#0072B2",
                bordercolor: "#8c8c8c",
                tickcolor: "#8c8c8c",
                ticklen: 4,
                minorticklen: 3,
                steps: labels.map((label, i) => ({
                    label: (0, traces_1.literal)(label),
                    method: "animate",
                    args: [[String(i)], { ...go, frame: { duration: 0, redraw: true } }],
                })),
            },
        ],
        ...(play
            ? {
                updatemenus: [
                    {
                        type: "buttons",
                        direction: "right",
                        showactive: false,
                        x: 0,
                        xanchor: "left",
                        y: 0,
                        yanchor: "top",
                        pad: { ...pad, t: pad.t + 14 },
                        font: { size: geometry_1.SIZE.label },
                        bgcolor: "rgba(127,127,127,0.15)",
                        bordercolor: "#8c8c8c",
                        buttons: [
                            {
                                label: "▶",
                                method: "animate",
                                args: [
                                    null,
                                    { ...go, fromcurrent: true, frame: { duration: PLAY_MS, redraw: true } },
                                ],
                            },
                            {
                                label: "❚❚",
                                method: "animate",
                                args: [[null], { ...go, frame: { duration: 0, redraw: false } }],
                            },
                        ],
                    },
                ],
            }
            : {}),
    };
}
