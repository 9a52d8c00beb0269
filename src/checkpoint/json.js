"use strict";
// A strict reader of JSON for the headers of files that come from elsewhere. JSON.parse forgives
// what other readers of the same file refuse: it keeps the last of two equal keys without a word,
// takes 2.0 for the integer 2 and half of a surrogate pair for text, and loses a key "__proto__" on
// the way into an object. Here objects keep all their entries, numbers keep their spelling, and
// nesting has a limit (128, as in Rust's serde_json, which the safetensors library reads with).
Object.defineProperty(exports, "__esModule", { value: true });
exports.parseJson = exports.JsonObject = exports.JsonNumber = void 0;
/** A number as it stands in the text. */
class JsonNumber {
    text;
    constructor(text) {
        this.text = text;
    }
}
exports.JsonNumber = JsonNumber;
/** An object's entries, in order, equal keys included. */
class JsonObject {
    entries;
    constructor(entries) {
        this.entries = entries;
    }
}
exports.JsonObject = JsonObject;
const DEEPEST = 127;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS = { true: true, false: false, null: null };
/** @throws Error that says what was expected, and at which character */
function parseJson(text) {
    let at = 0;
    const match = (pattern) => {
        pattern.lastIndex = at;
        const found = pattern.exec(text)?.[0];
        at += found?.length ?? 0;
        return found;
    };
    const wrong = (expected) => {
        const got = at >= text.length ? "the end" : JSON.stringify(text[at]);
        return new Error(`expected ${expected} at character ${at}, got ${got}`);
    };
    /** Whether the next character is this one, which is then passed over. */
    const next = (character) => {
        match(SPACE);
        if (text[at] !== character)
            return false;
        at++;
        return true;
    };
    function string() {
        const found = match(STRING);
        if (found === undefined)
            throw wrong("a string");
        const value = JSON.parse(found);
        if (/\p{Surrogate}/u.test(value))
            throw wrong("whole characters in a string");
        return value;
    }
    function list(end, item) {
        const items = [];
        if (next(end))
            return items;
        do
            items.push(item());
        while (next(","));
        if (!next(end))
            throw wrong(`, or ${end}`);
        return items;
    }
    function value(depth) {
        if (depth > DEEPEST)
            throw new Error(`expected nesting of at most ${DEEPEST} levels, got more`);
        if (next("{"))
            return new JsonObject(list("}", () => {
                match(SPACE);
                const key = string();
                if (!next(":"))
                    throw wrong(":");
                return [key, value(depth + 1)];
            }));
        if (next("["))
            return list("]", () => value(depth + 1));
        if (text[at] === '"')
            return string();
        for (const word in WORDS)
            if (text.startsWith(word, at)) {
                at += word.length;
                return WORDS[word];
            }
        const number = match(NUMBER);
        if (number === undefined)
            throw wrong("a value");
        if (!Number.isFinite(Number(number)))
            throw new Error(`expected numbers in range, got ${number}`);
        return new JsonNumber(number);
    }
    const result = value(1);
    match(SPACE);
    if (at < text.length)
        throw wrong("the end");
    return result;
}
exports.parseJson = parseJson;
