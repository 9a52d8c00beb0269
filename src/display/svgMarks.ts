// The marks of a saved picture: lines, bars, points and cells, in the pixels that geometry.ts
// gives.
import { thin } from "./curves";
import type { Bars, Cells, Figure, Line, Points, Value } from "./figure";
import { type Geometry, SIZE } from "./geometry";
import {
  baseShare,
  inkOn,
  labelBox,
  numbersInside,
  placeLabels,
  pointSize,
  textSize,
} from "./placing";
import { indexedPng } from "./png";
import { share, ticks, within } from "./scale";
import { colorAt, textOn, textWidth } from "./style";
import { at, dashOf, element, filled, svgText } from "./xml";

const LINE_POINTS = 400;
/** All lines of a picture together. */
const ALL_POINTS = 8_000;

/** All marks of a figure, and the words where a value is missing. */
export function marks(figure: Figure, g: Geometry): string {
  const { plot } = g;
  const x = (value: number) => plot.left + share(figure.x, value) * (plot.right - plot.left);
  const y = (value: number) => plot.bottom - share(figure.y, value) * (plot.bottom - plot.top);
  const sides = placeLabels(figure, g);
  const lineLimit = Math.min(LINE_POINTS, Math.floor(ALL_POINTS / figure.marks.length));
  let group = 0;
  const drawn = figure.marks.map((mark) => {
    if (mark.mark === "line") return line(mark, figure, g, lineLimit, x, y);
    if (mark.mark === "bars") return bars(mark, figure, g, x, y);
    if (mark.mark === "cells") return cells(mark, g);
    return points(mark, figure, sides[group++], x, y);
  });
  const words = figure.words.map((word) =>
    figure.kind === "heatmap"
      ? svgText(word.text, {
          ...cellCentre(word.x, word.y ?? 0, figure, g),
          ...middle,
          ...filled("ink"),
        })
      : svgText(word.text, {
          x: x(word.x),
          y: plot.bottom - 5,
          "text-anchor": "middle",
          "font-size": SIZE.label,
          "font-style": "italic",
          ...filled("ink"),
        }),
  );
  return drawn.join("") + words.join("");
}

const middle = { "text-anchor": "middle", "font-size": SIZE.label };

type Map1 = (value: number) => number;

function line(mark: Line, figure: Figure, g: Geometry, limit: number, x: Map1, y: Map1): string {
  const kept = thin(mark.x, mark.y, Math.max(20, limit));
  const inside = (v: Value, axis: Figure["x"]) => v === null || within(axis, v);
  const all = kept.x.every((v, i) => inside(v, figure.x) && inside(kept.y[i], figure.y));
  let path = "";
  let pen = false;
  for (const [i, value] of kept.y.entries()) {
    if (value === null) pen = false;
    else {
      path += `${pen ? "L" : "M"}${at(clamp(x(kept.x[i])), clamp(y(value)))}`;
      pen = true;
    }
  }
  const alone = (i: number) => kept.y[i - 1] == null && kept.y[i + 1] == null;
  const dots = kept.y.flatMap((value, i) =>
    value !== null &&
    (mark.dots || alone(i)) &&
    within(figure.x, kept.x[i]) &&
    within(figure.y, value)
      ? [element("circle", { cx: x(kept.x[i]), cy: y(value), r: 3, fill: mark.color })]
      : [],
  );
  const stroke = {
    d: path,
    fill: "none",
    stroke: mark.color,
    "stroke-width": 2,
    "stroke-linejoin": "round",
    ...dashOf(mark.dash),
  };
  const drawn = path === "" ? "" : element("path", stroke);
  return (all ? drawn : clipped(drawn, g)) + dots.join("");
}

/** Far outside of the picture, but no number that a renderer cannot draw. */
const clamp = (pixel: number): number => Math.min(20_000, Math.max(-20_000, pixel));

/** A nested picture shows nothing beyond its own edges. */
function clipped(content: string, { plot }: Geometry): string {
  const [width, height] = [plot.right - plot.left, plot.bottom - plot.top];
  const box = { x: plot.left, y: plot.top, width, height, overflow: "hidden" };
  const viewBox = `${at(plot.left, plot.top)} ${at(width, height)}`;
  return element("svg", { ...box, viewBox }, content);
}

function bars(mark: Bars, figure: Figure, g: Geometry, x: Map1, y: Map1): string {
  const { plot } = g;
  const base = plot.bottom - baseShare(figure.y) * (plot.bottom - plot.top);
  const place = (plot.right - plot.left) / Math.max(1, mark.values.length);
  const width = Math.max(0.5, mark.width * place - 1);
  const inside = numbersInside(figure, mark, g);
  const size = textSize(mark, width);
  return mark.values
    .map((value, i) => {
      if (value === null) return "";
      const middle = x(i + mark.offset);
      const end = Math.min(plot.bottom, Math.max(plot.top, y(value)));
      const box = { x: middle - width / 2, y: Math.min(base, end), width };
      const bar = element("rect", { ...box, height: Math.abs(base - end), fill: mark.color });
      const up = end <= base;
      const spot = inside[i] ? (up ? 13 : -5) : up ? -5 : 13;
      const color = inside[i] ? { fill: inkOn(mark.color) } : filled("ink");
      const text = svgText(mark.texts?.[i] ?? "", {
        x: middle,
        y: end + spot,
        "text-anchor": "middle",
        "font-size": size,
        ...color,
      });
      return bar + text;
    })
    .join("");
}

function points(mark: Points, figure: Figure, sides: string[], x: Map1, y: Map1): string {
  const radius = pointSize(figure) / 2;
  return mark.x
    .map((value, i) => {
      if (!within(figure.x, value) || !within(figure.y, mark.y[i])) return "";
      const [cx, cy] = [x(value), y(mark.y[i])];
      const dot = element("circle", { cx, cy, r: radius, fill: mark.color });
      if (!mark.labelled || !mark.labels) return dot;
      const box = labelBox(mark.labels[i], sides[i] as never, cx, cy);
      const anchor = sides[i].includes("right")
        ? "start"
        : sides[i].includes("left")
          ? "end"
          : "middle";
      const from = { start: box.left, middle: cx, end: box.right }[anchor];
      const text = { x: from, y: box.bottom - 2.5, "text-anchor": anchor, "font-size": SIZE.label };
      return dot + svgText(mark.labels[i], { ...text, ...filled("ink") });
    })
    .join("");
}

/** Beyond this many cells a heat map is an embedded image: 5 KB instead of 1 MB. */
const MAX_CELLS = 400;
const LEVELS = 200;

function cells(mark: Cells, g: Geometry): string {
  const { plot } = g;
  const [rows, columns] = [mark.z.length, mark.z[0]?.length ?? 0];
  if (rows * columns === 0) return "";
  const [width, height] = [plot.right - plot.left, plot.bottom - plot.top];
  const level = (value: number) => (value - mark.min) / (mark.max - mark.min);
  const empty = mark.z.every((row) => row.every((v) => v === null));
  const bar = empty || mark.bar === false ? "" : colorbar(mark, g);
  if (rows * columns > MAX_CELLS) {
    const pixels = new Uint8Array(rows * columns);
    for (const [r, row] of mark.z.entries())
      for (const [c, value] of row.entries())
        if (value !== null) {
          const part = Math.min(1, Math.max(0, level(value)));
          pixels[r * columns + c] = 1 + Math.round(part * (LEVELS - 1));
        }
    const colors = Array.from({ length: LEVELS }, (_, i) => colorAt(mark.colors, i / (LEVELS - 1)));
    const image = {
      x: plot.left,
      y: plot.top,
      width,
      height,
      preserveAspectRatio: "none",
      style: "image-rendering:pixelated",
      href: indexedPng(pixels, columns, rows, colors),
    };
    return element("image", image) + bar;
  }
  const [w, h] = [width / columns, height / rows];
  const gap = Math.min(w, h) > 6 ? 1 : 0;
  const drawn = mark.z.flatMap((row, r) =>
    row.map((value, c) => {
      if (value === null) return "";
      const fill = colorAt(mark.colors, level(value));
      const box = { x: plot.left + c * w, y: plot.top + r * h };
      const cell = element("rect", { ...box, width: w - gap, height: h - gap, fill });
      const text = svgText(mark.texts?.[r][c] ?? "", {
        x: plot.left + (c + 0.5) * w,
        y: plot.top + (r + 0.5) * h + 4,
        ...middle,
        fill: textOn(fill),
      });
      return cell + text;
    }),
  );
  return drawn.join("") + bar;
}

function cellCentre(column: number, row: number, figure: Figure, { plot }: Geometry) {
  return {
    x: plot.left + share(figure.x, column) * (plot.right - plot.left),
    y: plot.top + share(figure.y, row) * (plot.bottom - plot.top) + 4,
  };
}

/** The scale of colours, beside the plot: 32 steps look even. */
function colorbar(mark: Cells, { plot }: Geometry): string {
  const height = Math.min(200, Math.max(60, plot.bottom - plot.top));
  const [left, top] = [plot.right + 16, plot.top];
  const steps = Array.from({ length: 32 }, (_, i) =>
    element("rect", {
      x: left,
      y: top + (i * height) / 32,
      width: 12,
      height: height / 32 + 0.5,
      fill: colorAt(mark.colors, 1 - i / 31),
    }),
  );
  const axis = { title: "", log: false, range: [mark.min, mark.max] as [number, number] };
  const list = ticks(axis, 5);
  const names = list.map(({ at: value, text }) => {
    const y = top + height * (1 - share(axis, value)) + 4;
    return svgText(text, { x: left + 17, y, "font-size": SIZE.tick, ...filled("ink") });
  });
  const widest = list.reduce((w, { text }) => Math.max(w, textWidth(text, SIZE.tick)), 0);
  const title = svgText(mark.title, {
    transform: `translate(${at(left + 17 + widest + 10, top + height / 2)}) rotate(90)`,
    "font-size": SIZE.axis,
    "text-anchor": "middle",
    ...filled("ink"),
  });
  return steps.join("") + names.join("") + title;
}
