// The saved picture of a figure, for GitHub, nbconvert and every page without our renderer: the
// same as the live figure, with the caption below. It is drawn from the figure and its geometry
// alone, so the same figure always gives the same file. The marks are in svgMarks.ts.

import type { Bars, Figure, Line, Points } from "./figure";
import { type Geometry, geometry, LINE_HEIGHT, SIZE, WIDTH } from "./geometry";
import { share } from "./scale";
import { textWidth, wrap } from "./style";
import { marks } from "./svgMarks";
import { at, dashOf, element, filled, stroked, svgPage, svgText } from "./xml";

const CAPTION_LINE = 19;

/** Draws a figure made by `curves`, `bars`, `points` or `heatmap`. */
export function figureToSvg(figure: Figure, note = ""): string {
  const g = geometry(figure);
  const caption = captionLines(figure.caption, note);
  const total = g.height + (caption.length > 0 ? caption.length * CAPTION_LINE + 16 : 0);
  const body = [
    svgText(figure.title, {
      x: 14,
      y: 22,
      "font-size": SIZE.title,
      "font-weight": 600,
      ...filled("ink"),
    }),
    axes(figure, g),
    marks(figure, g),
    levels(g),
    legend(figure, g),
    ...caption.map((line, i) =>
      svgText(line, {
        x: 14,
        y: g.height + 14 + i * CAPTION_LINE,
        "font-size": SIZE.caption,
        ...filled("ink"),
      }),
    ),
  ].join("");
  return svgPage(WIDTH, Math.ceil(total), figure.title || figure.caption, body);
}

export function captionLines(caption: string, note = ""): string[] {
  return [caption, note].flatMap((text) => wrap(text, WIDTH - 28, SIZE.caption));
}

function axes(figure: Figure, g: Geometry): string {
  const { plot } = g;
  const parts: string[] = [];
  const heat = figure.kind === "heatmap";
  const [wide, tall] = [plot.right - plot.left, plot.bottom - plot.top];
  const axisText = { "font-size": SIZE.tick, ...filled("ink") };
  for (const tick of g.x.ticks) {
    const x = plot.left + share(figure.x, tick.at) * wide;
    if (!heat && !figure.x.labels && x > plot.left + 1)
      parts.push(rule(x, plot.top, x, plot.bottom));
    const y = plot.bottom + (g.x.slanted ? 12 : 17);
    const slant = g.x.slanted ? { transform: `rotate(-45 ${at(x + 4, y)})` } : {};
    const anchor = g.x.slanted ? "end" : "middle";
    parts.push(
      svgText(tick.text, {
        x: x + (g.x.slanted ? 4 : 0),
        y,
        "text-anchor": anchor,
        ...slant,
        ...axisText,
      }),
    );
  }
  for (const tick of g.y.ticks) {
    const y = heat
      ? plot.top + share(figure.y, tick.at) * tall
      : plot.bottom - share(figure.y, tick.at) * tall;
    if (!heat && y < plot.bottom - 1) parts.push(rule(plot.left, y, plot.right, y));
    parts.push(
      svgText(tick.text, { x: plot.left - 7, y: y + 4, "text-anchor": "end", ...axisText }),
    );
  }
  if (!heat) {
    const path = `M${at(plot.left, plot.top)}V${plot.bottom}H${plot.right}`;
    parts.push(element("path", { d: path, fill: "none", ...stroked("line") }));
  }
  const title = { "font-size": SIZE.axis, "text-anchor": "middle", ...filled("ink") };
  const below = plot.bottom + 8 + g.x.depth + 15;
  const half = textWidth(figure.x.title, SIZE.axis) / 2;
  const middle = Math.max(half + 6, Math.min((plot.left + plot.right) / 2, WIDTH - half - 6));
  parts.push(svgText(figure.x.title, { x: middle, y: below, ...title }));
  for (const [i, line] of g.yTitle.entries()) {
    const spot = at(16 + i * LINE_HEIGHT, (plot.top + plot.bottom) / 2);
    parts.push(svgText(line, { transform: `translate(${spot}) rotate(-90)`, ...title }));
  }
  return parts.join("");
}

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  element("path", { d: `M${at(x1, y1)}L${at(x2, y2)}`, fill: "none", ...stroked("grid") });

function levels({ plot, levels: list }: Geometry): string {
  return list
    .map(({ level, at: y, labelAt, lines }) => {
      const stroke = { stroke: level.color, "stroke-width": 1.8, ...dashOf(level.dash) };
      const path = element("path", {
        d: `M${at(plot.left, y)}H${plot.right}`,
        fill: "none",
        ...stroke,
      });
      const first = labelAt + 4 - ((lines.length - 1) * 13.5) / 2;
      const names = lines.map((name, i) =>
        svgText(name, {
          x: plot.right + 6,
          y: first + i * 13.5,
          "font-size": SIZE.label,
          ...filled("ink"),
        }),
      );
      return path + names.join("");
    })
    .join("");
}

function legend(figure: Figure, g: Geometry): string {
  return g.legend
    .map(({ index, name, x, y }) => {
      const mark = figure.marks[index] as Line | Bars | Points;
      const sample =
        mark.mark === "line"
          ? element("path", {
              d: `M${at(x, y)}h26`,
              fill: "none",
              stroke: mark.color,
              "stroke-width": 2,
              ...dashOf(mark.dash),
            }) + (mark.dots ? element("circle", { cx: x + 13, cy: y, r: 3, fill: mark.color }) : "")
          : mark.mark === "bars"
            ? element("rect", { x: x + 8, y: y - 6, width: 12, height: 12, fill: mark.color })
            : element("circle", { cx: x + 14, cy: y, r: 4.5, fill: mark.color });
      const text = { x: x + 32, y: y + 4, "font-size": SIZE.legend, ...filled("ink") };
      return sample + svgText(name, text);
    })
    .join("");
}
