"use strict";
// The prose of a Markdown file. Its marks are part of the text to a model that is meant to write
// Markdown, and noise to one that is not; here only what nobody reads aloud is taken out. Headings,
// lists, emphasis and code stay as they are.
Object.defineProperty(exports, "__esModule", { value: true });
exports.markdownToText = void 0;
/**
 * A Markdown file as text: without front matter, comments, HTML tags, badges and the addresses of
 * links. Code in fences is left alone.
 *
 *     markdownToText("See [the docs](https://a.example/b). ![logo](a.png)")   // "See the docs. logo"
 */
function markdownToText(markdown) {
    const lines = withoutFrontMatter(markdown.replace(/\r\n?/g, "\n")).split("\n");
    const kept = [];
    let prose = [];
    let fence = ""; // the marks that opened the code block
    const endProse = () => {
        if (prose.length > 0)
            kept.push(plain(prose.join("\n")));
        prose = [];
    };
    for (const line of lines) {
        const marks = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
        if (fence !== "") {
            kept.push(line);
            if (marks?.startsWith(fence) && line.trim() === marks)
                fence = "";
        }
        else if (marks !== undefined) {
            endProse();
            kept.push(line);
            fence = marks;
        }
        else
            prose.push(line);
    }
    endProse();
    return kept
        .join("\n")
        .replace(/\n{3,}/g, "\n\n")
        .trim();
}
exports.markdownToText = markdownToText;
/** Without the block between --- and --- (YAML) or +++ (TOML) at the very beginning. */
function withoutFrontMatter(text) {
    const mark = /^(---|\+\+\+)[ \t]*\n/.exec(text)?.[1];
    if (mark === undefined)
        return text;
    const end = text.indexOf(`\n${mark}`, 3);
    if (end === -1)
        return text;
    const next = text.indexOf("\n", end + 1);
    return next === -1 ? "" : text.slice(next + 1);
}
/** Each pattern excludes its own beginning within, so that none takes more than linear time. */
function plain(text) {
    return text
        .replace(/<!--[\s\S]*?(?:-->|$)/g, "")
        .replace(/!\[([^[\]]*)\](?:\([^()\s]*(?:\s+"[^"]*")?\)|\[[^[\]]*\])/g, "$1")
        .replace(/\[([^[\]]*)\](?:\([^()\s]*(?:\s+"[^"]*")?\)|\[[^[\]]*\])/g, "$1")
        .replace(/^ {0,3}\[[^[\]]+\]:[^\n]*$/gm, "")
        .replace(/<(https?:[^<>\s]*)>/gi, "$1")
        .replace(/<\/?[a-z][^<>]*>/gi, "");
}
