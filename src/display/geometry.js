"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.geometry = exports.LINE_HEIGHT = exports.SIZE = exports.WIDTH = void 0;
const scale_1 = require("./scale");
const style_1 = require("./style");
exports.WIDTH = 720;
exports.SIZE = { title: 15, legend: 12, axis: 12.5, tick: 11.5, label: 11.5, caption: 13 };
exports.LINE_HEIGHT = 15;
const GAP = 8;
/** The rows that Plotly's buttons take, which appear over the figure. */
const BUTTONS = 30;
const LONGEST_TICK = 170;
const LEVEL_WIDTH = 150;
const COLORBAR = { gap: 16, width: 12, text: 52, title: 20 };
function geometry(figure, { live = false } = {}) {
    const { x, y } = figure;
    const cells = figure.marks.find((m) => m.mark === "cells");
    const titleRoom = figure.title === "" ? (live ? BUTTONS : 10) : 34;
    const named = figure.marks.flatMap((m, index) => m.mark === "cells" || figure.marks.length < 2 ? [] : [{ index, name: m.name }]);
    const legendRows = named.length > 0 ? legendOf(named, 56, exports.WIDTH - 40) : [];
    const legendRoom = legendRows.length > 0 ? rowsIn(legendRows) * 20 + 8 : 0;
    const top = titleRoom + legendRoom + (cells ? 2 : 6);
    const levelLines = levelsOf(figure).map((level) => ({
        level,
        lines: (0, style_1.wrap)(level.name, LEVEL_WIDTH, exports.SIZE.label).slice(0, 3),
    }));
    const levelRoom = Math.max(0, ...levelLines.flatMap(({ lines }) => lines.map((l) => (0, style_1.textWidth)(l, exports.SIZE.label))));
    const right = cells && cells.bar !== false
        ? COLORBAR.gap + COLORBAR.width + COLORBAR.text + (cells.title ? COLORBAR.title : 0)
        : levelRoom > 0
            ? levelRoom + 14
            : 26;
    // The left side depends on the height (a long title takes two lines) and on the ticks.
    const given = figure.height ?? (cells ? undefined : 360);
    const rough = (given ?? 400) - top - 60;
    const yTicks = fitted((0, scale_1.ticks)(y, mostTicks(y, rough)));
    const yTitle = (0, style_1.wrap)(y.title, Math.max(120, rough + 20), exports.SIZE.axis).slice(0, 3);
    const tickRoom = yTicks.reduce((w, t) => Math.max(w, (0, style_1.textWidth)(t.text, exports.SIZE.tick)), 0);
    let left = 6 + yTitle.length * exports.LINE_HEIGHT + 6 + tickRoom + GAP;
    let plotWidth = exports.WIDTH - left - right;
    let plotHeight = 0;
    if (cells) {
        const cell = cellSize(cells, plotWidth, given === undefined ? 460 : given - top - 60);
        plotWidth = cell.width * Math.max(1, cells.z[0]?.length ?? 0);
        plotHeight = cell.height * Math.max(1, cells.z.length);
    }
    const xTicks = bottomTicks(x, plotWidth);
    if (xTicks.slanted) {
        const start = (tick) => (0, scale_1.share)(x, tick.at) * plotWidth - (0, style_1.textWidth)(tick.text, exports.SIZE.tick) * Math.SQRT1_2;
        const over = Math.ceil(Math.max(0, ...xTicks.ticks.map((t) => 4 - left - start(t))));
        left += over;
        if (!cells)
            plotWidth -= over;
    }
    const bottom = GAP + xTicks.depth + (x.title ? 26 : 8);
    if (!cells)
        plotHeight = Math.max(60, (given ?? 360) + (live && !figure.title ? 20 : 0) - top - bottom);
    const plot = { left, top, right: left + plotWidth, bottom: top + plotHeight };
    return {
        height: Math.ceil(top + plotHeight + bottom),
        plot,
        margin: { l: left, r: cells ? right : right, t: top, b: bottom },
        legend: legendRows.map((entry) => ({ ...entry, y: entry.y + titleRoom })),
        legendTop: titleRoom,
        x: xTicks,
        y: { ticks: cells ? fitted((0, scale_1.ticks)(y, mostTicks(y, plotHeight))) : yTicks },
        yTitle,
        levels: placeLevels(levelLines, y, plot),
    };
}
exports.geometry = geometry;
const fitted = (list) => list.map(({ at, text }) => ({ at, text: (0, style_1.fit)(text, LONGEST_TICK, exports.SIZE.tick) }));
/** Names take a line each, numbers stand further apart. */
const mostTicks = ({ labels }, height) => labels ? Math.max(1, height / 14) : Math.max(2, height / 32);
/** Cells are squares, unless that makes them too small to see or too narrow for their numbers. */
function cellSize(cells, room, roomBelow) {
    const [rows, columns] = [Math.max(1, cells.z.length), Math.max(1, cells.z[0]?.length ?? 0)];
    const widest = (cells.texts ?? [])
        .flat()
        .reduce((w, t) => Math.max(w, (0, style_1.textWidth)(t, exports.SIZE.label)), 0);
    const [width, height] = [room / columns, roomBelow / rows];
    const side = Math.min(48, width, height);
    if (side >= Math.max(widest + 4, 4))
        return { width: side, height: side };
    const least = Math.max(widest + 8, side);
    return {
        width: Math.min(width, Math.max(least, 8)),
        height: Math.min(height, Math.max(side, 8)),
    };
}
/** Names under the plot: upright where they fit side by side, else slanted, else some of them. */
function bottomTicks(x, width) {
    if (x.labels === undefined) {
        const list = (0, scale_1.ticks)(x, Math.max(2, width / 80));
        return { ticks: list, slanted: false, depth: 14 };
    }
    const place = width / Math.max(1, x.labels.length);
    const widest = (list) => list.reduce((w, { text }) => Math.max(w, (0, style_1.textWidth)(text, exports.SIZE.tick)), 0);
    if (place > 4) {
        const all = fitted((0, scale_1.ticks)(x, Number.POSITIVE_INFINITY));
        if (widest(all) <= place - 3)
            return { ticks: all, slanted: false, depth: 14 };
    }
    const some = fitted((0, scale_1.ticks)(x, width / 14));
    return { ticks: some, slanted: true, depth: widest(some) * Math.SQRT1_2 + 12 };
}
/** Entries of the legend from left to right, in rows. */
function legendOf(named, left, width) {
    let [x, row] = [left, 0];
    return named.map(({ index, name: whole }) => {
        const name = (0, style_1.fit)(whole, width - left - 40, exports.SIZE.legend);
        const size = 34 + (0, style_1.textWidth)(name, exports.SIZE.legend) + 14;
        if (x + size > width && x > left)
            [x, row] = [left, row + 1];
        const entry = { index, name, x, y: row * 20 + 10 };
        x += size;
        return entry;
    });
}
const rowsIn = (entries) => (entries[entries.length - 1].y - 10) / 20 + 1;
const levelsOf = ({ levels, y }) => levels.filter((l) => (0, scale_1.within)(y, l.y));
/** The name of a level stands at its end; where names would overlap they move apart. */
function placeLevels(list, y, plot) {
    const height = ({ lines }) => lines.length * 13.5 + 3;
    const placed = list
        .map((item) => {
        const at = plot.bottom - (0, scale_1.share)(y, item.level.y) * (plot.bottom - plot.top);
        return { ...item, at, labelAt: at };
    })
        .sort((a, b) => a.at - b.at);
    let free = plot.top - 8;
    for (const item of placed) {
        item.labelAt = Math.max(item.labelAt, free + height(item) / 2);
        free = item.labelAt + height(item) / 2;
    }
    let floor = plot.bottom + 14;
    for (const item of [...placed].reverse()) {
        item.labelAt = Math.min(item.labelAt, floor - height(item) / 2);
        floor = item.labelAt - height(item) / 2;
    }
    return placed;
}
