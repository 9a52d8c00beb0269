"use strict";
// Words for counting: where spaces stand between words, runs of letters and digits; of Chinese and
// Japanese, each character by itself.
Object.defineProperty(exports, "__esModule", { value: true });
exports.spacedWords = exports.plainWords = void 0;
const HAN = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}";
const WORD = new RegExp(`[${HAN}]|(?:(?![${HAN}])[\\p{L}\\p{N}\\p{M}])+`, "gu");
/**
 * The words of a text in lower case, without punctuation.
 *
 *     plainWords("Don't! 我爱 R2")   // ["don", "t", "我", "爱", "r2"]
 */
const plainWords = (text) => text.toLowerCase().match(WORD) ?? [];
exports.plainWords = plainWords;
/** What stands between white space: the "words" of Gopher's rules. */
const spacedWords = (text) => text.match(/\S+/g) ?? [];
exports.spacedWords = spacedWords;
