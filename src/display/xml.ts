// Markup that cannot be broken by what is written into it: every text and every attribute is
// escaped here, so pictures and pages are well-formed whatever a caller's strings contain.
import { wellFormed } from "./label";
import { type Dash, dashes, font, theme } from "./style";

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for HTML or SVG, within an element or an attribute. */
export function escapeHtml(text: string): string {
  return wellFormed(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** JupyterLab's outputs begin 6 pixels left of its text: what we write stands in line with that. */
const INDENT = "padding-left:6px";
export const inLine = (markup: string): string => `<div style="${INDENT}">${markup}</div>`;
/** A caption under a table: it takes the whole width, however narrow the table is. */
export const captionHtml = (text: string): string =>
  `<figcaption style="${INDENT}">${escapeHtml(text)}</figcaption>`;

type Attributes = Record<string, string | number | undefined>;

/** Two decimals are a fiftieth of a pixel. */
const attribute = (value: string | number): string =>
  typeof value === "number" ? String(Math.round(value * 100) / 100) : escapeHtml(value);

/** An element; `content` is markup. */
export function element(name: string, attributes: Attributes, content = ""): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${attribute(value as string | number)}"`)
    .join("");
  return content === "" ? `<${name}${list}/>` : `<${name}${list}>${content}</${name}>`;
}

/** A text in a picture. */
export function svgText(text: string, attributes: Attributes): string {
  return text === "" ? "" : element("text", attributes, escapeHtml(text));
}

/** "12.34 5.6", for paths. */
export const at = (x: number, y: number): string => `${attribute(x)} ${attribute(y)}`;

const roles = Object.keys(theme) as (keyof typeof theme)[];
const variables = (i: 0 | 1): string => roles.map((r) => `--llm-${r}:${theme[r][i]}`).join(";");

/**
 * Colours by class: the theme's in JupyterLab and nbconvert, else light or dark as the reader's
 * system is. The picture paints its own page, so that it can be read where the two disagree.
 */
const STYLE = [
  `.llm-svg{${variables(0)}}`,
  `@media (prefers-color-scheme:dark){.llm-svg{${variables(1)}}}`,
  ...roles.map((r) => `.llm-svg .${r}{fill:var(${theme[r][2]},var(--llm-${r}))}`),
  ...roles.map((r) => `.llm-svg .${r}-stroke{stroke:var(${theme[r][2]},var(--llm-${r}))}`),
].join("");

/** Fill of a role, also where style sheets are dropped: then the light one. */
export const filled = (role: keyof typeof theme): Attributes => ({
  class: role,
  fill: theme[role][0],
});
export const stroked = (role: keyof typeof theme): Attributes => ({
  class: `${role}-stroke`,
  stroke: theme[role][0],
});

export const dashOf = (dash: Dash): Attributes =>
  dashes[dash] === "" ? {} : { "stroke-dasharray": dashes[dash] };

/**
 * A whole picture.
 * @param label what a screen reader says
 */
export function svgPage(width: number, height: number, label: string, body: string): string {
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": label === "" ? "figure" : label,
      class: "llm-svg",
      "font-family": font,
    },
    element("style", {}, STYLE) +
      element("rect", { width, height, rx: 6, ...filled("page") }) +
      body,
  );
}
