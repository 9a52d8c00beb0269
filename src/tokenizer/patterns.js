"use strict";
// How byte-level BPE cuts a text before it merges: into words with the space before them, runs of
// digits, runs of signs, white space. No merge crosses a cut. The patterns are those of the
// published tokenizers, rewritten for JavaScript:
//
//   - possessive quantifiers (`\p{L}++`) are plain ones here: in these patterns giving a character
//     back never helps, so they match the same and serve speed alone
//   - (?i:'s|'t) becomes '[sSſ]|'[tT]: Node 20 has no such groups, and in Unicode ſ is a small S
//   - \s is \p{White_Space}: JavaScript's own \s has U+FEFF, which is no white space in Unicode, and
//     lacks U+0085, which is
//
// Sources: openai/tiktoken, openai_public.py (GPT-2, cl100k, o200k); the tokenizer.json of
// SmolLM2, Llama 3 and Qwen2.
Object.defineProperty(exports, "__esModule", { value: true });
exports.splitPieces = exports.Splitter = exports.patternSource = exports.patternNames = void 0;
const contraction = "'(?:[sSſdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])";
const upper = String.raw `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const lower = String.raw `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const words = String.raw `[^\r\n\p{L}\p{N}]?\p{L}+`;
const signs = String.raw ` ?[^\s\p{L}\p{N}]+[\r\n]*`;
const sources = {
    /** GPT-2, 2019: a word may begin with one space. */
    gpt2: String.raw `'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
    /** GPT-4, 2023: at most three digits; any sign may begin a word; line breaks stay together. */
    cl100k: String.raw `${contraction}|${words}|\p{N}{1,3}|${signs}|\s+$|\s*[\r\n]|\s+(?!\S)|\s`,
    /** GPT-4o, 2024: a capital letter begins a new word, 's stays with its word. */
    o200k: String.raw `[^\r\n\p{L}\p{N}]?${upper}*${lower}+(?:${contraction})?|` +
        String.raw `[^\r\n\p{L}\p{N}]?${upper}+${lower}*(?:${contraction})?|` +
        String.raw `\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    /** SmolLM2: digits are cut out one by one, and what is between them is cut as by GPT-2. */
    smollm: String.raw `\p{N}|'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+`,
    /** Llama 3: cl100k with other white space. */
    llama3: String.raw `${contraction}|${words}|\p{N}{1,3}|${signs}|\s*[\r\n]+|\s+(?!\S)|\s+`,
    /** Qwen2: Llama 3's with single digits. */
    qwen2: String.raw `${contraction}|${words}|\p{N}|${signs}|\s*[\r\n]+|\s+(?!\S)|\s+`,
};
/** The names that a pattern can have. */
exports.patternNames = Object.keys(sources);
/** The source of a published pattern as files have it, with \\s for white space. */
function patternSource(name) {
    return sources[name];
}
exports.patternSource = patternSource;
const unicodeSpace = (source) => source.replace(/\\([sS\\])/g, (all, c) => c === "\\" ? all : c === "s" ? "\\p{White_Space}" : "\\P{White_Space}");
/**
 * Finds the cuts of a text: `start(text)`, then `next(position)` again and again. What no match
 * covers is a piece of its own. Several patterns cut one after the other: each cuts the pieces of
 * the one before.
 */
class Splitter {
    here; // matches at a position, or not at all
    later; // finds the next match
    rest;
    text = "";
    ends; // with several patterns: where each piece ends, by its start
    /** @throws for an unknown name, or a source that is no regular expression */
    constructor(pattern) {
        const [first, ...others] = sourcesOf(pattern);
        try {
            this.here = new RegExp(first, "uy");
            this.later = new RegExp(first, "ug");
        }
        catch (error) {
            throw new Error(`Splitter: expected a regular expression, got ${error.message}`);
        }
        this.rest = others.length > 0 ? new Splitter(others.map((regex) => ({ regex }))) : undefined;
    }
    /** Takes the text that `next` cuts. */
    start(text) {
        this.text = text;
        this.ends = undefined;
        if (this.rest === undefined)
            return;
        const ends = new Uint32Array(text.length);
        for (let at = 0; at < text.length;) {
            const end = this.endOfMatch(at);
            const part = text.slice(at, end);
            this.rest.start(part);
            for (let from = 0; from < part.length;) {
                const to = this.rest.next(from);
                ends[at + from] = at + to;
                from = to;
            }
            at = end;
        }
        this.ends = ends;
    }
    /** Where the piece that begins at `at` ends; at < text.length. */
    next(at) {
        return this.ends === undefined ? this.endOfMatch(at) : this.ends[at];
    }
    endOfMatch(at) {
        this.here.lastIndex = at;
        try {
            if (this.here.test(this.text) && this.here.lastIndex > at)
                return this.here.lastIndex;
        }
        catch {
            throw new Error(`Splitter: expected pieces of at most a few million characters, got a longer one at ${at}: ` +
                "V8's regular expressions cannot hold it");
        }
        for (this.later.lastIndex = at;; this.later.lastIndex++) {
            const found = this.later.exec(this.text);
            if (found === null)
                return this.text.length;
            if (found[0] !== "")
                return found.index;
        }
    }
}
exports.Splitter = Splitter;
function sourcesOf(pattern) {
    if (typeof pattern === "string") {
        if (!Object.hasOwn(sources, pattern))
            throw new Error(`Splitter: expected a pattern among ${exports.patternNames.join(", ")}, got ${JSON.stringify(pattern)}`);
        return [unicodeSpace(sources[pattern])];
    }
    const list = Array.isArray(pattern) ? pattern : [pattern];
    if (list.length === 0 || list.some((part) => typeof part?.regex !== "string"))
        throw new Error(`Splitter: expected a name or { regex: "…" }, got ${JSON.stringify(pattern) ?? pattern}`);
    return list.map(({ regex }) => unicodeSpace(regex));
}
/**
 * The pieces of `text`, in order; together they are the text.
 * @example splitPieces("I'm 25", "gpt2") → ["I", "'m", " 25"]
 */
function splitPieces(text, pattern) {
    const splitter = new Splitter(pattern);
    splitter.start(text);
    const pieces = [];
    for (let at = 0; at < text.length;) {
        const end = splitter.next(at);
        pieces.push(text.slice(at, end));
        at = end;
    }
    return pieces;
}
exports.splitPieces = splitPieces;
