"use strict";
// The one visual style of the course: colours, sizes, and how wide a text is. Series take the
// colours of Okabe and Ito, "Color Universal Design" (2008), which colour-blind readers can tell
// apart; their black and yellow are left out (unreadable on one of the two pages), and their grey
// is kept for baselines.
Object.defineProperty(exports, "__esModule", { value: true });
exports.wrap = exports.fit = exports.textWidth = exports.textOn = exports.luminance = exports.colorAt = exports.dashes = exports.diverging = exports.sequential = exports.theme = exports.monospace = exports.font = exports.toneColors = exports.thresholdColor = exports.baselineColor = exports.palette = void 0;
exports.palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
/** Baselines: a grey that no series has; about 4 : 1 on white and on near-black. */
exports.baselineColor = "#7F7F7F";
/**
 * Thresholds: no series has this colour, for no kind of colour vision, and it stands out on white
 * and on near-black alike (4.6 and 4.1 : 1).
 */
exports.thresholdColor = "#A533FF";
/**
 * What a colour means in a drawing (see `Tone`). As strokes, and as fills of a sixth of their
 * strength, they can be seen on white and on near-black: at least 3 : 1.
 */
exports.toneColors = {
    data: "#0072B2",
    weights: "#C77F00",
    state: "#009E73",
    loss: "#D55E00",
    words: "#B85C93",
    plain: "#7F7F7F",
};
exports.font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif";
exports.monospace = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace";
/**
 * The colours of a page, light and dark. In JupyterLab a picture takes the theme's own instead, by
 * the CSS variable in the third place.
 */
exports.theme = {
    page: ["#ffffff", "#111111", "--jp-layout-color0"],
    ink: ["#2b2b2b", "#e4e4e4", "--jp-content-font-color1"],
    line: ["#8c8c8c", "#8c8c8c", "--jp-border-color0"],
    grid: ["#e2e2e2", "#363636", "--jp-border-color2"],
};
/**
 * From pale yellow over green to dark blue: YlGnBu of ColorBrewer (Harrower and Brewer, 2003).
 * Small values, which most attention weights are, stay light, and a number in a cell can be read.
 */
exports.sequential = [
    "#ffffd9",
    "#edf8b1",
    "#c7e9b4",
    "#7fcdbb",
    "#41b6c4",
    "#1d91c0",
    "#225ea8",
    "#253494",
    "#081d58",
];
/** Blue below zero, vermilion above, white at zero. */
exports.diverging = ["#0072B2", "#7fb8d8", "#f7f7f7", "#eaae7f", "#D55E00"];
/** Lengths of strokes and gaps, in pixels. */
exports.dashes = {
    solid: "",
    dash: "7 5",
    dot: "2 4",
    dashdot: "7 4 2 4",
    longdash: "12 5",
    longdashdot: "12 4 2 4",
};
/** The colour at `share`, from 0 to 1, of an even scale. */
function colorAt(colors, share) {
    const scaled = Math.min(1, Math.max(0, share)) * (colors.length - 1);
    const at = Math.min(colors.length - 2, Math.floor(scaled));
    const parts = channels(colors[at]).map((from, i) => Math.round(from + (channels(colors[at + 1])[i] - from) * (scaled - at)));
    return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
exports.colorAt = colorAt;
const channels = (color) => [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));
/** Relative luminance of "#rrggbb", from 0 to 1 (WCAG 2.2). */
function luminance(color) {
    const [r, g, b] = channels(color).map((byte) => {
        const c = byte / 255;
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
exports.luminance = luminance;
/** Black or white, whichever stands out more on `color`: at least 4.5 : 1. */
const textOn = (color) => (luminance(color) > 0.179 ? "#000000" : "#ffffff");
exports.textOn = textOn;
/**
 * Widths of Helvetica's letters in thousandths of an em, one size for each group; those of other
 * fonts differ by a tenth.
 */
const WIDTHS = [
    [240, "'ijl|"],
    [290, " !,./:;I[\\]ft"],
    [345, '"()-`r{}'],
    [500, "Jckvxyzs*^"],
    [620, "FLTZ+<=>~"],
    [690, "ABEKPSVXY&"],
    [735, "CDHNRUw"],
    [790, "GOQ"],
    [850, "Mm%"],
    [960, "W@"],
];
const EMS = new Map(WIDTHS.flatMap(([size, all]) => [...all].map((c) => [c, size / 1000])));
const WIDE = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]|\p{Extended_Pictographic}/u;
/** Common fonts are up to this much wider than Helvetica (DejaVu Sans is the widest). */
const SLACK = 1.14;
/** Width of a text in pixels, on the safe side: most fonts need a little less. */
function textWidth(text, size) {
    let ems = 0;
    for (const character of text)
        ems += emsOf(character);
    return ems * size;
}
exports.textWidth = textWidth;
const known = new Map();
function emsOf(character) {
    const before = known.get(character);
    if (before !== undefined)
        return before;
    const ems = /\p{Mn}/u.test(character)
        ? 0
        : WIDE.test(character)
            ? 1.05
            : SLACK * (EMS.get(character) ?? (character > "~" ? 0.75 : 0.556));
    if (known.size < 20000)
        known.set(character, ems);
    return ems;
}
/** The text, or its beginning and "…" where the whole is wider than `width`. */
function fit(text, width, size) {
    if (textWidth(text, size) <= width)
        return text;
    const characters = [...text];
    let kept = 0;
    let used = textWidth("…", size);
    while (kept < characters.length) {
        used += textWidth(characters[kept], size);
        if (used > width)
            break;
        kept++;
    }
    return `${characters.slice(0, kept).join("").trimEnd()}…`;
}
exports.fit = fit;
/**
 * Breaks a text into lines of at most `width` pixels: at spaces, anywhere within Chinese, and
 * within a word that is wider than a line.
 */
function wrap(text, width, size) {
    const pieces = text.match(/[\u2e80-\ua4cf\uff00-\uff60]|[^\s\u2e80-\ua4cf\uff00-\uff60]+|\s+/gu) ?? [];
    const lines = [];
    let line = "";
    for (const piece of pieces.flatMap((whole) => breakWord(whole, width, size))) {
        if (line !== "" && textWidth((line + piece).trimEnd(), size) > width) {
            lines.push(line.trim());
            line = "";
        }
        line += piece;
    }
    if (line.trim() !== "")
        lines.push(line.trim());
    return lines;
}
exports.wrap = wrap;
function breakWord(word, width, size) {
    if (textWidth(word, size) <= width)
        return [word];
    const parts = [""];
    for (const character of word) {
        if (parts[parts.length - 1] !== "" && textWidth(parts.at(-1) + character, size) > width)
            parts.push("");
        parts[parts.length - 1] += character;
    }
    return parts;
}
