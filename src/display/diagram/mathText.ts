// Text in drawings, with indices and exponents: "h_{t−1}", "K^T", "h_t". An underscore or a caret
// counts only before braces or before one letter that ends a word, so "d_model" and "c_attn" stay
// as they are.
import { sentence } from "../label";
import { textWidth } from "../style";
import { element, escapeHtml, filled } from "../xml";

/** A piece of a line: on the line, below it (index) or above it (exponent). */
interface Run {
  text: string;
  level: -1 | 0 | 1;
}

const SMALL = 0.74;
const SHIFT = { "-1": 0.24, "0": 0, "1": -0.38 };
const MARKED = /(?<=\S)([_^])(?:\{([^{}]*)\}|([\p{L}\p{N}*](?![\p{L}\p{N}_])))/gu;

/** A line as runs; `sentence` has made it a line without control characters. */
export function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (const match of line.matchAll(MARKED)) {
    if (match.index > from) runs.push({ text: line.slice(from, match.index), level: 0 });
    runs.push({ text: match[2] ?? match[3], level: match[1] === "_" ? -1 : 1 });
    from = match.index + match[0].length;
  }
  if (from < line.length) runs.push({ text: line.slice(from), level: 0 });
  return runs.filter(({ text }) => text !== "");
}

/** Lines of a text: breaks are the author's. */
export const linesOf = (text: string): string[] =>
  text.split("\n").map((line) => sentence(line, 200));

/** Width in pixels, on the safe side. */
export function mathWidth(line: string, size: number): number {
  return runsOf(line).reduce(
    (sum, { text, level }) => sum + textWidth(text, level === 0 ? size : size * SMALL),
    0,
  );
}

/** What a reader without pictures gets: "h_{t−1}" → "h(t−1)", "K^T" → "K^T". */
export const plainText = (text: string): string =>
  text.replace(/([_^])\{([^{}]*)\}/g, "$1($2)").replace(/\s+/g, " ");

export interface TextStyle {
  size: number;
  anchor?: "start" | "middle" | "end";
  bold?: boolean;
}

/** One line whose middle stands at the height `y`. */
export function mathText(
  line: string,
  x: number,
  y: number,
  { size, anchor = "middle", bold = false }: TextStyle,
): string {
  if (line === "") return "";
  let below = 0;
  const parts = runsOf(line).map(({ text, level }) => {
    const wanted = SHIFT[level] * size;
    const dy = Math.round((wanted - below) * 10) / 10;
    below = wanted;
    if (level === 0 && dy === 0) return escapeHtml(text);
    const small = level === 0 ? {} : { "font-size": size * SMALL };
    return element("tspan", { dy, ...small }, escapeHtml(text));
  });
  const place = { x, y: y + size * 0.35, "font-size": size, "text-anchor": anchor };
  return element(
    "text",
    { ...place, ...(bold ? { "font-weight": 600 } : {}), ...filled("ink") },
    parts.join(""),
  );
}
