"use strict";
// The readable text of a web page. A real browser builds a tree; for a corpus it is enough to walk
// over the tags once: what is never prose (scripts, menus, forms) is left out, block elements make
// paragraphs, and a paragraph whose words are mostly links is taken for a menu. That last rule is
// link density, the strongest single sign of boilerplate in Kohlschütter, Fankhauser & Nejdl (2010,
// "Boilerplate Detection using Shallow Text Features"). Left out: the rules by which a browser mends
// wrong nesting, and everything that a script would write into the page.
Object.defineProperty(exports, "__esModule", { value: true });
exports.htmlToText = void 0;
const entities_1 = require("./entities");
/** Their content is dropped, whole. */
const SKIPPED = new Set("head script style noscript template svg math iframe object canvas audio video select textarea button nav header footer aside form dialog menu".split(" "));
/** Their content is text to a browser: no tags within, up to the end tag. */
const RAW = new Set(["script", "style", "textarea", "iframe", "noscript", "title"]);
/** They end a paragraph. */
const BLOCKS = new Set("address article blockquote body center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 hr html li main ol p pre section summary table tbody td tfoot th thead tr ul".split(" "));
/**
 * The text of a page: paragraphs with an empty line between them, in the order of the file.
 *
 *     htmlToText("<nav><a>Home</a></nav><p>Call me <b>Ishmael</b>.</p>")   // "Call me Ishmael."
 *
 * Time and memory grow with the length of the page, whatever its tags are.
 */
function htmlToText(html, { mostLinks = 0.5 } = {}) {
    const paragraphs = [];
    let text = "";
    let afterSpace = true; // asking `text` for its end would copy it together, again and again
    let linked = 0; // characters of the paragraph that stand within links
    let inLink = 0;
    let preformatted = 0;
    let skipped = []; // open elements whose content is dropped
    const add = (raw) => {
        if (skipped.length > 0 || raw === "")
            return;
        const decoded = (0, entities_1.decodeEntities)(raw);
        let part = decoded;
        if (preformatted === 0) {
            part = decoded.replace(/[ \t\n\f\r]+/g, " ");
            if (afterSpace && part.startsWith(" "))
                part = part.slice(1);
        }
        if (part === "")
            return;
        text += part;
        afterSpace = /\s/.test(part[part.length - 1]);
        if (inLink > 0)
            linked += part.trim().length;
    };
    const endParagraph = () => {
        const paragraph = text.replace(/ +\n/g, "\n").trim();
        const letters = paragraph.replace(/\s/g, "").length;
        if (letters > 0 && linked <= mostLinks * letters)
            paragraphs.push(paragraph);
        text = "";
        afterSpace = true;
        linked = 0;
    };
    for (let at = 0; at < html.length;) {
        const open = html.indexOf("<", at);
        if (open === -1) {
            add(html.slice(at));
            break;
        }
        add(html.slice(at, open));
        const comment = endOfComment(html, open);
        if (comment !== -1) {
            at = comment;
            continue;
        }
        const tag = readTag(html, open);
        if (tag === undefined) {
            add("<"); // a sign in the text, as in "a < b"
            at = open + 1;
            continue;
        }
        at = tag.end;
        const { name, closes } = tag;
        if (SKIPPED.has(name)) {
            endParagraph();
            if (!closes)
                skipped.push(name);
            // an end tag also ends what was opened within and not closed
            else if (skipped.includes(name))
                skipped = skipped.slice(0, skipped.lastIndexOf(name));
        }
        else if (name === "body" || name === "main" || name === "article") {
            endParagraph();
            if (!closes)
                skipped = []; // a <head> or <header> that was never closed ends here
        }
        else if (BLOCKS.has(name))
            endParagraph();
        else if (name === "br") {
            text += "\n";
            afterSpace = true;
        }
        if (name === "pre")
            preformatted = Math.max(0, preformatted + (closes ? -1 : 1));
        if (name === "a")
            inLink = closes ? 0 : 1;
        if (!closes && RAW.has(name))
            at = endOfRaw(html, at, name);
    }
    endParagraph();
    return paragraphs.join("\n\n");
}
exports.htmlToText = htmlToText;
/** Where a comment, a doctype or a processing instruction ends, or −1 if none begins here. */
function endOfComment(html, open) {
    if (html.startsWith("<!--", open)) {
        const end = html.indexOf("-->", open + 4);
        return end === -1 ? html.length : end + 3;
    }
    if (html[open + 1] !== "!" && html[open + 1] !== "?")
        return -1;
    const end = html.indexOf(">", open);
    return end === -1 ? html.length : end + 1;
}
/** The tag that begins at `open`; ">" within quotes does not end it. */
function readTag(html, open) {
    const closes = html[open + 1] === "/";
    let at = open + (closes ? 2 : 1);
    const from = at;
    while (at < html.length && /[a-z0-9-]/i.test(html[at]))
        at++;
    if (at === from || !/[a-z]/i.test(html[from]))
        return undefined;
    const name = html.slice(from, at).toLowerCase();
    for (let quote = ""; at < html.length; at++) {
        const c = html[at];
        if (quote !== "")
            quote = c === quote ? "" : quote;
        else if (c === ">")
            return { name, closes, end: at + 1 };
        else if ((c === '"' || c === "'") && html[at - 1] === "=")
            quote = c;
    }
    return { name, closes, end: html.length };
}
/** Where the end tag of a raw element begins; the rest of the page if it is never closed. */
function endOfRaw(html, from, name) {
    const pattern = new RegExp(`</${name}[\\s/>]`, "gi");
    pattern.lastIndex = from;
    return pattern.exec(html)?.index ?? html.length;
}
