"use strict";
// Special tokens: <|endoftext|> and its like. They stand for themselves in a text and are never
// made by merges. Where several begin at the same place the longest wins: with <|im|> and
// <|im|>_end, the text "<|im|>_end" is the second. Some swallow the white space beside them, as
// RoBERTa's <mask> does.
Object.defineProperty(exports, "__esModule", { value: true });
exports.SpecialTokens = void 0;
/** Where special tokens are in texts. */
class SpecialTokens {
    flags;
    pattern;
    /** Length of the longest, in UTF-16 units. */
    longest;
    /**
     * @param ids the tokens, with their ids
     * @param flags of those that swallow white space
     * @throws for an empty token
     */
    constructor(ids, flags = {}) {
        this.flags = flags;
        const tokens = [...ids.keys()].sort((a, b) => b.length - a.length);
        if (tokens.includes(""))
            throw new Error("SpecialTokens: expected tokens of at least one character, got an empty one");
        this.longest = tokens[0]?.length ?? 0;
        const escaped = tokens.map((token) => token.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
        this.pattern = tokens.length > 0 ? new RegExp(escaped.join("|"), "g") : undefined;
    }
    /**
     * Calls `plain` for each stretch without special tokens and `special` for each token, in order.
     */
    cut(text, plain, special) {
        if (this.pattern === undefined) {
            plain(text);
            return;
        }
        let at = 0;
        this.pattern.lastIndex = 0;
        for (let found = this.pattern.exec(text); found !== null; found = this.pattern.exec(text)) {
            const [token] = found;
            const { lstrip = false, rstrip = false } = this.flags[token] ?? {};
            let start = found.index;
            let end = start + token.length;
            if (lstrip)
                while (start > at && isSpace(text[start - 1]))
                    start--;
            if (rstrip)
                while (end < text.length && isSpace(text[end]))
                    end++;
            if (start > at)
                plain(text.slice(at, start));
            special(token);
            at = end;
            this.pattern.lastIndex = end;
        }
        if (at < text.length)
            plain(at === 0 ? text : text.slice(at));
    }
}
exports.SpecialTokens = SpecialTokens;
const isSpace = (character) => /\p{White_Space}/u.test(character);
