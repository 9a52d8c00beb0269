"use strict";
/**
 * Learns a WordPiece vocabulary from counted words.
 *
 * Google never published its trainer. Schuster & Nakajima ("Japanese and Korean voice search", 2012)
 * describe it: join the two pieces whose union raises the likelihood of the text most. Hugging Face's
 * `tokenizers` joins the most frequent pair instead, which is byte-pair encoding with ## on every
 * piece that does not begin a word. That is what this file does, with the same ties: the higher
 * count first, then the smaller pair of ids. In `tokenizers` the ids of single ## characters
 * come in another order in every run (a hash map's), and ties with them; here they are sorted.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.trainWordPiece = exports.BERT_SPECIAL = void 0;
exports.BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
/**
 * @param counts how often each word occurs
 * @returns the vocabulary in the order of ids: special tokens, characters, ## characters, and
 *   what was joined, in the order of joining
 * @throws if there are no words
 */
function trainWordPiece(counts, { vocabSize, minFrequency = 2, limitAlphabet = 1000, special = exports.BERT_SPECIAL, continuations, }) {
    if (counts.size === 0)
        throw new Error("trainWordPiece: expected some words, got a text without any");
    const alphabet = commonCharacters(counts, limitAlphabet);
    const spelled = [...counts].map(([word, count]) => {
        const pieces = [...word].filter((c) => alphabet.has(c));
        return { pieces: pieces.map((c, i) => (i === 0 && word.startsWith(c) ? c : `##${c}`)), count };
    });
    const inside = new Set(spelled.flatMap(({ pieces }) => pieces.filter((p) => p.length > 2)));
    const vocabulary = [...special, ...sorted(alphabet)];
    for (const piece of continuations ?? sorted(inside))
        if (!vocabulary.includes(piece))
            vocabulary.push(piece);
    const ids = new Map(vocabulary.map((piece, id) => [piece, id]));
    const words = spelled.map(({ pieces, count }) => ({
        ids: pieces.map((piece) => ids.get(piece)),
        count,
    }));
    const pairs = new Map();
    for (const word of words)
        countPairs(pairs, word, 1);
    while (vocabulary.length < vocabSize) {
        const best = mostFrequent(pairs);
        if (best === undefined || best.count < Math.max(1, minFrequency))
            break;
        const piece = vocabulary[best.left] + vocabulary[best.right].replace(/^##/, "");
        // Two different pairs can spell the same piece: un ##do and u ##ndo.
        const id = ids.get(piece) ?? vocabulary.push(piece) - 1;
        ids.set(piece, id);
        for (const word of best.words) {
            countPairs(pairs, word, -1);
            word.ids = joinPair(word.ids, best.left, best.right, id);
            countPairs(pairs, word, 1);
        }
        pairs.delete(keyOf(best.left, best.right));
    }
    return vocabulary;
}
exports.trainWordPiece = trainWordPiece;
/** The most frequent characters; of equally frequent ones, those with the smaller code point. */
function commonCharacters(counts, limit) {
    const characters = new Map();
    for (const [word, count] of counts)
        for (const c of word)
            characters.set(c, (characters.get(c) ?? 0) + count);
    const order = sorted(characters.keys()).sort((a, b) => characters.get(b) - characters.get(a));
    return new Set(order.slice(0, limit));
}
/** By code points: JavaScript's own order, by UTF-16 units, puts 🐈 before ～. */
function sorted(pieces) {
    return [...pieces].sort((a, b) => {
        const [x, y] = [a, b].map((piece) => [...piece].map((c) => c.codePointAt(0)));
        for (let i = 0; i < x.length && i < y.length; i++)
            if (x[i] !== y[i])
                return x[i] - y[i];
        return x.length - y.length;
    });
}
const keyOf = (left, right) => left * 2 ** 26 + right;
function countPairs(pairs, word, sign) {
    for (let i = 0; i + 1 < word.ids.length; i++) {
        const [left, right] = [word.ids[i], word.ids[i + 1]];
        const key = keyOf(left, right);
        let pair = pairs.get(key);
        if (pair === undefined) {
            pair = { left, right, count: 0, words: new Set() };
            pairs.set(key, pair);
        }
        pair.count += sign * word.count;
        if (sign === 1)
            pair.words.add(word);
    }
}
function mostFrequent(pairs) {
    let best;
    for (const pair of pairs.values()) {
        const better = best === undefined ||
            pair.count > best.count ||
            (pair.count === best.count && keyOf(pair.left, pair.right) < keyOf(best.left, best.right));
        if (better)
            best = pair;
    }
    return best;
}
/** Every `left right` in `ids` becomes `id`, from the left. */
function joinPair(ids, left, right, id) {
    const joined = [];
    for (let i = 0; i < ids.length; i++) {
        if (ids[i] === left && ids[i + 1] === right) {
            joined.push(id);
            i++;
        }
        else
            joined.push(ids[i]);
    }
    return joined;
}
