// Where the words of a figure stand: the numbers on bars, the labels of points; and how large they
// are. Labels keep clear of each other, of points and of levels, as far as there is room.
import type { Axis, Bars, Figure, Points } from "./figure";
import { type Box, type Geometry, SIZE, WIDTH } from "./geometry";
import { share, within } from "./scale";
import { textOn, textWidth } from "./style";

/**
 * Which numbers of a series stand inside the end of their bar: those that a level would strike
 * through above it.
 */
export function numbersInside(figure: Figure, bars: Bars, { plot, levels }: Geometry): boolean[] {
  const tall = plot.bottom - plot.top;
  const place = (plot.right - plot.left) / Math.max(1, bars.values.length);
  return bars.values.map((value, i) => {
    if (value === null) return false;
    const end = plot.bottom - share(figure.y, value) * tall;
    const base = plot.bottom - baseShare(figure.y) * tall;
    const up = end <= base;
    const struck = levels.some(({ at }) =>
      up ? at > end - 19 && at < end : at < end + 19 && at > end,
    );
    const fits =
      Math.abs(base - end) > 20 &&
      textWidth(bars.texts?.[i] ?? "", SIZE.label) < place * bars.width + 2;
    return struck && fits;
  });
}

/** What bars stand on: zero, or the lower end of the axis. */
export function baseShare(y: Axis): number {
  return y.log ? 0 : Math.min(1, Math.max(0, share(y, 0)));
}

export type Side = "top" | "bottom" | "right" | "left" | "top right" | "top left";
const SIDES: Side[] = ["top", "bottom", "right", "left", "top right", "top left"];
const RADIUS = 5;

/** The box of a label beside a point. */
export function labelBox(text: string, side: Side, x: number, y: number): Box {
  const width = textWidth(text, SIZE.label);
  const [tall, gap] = [13, RADIUS + 2];
  const left = side.includes("right")
    ? x + gap
    : side.includes("left")
      ? x - gap - width
      : x - width / 2;
  const upper = side.includes("top") ? y - gap - tall : side === "bottom" ? y + gap : y - tall / 2;
  return { left, top: upper, right: left + width, bottom: upper + tall };
}

/** Sides on which the labels of points cover neither each other nor a point, as far as they can. */
export function placeLabels(figure: Figure, { plot }: Geometry): Side[][] {
  const groups = figure.marks.filter((m): m is Points => m.mark === "points");
  const at = (axis: Axis, v: number, from: number, to: number) =>
    from + share(axis, v) * (to - from);
  const centres = groups.map((g) =>
    g.x.map((v, i) => [
      at(figure.x, v, plot.left, plot.right),
      at(figure.y, g.y[i], plot.bottom, plot.top),
    ]),
  );
  const inside = (i: number, g: Points) => within(figure.x, g.x[i]) && within(figure.y, g.y[i]);
  const taken: Box[] = groups.some((g) => g.labels && g.labelled)
    ? groups.flatMap((g, k) =>
        centres[k].filter((_, i) => inside(i, g)).map(([x, y]) => around(x, y)),
      )
    : [];
  return groups.map((g, k) =>
    g.x.map((_, i) => {
      if (!g.labels || !g.labelled || !inside(i, g)) return "top";
      const [x, y] = centres[k][i];
      const boxes = SIDES.map((side) => labelBox(g.labels![i], side, x, y));
      const cost = boxes.map(
        (box) =>
          taken.reduce((sum, other) => sum + overlap(box, other), 0) +
          (box.left < plot.left - 4 || box.right > WIDTH - 2 || box.top < plot.top - 4 ? 1e4 : 0) +
          (box.bottom > plot.bottom + 2 ? 1e4 : 0),
      );
      const best = cost.indexOf(Math.min(...cost));
      taken.push(boxes[best]);
      return SIDES[best];
    }),
  );
}
const around = (x: number, y: number): Box => ({
  left: x - RADIUS,
  right: x + RADIUS,
  top: y - RADIUS,
  bottom: y + RADIUS,
});
const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

export const inkOn = (color: string): string =>
  /^#[0-9a-f]{6}$/i.test(color) ? textOn(color) : "#ffffff";

/** Numbers on narrow bars are a little smaller. */
export function textSize(mark: Bars, width: number): number {
  const widest = (mark.texts ?? []).reduce((w, t) => Math.max(w, textWidth(t, 1)), 0);
  return Math.max(9, Math.min(SIZE.label, (width + 6) / Math.max(widest, 1e-9)));
}

/** Diameter of a point: many are small. */
export function pointSize({ marks: list }: Figure): number {
  const count = list.reduce((n, m) => n + (m.mark === "points" ? m.x.length : 0), 0);
  return count > 300 ? 5 : 9;
}
