"use strict";
// More text out of little: copies of a document that say the same and look different. The changes of
// EDA (Wei & Zou, 2019, "Easy Data Augmentation": synonyms, swaps, deletions), noise as from a
// keyboard, and masks. They help classifiers with few examples; for the pretraining of a language
// model, which learns how text is written, they are damage. All draws come from `rng`.
Object.defineProperty(exports, "__esModule", { value: true });
exports.maskWords = exports.deleteWords = exports.swapWords = exports.replaceSynonyms = exports.SYNONYMS = exports.addTypos = void 0;
/** A text in words and what stands between them; joined they are the text. */
const pieces = (text) => text.match(/[\p{L}\p{N}\p{M}'’]+|[^\p{L}\p{N}\p{M}'’]+/gu) ?? [];
const isWord = (piece) => /[\p{L}\p{N}]/u.test(piece);
function checked(name, share) {
    if (!(share >= 0 && share <= 1))
        throw new Error(`${name}: expected a share from 0 to 1, got ${share}`);
}
/** Neighbours on the keyboard, row by row. */
const ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
/**
 * Typing mistakes: with probability `share`, a letter is left out, doubled, swapped with the next
 * one, or replaced by its neighbour on the keyboard.
 */
function addTypos(text, { rng, share = 0.02 }) {
    checked("addTypos", share);
    const letters = [...text];
    let result = "";
    for (let i = 0; i < letters.length; i++) {
        const letter = letters[i];
        if (!/\p{L}/u.test(letter) || rng.uniform() >= share) {
            result += letter;
            continue;
        }
        const kind = rng.integer(4);
        if (kind === 1)
            result += letter + letter;
        else if (kind === 2 && i + 1 < letters.length)
            result += letters[++i] + letter;
        else if (kind === 3)
            result += neighbour(letter, rng);
    }
    return result;
}
exports.addTypos = addTypos;
function neighbour(letter, rng) {
    const lower = letter.toLowerCase();
    const row = ROWS.find((keys) => keys.includes(lower));
    if (row === undefined)
        return letter;
    const at = row.indexOf(lower);
    const near = [row[at - 1], row[at + 1]].filter((key) => key !== undefined);
    const key = near[rng.integer(near.length)];
    return letter === lower ? key : key.toUpperCase();
}
/**
 * Words that may stand for each other in most sentences, a small list for the course. WordNet has
 * many more, and does not know either which of them fits the sentence.
 */
exports.SYNONYMS = ("big large great huge|small little tiny|fast quick swift rapid|begin start commence|" +
    "end finish conclude|happy glad cheerful|sad unhappy sorrowful|angry furious enraged|" +
    "say state declare|answer reply respond|ask inquire|look gaze glance|see notice observe|" +
    "walk stroll|run dash|house dwelling home|sea ocean|ship vessel|road street way|" +
    "man fellow|child kid|old ancient aged|new fresh recent|beautiful lovely pretty|" +
    "strange odd peculiar|terrible dreadful awful|perhaps maybe|almost nearly|often frequently|" +
    "quickly rapidly swiftly|very extremely|also too|help aid assist|buy purchase|show display|" +
    "think believe suppose|hard difficult|easy simple|good fine excellent|bad poor wretched")
    .split("|")
    .map((group) => group.split(" "));
/** Replaces words that have synonyms, with probability `share`; capitals are kept. */
function replaceSynonyms(text, { rng, share = 0.1, groups = exports.SYNONYMS, }) {
    checked("replaceSynonyms", share);
    const others = new Map(groups.flatMap((group) => group.map((word) => [word, group.filter((other) => other !== word)])));
    return pieces(text)
        .map((piece) => {
        const choices = others.get(piece.toLowerCase());
        if (choices === undefined || choices.length === 0 || rng.uniform() >= share)
            return piece;
        const word = choices[rng.integer(choices.length)];
        if (piece === piece.toLowerCase())
            return word;
        if (piece.length > 1 && piece === piece.toUpperCase())
            return word.toUpperCase();
        return word[0].toUpperCase() + word.slice(1);
    })
        .join("");
}
exports.replaceSynonyms = replaceSynonyms;
/** Swaps `share` of the words with another word, anywhere in the text. */
function swapWords(text, { rng, share = 0.1 }) {
    checked("swapWords", share);
    const all = pieces(text);
    const places = all.flatMap((piece, i) => (isWord(piece) ? [i] : []));
    if (places.length < 2)
        return text;
    for (const place of places) {
        if (rng.uniform() >= share)
            continue;
        const other = places[rng.integer(places.length)];
        [all[place], all[other]] = [all[other], all[place]];
    }
    return all.join("");
}
exports.swapWords = swapWords;
/** Leaves out each word with probability `share`, but never all of them. */
function deleteWords(text, { rng, share = 0.1 }) {
    checked("deleteWords", share);
    const all = pieces(text);
    const words = all.filter(isWord).length;
    let left = words;
    const kept = all.filter((piece) => {
        if (!isWord(piece) || left === 1 || rng.uniform() >= share)
            return true;
        left--;
        return false;
    });
    return kept.join("").replace(/ {2,}/g, " ").trim();
}
exports.deleteWords = deleteWords;
/** Puts a mask in the place of each word with probability `share`. */
function maskWords(text, { rng, share = 0.15, mask = "[MASK]" }) {
    checked("maskWords", share);
    return pieces(text)
        .map((piece) => (isWord(piece) && rng.uniform() < share ? mask : piece))
        .join("");
}
exports.maskWords = maskWords;
