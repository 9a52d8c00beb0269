// The nodes of a drawing: how large they are, and how they are drawn.
import type { Box } from "../geometry";
import { colorAt, sequential, textOn, toneColors } from "../style";
import { element, svgText } from "../xml";
import { linesOf, mathText, mathWidth } from "./mathText";
import type { DiagramNode } from "./options";

export const TEXT = 14;
export const NOTE = 13;
const LINE = 19;
const PADDING = { x: 11, y: 8 };
const CELL = { width: 34, height: 26 };
const CIRCLE = 15;

export interface PlacedNode extends DiagramNode {
  box: Box;
  lines: string[];
  notes: string[];
}

export const boxAround = (x: number, y: number, width: number, height: number): Box => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - height / 2,
  bottom: y + height / 2,
});
export const middleOf = ({ left, right, top, bottom }: Box) => ({
  x: (left + right) / 2,
  y: (top + bottom) / 2,
});

/** A node with the box that it takes, around its place. */
export function placeNode(node: DiagramNode, [pitchX, pitchY]: [number, number]): PlacedNode {
  const lines = node.text === "" ? [] : linesOf(node.text);
  const notes = node.note === undefined ? [] : linesOf(node.note);
  const [width, height] = sizeOf(node, lines, notes);
  const [x, y] = [node.at[0] * pitchX, node.at[1] * pitchY];
  return { ...node, lines, notes, box: boxAround(x, y, width, height) };
}

function sizeOf(node: DiagramNode, lines: string[], notes: string[]): [number, number] {
  const text = Math.max(
    0,
    ...lines.map((line) => mathWidth(line, TEXT)),
    ...notes.map((line) => mathWidth(line, NOTE)),
  );
  const tall = (lines.length + notes.length) * LINE;
  const [wide = 0, high = 0] = node.size ?? [];
  if (node.kind === "matrix") {
    const values = node.values ?? [];
    const cells = [(values[0]?.length ?? 0) * CELL.width, values.length * CELL.height];
    return [Math.max(text, cells[0], wide), Math.max(cells[1] + tall, high)];
  }
  if (node.kind === "circle") {
    const diameter = Math.max(2 * CIRCLE, text + 12, wide);
    return [diameter, diameter];
  }
  if (node.kind === "text") return [Math.max(text + 4, wide), Math.max(tall, high)];
  return [Math.max(text + 2 * PADDING.x, wide), Math.max(tall + 2 * PADDING.y, high)];
}

export function drawNode(node: PlacedNode): string {
  const { box, lines, notes, kind = "box", tone = "plain" } = node;
  const { x, y } = middleOf(box);
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const color = toneColors[tone];
  const paint = { fill: color, "fill-opacity": 0.16, stroke: color, "stroke-width": 1.6 };
  if (kind === "matrix") return matrix(node);
  const frame =
    kind === "text"
      ? ""
      : kind === "circle"
        ? element("circle", { cx: x, cy: y, r: width / 2, ...paint })
        : element("rect", { x: box.left, y: box.top, width, height, rx: 6, ...paint });
  const first = y - ((lines.length + notes.length - 1) * LINE) / 2;
  return [
    frame,
    ...lines.map((line, i) => mathText(line, x, first + i * LINE, { size: TEXT })),
    ...notes.map((line, i) => mathText(line, x, first + (lines.length + i) * LINE, { size: NOTE })),
  ].join("");
}

/** The text above, the cells, the note below. */
function matrix(node: PlacedNode): string {
  const { box, lines, notes, values = [], shades, tone = "plain" } = node;
  const { x } = middleOf(box);
  const columns = values[0]?.length ?? 0;
  const left = x - (columns * CELL.width) / 2;
  const top = box.top + lines.length * LINE;
  const color = toneColors[tone];
  const cells = values.flatMap((row, r) =>
    row.map((value, c) => {
      const shade = shades?.[r]?.[c];
      const fill = shade === undefined ? color : colorAt(sequential, shade);
      const place = { x: left + c * CELL.width, y: top + r * CELL.height };
      const size = { width: CELL.width, height: CELL.height };
      const paint = { fill, "fill-opacity": shade === undefined ? 0.12 : 1, stroke: color };
      const [cx, cy] = [place.x + CELL.width / 2, place.y + CELL.height / 2];
      const text = cellText(value);
      const written =
        shade === undefined
          ? mathText(text, cx, cy, { size: NOTE })
          : svgText(text, {
              x: cx,
              y: cy + NOTE * 0.35,
              "font-size": NOTE,
              "text-anchor": "middle",
              fill: textOn(fill),
            });
      return element("rect", { ...place, ...size, ...paint }) + written;
    }),
  );
  const under = top + values.length * CELL.height;
  return [
    ...lines.map((line, i) => mathText(line, x, box.top + (i + 0.42) * LINE, { size: TEXT })),
    ...cells,
    ...notes.map((line, i) => mathText(line, x, under + (i + 0.6) * LINE, { size: NOTE })),
  ].join("");
}

const cellText = (value: number | string): string =>
  typeof value === "number" ? String(value).replace("-", "−") : value;

/** What of a matrix does not fit its cells, in a sentence, or undefined. */
export function tooWide({ id, kind, values = [] }: PlacedNode): string | undefined {
  if (kind !== "matrix") return undefined;
  const columns = values[0]?.length ?? 0;
  if (columns === 0 || values.some((row) => row.length !== columns))
    return `expected rows of one length in the matrix "${id}", got ${values.map((r) => r.length)}`;
  const long = values.flat().find((value) => mathWidth(cellText(value), NOTE) > CELL.width - 2);
  return long === undefined
    ? undefined
    : `expected values that fit a cell of ${CELL.width} pixels in "${id}", got "${long}"`;
}
