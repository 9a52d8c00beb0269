"use strict";
// Text and numbers of a caller on their way into a picture or a page. Labels are often pieces of
// text that a model reads or writes: every character is shown, also spaces at the ends, line breaks
// and control characters, and nothing is taken for markup. What is not a number has a word.
Object.defineProperty(exports, "__esModule", { value: true });
exports.checkedColor = exports.count = exports.numberTexts = exports.numberText = exports.wordFor = exports.cut = exports.nameText = exports.sentence = exports.labelText = exports.visible = exports.wellFormed = exports.FEW_LETTERS = void 0;
/** Texts longer than this are cut, with "…": no axis and no legend has room for more. */
const LABEL_CHARACTERS = 120;
const SENTENCE_CHARACTERS = 2000;
/** Where there are hundreds of labels. */
exports.FEW_LETTERS = 40;
/**
 * Control characters as pictures (␛ for escape), and "�" for halves of a character that stand
 * alone: neither XML nor a notebook file may contain them.
 */
function wellFormed(text) {
    return text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, (c) => {
        if (c === "\n" || c === "\t" || c === "\r")
            return c;
        return c < " " ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : "�";
    });
}
exports.wellFormed = wellFormed;
/**
 * A piece of text with its white space made visible: ␣ for spaces at the ends and for all of
 * several in a row, ⏎ for a line break, ⇥ for a tab.
 */
function visible(piece) {
    return wellFormed(piece)
        .replace(/\r\n?|\n/g, "⏎")
        .replace(/\t/g, "⇥")
        .replace(/^ +| +$| {2,}/g, (spaces) => "␣".repeat(spaces.length));
}
exports.visible = visible;
/** A label of an axis, a point or a bar. */
function labelText(label, limit = LABEL_CHARACTERS) {
    if (typeof label !== "number")
        return cut(visible(String(label)), limit);
    // A year is no 2,018.
    const plain = Number.isInteger(label) && Math.abs(label) < 1e9;
    return plain ? String(label + 0).replace("-", "−") : numberText(label, 5);
}
exports.labelText = labelText;
/** A title, a name or a caption: one line of prose. */
function sentence(text, limit = SENTENCE_CHARACTERS) {
    return cut(wellFormed(String(text ?? ""))
        .replace(/\s+/g, " ")
        .trim(), limit);
}
exports.sentence = sentence;
const nameText = (text) => sentence(text, LABEL_CHARACTERS);
exports.nameText = nameText;
/** A text of at most about `limit` characters, with "…" where it is cut. */
function cut(text, limit = LABEL_CHARACTERS) {
    if (text.length <= limit)
        return text;
    return `${[...text.slice(0, limit)].slice(0, -1).join("")}…`;
}
exports.cut = cut;
/** How a value reads that is no finite number. */
function wordFor(value) {
    return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
}
exports.wordFor = wordFor;
/** A number of at most `digits` digits, with a true minus: 0.119, −3, 12,346, 1.23M, 1.5e−7. */
function numberText(value, digits = 3) {
    if (!Number.isFinite(value))
        return wordFor(value);
    const size = Math.abs(value);
    const text = size >= 1e12 || (size > 0 && size < 1e-3)
        ? Number(value.toPrecision(digits)).toExponential().replace("e+", "e")
        : size >= 1e6
            ? `${Number((value / 1e6).toPrecision(digits))}M`
            : size >= 1000
                ? Math.round(value).toLocaleString("en-US")
                : String(Number(value.toPrecision(digits)));
    return text === "-0" ? "0" : text.replace(/-/g, "−");
}
exports.numberText = numberText;
/**
 * Numbers that are compared with each other, with the same decimals: 0.93, 0.40. Where one is a
 * thousand times another, each has its own digits.
 */
function numberTexts(values) {
    const sizes = values.flatMap((v) => (v === null || v === 0 ? [] : [Math.abs(v)]));
    const low = sizes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const high = sizes.reduce((a, b) => Math.max(a, b), 0);
    if (high >= 1000 || low < 1e-3 || high / low > 1000)
        return values.map((v) => (v === null ? "" : numberText(v)));
    const digits = (v) => v === null ? 0 : (numberText(v).split(".")[1] ?? "").length;
    const decimals = values.reduce((most, v) => Math.max(most, digits(v)), 0);
    return values.map((v) => (v === null ? "" : v.toFixed(decimals).replace("-", "−")));
}
exports.numberTexts = numberTexts;
/** "1 row", "2,000 rows". */
function count(n, one, many = `${one}s`) {
    return `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
}
exports.count = count;
const COLOR = /^(#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z]{3,24}|(rgb|hsl)a?\([\d\s.,%/]+\))$/i;
/**
 * A colour that a caller gives, checked: it is written into pictures.
 * @throws {Error} where it is none
 */
function checkedColor(caller, color) {
    if (typeof color === "string" && COLOR.test(color))
        return color;
    const got = JSON.stringify(cut(wellFormed(String(color)), 60));
    throw new Error(`${caller}: expected a colour such as "#0072B2" or "teal", got ${got}`);
}
exports.checkedColor = checkedColor;
