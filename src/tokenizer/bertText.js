"use strict";
/**
 * What BERT does to a text before WordPiece: its "basic tokenizer" (Devlin et al., 2018, and
 * tokenization.py of google-research/bert), as Hugging Face's BertNormalizer and BertPreTokenizer
 * have it. It loses case, accents, white space and control characters on purpose.
 *
 * In order: control characters go and white space becomes a space; a space is put on both sides of
 * every Chinese character; with `lowercase`, letters are decomposed (NFD), their accents dropped,
 * and what is left is made lower case; then the text is cut at white space and around every
 * punctuation mark.
 *
 *     bertWords("Café Zürich, 北京!")   // ["cafe", "zurich", ",", "北", "京", "!"]
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.bertWords = void 0;
/** CJK ideographs, the blocks that BERT lists. Japanese kana and Korean hangul are not among them. */
const CHINESE = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
/** Every ASCII mark counts as punctuation, `$` and `^` too, which Unicode calls symbols. */
const PUNCTUATION = /[!-/:-@[-`{-~\p{P}]/u;
/**
 * The words and punctuation marks that WordPiece gets to see.
 * @param options.lowercase also drops accents, as in BERT's "uncased" models; true
 */
function bertWords(text, { lowercase = true } = {}) {
    const words = [];
    for (const word of normalize(text, lowercase).split(" ")) {
        let rest = "";
        for (const character of word) {
            if (!PUNCTUATION.test(character)) {
                rest += character;
                continue;
            }
            if (rest !== "")
                words.push(rest);
            words.push(character);
            rest = "";
        }
        if (rest !== "")
            words.push(rest);
    }
    return words;
}
exports.bertWords = bertWords;
function normalize(text, lowercase) {
    let clean = text
        .replace(/\p{White_Space}/gu, " ") // before control characters, because \n and \t are both
        .replace(/[\p{C}\ufffd]/gu, "")
        .replace(CHINESE, " $& ");
    if (!lowercase)
        return clean;
    clean = clean.normalize("NFD").replace(/\p{Mn}/gu, "");
    // Each character by itself: of a whole string, JavaScript ends a Greek word with ς.
    return clean.replace(/\p{Lu}|\p{Lt}|[^\p{Ll}\s]/gu, (character) => character.toLowerCase());
}
