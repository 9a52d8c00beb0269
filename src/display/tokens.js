"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.tokensToText = exports.tokensToHtml = exports.tokens = void 0;
// A text cut into tokens, each on a ground of its own, with spaces and line breaks made visible.
const label_1 = require("./label");
const output_1 = require("./output");
const xml_1 = require("./xml");
/** 0, 114, 178 is the palette's blue; alternating tokens take blue and orange. */
const TINTS = ["0,114,178", "230,159,0"];
const MAX_TOKENS = 1000;
const MAX_TOKEN = 100;
const TOKEN = "border-radius:3px;padding:1px 3px;margin:1px;display:inline-block;font-family:monospace";
/**
 * Shows a text cut into tokens, of a long one the first 1,000. Spaces are shown as ␣, line breaks
 * as ⏎, and a token that ends with one also ends the line.
 * @param options.caption what to see, in a sentence
 */
function tokens(list, { caption } = {}) {
    (0, output_1.show)({
        "text/html": tokensToHtml(list, caption),
        "text/plain": tokensToText(list, caption),
    });
}
exports.tokens = tokens;
const piece = (text) => {
    const shown = (0, label_1.visible)(String(text).slice(0, MAX_TOKEN)).replace(/ /g, "␣");
    return text.length > MAX_TOKEN ? `${shown}…` : shown;
};
const under = (list, caption) => [
    (0, label_1.sentence)(caption),
    list.length > MAX_TOKENS
        ? `The first ${(0, label_1.count)(MAX_TOKENS, "token", `of ${(0, label_1.count)(list.length, "token")}`)}.`
        : "",
].filter((line) => line !== "");
function tokensToHtml(list, caption) {
    const spans = list.slice(0, MAX_TOKENS).map(({ text, weight }, i) => {
        const strength = Number.isFinite(weight) ? Math.min(1, Math.max(0, weight)) : 0;
        const ground = weight === undefined
            ? `rgba(${TINTS[i % 2]},0.28)`
            : `rgba(${TINTS[0]},${(0.7 * strength).toFixed(2)})`;
        const title = weight === undefined ? `token ${i}` : weight.toFixed(3);
        const end = /[\n\r]$/.test(text) ? "<br/>" : "";
        const shown = (0, xml_1.escapeHtml)(piece(text));
        return `<span title="${title}" style="background:${ground};${TOKEN}">${shown}</span>${end}`;
    });
    const captions = under(list, caption).map(xml_1.captionHtml);
    const line = `<div style="line-height:1.9;margin:0 0 6px 5px">${spans.join("")}</div>`;
    return `<figure style="margin:0">${line}${captions.join("")}</figure>`;
}
exports.tokensToHtml = tokensToHtml;
function tokensToText(list, caption) {
    const plain = list
        .slice(0, MAX_TOKENS)
        .map(({ text, weight }) => weight === undefined ? piece(text) : `${piece(text)}(${weight.toFixed(2)})`)
        .join("|");
    return [plain, ...under(list, caption)].join("\n");
}
exports.tokensToText = tokensToText;
