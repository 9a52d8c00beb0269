"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.mathText = exports.plainText = exports.mathWidth = exports.linesOf = exports.runsOf = void 0;
// Text in drawings, with indices and exponents: "h_{t−1}", "K^T", "h_t". An underscore or a caret
// counts only before braces or before one letter that ends a word, so "d_model" and "c_attn" stay
// as they are.
const label_1 = require("../label");
const style_1 = require("../style");
const xml_1 = require("../xml");
const SMALL = 0.74;
const SHIFT = { "-1": 0.24, "0": 0, "1": -0.38 };
const MARKED = /(?<=\S)([_^])(?:\{([^{}]*)\}|([\p{L}\p{N}*](?![\p{L}\p{N}_])))/gu;
/** A line as runs; `sentence` has made it a line without control characters. */
function runsOf(line) {
    const runs = [];
    let from = 0;
    for (const match of line.matchAll(MARKED)) {
        if (match.index > from)
            runs.push({ text: line.slice(from, match.index), level: 0 });
        runs.push({ text: match[2] ?? match[3], level: match[1] === "_" ? -1 : 1 });
        from = match.index + match[0].length;
    }
    if (from < line.length)
        runs.push({ text: line.slice(from), level: 0 });
    return runs.filter(({ text }) => text !== "");
}
exports.runsOf = runsOf;
/** Lines of a text: breaks are the author's. */
const linesOf = (text) => text.split("\n").map((line) => (0, label_1.sentence)(line, 200));
exports.linesOf = linesOf;
/** Width in pixels, on the safe side. */
function mathWidth(line, size) {
    return runsOf(line).reduce((sum, { text, level }) => sum + (0, style_1.textWidth)(text, level === 0 ? size : size * SMALL), 0);
}
exports.mathWidth = mathWidth;
/** What a reader without pictures gets: "h_{t−1}" → "h(t−1)", "K^T" → "K^T". */
const plainText = (text) => text.replace(/([_^])\{([^{}]*)\}/g, "$1($2)").replace(/\s+/g, " ");
exports.plainText = plainText;
/** One line whose middle stands at the height `y`. */
function mathText(line, x, y, { size, anchor = "middle", bold = false }) {
    if (line === "")
        return "";
    let below = 0;
    const parts = runsOf(line).map(({ text, level }) => {
        const wanted = SHIFT[level] * size;
        const dy = Math.round((wanted - below) * 10) / 10;
        below = wanted;
        if (level === 0 && dy === 0)
            return (0, xml_1.escapeHtml)(text);
        const small = level === 0 ? {} : { "font-size": size * SMALL };
        return (0, xml_1.element)("tspan", { dy, ...small }, (0, xml_1.escapeHtml)(text));
    });
    const place = { x, y: y + size * 0.35, "font-size": size, "text-anchor": anchor };
    return (0, xml_1.element)("text", { ...place, ...(bold ? { "font-weight": 600 } : {}), ...(0, xml_1.filled)("ink") }, parts.join(""));
}
exports.mathText = mathText;
