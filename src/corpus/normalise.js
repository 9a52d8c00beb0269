"use strict";
// One way of writing for what a reader sees as the same: Unicode's normal forms, text that was read
// in the wrong encoding, line ends, spaces and invisible characters. Filters and duplicates are
// looked for afterwards, since "café" in two spellings would be two words to them.
Object.defineProperty(exports, "__esModule", { value: true });
exports.c4Lines = exports.withoutGutenberg = exports.repairMojibake = exports.normalise = void 0;
const entities_1 = require("./entities");
/**
 * A text as the rest of the pipeline expects it. Applying it twice changes nothing more.
 *
 * In this order: mojibake is repaired, line ends become "\n", characters that cannot be seen go
 * (controls, byte order marks, soft hyphens, zero-width spaces), every kind of space becomes " ",
 * spaces at line ends go, more than one empty line becomes one, and last the Unicode form.
 */
function normalise(text, { form = "NFC" } = {}) {
    const clean = repairMojibake(text)
        .replace(/\r\n?|\u2028|\u2029|\u0085/g, "\n")
        .replace(INVISIBLE, "")
        .replace(/\p{Cs}/gu, "\ufffd") // halves of characters, which UTF-8 cannot write
        .normalize(form)
        .replace(/(?! )\p{Zs}/gu, " ")
        .replace(/[ \t]+$/gm, "")
        .replace(/\n{3,}/g, "\n\n")
        .trim();
    // What has gone may have stood within mojibake.
    return repairMojibake(clean) === clean ? clean : normalise(clean, { form });
}
exports.normalise = normalise;
/** The zero-width joiner and non-joiner stay: Persian, Hindi and emoji are spelt with them. */
const INVISIBLE = 
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u2060\ufeff\ufffe\uffff]/g;
/** The byte that Windows-1252 writes a character with; the undefined ones as in Latin-1. */
const byteOf = new Map([
    ...Array.from({ length: 0x80 }, (_, i) => [
        String.fromCharCode(0x80 + i),
        0x80 + i,
    ]),
    ...[...entities_1.WINDOWS_1252].flatMap((character, i) => character === "\ufffd" ? [] : [[character, 0x80 + i]]),
]);
/** Characters whose Windows-1252 bytes are from `low` to `high`, for a class of a pattern. */
const bytes = (low, high) => [...byteOf]
    .filter(([, byte]) => byte >= low && byte <= high)
    .map(([character]) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
const next = `[${bytes(0x80, 0xbf)}]`;
/**
 * What UTF-8 looks like when it is read as Windows-1252. Only what hardly ever stands in a text by
 * itself: Â and Ã before a sign (Latin letters), Î, Ï, Ð and Ñ with a sign at least twice in a row
 * (Greek, Russian), â€ and â with signs (quotation marks, arrows), two or more characters of three
 * bytes (Chinese, Japanese), ð with three signs (emoji).
 */
const MOJIBAKE = new RegExp([
    `[${bytes(0xc2, 0xc3)}]${next}`,
    `(?:[${bytes(0xce, 0xd1)}]${next}){2,}`,
    `[${bytes(0xe2, 0xe2)}][${bytes(0x80, 0x9f)}]${next}`,
    `(?:[${bytes(0xe3, 0xed)}${bytes(0xef, 0xef)}]${next}${next}){2,}`,
    `[${bytes(0xf0, 0xf0)}][${bytes(0x90, 0xbf)}]${next}${next}`,
].join("|"), "g");
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/**
 * Repairs text that was written as UTF-8 and read as Windows-1252 or Latin-1: "cafÃ©" was "café",
 * "donâ€™t" was "don’t". Text that went through it several times is repaired as often. The idea is
 * that of ftfy (Speer, 2019), which knows more encodings and weighs how odd a text looks; here only
 * sequences are touched that are next to impossible otherwise.
 */
function repairMojibake(text) {
    for (let round = 0; round < 4; round++) {
        const repaired = text.replace(MOJIBAKE, (garbled) => {
            try {
                return decoder.decode(Uint8Array.from(garbled, (character) => byteOf.get(character)));
            }
            catch {
                return garbled;
            }
        });
        if (repaired === text)
            break;
        text = repaired;
    }
    return text;
}
exports.repairMojibake = repairMojibake;
const GUTENBERG_START = /^.*\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG.*$/im;
const GUTENBERG_END = /^.*\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG.*$/im;
/** A book of Project Gutenberg without the notes before and the licence after it. */
function withoutGutenberg(text) {
    const start = GUTENBERG_START.exec(text);
    const body = start === null ? text : text.slice(start.index + start[0].length);
    const end = GUTENBERG_END.exec(body);
    return (end === null ? body : body.slice(0, end.index)).trim();
}
exports.withoutGutenberg = withoutGutenberg;
const POLICY = [
    ...["terms of use", "privacy policy", "cookie policy"],
    ...["uses cookies", "use of cookies", "use cookies"],
];
/**
 * The lines of a page that look like sentences. The rules of C4 (Raffel et al., 2020, §2.2): a line
 * stays if it ends in a full stop, an exclamation mark, a question mark or a quotation mark, has at
 * least three words, and mentions neither JavaScript nor cookies and terms of use. The full stops of
 * Chinese and Japanese count too, and their characters count as words; C4 was English only.
 *
 * It is meant for web pages: of verse, headings and lists nothing would be left.
 */
function c4Lines(text) {
    return text
        .split("\n")
        .filter((line) => {
        const lower = line.toLowerCase();
        if (line.trim() === "")
            return true; // between paragraphs
        return (/[.!?"”。！？」』]\s*$/u.test(line) &&
            (line.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[^\s\p{P}]+/gu) ?? [])
                .length >= 3 &&
            !lower.includes("javascript") &&
            !POLICY.some((phrase) => lower.includes(phrase)));
    })
        .join("\n")
        .replace(/\n{3,}/g, "\n\n")
        .trim();
}
exports.c4Lines = c4Lines;
