"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.tokenGrid = void 0;
const heatmap_1 = require("./heatmap");
/**
 * The darker a letter, the longer its token; of two neighbouring tokens of one length, the second is
 * a little darker. Spaces are shown as ␣.
 *
 * @param pieces the text of each token, in order
 */
function tokenGrid(pieces, { columns = 30, caption }) {
    const letters = pieces.flatMap((piece, i) => [...piece].map((letter, _, { length }) => ({ letter, value: length + 0.45 * (i % 2) })));
    const rows = Math.max(1, Math.ceil(letters.length / columns));
    const grid = Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => letters[r * columns + c]));
    return (0, heatmap_1.heatmap)({
        caption,
        z: grid.map((row) => row.map((cell) => cell?.value ?? null)),
        cells: grid.map((row) => row.map((cell) => (cell?.letter ?? "").replace(/\s/u, "␣"))),
        xLabels: Array(columns).fill(""),
        yLabels: Array(rows).fill(""),
        x: { title: "" },
        y: { title: "" },
        colorbar: { title: "length" },
        min: 0,
        max: 9,
    });
}
exports.tokenGrid = tokenGrid;
