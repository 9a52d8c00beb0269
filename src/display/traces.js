"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.traces = exports.literal = void 0;
// The marks of a live figure as Plotly's traces: with what a reader sees on pointing at them, in
// words ("step 200: 1.83 nats", "on → cat: 0.60").
const figure_1 = require("./figure");
const geometry_1 = require("./geometry");
const label_1 = require("./label");
const placing_1 = require("./placing");
const style_1 = require("./style");
/** In names and templates, %{…} is a variable. */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;" };
/** Text that Plotly shows as it is. */
const literal = (text) => text.replace(/[&<>{]/g, (c) => ENTITIES[c]);
exports.literal = literal;
/** "loss (nats per token)" → its name and its unit. */
function nameAndUnit(title) {
    const [, name = title, unit = ""] = /^(.*?)\s*\(([^()]{1,28})\)$/.exec(title) ?? /^(\S+), ([^,()]{1,28})$/.exec(title) ?? [];
    return { name, unit: /\b(better|lower|higher|log)\b/.test(unit) ? "" : unit };
}
/** "step 200: 1.83 nats", with the name of the series where there are several. */
function hover(figure, name, values) {
    const [x, y] = [nameAndUnit(figure.x.title), nameAndUnit(figure.y.title)];
    const unit = y.unit === "" ? "" : ` ${(0, exports.literal)(y.unit)}`;
    const series = figure.marks.length > 1 ? `${(0, exports.literal)(name)}, ` : "";
    const where = figure.x.labels
        ? "%{x}"
        : `${x.name.length > 24 ? "" : `${(0, exports.literal)(x.name)} `}%{x:.6~g}${x.unit === "%" ? " %" : ""}`;
    return { hovertemplate: `${series}${where}: %{y:${digits(values)}}${unit}<extra></extra>` };
}
/** How d3 writes the values of a series: 2.30, 12,346, 1.5e-7; of few, as they are printed. */
function digits(values) {
    if (values.length <= 100) {
        const decimals = (0, label_1.numberTexts)(values).flatMap((t) => (t === "" ? [] : [t.split(".")[1] ?? ""]));
        const same = decimals.every((d) => d.length === decimals[0].length && /^\d*$/.test(d));
        if (same && decimals.length > 0)
            return `,.${decimals[0].length}f`;
    }
    if (values.every((v) => v === null || Number.isInteger(v)))
        return ",";
    const [, high] = (0, figure_1.extent)(values.map((v) => v && Math.abs(v))) ?? [0, 0];
    return high < 1000 ? ".3g" : ".5~g";
}
/** The traces of a figure: its marks, and the numbers in cells. */
function traces(figure, g) {
    const sides = (0, placing_1.placeLabels)(figure, g);
    let group = 0;
    const list = [];
    for (const mark of figure.marks)
        if (mark.mark === "line")
            list.push(line(mark, figure));
        else if (mark.mark === "bars")
            list.push(bars(mark, figure, g));
        else if (mark.mark === "points")
            list.push(points(mark, figure, sides[group++]));
        else
            list.push(cells(mark, g), ...(mark.texts ? [numbers(mark)] : []));
    return list;
}
exports.traces = traces;
function line(mark, figure) {
    return {
        type: "scatter",
        mode: mark.dots ? "lines+markers" : "lines",
        name: (0, exports.literal)(mark.name),
        x: mark.x,
        y: mark.y,
        connectgaps: false,
        line: { color: mark.color, width: 2, dash: mark.dash },
        ...(mark.dots ? { marker: { size: 6 } } : {}),
        ...hover(figure, mark.name, mark.y),
    };
}
function bars(mark, figure, g) {
    const inside = (0, placing_1.numbersInside)(figure, mark, g);
    const place = (g.plot.right - g.plot.left) / Math.max(1, mark.values.length);
    const size = (0, placing_1.textSize)(mark, mark.width * place);
    const texts = mark.texts && {
        text: mark.texts,
        textposition: inside.map((is) => (is ? "inside" : "outside")),
        insidetextanchor: "end",
        insidetextfont: { color: (0, placing_1.inkOn)(mark.color), size },
        outsidetextfont: { size },
        textangle: 0,
        constraintext: "none",
        cliponaxis: false,
    };
    return {
        type: "bar",
        name: (0, exports.literal)(mark.name),
        x: mark.values.map((_, i) => i),
        y: mark.values,
        offset: mark.offset - mark.width / 2,
        width: mark.width * 0.97,
        marker: { color: mark.color },
        ...texts,
        ...hover(figure, mark.name, mark.values),
    };
}
const PLACES = {
    top: "top center",
    bottom: "bottom center",
    right: "middle right",
    left: "middle left",
};
function points(mark, figure, sides) {
    const { name, unit } = nameAndUnit(figure.y.title);
    const [x, y] = [nameAndUnit(figure.x.title).name, name].map(exports.literal);
    const label = mark.labels
        ? "%{text}: "
        : figure.marks.length > 1
            ? `${(0, exports.literal)(mark.name)}: `
            : "";
    const where = `${label}${x} %{x:.6~g}, ${y} %{y:.4~g} ${(0, exports.literal)(unit)}`.trimEnd();
    return {
        type: "scatter",
        mode: mark.labels && mark.labelled ? "markers+text" : "markers",
        name: (0, exports.literal)(mark.name),
        x: mark.x,
        y: mark.y,
        marker: { color: mark.color, size: (0, placing_1.pointSize)(figure) },
        ...(mark.labels
            ? {
                text: mark.labels.map(exports.literal),
                textposition: sides.map((side) => PLACES[side] ?? side),
                textfont: { size: geometry_1.SIZE.label },
                cliponaxis: false,
            }
            : {}),
        hovertemplate: `${where}<extra></extra>`,
    };
}
function cells(mark, g) {
    const [down, across] = mark.step;
    const even = (list) => list.map((c, i) => [i / (list.length - 1), c]);
    const few = mark.z.length * (mark.z[0]?.length ?? 0) <= 1000;
    return {
        type: "heatmap",
        name: "",
        z: mark.z,
        // A cell of several rows and columns stands in their middle.
        x0: (across - 1) / 2,
        dx: across,
        y0: (down - 1) / 2,
        dy: down,
        zmin: mark.min,
        zmax: mark.max,
        ...(few ? { xgap: 1, ygap: 1 } : {}),
        colorscale: even(mark.colors),
        hoverongaps: false,
        showscale: mark.bar !== false,
        colorbar: {
            title: { text: (0, exports.literal)(mark.title), side: "right", font: { size: geometry_1.SIZE.axis } },
            thickness: 12,
            outlinewidth: 0,
            tickfont: { size: geometry_1.SIZE.tick },
            nticks: 5,
            lenmode: "pixels",
            len: Math.max(90, Math.min(200, g.plot.bottom - g.plot.top)),
            yanchor: "top",
            y: 1,
            xpad: 12,
        },
        ...(mark.texts ? { text: mark.texts } : {}),
        hovertemplate: `%{y} → %{x}: ${mark.texts ? "%{text}" : digitsOf(mark)}<extra></extra>`,
    };
}
/** The numbers in the cells. Plotly would write them in grey, which some colours swallow. */
function numbers({ z, texts = [], min, max, colors }) {
    const full = z.flatMap((row, r) => row.flatMap((value, c) => (value === null ? [] : [{ r, c, value, text: texts[r][c] }])));
    const color = (value) => (0, style_1.textOn)((0, style_1.colorAt)(colors, (value - min) / (max - min)));
    return {
        type: "scatter",
        mode: "text",
        name: "",
        x: full.map(({ c }) => c),
        y: full.map(({ r }) => r),
        text: full.map(({ text }) => text),
        textfont: { size: geometry_1.SIZE.label, color: full.map(({ value }) => color(value)) },
        hoverinfo: "skip",
        showlegend: false,
    };
}
const digitsOf = ({ min, max }) => Math.max(Math.abs(min), Math.abs(max)) < 0.05 || Math.abs(max) >= 1e4 ? "%{z:.3~g}" : "%{z:.2f}";
