"use strict";
/**
 * Ways of cutting a text into words. English writes spaces between words; Chinese does not, so what
 * a Chinese word is depends on whom you ask, and three answers stand here side by side:
 *
 * - `cutCharacters`: no words at all, one piece for each character (Unicode code point);
 * - `cutByIntl`: `Intl.Segmenter`, which comes with Node.js: ICU's dictionary of Chinese, Japanese
 *   and other languages without spaces;
 * - `loadJieba`: jieba, the usual segmenter for Chinese in practice: a dictionary of 349,000 words,
 *   the most probable path through them, and a hidden Markov model for words it does not know.
 *   The package @node-rs/jieba (11 MB, and 3 MB of compiled code for the machine at hand).
 *
 * All of them leave out white space.
 */
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __importStar = (this && this.__importStar) || function (mod) {
    if (mod && mod.__esModule) return mod;
    var result = {};
    if (mod != null) for (var k in mod) if (k !== "default" && Object.prototype.hasOwnProperty.call(mod, k)) __createBinding(result, mod, k);
    __setModuleDefault(result, mod);
    return result;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.loadJieba = exports.cutByIntl = exports.cutCharacters = exports.countWords = exports.cutWords = void 0;
/**
 * Words, numbers and single punctuation marks. An apostrophe within a word belongs to it. A run of
 * Chinese characters is one "word": the rule knows spaces and nothing else.
 *
 * @example cutWords("Don't ask, said 猫。")  // ["Don't", "ask", ",", "said", "猫", "。"]
 */
function cutWords(text) {
    return text.match(/[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{N}\p{M}]+)*|[^\s\p{L}\p{N}\p{M}]/gu) ?? [];
}
exports.cutWords = cutWords;
/** How often each word occurs, in the order in which they were first seen. */
function countWords(words) {
    const counts = new Map();
    for (const word of words)
        counts.set(word, (counts.get(word) ?? 0) + 1);
    return counts;
}
exports.countWords = countWords;
/**
 * The characters (code points) of a text, without white space.
 * @example cutCharacters("我爱 cats")  // ["我", "爱", "c", "a", "t", "s"]
 */
function cutCharacters(text) {
    return [...text].filter((character) => /\S/u.test(character));
}
exports.cutCharacters = cutCharacters;
/**
 * Words by the rules and dictionaries of Unicode's ICU, as this Node.js has them.
 * @param locale a language tag such as "zh" or "en"
 * @throws if this Node.js was built without `Intl.Segmenter`
 */
function cutByIntl(text, locale = "zh") {
    if (typeof Intl.Segmenter !== "function")
        throw new Error("cutByIntl: expected a Node.js with Intl.Segmenter, got one without");
    const segmenter = new Intl.Segmenter(locale, { granularity: "word" });
    return Array.from(segmenter.segment(text), ({ segment }) => segment).filter((s) => /\S/u.test(s));
}
exports.cutByIntl = cutByIntl;
/**
 * Loads jieba and its dictionary (about a tenth of a second), and gives its cutting function.
 * @throws if the package is not installed for this machine; the message says how to get it
 */
async function loadJieba() {
    const loaded = await Promise.resolve().then(() => __importStar(require("@node-rs/jieba"))).catch(() => undefined);
    const words = await Promise.resolve().then(() => __importStar(require("@node-rs/jieba/dict.js"))).catch(() => undefined);
    if (loaded === undefined || words === undefined)
        throw new Error("loadJieba: expected the package @node-rs/jieba, got none for this machine; " +
            "`npm install --no-save @node-rs/jieba@2.0.3` in the course's folder gets it");
    const jieba = loaded.Jieba.withDict(words.dict);
    return (text) => jieba.cut(text, true).filter((word) => /\S/u.test(word));
}
exports.loadJieba = loadJieba;
