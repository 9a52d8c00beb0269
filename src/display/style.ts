// The one visual style of the course: colours, sizes, and how wide a text is. Series take the
// colours of Okabe and Ito, "Color Universal Design" (2008), which colour-blind readers can tell
// apart; their black and yellow are left out (unreadable on one of the two pages), and their grey
// is kept for baselines.

export const palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
/** Baselines: a grey that no series has; about 4 : 1 on white and on near-black. */
export const baselineColor = "#7F7F7F";
/**
 * Thresholds: no series has this colour, for no kind of colour vision, and it stands out on white
 * and on near-black alike (4.6 and 4.1 : 1).
 */
export const thresholdColor = "#A533FF";
/**
 * What a colour means in a drawing (see `Tone`). As strokes, and as fills of a sixth of their
 * strength, they can be seen on white and on near-black: at least 3 : 1.
 */
export const toneColors = {
  data: "#0072B2",
  weights: "#C77F00",
  state: "#009E73",
  loss: "#D55E00",
  words: "#B85C93",
  plain: "#7F7F7F",
} as const;
export const font =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif";
export const monospace =
  "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace";

/**
 * The colours of a page, light and dark. In JupyterLab a picture takes the theme's own instead, by
 * the CSS variable in the third place.
 */
export const theme = {
  page: ["#ffffff", "#111111", "--jp-layout-color0"],
  ink: ["#2b2b2b", "#e4e4e4", "--jp-content-font-color1"],
  line: ["#8c8c8c", "#8c8c8c", "--jp-border-color0"],
  grid: ["#e2e2e2", "#363636", "--jp-border-color2"],
} as const;

/**
 * From pale yellow over green to dark blue: YlGnBu of ColorBrewer (Harrower and Brewer, 2003).
 * Small values, which most attention weights are, stay light, and a number in a cell can be read.
 */
export const sequential = [
  "#ffffd9",
  "#edf8b1",
  "#c7e9b4",
  "#7fcdbb",
  "#41b6c4",
  "#1d91c0",
  "#225ea8",
  "#253494",
  "#081d58",
];
/** Blue below zero, vermilion above, white at zero. */
export const diverging = ["#0072B2", "#7fb8d8", "#f7f7f7", "#eaae7f", "#D55E00"];

export type Dash = "solid" | "dash" | "dot" | "dashdot" | "longdash" | "longdashdot";
/** Lengths of strokes and gaps, in pixels. */
export const dashes: Record<Dash, string> = {
  solid: "",
  dash: "7 5",
  dot: "2 4",
  dashdot: "7 4 2 4",
  longdash: "12 5",
  longdashdot: "12 4 2 4",
};

/** The colour at `share`, from 0 to 1, of an even scale. */
export function colorAt(colors: string[], share: number): string {
  const scaled = Math.min(1, Math.max(0, share)) * (colors.length - 1);
  const at = Math.min(colors.length - 2, Math.floor(scaled));
  const parts = channels(colors[at]).map((from, i) =>
    Math.round(from + (channels(colors[at + 1])[i] - from) * (scaled - at)),
  );
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

const channels = (color: string): number[] =>
  [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));

/** Relative luminance of "#rrggbb", from 0 to 1 (WCAG 2.2). */
export function luminance(color: string): number {
  const [r, g, b] = channels(color).map((byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever stands out more on `color`: at least 4.5 : 1. */
export const textOn = (color: string): string => (luminance(color) > 0.179 ? "#000000" : "#ffffff");

/**
 * Widths of Helvetica's letters in thousandths of an em, one size for each group; those of other
 * fonts differ by a tenth.
 */
const WIDTHS: [number, string][] = [
  [240, "'ijl|"],
  [290, " !,./:;I[\\]ft"],
  [345, '"()-`r{}'],
  [500, "Jckvxyzs*^"],
  [620, "FLTZ+<=>~"],
  [690, "ABEKPSVXY&"],
  [735, "CDHNRUw"],
  [790, "GOQ"],
  [850, "Mm%"],
  [960, "W@"],
];
const EMS = new Map(WIDTHS.flatMap(([size, all]) => [...all].map((c) => [c, size / 1000])));
const WIDE =
  /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]|\p{Extended_Pictographic}/u;
/** Common fonts are up to this much wider than Helvetica (DejaVu Sans is the widest). */
const SLACK = 1.14;

/** Width of a text in pixels, on the safe side: most fonts need a little less. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text) ems += emsOf(character);
  return ems * size;
}

const known = new Map<string, number>();

function emsOf(character: string): number {
  const before = known.get(character);
  if (before !== undefined) return before;
  const ems = /\p{Mn}/u.test(character)
    ? 0
    : WIDE.test(character)
      ? 1.05
      : SLACK * (EMS.get(character) ?? (character > "~" ? 0.75 : 0.556));
  if (known.size < 20_000) known.set(character, ems);
  return ems;
}

/** The text, or its beginning and "…" where the whole is wider than `width`. */
export function fit(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  let kept = 0;
  let used = textWidth("…", size);
  while (kept < characters.length) {
    used += textWidth(characters[kept], size);
    if (used > width) break;
    kept++;
  }
  return `${characters.slice(0, kept).join("").trimEnd()}…`;
}

/**
 * Breaks a text into lines of at most `width` pixels: at spaces, anywhere within Chinese, and
 * within a word that is wider than a line.
 */
export function wrap(text: string, width: number, size: number): string[] {
  const pieces =
    text.match(/[\u2e80-\ua4cf\uff00-\uff60]|[^\s\u2e80-\ua4cf\uff00-\uff60]+|\s+/gu) ?? [];
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces.flatMap((whole) => breakWord(whole, width, size))) {
    if (line !== "" && textWidth((line + piece).trimEnd(), size) > width) {
      lines.push(line.trim());
      line = "";
    }
    line += piece;
  }
  if (line.trim() !== "") lines.push(line.trim());
  return lines;
}

function breakWord(word: string, width: number, size: number): string[] {
  if (textWidth(word, size) <= width) return [word];
  const parts = [""];
  for (const character of word) {
    if (parts[parts.length - 1] !== "" && textWidth(parts.at(-1) + character, size) > width)
      parts.push("");
    parts[parts.length - 1] += character;
  }
  return parts;
}
