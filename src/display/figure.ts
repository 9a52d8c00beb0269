// Figures as Plotly JSON in the style of the course: lines, points, bars and heat maps with named
// axes, baselines and a caption. Only this part of Plotly is used, so that svg.ts can draw the same
// picture for pages without the renderer. Any other Plotly figure may be plotted, too; then its
// static picture says that it is interactive.
import { diverging as divergingColors, palette, sequential, thresholdColor } from "./style";

/** A Plotly figure. `layout.meta.caption` is drawn below it, also in the static picture. */
export interface Figure {
  data: Trace[];
  layout: Layout;
}
export type Label = string | number;
export type Numbers = ArrayLike<number>;
export interface Trace {
  type: "scatter" | "bar" | "heatmap";
  name?: string;
  x?: Label[];
  y?: Label[];
  z?: (number | null)[][];
  [option: string]: unknown;
}
export interface Axis {
  title?: { text: string };
  type?: "linear" | "log" | "category";
  [option: string]: unknown;
}
export interface Layout {
  title?: { text: string };
  xaxis?: Axis;
  yaxis?: Axis;
  meta?: { caption?: string };
  [option: string]: unknown;
}

interface AxisOptions {
  /** Name with its unit, such as "loss (nats per token)". */
  title: string;
  log?: boolean;
  range?: [number, number];
}
interface Baseline {
  name: string;
  y: number;
}

/** Plotly JSON needs no more digits than a screen shows; a saved notebook stays small. */
const short = (value: number, digits = 5): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;
const numbers = (values: Numbers): number[] => Array.from(values, (v) => short(v) as number);
/** Labels are numbers or text; only numbers are rounded. */
const labels = (values: ArrayLike<Label>): Label[] =>
  Array.from(values, (v) => (typeof v === "number" ? (short(v) as number) : v));

/** A line with more points keeps the lowest and the highest of each bucket: spikes stay visible. */
const MAX_POINTS = 1_500;

export function thin(x: Label[], y: Label[], limit: number): { x: Label[]; y: Label[] } {
  if (y.length <= limit) return { x, y };
  const buckets = Math.floor(limit / 2);
  const keep = new Set([0, y.length - 1]);
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * y.length) / buckets);
    const to = Math.floor(((b + 1) * y.length) / buckets);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      if (y[i] < y[low]) low = i;
      if (y[i] > y[high]) high = i;
    }
    keep.add(low).add(high);
  }
  const order = [...keep].sort((a, b) => a - b);
  return { x: order.map((i) => x[i]), y: order.map((i) => y[i]) };
}

function axis({ title, log = false, range }: AxisOptions): Axis {
  const limits = range === undefined ? {} : { range: log ? range.map(Math.log10) : range };
  return {
    title: { text: title },
    automargin: true,
    ...(log ? { type: "log" as const, exponentformat: "e" } : {}),
    ...limits,
  };
}

function layout(
  { title, caption, height = 360 }: { title?: string; caption: string; height?: number },
  more: Layout,
): Layout {
  return {
    ...(title === undefined ? {} : { title: { text: title } }),
    meta: { caption },
    height,
    ...more,
  };
}

/** One dashed line across the plot, e.g. the loss of a bigram model. */
function level(
  { name, y }: Baseline,
  ends: Label[],
  line: { color: string; dash: string; width: number },
): Trace {
  const value = short(y) as number;
  return {
    type: "scatter",
    mode: "lines",
    name,
    x: ends,
    y: ends.map(() => value),
    line,
    meta: { level: true },
  };
}

/** Baselines differ in their dashes, so that they can be told apart without colour. */
const DASHES = ["dash", "dot", "dashdot", "longdash"];

function levels(baselines: Baseline[], thresholds: Baseline[], ends: Label[]): Trace[] {
  return [
    ...baselines.map((b, i) =>
      level(b, ends, { color: palette[6], dash: DASHES[i % DASHES.length], width: 1.5 }),
    ),
    ...thresholds.map((t) =>
      level(t, ends, { color: thresholdColor, dash: "longdashdot", width: 2 }),
    ),
  ];
}

function extent(series: { x: ArrayLike<Label> }[]): Label[] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x } of series)
    for (let i = 0; i < x.length; i++) {
      const value = x[i];
      if (typeof value === "string") return [series[0].x[0], series[0].x[series[0].x.length - 1]];
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return low > high ? [0, 1] : [low, high];
}

function expectSameLength(name: string, x: ArrayLike<unknown>, y: ArrayLike<unknown>): void {
  if (x.length !== y.length)
    throw new Error(`${name}: expected as many x as y, got ${x.length} and ${y.length}`);
}

export interface CurvesOptions {
  title?: string;
  /** What to see in the picture, in a sentence. */
  caption: string;
  x: AxisOptions;
  y: AxisOptions;
  series: {
    name: string;
    x: ArrayLike<Label>;
    y: Numbers;
    dash?: "solid" | "dash" | "dot" | "dashdot";
    marker?: boolean;
    color?: string;
  }[];
  /** Dashed grey lines across: what the curves are to be compared with. */
  baselines?: Baseline[];
  /** The line a measured result must pass. */
  thresholds?: Baseline[];
  height?: number;
}

/** Lines over a common x axis, with baselines. */
export function curves(options: CurvesOptions): Figure {
  const { x, y, series, baselines = [], thresholds = [] } = options;
  const data = series.map((s, i): Trace => {
    expectSameLength(`curves: series "${s.name}"`, s.x, s.y);
    const line = thin(labels(s.x), numbers(s.y), MAX_POINTS);
    return {
      type: "scatter",
      mode: s.marker ? "lines+markers" : "lines",
      name: s.name,
      ...line,
      line: { color: s.color ?? palette[i % palette.length], width: 2, dash: s.dash ?? "solid" },
      ...(s.marker ? { marker: { size: 6 } } : {}),
    };
  });
  return {
    data: [...data, ...levels(baselines, thresholds, labels(extent(series)))],
    layout: layout(options, { xaxis: axis(x), yaxis: axis(y) }),
  };
}

export interface BarsOptions {
  title?: string;
  caption: string;
  x: { title: string };
  y: AxisOptions;
  /** One group of bars for each label… */
  labels: Label[];
  /** …with one bar for each series. */
  series: { name: string; values: Numbers; color?: string }[];
  baselines?: Baseline[];
  thresholds?: Baseline[];
  /** Print the value on each bar (default: when there are at most 16). */
  values?: boolean;
  height?: number;
}

/** Grouped bars. */
export function bars(options: BarsOptions): Figure {
  const { x, y, series, baselines = [], thresholds = [] } = options;
  const names = options.labels.map(String);
  const withValues = options.values ?? names.length * series.length <= 16;
  const data = series.map((s, i): Trace => {
    expectSameLength(`bars: series "${s.name}"`, names, s.values);
    const heights = numbers(s.values);
    const text = withValues
      ? {
          text: heights.map((v) => String(Number(v.toPrecision(3)))),
          textposition: "outside",
          cliponaxis: false,
        }
      : {};
    return {
      type: "bar",
      name: s.name,
      x: names,
      y: heights,
      marker: { color: s.color ?? palette[i % palette.length] },
      ...text,
    };
  });
  const ends = [names[0], names[names.length - 1]];
  const drawn = [...data, ...levels(baselines, thresholds, ends)];
  const range = y.range ?? (y.log ? logRange(drawn) : undefined);
  return {
    data: drawn,
    layout: layout(options, {
      barmode: "group",
      xaxis: { ...axis(x), type: "category" },
      yaxis: axis({ ...y, range }),
    }),
  };
}

/**
 * A logarithmic axis has no zero for bars to stand on: they stand on a power of ten a little below
 * the smallest. It is set here and not left to the renderers, so that both pictures are alike.
 */
function logRange(traces: Trace[]): [number, number] | undefined {
  const logs = traces.flatMap((t) => (t.y as number[]).filter((v) => v > 0).map(Math.log10));
  if (logs.length === 0) return undefined;
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const floor = Math.floor(low - 0.15); // − 0.15, so that a bar of exactly 1 is visible
  const top = Math.ceil(high + 0.08 * (high - floor)); // room for the number on the highest bar
  return [10 ** floor, 10 ** top];
}

export interface PointsOptions {
  title?: string;
  caption: string;
  x: AxisOptions;
  y: AxisOptions;
  groups: { name: string; x: Numbers; y: Numbers; labels?: string[]; color?: string }[];
  height?: number;
}

/** Points in the plane, each with its label beside it. */
export function points(options: PointsOptions): Figure {
  const { x, y, groups } = options;
  const data = groups.map((g, i): Trace => {
    expectSameLength(`points: group "${g.name}"`, g.x, g.y);
    return {
      type: "scatter",
      mode: g.labels ? "markers+text" : "markers",
      name: g.name,
      x: numbers(g.x),
      y: numbers(g.y),
      marker: { color: g.color ?? palette[i % palette.length], size: 9 },
      ...(g.labels ? { text: g.labels, textposition: "top center", cliponaxis: false } : {}),
    };
  });
  return { data, layout: layout(options, { xaxis: axis(x), yaxis: axis(y) }) };
}

export interface HeatmapOptions {
  title?: string;
  caption: string;
  /** Rows from top to bottom; NaN stays empty. */
  z: ArrayLike<Numbers>;
  /** Names of the columns and rows. */
  xLabels?: Label[];
  yLabels?: Label[];
  x: { title: string };
  y: { title: string };
  /** What the colour means, with its unit. */
  colorbar?: { title: string };
  /** White at zero, for values of both signs. */
  diverging?: boolean;
  min?: number;
  max?: number;
  /** Print the value in each cell (default: when there are at most 100). */
  values?: boolean;
  height?: number;
}

const even = (colors: string[]): [number, string][] =>
  colors.map((c, i) => [i / (colors.length - 1), c]);

/**
 * Labels may repeat ("the cat … the mat"), but Plotly joins equal categories. So the cells are
 * numbered, and the ticks are named.
 */
function ticks(names: Label[] | undefined, count: number): Axis {
  if (names === undefined) return {};
  if (names.length !== count)
    throw new Error(`heatmap: expected ${count} labels, got ${names.length}`);
  return { tickmode: "array", tickvals: names.map((_, i) => i), ticktext: names.map(String) };
}

/** A matrix as colours, first row on top. */
export function heatmap(options: HeatmapOptions): Figure {
  const { x, y, xLabels, yLabels, colorbar, diverging = false } = options;
  const digits = options.z.length * (options.z[0]?.length ?? 0) > 400 ? 3 : 5;
  const z = Array.from(options.z, (row) => Array.from(row, (value) => short(value, digits)));
  const [rows, columns] = [z.length, z[0]?.length ?? 0];
  if (z.some((row) => row.length !== columns))
    throw new Error("heatmap: expected rows of one length");
  const all = z.flat().filter((v) => v !== null);
  const bound = Math.max(1e-9, ...all.map(Math.abs));
  const withValues = options.values ?? rows * columns <= 100;
  const trace: Trace = {
    type: "heatmap",
    z,
    zmin: options.min ?? (diverging ? -bound : Math.min(...all)),
    zmax: options.max ?? (diverging ? bound : Math.max(...all)),
    ...(rows * columns <= 400 ? { xgap: 1, ygap: 1 } : {}),
    colorscale: even(diverging ? divergingColors : sequential),
    colorbar: {
      title: { text: colorbar?.title ?? "", side: "right" },
      thickness: 12,
      outlinewidth: 0,
    },
    ...(withValues ? { texttemplate: "%{z:.2~f}" } : {}),
  };
  const bare = { showgrid: false, zeroline: false };
  const height = options.height ?? Math.min(640, Math.max(260, 130 + 30 * rows));
  return {
    data: [trace],
    layout: layout(
      { ...options, height },
      {
        xaxis: { ...axis(x), ...ticks(xLabels, columns), ...bare },
        yaxis: { ...axis(y), ...ticks(yLabels, rows), ...bare, autorange: "reversed" },
      },
    ),
  };
}
