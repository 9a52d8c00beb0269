// A figure that the reader can move without running code: several figures of one kind behind a
// slider. Axes and colour scales are the same in all of them, so that only the data move. The live
// figure carries all frames as Plotly's own, which need no kernel; the saved picture shows the
// frame at which the slider starts, and says that there are others.
import type { Cells, Figure, Mark } from "./figure";
import { labelText, nameText, sentence } from "./label";

/** One position of the slider. */
export interface Frame {
  /** What the slider reads here: 0.5, "layer 1 · head 2". */
  label: string | number;
  /** Of `curves`, `bars`, `points` or `heatmap`; its caption follows that of the whole. */
  figure: Figure;
}

export interface FramesOptions {
  /** What the slider moves, as in "temperature: 0.5". */
  slider: string;
  /** Written after each label: "°C", "%". */
  unit?: string;
  /** The frame at which the slider starts, and which the saved picture shows (default 0). */
  start?: number;
  /** A button that runs through the frames (default false): for things that happen in time. */
  play?: boolean;
  /** Default: the title of each frame's own figure. */
  title?: string;
  /** What to see while moving; the caption of the frame's own figure follows. */
  caption: string;
}

/** Figures behind a slider, made by `frames`. Show it with `plot`. */
export interface Frames {
  kind: "frames";
  slider: string;
  labels: string[];
  figures: Figure[];
  start: number;
  play: boolean;
}

/** More positions than these cannot be hit with a mouse. */
const MAX_FRAMES = 60;

/**
 * A figure with a slider, for `plot`: it moves in JupyterLab without a kernel, also in a saved
 * notebook.
 *
 *     const values = [0.2, 0.5, 1, 2];
 *     plot(frames(
 *       values.map((t) => ({ label: t, figure: bars({ … softmax(logits, t) … }) })),
 *       { slider: "temperature", start: 2, caption: "Low temperatures favour the first choice." },
 *     ));
 *
 * For two things to choose from (layer and head), list all pairs: "layer 1 · head 2". Of more than
 * 60 figures an even choice is kept, with the first, the last and the start.
 * @param list figures of one kind with the same number of series, and for heat maps of one size
 * @throws {Error} where there is no frame, or a figure differs in kind, series, axes or size
 */
export function frames(list: readonly Frame[], options: FramesOptions): Frames {
  if (list.length === 0) throw new Error("frames: expected at least one figure, got none");
  const { slider, unit = "", start = 0, play = false } = options;
  if (!Number.isInteger(start) || start < 0 || start >= list.length)
    throw new Error(
      `frames: expected start from 0 to ${list.length - 1}, the number of a frame, got ${start}`,
    );
  for (const [i, { figure }] of list.entries()) expectAlike(figure, list[0].figure, i);
  const kept = evenly(list.length, MAX_FRAMES, start);
  const note =
    kept.length < list.length ? `The slider has ${kept.length} of ${list.length} positions.` : "";
  const captionOf = (figure: Figure) =>
    [sentence(options.caption), figure.caption, note].filter((text) => text !== "").join(" ");
  const titleOf = (figure: Figure) =>
    options.title === undefined ? figure.title : sentence(options.title, 200);
  return {
    kind: "frames",
    slider: nameText(slider),
    labels: kept.map((i) => nameText(`${labelText(list[i].label)} ${unit}`)),
    figures: aligned(kept.map((i) => list[i].figure)).map((figure) => ({
      ...figure,
      title: titleOf(figure),
      caption: captionOf(figure),
    })),
    start: kept.indexOf(start),
    play,
  };
}

/** Only the frames that `keep` lists: a figure that is too large is thinned. */
export function thinned(moving: Frames, most: number): Frames {
  const kept = evenly(moving.figures.length, most, moving.start);
  return {
    ...moving,
    labels: kept.map((i) => moving.labels[i]),
    figures: kept.map((i) => moving.figures[i]),
    start: kept.indexOf(moving.start),
  };
}

/** At most about `most` of 0 … count − 1: evenly, with the first, the last and `start`. */
function evenly(count: number, most: number, start: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  const places = Array.from({ length: most - 1 }, (_, i) =>
    Math.round((i * (count - 1)) / Math.max(1, most - 2)),
  );
  return [...new Set([...places, start])].sort((a, b) => a - b);
}

const seriesOf = ({ marks }: Figure): string => marks.map(({ mark }) => mark).join(", ");
const sizeOf = (mark: Mark): string => (mark.mark === "cells" ? mark.size.join(" × ") : "");

function expectAlike(figure: Figure, first: Figure, i: number): void {
  const differs = (what: string, expected: string, got: string) => {
    if (expected !== got)
      throw new Error(
        `frames: expected figures that are alike in ${what} ` +
          `(the first has ${expected || "none"}), got ${got || "none"} in frame ${i}`,
      );
  };
  if (figure === null || typeof figure !== "object" || !("kind" in figure))
    throw new Error(`frames: expected a figure of ours in frame ${i}, got ${typeof figure}`);
  differs("kind", first.kind, figure.kind);
  differs("marks", seriesOf(first), seriesOf(figure));
  for (const [k, mark] of first.marks.entries())
    differs("size", sizeOf(mark), sizeOf(figure.marks[k]));
  for (const axis of ["x", "y"] as const) {
    const scale = ({ log, labels }: Figure["x"]) =>
      labels ? "named places" : log ? "a logarithmic scale" : "a linear scale";
    differs(`the ${axis} axis`, scale(first[axis]), scale(figure[axis]));
  }
}

/** The same axes, colour scales and height in all figures: wide enough for each of them. */
function aligned(figures: Figure[]): Figure[] {
  const range = (axis: "x" | "y"): [number, number] => [
    Math.min(...figures.map((figure) => figure[axis].range[0])),
    Math.max(...figures.map((figure) => figure[axis].range[1])),
  ];
  const places = (axis: "x" | "y") =>
    Math.max(...figures.map((figure) => figure[axis].labels?.length ?? 0));
  const common = { x: range("x"), y: range("y") };
  const count = { x: places("x"), y: places("y") };
  const heights = figures.flatMap(({ height }) => height ?? []);
  const axisOf = (figure: Figure, axis: "x" | "y"): Figure["x"] => {
    const { labels } = figure[axis];
    const padded = labels && [...labels, ...Array(count[axis] - labels.length).fill(" ")];
    return { ...figure[axis], range: common[axis], ...(padded ? { labels: padded } : {}) };
  };
  return figures.map((figure) => ({
    ...figure,
    ...(heights.length > 0 ? { height: Math.max(...heights) } : {}),
    x: axisOf(figure, "x"),
    y: axisOf(figure, "y"),
    marks: figure.marks.map((mark, k) =>
      mark.mark === "cells" ? { ...mark, ...scaleOf(figures, k) } : mark,
    ),
  }));
}

function scaleOf(figures: Figure[], k: number): { min: number; max: number } {
  const cells = figures.map(({ marks }) => marks[k] as Cells);
  return {
    min: Math.min(...cells.map(({ min }) => min)),
    max: Math.max(...cells.map(({ max }) => max)),
  };
}
