"use strict";
// The stemmer of Porter (1980, "An algorithm for suffix stripping"): connected, connecting and
// connection become connect, but also universe and university become univers. Search engines used
// it so that one form of a word finds the others. Lesson 10 (data) asks what it does to a text that
// a language model is to learn.
Object.defineProperty(exports, "__esModule", { value: true });
exports.stemText = exports.porterStem = void 0;
/** c for a consonant and v for a vowel, letter by letter; y is a vowel behind a consonant. */
function kinds(word) {
    let result = "";
    for (const letter of word) {
        const vowel = "aeiou".includes(letter) || (letter === "y" && result.endsWith("c"));
        result += vowel ? "v" : "c";
    }
    return result;
}
/** Porter's m: how often a consonant follows a vowel. tr·ee 0, tr·oubl·e 1, tr·oubl·es 1. */
const measure = (stem) => kinds(stem).match(/v+c+/g)?.length ?? 0;
const hasVowel = (stem) => kinds(stem).includes("v");
/** Ends in two equal consonants. */
const endsDouble = (stem) => stem.length > 1 && stem.at(-1) === stem.at(-2) && kinds(stem).endsWith("c");
/** Ends consonant, vowel, consonant, the last not w, x or y: hop, but not snow. */
const endsCvc = (stem) => kinds(stem).endsWith("cvc") && !/[wxy]$/.test(stem);
const STEP_2 = [
    ...[
        ["ational", "ate"],
        ["tional", "tion"],
        ["enci", "ence"],
        ["anci", "ance"],
    ],
    ...[
        ["izer", "ize"],
        ["abli", "able"],
        ["alli", "al"],
        ["entli", "ent"],
        ["eli", "e"],
    ],
    ...[
        ["ousli", "ous"],
        ["ization", "ize"],
        ["ation", "ate"],
        ["ator", "ate"],
    ],
    ...[
        ["alism", "al"],
        ["iveness", "ive"],
        ["fulness", "ful"],
        ["ousness", "ous"],
    ],
    ...[
        ["aliti", "al"],
        ["iviti", "ive"],
        ["biliti", "ble"],
    ],
];
const STEP_3 = [
    ...[
        ["icate", "ic"],
        ["ative", ""],
        ["alize", "al"],
        ["iciti", "ic"],
    ],
    ...[
        ["ical", "ic"],
        ["ful", ""],
        ["ness", ""],
    ],
];
const STEP_4 = "al ance ence er ic able ible ant ement ment ent sion tion ou ism ate iti ous ive ize".split(" ");
/** The longest of the suffixes that `word` ends in is replaced, if the rest has m > 0. */
function replaceSuffix(word, suffixes) {
    const [best] = suffixes
        .filter(([suffix]) => word.endsWith(suffix))
        .sort(([a], [b]) => b.length - a.length);
    if (best === undefined)
        return word;
    const stem = word.slice(0, -best[0].length);
    return measure(stem) > 0 ? stem + best[1] : word;
}
/** Plurals, -ed and -ing, and a final y (steps 1a to 1c). */
function step1(word) {
    if (word.endsWith("sses") || word.endsWith("ies"))
        word = word.slice(0, -2);
    else if (word.endsWith("s") && !word.endsWith("ss"))
        word = word.slice(0, -1);
    if (word.endsWith("eed")) {
        if (measure(word.slice(0, -3)) > 0)
            word = word.slice(0, -1);
    }
    else {
        const stem = /^(.*)(?:ed|ing)$/.exec(word)?.[1];
        if (stem !== undefined && hasVowel(stem)) {
            if (/(?:at|bl|iz)$/.test(stem))
                word = `${stem}e`;
            else if (endsDouble(stem) && !/[lsz]$/.test(stem))
                word = stem.slice(0, -1);
            else
                word = measure(stem) === 1 && endsCvc(stem) ? `${stem}e` : stem;
        }
    }
    return word.endsWith("y") && hasVowel(word.slice(0, -1)) ? `${word.slice(0, -1)}i` : word;
}
/** Suffixes that go where m > 1 (step 4); of -sion and -tion the s and the t stay. */
function step4(word) {
    const [suffix] = STEP_4.filter((one) => word.endsWith(one)).sort((a, b) => b.length - a.length);
    if (suffix === undefined)
        return word;
    const length = /^[st]ion$/.test(suffix) ? 3 : suffix.length;
    const stem = word.slice(0, -length);
    return measure(stem) > 1 ? stem : word;
}
/** A final e, and one of two l (step 5). */
function step5(word) {
    const stem = word.slice(0, -1);
    if (word.endsWith("e") && (measure(stem) > 1 || (measure(stem) === 1 && !endsCvc(stem))))
        word = stem;
    return word.endsWith("ll") && measure(word) > 1 ? word.slice(0, -1) : word;
}
/**
 * The stem of an English word in lower case; words of one or two letters, and words with anything
 * but a to z in them, stay as they are.
 *
 *     porterStem("relational")   // "relat"
 */
function porterStem(word) {
    if (word.length <= 2 || !/^[a-z]+$/.test(word))
        return word;
    return step5(step4(replaceSuffix(replaceSuffix(step1(word), STEP_2), STEP_3)));
}
exports.porterStem = porterStem;
/** A text with every word stemmed and in lower case; what stands between the words stays. */
const stemText = (text) => text.toLowerCase().replace(/[a-z]+/g, (word) => porterStem(word));
exports.stemText = stemText;
