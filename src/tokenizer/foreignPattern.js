"use strict";
// Patterns as other programs write them, in the regular expressions of Oniguruma (Hugging Face) or
// Rust (tiktoken), made into JavaScript's. The published ones are known by their text; of others
// the common parts are translated, and what would mean something else in JavaScript is refused.
Object.defineProperty(exports, "__esModule", { value: true });
exports.foreignPattern = exports.writtenPattern = void 0;
const patterns_1 = require("./patterns");
const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const upper = String.raw `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const lower = String.raw `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const words = String.raw `[^\r\n\p{L}\p{N}]?\p{L}+`;
const signs = String.raw ` ?[^\s\p{L}\p{N}]+[\r\n]*`;
/** How Hugging Face's files write the published patterns. */
const elsewhere = {
    gpt2: String.raw `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
    // without the + after {1,3}: possessive in Rust, to Oniguruma it is a repetition
    cl100k: String.raw `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`,
    o200k: String.raw `[^\r\n\p{L}\p{N}]?${upper}*${lower}+${contractions}?|` +
        String.raw `[^\r\n\p{L}\p{N}]?${upper}+${lower}*${contractions}?|` +
        String.raw `\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    llama3: String.raw `${contractions}|${words}|\p{N}{1,3}|${signs}|\s*[\r\n]+|\s+(?!\S)|\s+`,
    qwen2: String.raw `${contractions}|${words}|\p{N}|${signs}|\s*[\r\n]+|\s+(?!\S)|\s+`,
};
/** A pattern as Hugging Face's files write it. */
function writtenPattern(pattern) {
    return typeof pattern === "string" ? elsewhere[pattern] : pattern.regex;
}
exports.writtenPattern = writtenPattern;
const known = new Map([
    ...patterns_1.patternNames.map((name) => [(0, patterns_1.patternSource)(name), name]),
    ...Object.entries(elsewhere).map(([name, source]) => [
        source,
        name,
    ]),
]);
/**
 * A pattern from its source in a file.
 * @throws where it has something that JavaScript does not, or reads otherwise
 */
function foreignPattern(source) {
    return known.get(source) ?? { regex: translate(source) };
}
exports.foreignPattern = foreignPattern;
const refused = [
    [/([?*+]|\{[\d,]+\})\+/, "a possessive quantifier"],
    [/\(\?>/, "an atomic group"],
    [/\(\?[a-z]+\)/, "a flag for the rest of the pattern"],
    [/\[\[:|&&/, "a POSIX class or an intersection of classes"],
    [/\\[AzZGhHRXKQEag]/, "an escape that JavaScript does not have"],
];
function translate(source) {
    const unescaped = source.replace(/\\\\/g, "");
    for (const [pattern, what] of refused) {
        const found = pattern.exec(unescaped);
        if (found !== null)
            throw new Error(`foreignPattern: expected a regular expression that JavaScript can read, got ${what}, ` +
                `${found[0]}, in ${source}`);
    }
    let regex = "";
    let inClass = false;
    let depth = 0; // of parentheses
    let ignoring = 0; // case is ignored down to this depth; 0: it is not
    for (let i = 0; i < source.length; i++) {
        const c = source[i];
        if (c === "\\") {
            regex += escapeOf(source, ++i, inClass);
            if (/[pP]/.test(source[i])) {
                const name = /^\{[^}]*\}/.exec(source.slice(i + 1))?.[0] ?? "";
                regex += name;
                i += name.length;
            }
        }
        else if (inClass || c === "[") {
            inClass = c !== "]";
            regex += ignoring > 0 && /[a-z]/i.test(c) ? bothCases(c) : c;
        }
        else if (source.startsWith("(?i:", i)) {
            depth++;
            ignoring ||= depth;
            regex += "(?:";
            i += 3;
        }
        else {
            if (c === "(")
                depth++;
            if (c === ")" && depth-- === ignoring)
                ignoring = 0;
            regex += ignoring > 0 && /[a-z]/i.test(c) ? `[${bothCases(c)}]` : c;
        }
    }
    return regex;
}
/** An escape as the flag u allows it; \d and \w are Unicode's elsewhere. */
function escapeOf(source, i, inClass) {
    const c = source[i];
    if (c === "d")
        return "\\p{Nd}";
    if (c === "w")
        return inClass ? "\\p{L}\\p{M}\\p{N}\\p{Pc}" : "[\\p{L}\\p{M}\\p{N}\\p{Pc}]";
    const isPlain = /[^\w\s]/.test(c) && !/[\^$\\.*+?()[\]{}|/]/.test(c) && !(inClass && c === "-");
    return isPlain ? c : `\\${c}`;
}
/** s is also ſ, and k the sign for kelvin: what Unicode says is the same letter in another case. */
function bothCases(c) {
    const also = { s: "ſ", k: "\u212a" }[c.toLowerCase()] ?? "";
    return c.toLowerCase() + c.toUpperCase() + also;
}
