"use strict";
// How much a text repeats itself: the measures of Gopher (Rae et al., 2021, appendix A.1.1, table
// A1). A share of characters is a share of those that are no white space, so that the length of a
// line break does not count. Of things that occur several times the first one is not a repetition,
// as in the open implementations (datatrove, dolma); the paper leaves that open.
Object.defineProperty(exports, "__esModule", { value: true });
exports.repeatedLines = exports.repetition = void 0;
const words_1 = require("./words");
const TOP = [2, 3, 4];
const DUPLICATE = [5, 6, 7, 8, 9, 10];
/** Measures the repetition within a text. */
function repetition(text) {
    const lines = (0, exports.repeatedLines)(text);
    const paragraphs = repeated(text.split(/\n{2,}/));
    const words = (0, words_1.spacedWords)(text);
    const lengths = Uint32Array.from(words, ({ length }) => length);
    const total = Math.max(1, lengths.reduce((sum, length) => sum + length, 0));
    // What stands at a place is a number: equal numbers are equal runs of n words.
    const number = new Numbering();
    const ids = new Map();
    const first = Float64Array.from(words, (word) => {
        if (!ids.has(word))
            ids.set(word, ids.size);
        return ids.get(word);
    });
    const topNgram = Object.fromEntries(TOP.map((n) => [n, 0]));
    const duplicateNgrams = Object.fromEntries(DUPLICATE.map((n) => [n, 0]));
    let runs = first;
    for (let n = 2; n <= 10; n++) {
        number.clear(runs.length);
        const longer = new Float64Array(Math.max(0, words.length - n + 1));
        for (let i = 0; i < longer.length; i++)
            longer[i] = number.of(runs[i] * ids.size + first[i + n - 1]);
        runs = longer;
        if (number.size === runs.length)
            break; // none occurs twice, and so no longer one does
        if (TOP.includes(n))
            topNgram[n] = topCharacters(runs, lengths, n) / total;
        if (DUPLICATE.includes(n))
            duplicateNgrams[n] = repeatedCharacters(runs, lengths, n) / total;
    }
    return {
        duplicateLines: lines.share,
        duplicateLineCharacters: lines.characters,
        duplicateParagraphs: paragraphs.share,
        duplicateParagraphCharacters: paragraphs.characters,
        topNgram,
        duplicateNgrams,
    };
}
exports.repetition = repetition;
/** Which share of the lines, and of their characters, was there before. */
const repeatedLines = (text) => repeated(text.split(/\n+/));
exports.repeatedLines = repeatedLines;
/** Which share of the parts, and of their characters, was there before. */
function repeated(parts) {
    const seen = new Set();
    let [count, copies, total, copied] = [0, 0, 0, 0];
    for (const part of parts) {
        const key = part.trim();
        if (key === "")
            continue;
        const { length } = key.replace(/\s/g, "");
        const isCopy = seen.has(key);
        seen.add(key);
        count++;
        total += length;
        if (isCopy)
            [copies, copied] = [copies + 1, copied + length];
    }
    return { share: copies / Math.max(1, count), characters: copied / Math.max(1, total) };
}
/** Characters of the run that occurs most often, all its occurrences together; 0 if none repeats. */
function topCharacters(runs, lengths, n) {
    const counts = new Uint32Array(runs.length);
    let best = 0;
    let most = 1;
    for (let i = 0; i < runs.length; i++) {
        const count = ++counts[runs[i]];
        if (count < most || count < 2)
            continue;
        let characters = 0;
        for (let k = 0; k < n; k++)
            characters += lengths[i + k];
        // Of several that are equally frequent, the longest counts.
        best = count > most ? count * characters : Math.max(best, count * characters);
        most = count;
    }
    return best;
}
/** Characters in runs that have occurred before; a word is counted once. */
function repeatedCharacters(runs, lengths, n) {
    const seen = new Uint8Array(runs.length);
    let characters = 0;
    let counted = 0; // words before this one have been counted, or lie before the last repetition
    for (let i = 0; i < runs.length; i++) {
        if (seen[runs[i]] === 1) {
            for (let k = Math.max(i, counted); k < i + n; k++)
                characters += lengths[k];
            counted = i + n;
        }
        seen[runs[i]] = 1;
    }
    return characters;
}
/** Numbers keys in the order in which they are first seen: a Map for many numbers, but faster. */
class Numbering {
    keys = new Float64Array(16);
    numbers = new Int32Array(16);
    size = 0;
    /** Begins again, with room for so many keys. */
    clear(room) {
        let length = 16;
        while (length < 2 * room)
            length *= 2;
        if (length > this.numbers.length) {
            this.keys = new Float64Array(length);
            this.numbers = new Int32Array(length);
        }
        this.numbers.fill(-1);
        this.size = 0;
    }
    /** The number of a key, a whole number below 2⁵³. */
    of(key) {
        const { keys, numbers } = this;
        const mask = numbers.length - 1;
        let slot = Math.imul((key % 0x100000000) ^ (key / 0x100000000), 0x9e3779b1);
        slot = (slot ^ (slot >>> 15)) & mask;
        for (; numbers[slot] !== -1; slot = (slot + 1) & mask)
            if (keys[slot] === key)
                return numbers[slot];
        keys[slot] = key;
        numbers[slot] = this.size;
        return this.size++;
    }
}
