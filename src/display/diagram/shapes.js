"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.tooWide = exports.drawNode = exports.placeNode = exports.middleOf = exports.boxAround = exports.NOTE = exports.TEXT = void 0;
const style_1 = require("../style");
const xml_1 = require("../xml");
const mathText_1 = require("./mathText");
exports.TEXT = 14;
exports.NOTE = 13;
const LINE = 19;
const PADDING = { x: 11, y: 8 };
const CELL = { width: 34, height: 26 };
const CIRCLE = 15;
const boxAround = (x, y, width, height) => ({
    left: x - width / 2,
    right: x + width / 2,
    top: y - height / 2,
    bottom: y + height / 2,
});
exports.boxAround = boxAround;
const middleOf = ({ left, right, top, bottom }) => ({
    x: (left + right) / 2,
    y: (top + bottom) / 2,
});
exports.middleOf = middleOf;
/** A node with the box that it takes, around its place. */
function placeNode(node, [pitchX, pitchY]) {
    const lines = node.text === "" ? [] : (0, mathText_1.linesOf)(node.text);
    const notes = node.note === undefined ? [] : (0, mathText_1.linesOf)(node.note);
    const [width, height] = sizeOf(node, lines, notes);
    const [x, y] = [node.at[0] * pitchX, node.at[1] * pitchY];
    return { ...node, lines, notes, box: (0, exports.boxAround)(x, y, width, height) };
}
exports.placeNode = placeNode;
function sizeOf(node, lines, notes) {
    const text = Math.max(0, ...lines.map((line) => (0, mathText_1.mathWidth)(line, exports.TEXT)), ...notes.map((line) => (0, mathText_1.mathWidth)(line, exports.NOTE)));
    const tall = (lines.length + notes.length) * LINE;
    const [wide = 0, high = 0] = node.size ?? [];
    if (node.kind === "matrix") {
        const values = node.values ?? [];
        const cells = [(values[0]?.length ?? 0) * CELL.width, values.length * CELL.height];
        return [Math.max(text, cells[0], wide), Math.max(cells[1] + tall, high)];
    }
    if (node.kind === "circle") {
        const diameter = Math.max(2 * CIRCLE, text + 12, wide);
        return [diameter, diameter];
    }
    if (node.kind === "text")
        return [Math.max(text + 4, wide), Math.max(tall, high)];
    return [Math.max(text + 2 * PADDING.x, wide), Math.max(tall + 2 * PADDING.y, high)];
}
function drawNode(node) {
    const { box, lines, notes, kind = "box", tone = "plain" } = node;
    const { x, y } = (0, exports.middleOf)(box);
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    const color = style_1.toneColors[tone];
    const paint = { fill: color, "fill-opacity": 0.16, stroke: color, "stroke-width": 1.6 };
    if (kind === "matrix")
        return matrix(node);
    const frame = kind === "text"
        ? ""
        : kind === "circle"
            ? (0, xml_1.element)("circle", { cx: x, cy: y, r: width / 2, ...paint })
            : (0, xml_1.element)("rect", { x: box.left, y: box.top, width, height, rx: 6, ...paint });
    const first = y - ((lines.length + notes.length - 1) * LINE) / 2;
    return [
        frame,
        ...lines.map((line, i) => (0, mathText_1.mathText)(line, x, first + i * LINE, { size: exports.TEXT })),
        ...notes.map((line, i) => (0, mathText_1.mathText)(line, x, first + (lines.length + i) * LINE, { size: exports.NOTE })),
    ].join("");
}
exports.drawNode = drawNode;
/** The text above, the cells, the note below. */
function matrix(node) {
    const { box, lines, notes, values = [], shades, tone = "plain" } = node;
    const { x } = (0, exports.middleOf)(box);
    const columns = values[0]?.length ?? 0;
    const left = x - (columns * CELL.width) / 2;
    const top = box.top + lines.length * LINE;
    const color = style_1.toneColors[tone];
    const cells = values.flatMap((row, r) => row.map((value, c) => {
        const shade = shades?.[r]?.[c];
        const fill = shade === undefined ? color : (0, style_1.colorAt)(style_1.sequential, shade);
        const place = { x: left + c * CELL.width, y: top + r * CELL.height };
        const size = { width: CELL.width, height: CELL.height };
        const paint = { fill, "fill-opacity": shade === undefined ? 0.12 : 1, stroke: color };
        const [cx, cy] = [place.x + CELL.width / 2, place.y + CELL.height / 2];
        const text = cellText(value);
        const written = shade === undefined
            ? (0, mathText_1.mathText)(text, cx, cy, { size: exports.NOTE })
            : (0, xml_1.svgText)(text, {
                x: cx,
                y: cy + exports.NOTE * 0.35,
                "font-size": exports.NOTE,
                "text-anchor": "middle",
                fill: (0, style_1.textOn)(fill),
            });
        return (0, xml_1.element)("rect", { ...place, ...size, ...paint }) + written;
    }));
    const under = top + values.length * CELL.height;
    return [
        ...lines.map((line, i) => (0, mathText_1.mathText)(line, x, box.top + (i + 0.42) * LINE, { size: exports.TEXT })),
        ...cells,
        ...notes.map((line, i) => (0, mathText_1.mathText)(line, x, under + (i + 0.6) * LINE, { size: exports.NOTE })),
    ].join("");
}
const cellText = (value) => typeof value === "number" ? String(value).replace("-", "−") : value;
/** What of a matrix does not fit its cells, in a sentence, or undefined. */
function tooWide({ id, kind, values = [] }) {
    if (kind !== "matrix")
        return undefined;
    const columns = values[0]?.length ?? 0;
    if (columns === 0 || values.some((row) => row.length !== columns))
        return `expected rows of one length in the matrix "${id}", got ${values.map((r) => r.length)}`;
    const long = values.flat().find((value) => (0, mathText_1.mathWidth)(cellText(value), exports.NOTE) > CELL.width - 2);
    return long === undefined
        ? undefined
        : `expected values that fit a cell of ${CELL.width} pixels in "${id}", got "${long}"`;
}
exports.tooWide = tooWide;
