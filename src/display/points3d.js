"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.points3d = void 0;
// Points in space, each with its label: words by three numbers. The live figure turns with the
// mouse; the saved picture, for readers without Plotly, shows the same points from the side at which
// the live figure starts.
const figure_1 = require("./figure");
const geometry_1 = require("./geometry");
const label_1 = require("./label");
const points_1 = require("./points");
const style_1 = require("./style");
const traces_1 = require("./traces");
/** Where the live figure is looked at from. */
const EYE = { x: 1.65, y: 1.65, z: 1.05 };
/** More labels cannot be read. */
const MOST = 400;
const HEIGHT = 520;
/**
 * Points in space. The same number of pixels is a unit on all three axes, so distances are true.
 * @throws where x, y, z or labels of a group differ in number, there is no point or there are more
 *   than 400, or a number is not finite
 */
function points3d(options) {
    const { groups, z, title = "", height = HEIGHT } = options;
    const total = groups.reduce((sum, group) => sum + group.x.length, 0);
    if (total < 1 || total > MOST)
        throw new Error(`points3d: expected from 1 to ${MOST} points, got ${total}`);
    for (const group of groups) {
        const name = `points3d: group "${(0, label_1.nameText)(group.name)}"`;
        (0, figure_1.expectSameLength)(name, group.x, group.y);
        if (group.z.length !== group.x.length)
            throw new Error(`${name}: expected ${group.x.length} z, got ${group.z.length}`);
        if (group.labels && group.labels.length !== group.x.length)
            throw new Error(`${name}: expected ${group.x.length} labels, got ${group.labels.length}`);
        for (const values of [group.x, group.y, group.z])
            if (Array.from(values).some((v) => !Number.isFinite(v)))
                throw new Error(`${name}: expected finite numbers`);
    }
    const flat = (0, points_1.points)({
        ...{ title, caption: options.caption },
        x: { title: "from the side" },
        y: { title: `mostly ${z.title}` },
        groups: groups.map((group) => ({
            name: group.name,
            x: Array.from(group.x, (a, i) => acrossOf(a, group.y[i])),
            y: Array.from(group.x, (a, i) => upOf(a, group.y[i], group.z[i])),
            ...(group.labels ? { labels: group.labels } : {}),
        })),
    });
    return { kind: "points3d", live: liveOf(options, flat, height), flat };
}
exports.points3d = points3d;
const length = Math.hypot(EYE.x, EYE.y);
/** How far to the right of the middle a point is seen. */
const acrossOf = (x, y) => (-EYE.y * x + EYE.x * y) / length;
/** How far above the middle. */
function upOf(x, y, z) {
    const distance = Math.hypot(length, EYE.z);
    const back = (EYE.x * x + EYE.y * y) / length;
    return (length * z - EYE.z * back) / distance;
}
function liveOf({ groups, x, y, z }, { title, caption }, height) {
    const axis = (name) => ({
        title: { text: (0, traces_1.literal)((0, label_1.nameText)(name)), font: { size: geometry_1.SIZE.axis } },
        tickfont: { size: geometry_1.SIZE.tick },
        gridcolor: "#8c8c8c",
        zerolinecolor: "#8c8c8c",
        backgroundcolor: "rgba(0,0,0,0)",
    });
    const rounded = (values) => Array.from(values, (v) => (0, figure_1.short)(v));
    return {
        data: groups.map((group, i) => ({
            type: "scatter3d",
            mode: group.labels ? "markers+text" : "markers",
            name: (0, traces_1.literal)((0, label_1.nameText)(group.name)),
            ...{ x: rounded(group.x), y: rounded(group.y), z: rounded(group.z) },
            ...(group.labels ? { text: Array.from(group.labels, (l) => (0, traces_1.literal)((0, label_1.labelText)(l))) } : {}),
            textfont: { size: geometry_1.SIZE.label },
            marker: { size: 4, color: style_1.palette[i % style_1.palette.length] },
            hovertemplate: `${group.labels ? "%{text}: " : ""}%{x:.3~g}, %{y:.3~g}, %{z:.3~g}<extra></extra>`,
        })),
        layout: {
            meta: { caption },
            ...{ height, margin: { l: 0, r: 0, t: title === "" ? 8 : 40, b: 0 } },
            ...(title === "" ? {} : { title: { text: (0, traces_1.literal)(title), font: { size: geometry_1.SIZE.title } } }),
            paper_bgcolor: "rgba(0,0,0,0)",
            showlegend: groups.length > 1,
            // The points are small; in the legend they are as large as in other figures.
            legend: { orientation: "h", x: 0, y: 1, font: { size: geometry_1.SIZE.legend }, itemsizing: "constant" },
            scene: {
                ...{ xaxis: axis(x.title), yaxis: axis(y.title), zaxis: axis(z.title) },
                ...{ aspectmode: "data", camera: { eye: EYE }, dragmode: "turntable" },
            },
        },
    };
}
