// What a figure is: axes, marks (lines, bars, points, cells), levels across the plot, a caption.
// `curves`, `bars`, `points` and `heatmap` make it, once and for all readers: plotly.ts turns it
// into a live figure, svg.ts into a picture, plot.ts into text. So all of them show the same.
import {
  checkedColor,
  count,
  cut,
  FEW_LETTERS,
  type Label,
  labelText,
  nameText,
  numberText,
  sentence,
} from "./label";
import { baselineColor, type Dash, palette, thresholdColor } from "./style";

export type Numbers = ArrayLike<number>;
/** A value, or null for a gap. */
export type Value = number | null;

/** A figure made by `curves`, `bars`, `points` or `heatmap`. Show it with `plot`. */
export interface Figure {
  kind: "curves" | "bars" | "points" | "heatmap";
  title: string;
  /** What to see, and how much of the data is shown. */
  caption: string;
  /** Of the drawing without the caption, in pixels. */
  height?: number;
  x: Axis;
  y: Axis;
  marks: Mark[];
  levels: Level[];
  /** Words where a value is missing or is no number; without y they stand at the foot. */
  words: Word[];
}

export interface Axis {
  title: string;
  log: boolean;
  /** Both ends, in the units of the data. */
  range: [number, number];
  /** Named places: label i stands at i. */
  labels?: string[];
  /** All data are whole numbers: no tick lies between two of them. */
  whole?: boolean;
}

export type Mark = Line | Bars | Points | Cells;
interface Series {
  name: string;
  color: string;
}
export interface Line extends Series {
  mark: "line";
  x: number[];
  y: Value[];
  dash: Dash;
  dots: boolean;
}
export interface Bars extends Series {
  mark: "bars";
  /** Bar i stands at place i of the x axis, shifted by `offset`. */
  values: Value[];
  texts?: string[];
  offset: number;
  width: number;
}
export interface Points extends Series {
  mark: "points";
  x: number[];
  y: number[];
  labels?: string[];
  /** Labels are drawn beside the points, and not only shown on pointing at them. */
  labelled: boolean;
}
export interface Cells {
  mark: "cells";
  /** Rows from top to bottom. */
  z: Value[][];
  /** What is printed in the cells. */
  texts?: string[][];
  min: number;
  max: number;
  colors: string[];
  title: string;
  /** false: no bar that explains the colours. */
  bar?: boolean;
  /** Rows and columns of the data that one cell stands for. */
  step: [number, number];
  /** Rows and columns of the data. */
  size: [number, number];
}

export interface Level {
  name: string;
  y: number;
  color: string;
  dash: Dash;
}
export interface Word {
  x: number;
  y?: number;
  text: string;
}

export interface AxisOptions {
  /** Name with its unit, such as "loss (nats per token)". */
  title: string;
  log?: boolean;
  range?: [number, number];
}
export interface Baseline {
  name: string;
  y: number;
}
export interface TextOptions {
  title?: string;
  /** What to see in the picture, in a sentence. */
  caption: string;
  height?: number;
}

/** Plotly JSON needs no more digits than a screen shows; a saved notebook stays small. */
export const short = (value: number, digits = 5): Value =>
  Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;

/** The smallest and the largest of the finite values, or null where there are none. */
export function extent(values: Iterable<Value>): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low > high ? null : [low, high];
}

export function expectSameLength(name: string, x: ArrayLike<unknown>, y: ArrayLike<unknown>): void {
  if (x.length !== y.length)
    throw new Error(`${name}: expected as many x as y, got ${x.length} and ${y.length}`);
}

/** The colour of series i: the caller's, or the next of the palette. */
export function colorOf(caller: string, i: number, color?: string): string {
  return color === undefined ? palette[i % palette.length] : checkedColor(caller, color);
}

/** Beyond this, differences of two values may overflow. */
export const LARGEST = 1e300;

/**
 * An axis: the range that was asked for, or one that holds the data with some room.
 * @param room share of the range that is added at both ends
 */
export function makeAxis(
  caller: string,
  { title, log = false, range }: AxisOptions,
  data: [number, number] | null,
  room: [number, number] = [0.05, 0.05],
): Axis {
  const named = { title: nameText(title), log };
  if (range !== undefined) return { ...named, range: checkedRange(caller, range, log) };
  if (log) return { ...named, range: logRange(data, room) };
  const [low, high] = data ?? [0, 1];
  const [from, to] = [Math.max(low, -LARGEST), Math.min(high, LARGEST)];
  if (from >= to) {
    const half = Math.min(Math.max(Math.abs(from) / 10, 0.5), LARGEST / 10);
    return { ...named, range: [from - half, from + half] };
  }
  return { ...named, range: [from - (to - from) * room[0], to + (to - from) * room[1]] };
}

function checkedRange(caller: string, range: [number, number], log: boolean): [number, number] {
  const [low, high] = range;
  const fits = Number.isFinite(high - low) && low < high && (!log || low > 0);
  if (fits) return [low, high];
  const wanted = log ? "above zero, " : "";
  throw new Error(`${caller}: expected a range [low, high], ${wanted}got [${low}, ${high}]`);
}

/** At least two powers of ten lie on a logarithmic axis: they alone have ticks. */
function logRange(data: [number, number] | null, room: [number, number]): [number, number] {
  const [first, last] = (data ?? [1, 10]).map((v) => Math.log10(Math.max(v, 1e-300)));
  let [low, high] = [first - (last - first) * room[0], last + (last - first) * room[1]];
  if (Math.floor(high) - Math.ceil(low) < 1) {
    low = Math.floor(first);
    high = Math.max(Math.ceil(last), low + 1);
    const more = (high - low) * 0.04; // the ends are ticks, and a line on the frame is hard to see
    [low, high] = [low - more, high + more];
  }
  return [10 ** Math.max(low, -307), 10 ** Math.min(high, 307)];
}

/** Baselines differ in their dashes, so that they can be told apart without colour. */
const MAX_LEVELS = 24;
const DASHES: Dash[] = ["dash", "dot", "dashdot", "longdash"];

/** Lines across the whole plot; `notes` says which cannot be drawn. */
export function makeLevels(
  baselines: Baseline[],
  thresholds: Baseline[],
  log: boolean,
): { levels: Level[]; notes: string[] } {
  const [some, fewer] = firstOf([...baselines, ...thresholds], MAX_LEVELS, "line");
  const all = some.map((level, i) => ({
    ...level,
    name: nameText(level.name),
    ...(i < baselines.length
      ? { color: baselineColor, dash: DASHES[i % DASHES.length] }
      : { color: thresholdColor, dash: "longdashdot" as const }),
  }));
  const drawable = ({ y }: Baseline) => Number.isFinite(y) && (!log || y > 0);
  const levels = all.filter(drawable).map((level) => ({ ...level, y: short(level.y) as number }));
  const undrawn = all
    .filter((level) => !drawable(level))
    .map(({ name, y }) => `"${name}" is ${numberText(y)} and has no line.`);
  return { levels, notes: [...fewer, ...undrawn] };
}

/** Levels that the axis does not reach, in a sentence each. */
export function outside(levels: Level[], { range: [low, high] }: Axis): string[] {
  return levels
    .filter(({ y }) => y < low || y > high)
    .map(({ name, y }) => `"${name}" (${numberText(y)}) lies outside of the picture.`);
}

/** Title and caption; `notes` are sentences about what is not shown. */
export function texts({ title, caption, height }: TextOptions, notes: string[]) {
  return {
    title: sentence(title, 200),
    caption: [sentence(caption), ...notes].filter(Boolean).join(" "),
    ...(height === undefined ? {} : { height: checkedHeight(height) }),
  };
}

function checkedHeight(height: number): number {
  return Number.isFinite(height) ? Math.min(2_000, Math.max(140, height)) : 360;
}

/** The first `limit` of a list, and a sentence where that is not all. */
export function firstOf<T>(
  list: ArrayLike<T>,
  limit: number,
  one: string,
  many = `${one}s`,
): [T[], string[]] {
  if (list.length <= limit) return [Array.from(list), []];
  const shown = Array.from({ length: limit }, (_, i) => list[i]);
  return [shown, [`The first ${count(limit, one, `of ${count(list.length, one, many)}`)}.`]];
}

/** An axis of names: label i stands at i, with half a place around it. */
export function namedAxis(title: string, labels: string[]): Axis {
  const range: [number, number] = [-0.5, Math.max(1, labels.length) - 0.5];
  return { title: nameText(title), log: false, range, labels };
}

/**
 * Places of labels that several series share. Labels may repeat ("the cat … the mat"): the k-th
 * "the" of each series stands at the k-th place of that name.
 */
export function placesOf(lists: ArrayLike<Label>[]): { labels: string[]; places: number[][] } {
  const labels: string[] = [];
  const place = new Map<string, number>();
  const known = new Map<Label, string>();
  const done = new Map<ArrayLike<Label>, number[]>(); // series often share one list
  const placed = (list: ArrayLike<Label>): number[] => {
    const seen = new Map<string, number>();
    return Array.from(list, (label) => {
      const text = known.get(label) ?? labelText(label);
      known.set(label, text);
      const nth = (seen.get(text) ?? 0) + 1;
      seen.set(text, nth);
      const key = `${nth} ${text}`;
      const at = place.get(key) ?? labels.push(text) - 1;
      place.set(key, at);
      return at;
    });
  };
  const places = lists.map((list) => {
    const result = done.get(list) ?? placed(list);
    done.set(list, result);
    return result;
  });
  const letters = labels.length > 150 ? FEW_LETTERS : undefined;
  return { labels: labels.map((label) => cut(label, letters)), places };
}
