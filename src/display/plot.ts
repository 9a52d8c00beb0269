// plot(figure): one MIME bundle for every kind of reader (Plotly JSON, static SVG, text), which can
// be updated in place.
import { inspect } from "node:util";
import type { Figure, Value } from "./figure";
import { SIZE, WIDTH } from "./geometry";
import { numberText, wellFormed } from "./label";
import { type Bundle, inNotebook, show, throttle } from "./output";
import { config, toPlotly } from "./plotly";
import { captionLines, figureToSvg } from "./svg";
import type { PlotlyFigure } from "./traces";
import { filled, svgPage, svgText } from "./xml";

/** What `plot` shows: a figure of ours, or any figure of Plotly. */
export type Plottable = Figure | PlotlyFigure;

/**
 * A figure on the page. `update` may be called at every step of a loop: it draws at most once in
 * 150 ms, and always the last figure.
 */
export interface PlotHandle {
  update(figure: Plottable): void;
}

const EVERY_MS = 150;

/** Shows a figure; in a terminal, its title, caption and last values. */
export function plot(figure: Plottable): PlotHandle {
  const display = show(figureBundle(figure));
  if (!inNotebook()) return silent({ update: () => {} });
  const frames = throttle((next: Plottable) => display.update(figureBundle(next)), EVERY_MS);
  return silent({ update: frames.set });
}

/**
 * A cell that ends with `plot(…)` would print the handle under the figure. Ours prints nothing, and
 * tslab without the course's kernel prints an empty line.
 */
function silent<T extends object>(handle: T): T {
  const hidden = { enumerable: false };
  return Object.defineProperties(handle, {
    [Symbol.for("llm.silent")]: { value: true, ...hidden },
    [inspect.custom]: { value: () => "", ...hidden },
  });
}

export function figureBundle(figure: Plottable): Bundle {
  const ours = "kind" in figure;
  const live = ours ? toPlotly(figure) : figure;
  return {
    "application/vnd.plotly.v1+json": { ...live, config: { ...config, ...live.config } },
    "image/svg+xml": ours ? figureToSvg(figure) : interactiveOnly(figure),
    "text/plain": ours ? figureToText(figure) : `[figure] ${captionOf(figure)}`,
  };
}

const captionOf = ({ layout }: PlotlyFigure): string => wellFormed(layout?.meta?.caption ?? "");

/** The picture of a Plotly figure that is not one of ours. */
function interactiveOnly(figure: PlotlyFigure): string {
  const said = "This figure is interactive: open the notebook in JupyterLab.";
  const lines = [said, ...captionLines(captionOf(figure))].map((line, i) =>
    svgText(line, { x: 14, y: 28 + 19 * i, "font-size": SIZE.caption, ...filled("ink") }),
  );
  return svgPage(WIDTH, 24 + 19 * lines.length, said, lines.join(""));
}

const MAX_SERIES = 20;

/** What a reader without pictures gets: what to see, and how each series begins and ends. */
export function figureToText({ title, caption, marks, levels }: Figure): string {
  const head = [title, caption].filter((line) => line !== "").join(" · ");
  const ends = (name: string, values: Value[]): string => {
    const [first, last] = [values[0], values[values.length - 1]].map((v) =>
      numberText(v ?? Number.NaN),
    );
    return `  ${name}: ${first === last ? first : `${first} → ${last}`}`;
  };
  const series = marks.flatMap((mark) => {
    if (mark.mark === "cells") return [];
    const values = mark.mark === "bars" ? mark.values : mark.y;
    return values.length === 0 ? [] : [ends(mark.name, values)];
  });
  const lines = levels.map(({ name, y }) => `  ${name}: ${numberText(y)}`);
  return [`[figure] ${head}`, ...series.slice(0, MAX_SERIES), ...lines].join("\n");
}
