// Points in the plane, each with its label beside it: models by year and size, words by their
// vectors.
import { thin } from "./curves";
import {
  type AxisOptions,
  type Baseline,
  colorOf,
  expectSameLength,
  extent,
  type Figure,
  firstOf,
  LARGEST,
  type Line,
  makeAxis,
  makeLevels,
  type Numbers,
  namedAxis,
  outside,
  type Points,
  placesOf,
  short,
  type TextOptions,
  texts,
  type Value,
} from "./figure";
import { count, FEW_LETTERS, type Label, labelText, nameText } from "./label";
import type { Dash } from "./style";

export interface PointsOptions extends TextOptions {
  x: AxisOptions;
  y: AxisOptions;
  groups: {
    name: string;
    /** Numbers, or labels: then every label has a place of its own, also where labels repeat. */
    x: ArrayLike<Label>;
    y: Numbers;
    labels?: ArrayLike<Label>;
    color?: string;
  }[];
  /** Dashed grey lines across: what the points are to be compared with. */
  baselines?: Baseline[];
  /** The line a measured result must pass. */
  thresholds?: Baseline[];
  /** Lines among the points, in any direction: boundaries, paths. A y of null is a gap. */
  lines?: {
    name: string;
    x: Numbers;
    y: ArrayLike<Value>;
    dash?: Dash;
    color?: string;
    /** A dot at each of its points (default false). */
    marker?: boolean;
  }[];
}

/** More points than these cannot be told apart, and would make a notebook large. */
const MAX_POINTS = 1_500;
const MAX_LABELLED = 150;
const MAX_GROUPS = 60;
const MAX_NAMED = 5;
const MAX_LINES = 40;
/** More than a saved picture draws of a line. */
const MAX_LINE_POINTS = 400;

/** Points in the plane. */
export function points(options: PointsOptions): Figure {
  const [groups, fewer] = firstOf(options.groups, MAX_GROUPS, "group");
  for (const g of groups) {
    expectSameLength(`points: group "${nameText(g.name)}"`, g.x, g.y);
    if (g.labels !== undefined && g.labels.length !== g.y.length)
      throw new Error(
        `points: group "${nameText(g.name)}": ` +
          `expected ${g.y.length} labels, got ${g.labels.length}`,
      );
  }
  const named = groups.some((g) => Array.prototype.some.call(g.x, (v) => typeof v === "string"));
  const { labels, places } = named
    ? placesOf(groups.map((g) => g.x))
    : { labels: undefined, places: groups.map((g) => g.x as Numbers) };

  // Which points can be drawn, and which of them are.
  const fits = (v: number, { log }: AxisOptions) =>
    Math.abs(v) <= LARGEST && (!log || v > 1 / LARGEST);
  const lost: string[] = [];
  const drawable = groups.map((g, i) => {
    const kept: number[] = [];
    for (let k = 0; k < g.y.length; k++)
      if (fits(places[i][k], options.x) && fits(g.y[k], options.y)) kept.push(k);
      else lost.push(g.labels ? `"${labelText(g.labels[k])}"` : "");
    return kept;
  });
  const total = drawable.reduce((sum, kept) => sum + kept.length, 0);
  const shown = drawable.map((kept, i) =>
    sample(kept, Math.ceil((MAX_POINTS * kept.length) / Math.max(total, MAX_POINTS)), [
      places[i],
      groups[i].y,
    ]),
  );
  const drawn = shown.reduce((sum, kept) => sum + kept.length, 0);
  const withLabels = shown.reduce((n, kept, i) => n + (groups[i].labels ? kept.length : 0), 0);

  const letters = withLabels > MAX_LABELLED ? FEW_LETTERS : undefined;
  const marks = groups.map(
    (g, i): Points => ({
      mark: "points",
      name: nameText(g.name),
      color: colorOf("points", i, g.color),
      x: shown[i].map((k) => short(places[i][k], 7) as number),
      y: shown[i].map((k) => short(g.y[k]) as number),
      ...(g.labels ? { labels: shown[i].map((k) => labelText(g.labels![k], letters)) } : {}),
      labelled: withLabels <= MAX_LABELLED,
    }),
  );
  const [given, fewerLines] = firstOf(options.lines ?? [], MAX_LINES, "line");
  const lines = given.map((l, i) => lineOf(l, groups.length + i));
  const all: (Points | Line)[] = [...lines, ...marks]; // points lie on top of lines
  const { baselines = [], thresholds = [] } = options;
  const { levels, notes } = makeLevels(baselines, thresholds, options.y.log ?? false);
  const ys = extent([...all.flatMap((m): Value[] => m.y), ...levels.map((l) => l.y)]);
  const room: [number, number] = [0.06, 0.06];
  const y = makeAxis("points", options.y, ys, room);
  return {
    kind: "points",
    ...texts(options, [
      ...fewer,
      ...fewerLines,
      ...(drawn < total ? [`${count(drawn, "point", `of ${count(total, "point")}`)}.`] : []),
      ...(withLabels > MAX_LABELLED
        ? [`With more than ${MAX_LABELLED} points, point at one to see its label.`]
        : []),
      ...withoutPlace(lost),
      ...notes,
      ...outside(levels, y),
    ]),
    x: labels
      ? namedAxis(options.x.title, labels)
      : makeAxis("points", options.x, extent(all.flatMap((m) => m.x)), room),
    y,
    marks: all,
    levels,
    words: [],
  };
}

function lineOf(line: NonNullable<PointsOptions["lines"]>[number], i: number): Line {
  const { name, x, y, dash = "solid", color, marker = false } = line;
  expectSameLength(`points: line "${nameText(name)}"`, x, y);
  const finite = (v: Value, k: number) => v !== null && Math.abs(v) + Math.abs(x[k]) <= LARGEST;
  const few = thin(
    Array.from(x, (v) => (Number.isFinite(v) ? (short(v) as number) : 0)),
    Array.from(y, (v, k) => (finite(v, k) ? short(v as number) : null)),
    MAX_LINE_POINTS,
  );
  return {
    ...{ mark: "line", name: nameText(name), color: colorOf("points", i, color) },
    ...{ dash, dots: marker, ...few },
  };
}

function withoutPlace(lost: string[]): string[] {
  if (lost.length === 0) return [];
  const names = lost.filter((name) => name !== "");
  const some = names.slice(0, MAX_NAMED).join(", ");
  const rest = names.length > MAX_NAMED ? " and others" : "";
  const who = some === "" ? "" : ` (${some}${rest})`;
  return [`${count(lost.length, "point has", "points have")} no place on these axes${who}.`];
}

/**
 * An even sample, in order, with the extremes of both coordinates. It is drawn by a hash of the
 * index: every tenth point would see the pattern of data that repeat.
 */
function sample(kept: number[], limit: number, coordinates: Numbers[]): number[] {
  if (kept.length <= limit) return kept;
  const chosen = new Set<number>();
  for (const values of coordinates) {
    let [low, high] = [kept[0], kept[0]];
    for (const k of kept) {
      if (values[k] < values[low]) low = k;
      if (values[k] > values[high]) high = k;
    }
    chosen.add(low).add(high);
  }
  const hashed = (k: number) => Math.imul(k + 1, 0x9e3779b1) >>> 0; // Knuth's multiplicative hash
  for (const k of [...kept].sort((a, b) => hashed(a) - hashed(b))) {
    if (chosen.size >= limit) break;
    chosen.add(k);
  }
  return [...chosen].sort((a, b) => a - b);
}
