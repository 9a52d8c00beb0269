// The one visual style of the course. The colours are Okabe and Ito's, "Color Universal Design"
// (2008), which colour-blind readers can tell apart; their yellow is left out (unreadable on
// white). Text and grid are mid-grey on a transparent background, so a saved picture can be read on
// light and dark pages; in JupyterLab the renderer takes the theme's own colours instead.

export const palette = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#8A8A8A",
];
/**
 * The colour of thresholds. No series has it: of all colours it is, for every kind of colour
 * vision, about the furthest from the palette.
 */
export const thresholdColor = "#9018FC";
/** 4.6 : 1 on white and on near-black. */
export const ink = "#757575";
export const grid = "rgba(128,128,128,0.28)";
export const font =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif";

/** Viridis (van der Walt and Smith, 2015): even steps of lightness, also in grey. */
export const sequential = [
  "#440154",
  "#46327e",
  "#365c8d",
  "#277f8e",
  "#1fa187",
  "#4ac16d",
  "#a0da39",
  "#fde725",
];
/** Blue below zero, vermilion above, white at zero. */
export const diverging = ["#0072B2", "#7fb8d8", "#f7f7f7", "#eaae7f", "#D55E00"];

/** Width of a text in pixels, near enough for margins and wrapping: wide scripts take a full em. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text)
    ems +=
      /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]|\p{Extended_Pictographic}/u.test(
        character,
      )
        ? 1
        : 0.54;
  return ems * size;
}

/** Breaks a text into lines of at most `width` pixels: at spaces, and anywhere within Chinese. */
export function wrap(text: string, width: number, size: number): string[] {
  const pieces =
    text.match(/[\u2e80-\ua4cf\uff00-\uff60]|[^\s\u2e80-\ua4cf\uff00-\uff60]+|\s+/gu) ?? [];
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    if (line !== "" && textWidth((line + piece).trimEnd(), size) > width) {
      lines.push(line.trim());
      line = "";
    }
    line += piece;
  }
  if (line.trim() !== "") lines.push(line.trim());
  return lines;
}
