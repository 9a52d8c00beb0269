"use strict";
// Bytes as characters, and text as bytes. Byte-level BPE works on the 256 bytes of UTF-8, so that
// no text is unknown to it. In files each byte is written as one visible character, GPT-2's
// `bytes_to_unicode` (Radford et al., 2019, encoder.py): a printable byte of Latin-1 stands for
// itself, the other 68 (space, control characters, soft hyphen …) become U+0100 and up, in order. A
// space is Ġ, a line break Ċ, and 猫, the bytes E7 8C AB, is çĮ«.
Object.defineProperty(exports, "__esModule", { value: true });
exports.writeUtf8 = exports.readBytes = exports.showBytes = exports.alphabet = exports.byteCharacters = void 0;
const printable = (byte) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
/** The character that stands for each byte: 256 different ones. */
exports.byteCharacters = (() => {
    let next = 0x100;
    return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();
const byteOfCharacter = new Map(exports.byteCharacters.map((character, byte) => [character, byte]));
/**
 * The bytes in the order of their characters: 33 ("!") is first, 173 (soft hyphen) last. Hugging
 * Face's trainer numbers them so, and so does GPT-2.
 */
exports.alphabet = [...byteOfCharacter.keys()]
    .sort()
    .map((character) => byteOfCharacter.get(character));
/** Bytes as a file writes them: [0x20, 0x61] → "Ġa". */
function showBytes(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length; i++)
        text += exports.byteCharacters[bytes[i]];
    return text;
}
exports.showBytes = showBytes;
/**
 * The bytes that a file means, "Ġa" → [0x20, 0x61]; undefined where a character is none of the 256.
 */
function readBytes(shown) {
    const bytes = new Uint8Array(shown.length);
    for (let i = 0; i < shown.length; i++) {
        const byte = byteOfCharacter.get(shown[i]);
        if (byte === undefined)
            return undefined;
        bytes[i] = byte;
    }
    return bytes;
}
exports.readBytes = readBytes;
/**
 * Writes text[start … end − 1] as UTF-8 to the beginning of `bytes`. Half a surrogate pair has no
 * UTF-8: like `TextEncoder`, this writes U+FFFD (�) for it.
 *
 * @param bytes room for three bytes per UTF-16 unit
 * @returns how many bytes were written
 */
function writeUtf8(text, start, end, bytes) {
    let at = 0;
    for (let i = start; i < end; i++) {
        let code = text.charCodeAt(i);
        if (code < 0x80) {
            bytes[at++] = code;
            continue;
        }
        if (code >= 0xd800 && code < 0xe000) {
            const low = code < 0xdc00 && i + 1 < end ? text.charCodeAt(i + 1) : 0;
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                i++;
            }
            else
                code = 0xfffd;
        }
        if (code < 0x800)
            bytes[at++] = 0xc0 | (code >> 6);
        else {
            if (code < 0x10000)
                bytes[at++] = 0xe0 | (code >> 12);
            else {
                bytes[at++] = 0xf0 | (code >> 18);
                bytes[at++] = 0x80 | ((code >> 12) & 63);
            }
            bytes[at++] = 0x80 | ((code >> 6) & 63);
        }
        bytes[at++] = 0x80 | (code & 63);
    }
    return at;
}
exports.writeUtf8 = writeUtf8;
