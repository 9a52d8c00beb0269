"use strict";
// Which language a text is in, by two simple signs: the script of its letters, and for Latin letters
// the short words that every text in a language is full of (Ingle, 1976; Grefenstette, 1995, calls it
// the small-word technique). It needs a few sentences to be sure. Real pipelines use a classifier
// trained on character n-grams, such as fastText's lid.176. Left out: languages that share a script
// with a named one (Ukrainian is "ru" here, Persian "ar"), and the two writings of Chinese.
Object.defineProperty(exports, "__esModule", { value: true });
exports.identifyLanguage = exports.knownLanguages = void 0;
const words_1 = require("./words");
const SMALL_WORDS = {
    en: "the of and to a in is was that it for as with his on be at by had not are but from or have an they which",
    de: "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat",
    fr: "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec son",
    es: "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha",
    it: "di e il la che in un a per è una sono con non del si da al le dei come nel della alla più ma gli lo",
    pt: "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das",
    nl: "de van een en het in is op te dat die voor met zijn aan niet er om ook als door naar uit bij ze wordt",
    sv: "och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan",
};
const smallWords = Object.entries(SMALL_WORDS).map(([language, words]) => [language, new Set(words.split(" "))]);
/** Scripts that say which language, or which is its most common one. */
const SCRIPTS = [
    ["ja", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
    ["ko", /\p{Script=Hangul}/gu],
    ["zh", /\p{Script=Han}/gu],
    ["ru", /\p{Script=Cyrillic}/gu],
    ["ar", /\p{Script=Arabic}/gu],
    ["el", /\p{Script=Greek}/gu],
    ["he", /\p{Script=Hebrew}/gu],
    ["hi", /\p{Script=Devanagari}/gu],
    ["th", /\p{Script=Thai}/gu],
];
/** How much of a text is looked at. */
const SAMPLE = 4000;
/** So many of the words must be small words of a language: a third to a half of real text is. */
const LEAST_SHARE = 0.1;
/** The languages that identifyLanguage can find. */
exports.knownLanguages = [
    ...Object.keys(SMALL_WORDS),
    ...SCRIPTS.map(([language]) => language),
];
/**
 * The language of a text.
 *
 *     identifyLanguage("Call me Ishmael. Some years ago, never mind how long …")  // en, about 0.4
 */
function identifyLanguage(text) {
    const sample = text.slice(0, SAMPLE);
    const count = (pattern) => sample.match(pattern)?.length ?? 0;
    const letters = count(/\p{L}/gu);
    if (letters === 0)
        return { language: "unknown", share: 0 };
    for (const [language, pattern] of SCRIPTS) {
        const share = count(pattern) / letters;
        // Japanese writes its nouns in Chinese characters: a fifth of its own letters is enough.
        if (share > (language === "ja" ? 0.2 : 0.5))
            return { language, share };
    }
    const words = (0, words_1.plainWords)(sample);
    const [best] = smallWords
        .map(([language, small]) => ({
        language,
        share: words.filter((word) => small.has(word)).length / words.length,
    }))
        .sort((a, b) => b.share - a.share);
    return best.share >= LEAST_SHARE ? best : { language: "unknown", share: best.share };
}
exports.identifyLanguage = identifyLanguage;
