"use strict";
// HTML's character references, such as &eacute; and &#8217;. The standard has 2,231 names; here are
// those of HTML 4 that occur in prose, and all numbers.
Object.defineProperty(exports, "__esModule", { value: true });
exports.decodeEntities = exports.WINDOWS_1252 = void 0;
/** Names of the characters from U+00A0 to U+00FF, in order (HTML 4.01, Latin-1 entities). */
const LATIN = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn " +
    "sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave " +
    "Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml " +
    "ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN " +
    "szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute " +
    "icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml " +
    "yacute thorn yuml";
const named = new Map([
    ...LATIN.split(" ").map((name, i) => [name, String.fromCharCode(0xa0 + i)]),
    ...Object.entries({
        ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", OElig: "Œ", oelig: "œ", Scaron: "Š" },
        ...{ scaron: "š", Yuml: "Ÿ", fnof: "ƒ", circ: "ˆ", tilde: "˜", ensp: " ", emsp: " " },
        ...{ thinsp: " ", zwnj: "\u200c", zwj: "\u200d", lrm: "\u200e", rlm: "\u200f", ndash: "–" },
        ...{ mdash: "—", lsquo: "‘", rsquo: "’", sbquo: "‚", ldquo: "“", rdquo: "”", bdquo: "„" },
        ...{ dagger: "†", Dagger: "‡", bull: "•", hellip: "…", permil: "‰", prime: "′", Prime: "″" },
        ...{ lsaquo: "‹", rsaquo: "›", euro: "€", trade: "™", larr: "←", uarr: "↑", rarr: "→" },
        ...{ darr: "↓", minus: "−", le: "≤", ge: "≥", ne: "≠", infin: "∞", hearts: "♥" },
    }),
]);
/** The characters that Windows-1252 has from 0x80 to 0x9F; U+FFFD where it has none. */
exports.WINDOWS_1252 = "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ";
/**
 * Character references as characters; what is none stays as it is.
 *
 *     decodeEntities("Moby&nbsp;Dick &amp; Co. &#8217; &#x732b; AT&T")
 */
function decodeEntities(text) {
    if (!text.includes("&"))
        return text;
    return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,7}));?/g, (whole, decimal, hex, name) => {
        if (name !== undefined)
            return named.get(name) ?? whole;
        return fromCode(decimal !== undefined ? Number(decimal) : Number.parseInt(hex, 16));
    });
}
exports.decodeEntities = decodeEntities;
/** Browsers read the numbers 128 to 159 as Windows-1252, because pages mean that. */
function fromCode(code) {
    if (code >= 0x80 && code < 0xa0)
        return exports.WINDOWS_1252[code - 0x80];
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    return isCharacter ? String.fromCodePoint(code) : "\ufffd";
}
