// plot(figure): one MIME bundle for every kind of reader (Plotly JSON, static SVG, text), which can
// be updated in place.
import { inspect } from "node:util";
import type { Diagram } from "./diagram";
import type { Figure, Value } from "./figure";
import type { Frames } from "./frames";
import { SIZE, WIDTH } from "./geometry";
import { numberText, wellFormed } from "./label";
import { type Bundle, inNotebook, show, throttle } from "./output";
import { config, toPlotly } from "./plotly";
import { framesToPlotly } from "./plotlyFrames";
import type { Points3d } from "./points3d";
import { captionLines, figureToSvg } from "./svg";
import type { PlotlyFigure } from "./traces";
import { filled, svgPage, svgText } from "./xml";

/** What `plot` shows: a figure, figures behind a slider, a drawing, or any figure of Plotly. */
export type Plottable = Figure | Frames | Diagram | Points3d | PlotlyFigure;

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
  if ("kind" in figure && figure.kind === "frames") return framesBundle(figure);
  if ("kind" in figure && figure.kind === "diagram") return diagramBundle(figure);
  if ("kind" in figure && figure.kind === "points3d") return spaceBundle(figure);
  const ours = "kind" in figure;
  const live = ours ? toPlotly(figure) : figure;
  return {
    "application/vnd.plotly.v1+json": withConfig(live),
    "image/svg+xml": ours ? figureToSvg(figure) : interactiveOnly(figure),
    "text/plain": ours ? figureToText(figure) : `[figure] ${captionOf(figure)}`,
  };
}

/** A drawing does not move: it is a picture for every reader, and its description in a terminal. */
function diagramBundle({ svg, alt, title, caption }: Diagram): Bundle {
  const head = [title, caption].filter((text) => text !== "").join(" · ");
  return {
    "image/svg+xml": svg,
    "text/plain": [`[drawing] ${head}`.trimEnd(), `  ${alt}`].join("\n"),
  };
}

const withConfig = (live: PlotlyFigure) => ({ ...live, config: { ...config, ...live.config } });

/** Readers without Plotly get the frame at which the slider starts, and a sentence. */
function framesBundle(moving: Frames): Bundle {
  const { slider, labels, start, figures } = moving;
  const ends = `from ${labels[0]} to ${labels[labels.length - 1]}`;
  const note =
    labels.length < 2
      ? ""
      : `Shown: ${slider} ${labels[start]}. In JupyterLab, a slider moves it ${ends}.`;
  return {
    "application/vnd.plotly.v1+json": withConfig(framesToPlotly(moving)),
    "image/svg+xml": figureToSvg(figures[start], note),
    "text/plain": [figureToText(figures[start]), note && `  ${note}`].filter(Boolean).join("\n"),
  };
}

/** Readers without Plotly see the points from one side. */
function spaceBundle({ live, flat }: Points3d): Bundle {
  const note = "Shown from one side. In JupyterLab, drag to turn it.";
  return {
    "application/vnd.plotly.v1+json": withConfig(live),
    "image/svg+xml": figureToSvg(flat, note),
    "text/plain": `${figureToText(flat)}\n  ${note}`,
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
