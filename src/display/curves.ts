// Lines over a common x axis: losses over steps, with what they are to be compared with.
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
  placesOf,
  short,
  type TextOptions,
  texts,
  type Value,
  type Word,
} from "./figure";
import { count, type Label, nameText, wordFor } from "./label";
import { within } from "./scale";
import { type Dash, palette } from "./style";

export interface CurvesOptions extends TextOptions {
  x: AxisOptions;
  y: AxisOptions;
  series: {
    name: string;
    /** Numbers, or labels: then every label has a place of its own, also where labels repeat. */
    x: ArrayLike<Label>;
    /** A value that is no finite number leaves a gap, with its word. */
    y: Numbers;
    dash?: "solid" | "dash" | "dot" | "dashdot";
    marker?: boolean;
    color?: string;
  }[];
  /** Dashed grey lines across: what the curves are to be compared with. */
  baselines?: Baseline[];
  /** The line a measured result must pass. */
  thresholds?: Baseline[];
}

/** A line with more points keeps the lowest and the highest of each bucket: spikes stay visible. */
const MAX_POINTS = 1_500;
/** All lines of a figure together. */
const MAX_ALL = 20_000;
const MAX_SERIES = 60;
const MAX_WORDS = 12;
/** After a round of colours, the next lines are dashed, so that no two look alike. */
const ROUNDS: Dash[] = ["solid", "dash", "dot", "dashdot"];

/** Lines over a common x axis, with baselines. */
export function curves(options: CurvesOptions): Figure {
  const { baselines = [], thresholds = [] } = options;
  const [series, notes] = firstOf(options.series, MAX_SERIES, "line");
  for (const s of series) expectSameLength(`curves: series "${nameText(s.name)}"`, s.x, s.y);
  const named = series.some((s) => Array.prototype.some.call(s.x, (v) => typeof v === "string"));
  const { labels, places } = named
    ? placesOf(series.map((s) => s.x))
    : { labels: undefined, places: series.map((s) => Array.from(s.x as Numbers)) };

  const limit = Math.max(60, Math.min(MAX_POINTS, Math.floor(MAX_ALL / series.length)));
  const missing: Missing = { gaps: [], refused: 0, lost: 0 };
  const lines = series.map((s, i): Line => {
    const few = thin(...pointsOf(places[i], s.y, options, missing), limit);
    return {
      mark: "line",
      name: nameText(s.name),
      color: colorOf("curves", i, s.color),
      dash: s.dash ?? ROUNDS[Math.floor(i / palette.length) % ROUNDS.length],
      dots: s.marker ?? false,
      x: few.x.map((x) => short(x, 9) as number),
      y: few.y.map((y) => (y === null ? null : short(y))),
    };
  });

  const { levels, notes: undrawn } = makeLevels(baselines, thresholds, options.y.log ?? false);
  const ys = extent([...lines.flatMap((l) => l.y), ...levels.map((l) => l.y)]);
  const xs = extent(lines.flatMap((l) => l.x));
  const room = lines.some((l) => l.dots) ? 0.03 : 0;
  const y = makeAxis("curves", options.y, ys);
  const across = labels
    ? namedAxis(options.x.title, labels)
    : { ...makeAxis("curves", options.x, xs, [room, room]), whole: whole(lines) };
  return {
    kind: "curves",
    ...texts(options, [...notes, ...notesOn(missing), ...undrawn, ...outside(levels, y)]),
    x: across,
    y,
    marks: lines,
    levels,
    words: missing.gaps.filter((gap) => within(across, gap.x)).slice(0, MAX_WORDS),
  };
}

/** What of the series is not on a line. */
interface Missing {
  gaps: Word[];
  /** Values that a logarithmic y axis does not have. */
  refused: number;
  /** Points that the x axis does not have. */
  lost: number;
}

/** The points of a series that have a place on the x axis, gaps as null. */
function pointsOf(
  places: number[],
  values: Numbers,
  { x: across, y: up }: CurvesOptions,
  missing: Missing,
): [number[], Value[]] {
  const xs: number[] = [];
  const ys: Value[] = [];
  for (let k = 0; k < places.length; k++) {
    const [x, y] = [places[k], values[k]];
    if (!(Math.abs(x) <= LARGEST) || (across.log && x <= 1 / LARGEST)) {
      missing.lost++;
      continue;
    }
    const finite = Number.isFinite(y);
    if (!finite && (k === 0 || Number.isFinite(values[k - 1])))
      missing.gaps.push({ x, text: wordFor(y) });
    const refused = finite && up.log === true && y <= 0;
    if (refused) missing.refused++;
    xs.push(x);
    ys.push(finite && !refused ? y : null);
  }
  return [xs, ys];
}

function notesOn({ gaps, refused, lost }: Missing): string[] {
  return [
    ...(refused === 0
      ? []
      : [`${count(refused, "value is", "values are")} not above zero and not on the axis.`]),
    ...(lost === 0 ? [] : [`${count(lost, "point has", "points have")} no place on the x axis.`]),
    ...(gaps.length <= MAX_WORDS
      ? []
      : [`${count(gaps.length, "gap")}: values that are no finite numbers.`]),
  ];
}

const whole = (lines: Line[]): boolean =>
  lines.every(({ x }) => x.every((value) => Number.isInteger(value)));

/** At most about `limit` points of a line, with its extremes and its gaps. */
export function thin(x: number[], y: Value[], limit: number): { x: number[]; y: Value[] } {
  if (y.length <= limit) return { x, y };
  const buckets = Math.floor(limit / 2);
  const keep = new Set([0, y.length - 1]);
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * y.length) / buckets);
    const to = Math.floor(((b + 1) * y.length) / buckets);
    let low = -1;
    let high = -1;
    let gap = -1;
    for (let i = from; i < to; i++) {
      const value = y[i];
      if (value === null) gap = i;
      else {
        if (low < 0 || value < (y[low] as number)) low = i;
        if (high < 0 || value > (y[high] as number)) high = i;
      }
    }
    if (low >= 0) keep.add(low).add(high);
    if (gap >= 0) keep.add(gap);
  }
  const order = thinGaps(
    [...keep].sort((a, b) => a - b),
    y,
  );
  return { x: order.map((i) => x[i]), y: order.map((i) => y[i]) };
}

/** A run of missing values is one gap, however long it is. */
const thinGaps = (order: number[], y: Value[]): number[] =>
  order.filter((i, k) => y[i] !== null || k === 0 || y[order[k - 1]] !== null);
