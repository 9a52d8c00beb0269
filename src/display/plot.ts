// plot(figure): one MIME bundle for every kind of reader (Plotly JSON, static SVG, text), which can
// be updated in place.
import { inspect } from "node:util";
import type { Figure } from "./figure";
import { type Bundle, inNotebook, show, throttle } from "./output";
import { figureToSvg } from "./svg";

/**
 * A figure on the page. `update` may be called at every step of a loop: it draws at most once in
 * 150 ms, and always the last figure.
 */
export interface PlotHandle {
  update(figure: Figure): void;
}

const EVERY_MS = 150;

/** Shows a figure; in a terminal, its title, caption and last values. */
export function plot(figure: Figure): PlotHandle {
  const display = show(figureBundle(figure));
  if (!inNotebook()) return silent({ update: () => {} });
  const frames = throttle((next: Figure) => display.update(figureBundle(next)), EVERY_MS);
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

export function figureBundle(figure: Figure): Bundle {
  const layout = {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    ...figure.layout,
  };
  return {
    "application/vnd.plotly.v1+json": {
      data: figure.data,
      layout,
      config: { displaylogo: false, responsive: true },
    },
    "image/svg+xml": figureToSvg(figure),
    "text/plain": figureToText(figure),
  };
}

/** What a reader without pictures gets: what to see, and how each series begins and ends. */
export function figureToText(figure: Figure): string {
  const { layout, data } = figure;
  const head = [layout.title?.text, layout.meta?.caption].filter((line) => line);
  const series = data.flatMap((trace) => {
    if (trace.name === undefined || trace.y === undefined || trace.y.length === 0) return [];
    const [first, last] = [trace.y[0], trace.y[trace.y.length - 1]];
    return [`  ${trace.name}: ${first === last ? first : `${first} → ${last}`}`];
  });
  return [`[figure] ${head.join(" · ")}`, ...series].join("\n");
}
