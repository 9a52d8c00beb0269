"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.svgPage = exports.dashOf = exports.stroked = exports.filled = exports.at = exports.svgText = exports.element = exports.captionHtml = exports.inLine = exports.escapeHtml = void 0;
// Markup that cannot be broken by what is written into it: every text and every attribute is
// escaped here, so pictures and pages are well-formed whatever a caller's strings contain.
const label_1 = require("./label");
const style_1 = require("./style");
const ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
};
/** Text for HTML or SVG, within an element or an attribute. */
function escapeHtml(text) {
    return (0, label_1.wellFormed)(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
exports.escapeHtml = escapeHtml;
/** JupyterLab's outputs begin 6 pixels left of its text: what we write stands in line with that. */
const INDENT = "padding-left:6px";
const inLine = (markup) => `<div style="${INDENT}">${markup}</div>`;
exports.inLine = inLine;
/** A caption under a table: it takes the whole width, however narrow the table is. */
const captionHtml = (text) => `<figcaption style="${INDENT}">${escapeHtml(text)}</figcaption>`;
exports.captionHtml = captionHtml;
/** Two decimals are a fiftieth of a pixel. */
const attribute = (value) => typeof value === "number" ? String(Math.round(value * 100) / 100) : escapeHtml(value);
/** An element; `content` is markup. */
function element(name, attributes, content = "") {
    const list = Object.entries(attributes)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${key}="${attribute(value)}"`)
        .join("");
    return content === "" ? `<${name}${list}/>` : `<${name}${list}>${content}</${name}>`;
}
exports.element = element;
/** A text in a picture. */
function svgText(text, attributes) {
    return text === "" ? "" : element("text", attributes, escapeHtml(text));
}
exports.svgText = svgText;
/** "12.34 5.6", for paths. */
const at = (x, y) => `${attribute(x)} ${attribute(y)}`;
exports.at = at;
const roles = Object.keys(style_1.theme);
const variables = (i) => roles.map((r) => `--llm-${r}:${style_1.theme[r][i]}`).join(";");
/**
 * Colours by class: the theme's in JupyterLab and nbconvert, else light or dark as the reader's
 * system is. The picture paints its own page, so that it can be read where the two disagree.
 */
const STYLE = [
    `.llm-svg{${variables(0)}}`,
    `@media (prefers-color-scheme:dark){.llm-svg{${variables(1)}}}`,
    ...roles.map((r) => `.llm-svg .${r}{fill:var(${style_1.theme[r][2]},var(--llm-${r}))}`),
    ...roles.map((r) => `.llm-svg .${r}-stroke{stroke:var(${style_1.theme[r][2]},var(--llm-${r}))}`),
].join("");
/** Fill of a role, also where style sheets are dropped: then the light one. */
const filled = (role) => ({
    class: role,
    fill: style_1.theme[role][0],
});
exports.filled = filled;
const stroked = (role) => ({
    class: `${role}-stroke`,
    stroke: style_1.theme[role][0],
});
exports.stroked = stroked;
const dashOf = (dash) => style_1.dashes[dash] === "" ? {} : { "stroke-dasharray": style_1.dashes[dash] };
exports.dashOf = dashOf;
/**
 * A whole picture.
 * @param label what a screen reader says
 */
function svgPage(width, height, label, body) {
    return element("svg", {
        xmlns: "http://www.w3.org/2000/svg",
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        role: "img",
        "aria-label": label === "" ? "figure" : label,
        class: "llm-svg",
        "font-family": style_1.font,
    }, element("style", {}, STYLE) +
        element("rect", { width, height, rx: 6, ...(0, exports.filled)("page") }) +
        body);
}
exports.svgPage = svgPage;
