"use strict";
// Which documents stay. A rule has a name and the paper it comes from, and says why it drops a text:
// in the report, "symbols: 0.31 per word" can be judged, a score cannot. The bounds are those of the
// papers; they were set by looking at English web pages, and a corpus of verse or of code needs its
// own.
Object.defineProperty(exports, "__esModule", { value: true });
exports.ruleSets = exports.inLanguages = exports.basicRules = exports.c4Page = exports.gopherRepetition = exports.gopherQuality = exports.firstRule = exports.filtered = void 0;
const language_1 = require("./language");
const repetition_1 = require("./repetition");
const words_1 = require("./words");
/** The step of the pipeline: documents that no rule drops. The first rule that does is told. */
async function* filtered(documents, rules, onDrop = () => { }) {
    for await (const document of documents) {
        const found = firstRule(document.text, rules);
        if (found === undefined)
            yield document;
        else
            onDrop(document, found.rule.name, found.why);
    }
}
exports.filtered = filtered;
/** The first of the rules that drops a text, and why; undefined if none does. */
function firstRule(text, rules) {
    for (const rule of rules) {
        const why = rule.drops(text);
        if (why !== undefined)
            return { rule, why };
    }
    return undefined;
}
exports.firstRule = firstRule;
const share = (x) => x.toFixed(2);
/** A rule that compares one figure of a text with bounds. */
function bounded(name, source, measure, { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, unit = "" }) {
    const written = (x) => (Number.isInteger(x) ? String(x) : share(x));
    return {
        name,
        source,
        drops(text) {
            const x = measure(text);
            if (x >= least && x <= most)
                return undefined;
            const bound = x < least ? `at least ${least}` : `at most ${most}`;
            return `${written(x)}${unit}, ${bound} allowed`;
        },
    };
}
const lines = (text) => text.split("\n").filter((line) => line.trim() !== "");
const shareOf = (all, holds) => all.length === 0 ? 0 : all.filter(holds).length / all.length;
const count = (text, pattern) => text.match(pattern)?.length ?? 0;
const GOPHER = "Rae et al. (2021), Gopher, appendix A.1.1";
const C4 = "Raffel et al. (2020), C4, section 2.2";
const COURSE = "this course";
const GOPHER_STOP_WORDS = new Set(["the", "be", "to", "of", "and", "that", "have", "with"]);
/** Gopher's rules of quality, for English text with spaces between its words. */
exports.gopherQuality = [
    bounded("words", GOPHER, (text) => (0, words_1.spacedWords)(text).length, {
        least: 50,
        most: 100000,
        unit: " words",
    }),
    bounded("word length", GOPHER, (text) => {
        const words = (0, words_1.spacedWords)(text);
        return words.reduce((sum, { length }) => sum + length, 0) / Math.max(1, words.length);
    }, { least: 3, most: 10, unit: " characters per word" }),
    bounded("symbols", GOPHER, (text) => Math.max(count(text, /#/g), count(text, /\.\.\.|…/g)) / Math.max(1, (0, words_1.spacedWords)(text).length), { most: 0.1, unit: " # or … per word" }),
    bounded("bullets", GOPHER, (text) => shareOf(lines(text), (line) => /^\s*[-*•‣·–◦]\s/u.test(line)), { most: 0.9, unit: " of the lines begin with a bullet" }),
    bounded("ellipses", GOPHER, (text) => shareOf(lines(text), (line) => /(\.\.\.|…)\s*$/.test(line)), {
        most: 0.3,
        unit: " of the lines end in an ellipsis",
    }),
    bounded("letters", GOPHER, (text) => shareOf((0, words_1.spacedWords)(text), (word) => /\p{L}/u.test(word)), {
        least: 0.8,
        unit: " of the words have a letter",
    }),
    bounded("stop words", GOPHER, (text) => {
        const found = new Set();
        for (const word of (0, words_1.spacedWords)(text)) {
            const plain = word.toLowerCase().replace(/^\P{L}+|\P{L}+$/gu, "");
            if (GOPHER_STOP_WORDS.has(plain))
                found.add(plain);
        }
        return found.size;
    }, { least: 2, unit: " different stop words" }),
];
/** The bounds of Gopher's table A1. */
const MOST_TOP = { 2: 0.2, 3: 0.18, 4: 0.16 };
const MOST_DUPLICATE = {
    ...{ 5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.1 },
};
/** Gopher's rule against repetition within a text. All its measures are taken at once. */
exports.gopherRepetition = {
    name: "repetition",
    source: `${GOPHER}, table A1`,
    drops(text) {
        const found = (0, repetition_1.repetition)(text);
        const bounds = [
            [found.duplicateLines, 0.3, "of the lines repeat"],
            [found.duplicateParagraphs, 0.3, "of the paragraphs repeat"],
            [found.duplicateLineCharacters, 0.2, "of the characters are in repeated lines"],
            [found.duplicateParagraphCharacters, 0.2, "of the characters are in repeated paragraphs"],
            ...Object.entries(MOST_TOP).map(([n, most]) => [
                found.topNgram[Number(n)],
                most,
                `of the characters are in one run of ${n} words`,
            ]),
            ...Object.entries(MOST_DUPLICATE).map(([n, most]) => [
                found.duplicateNgrams[Number(n)],
                most,
                `of the characters are in repeated runs of ${n} words`,
            ]),
        ];
        const broken = bounds.find(([x, most]) => x > most);
        return broken && `${share(broken[0])} ${broken[2]}, at most ${broken[1]} allowed`;
    },
};
const contains = (name, source, pattern, what) => ({
    name,
    source,
    drops: (text) => (pattern.test(text) ? `contains ${what}` : undefined),
});
/** C4's rules for pages. Those for single lines are in c4Lines of normalise.ts. */
exports.c4Page = [
    bounded("sentences", C4, (text) => count(text, /[.!?。！？]+["”’」』)]*(?=\s|$|\p{Script=Han})/gu), {
        least: 5,
        unit: " sentences",
    }),
    contains("placeholder", C4, /lorem ipsum/i, '"lorem ipsum"'),
    contains("curly bracket", C4, /[{}]/, "a curly bracket: code"),
];
/** Rules that hold for any language, also for those without spaces. */
exports.basicRules = [
    bounded("length", COURSE, (text) => text.length, { least: 100, unit: " characters" }),
    bounded("symbol share", COURSE, symbolShare, { most: 0.3, unit: " of the characters are signs" }),
    bounded("damaged", COURSE, (text) => count(text, /\ufffd/g) / Math.max(1, text.length), {
        most: 0.001,
        unit: " of the characters were lost",
    }),
    bounded("one character", COURSE, (text) => longestRun(text) / Math.max(1, text.length), {
        most: 0.2,
        unit: " of the text is one character repeated",
    }),
    bounded("repeated lines", `${GOPHER}, table A1`, (text) => (0, repetition_1.repeatedLines)(text).share, {
        most: 0.3,
        unit: " of the lines repeat",
    }),
];
/** What an ASCII character is: 0 white space, 1 a letter or a digit, 2 a sign. */
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
    const character = String.fromCharCode(code);
    return /\s/.test(character) ? 0 : /[a-z0-9]/i.test(character) ? 1 : 2;
});
/** Of the characters that are no white space, the share that are no letters, marks or numbers. */
function symbolShare(text) {
    let [all, signs] = [0, 0];
    for (let i = 0; i < text.length; i++) {
        const code = text.codePointAt(i);
        let kind = code < 128 ? ASCII[code] : 1;
        if (code >= 128) {
            const character = String.fromCodePoint(code);
            if (code > 0xffff)
                i++;
            if (/\s/.test(character))
                kind = 0;
            else if (!/[\p{L}\p{M}\p{N}]/u.test(character))
                kind = 2;
        }
        if (kind !== 0)
            all++;
        if (kind === 2)
            signs++;
    }
    return signs / Math.max(1, all);
}
/** Length of the longest run of one character. */
function longestRun(text) {
    let longest = 0;
    for (let from = 0, i = 1; i <= text.length; i++)
        if (text[i] !== text[from]) {
            longest = Math.max(longest, i - from);
            from = i;
        }
    return longest;
}
/** A rule that keeps texts in some languages ("en", "zh", …) only. */
const inLanguages = (languages) => ({
    name: "language",
    source: COURSE,
    drops(text) {
        const { language, share: sure } = (0, language_1.identifyLanguage)(text);
        return languages.includes(language) ? undefined : `${language} (${share(sure)})`;
    },
});
exports.inLanguages = inLanguages;
/** Sets of rules by name. */
exports.ruleSets = {
    basic: exports.basicRules,
    gopher: [...exports.gopherQuality, exports.gopherRepetition],
    c4: exports.c4Page,
};
