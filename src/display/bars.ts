// Grouped bars: one group for each label, one bar in it for each series.
import {
  type AxisOptions,
  type Bars,
  type Baseline,
  colorOf,
  expectSameLength,
  extent,
  type Figure,
  firstOf,
  makeAxis,
  makeLevels,
  type Numbers,
  namedAxis,
  outside,
  short,
  type TextOptions,
  texts as textsOf,
  type Word,
} from "./figure";
import {
  count,
  FEW_LETTERS,
  type Label,
  labelText,
  nameText,
  numberText,
  numberTexts,
  wordFor,
} from "./label";
import { textWidth } from "./style";

export interface BarsOptions extends TextOptions {
  x: { title: string };
  y: AxisOptions;
  /** One group of bars for each label; labels may repeat. */
  labels: ArrayLike<Label>;
  /** One bar in each group for each series; a value that is no finite number is shown as a word. */
  series: { name: string; values: Numbers; color?: string }[];
  /** Dashed grey lines across: what the bars are to be compared with. */
  baselines?: Baseline[];
  /** The line a measured result must pass. */
  thresholds?: Baseline[];
  /** Print the value on each bar (default: when there are at most 16). */
  values?: boolean;
}

const MAX_BARS = 1_200;
const MAX_SERIES = 30;
const MAX_WORDS = 60;
/** Bars take this share of their place, and at most this much of the plot. */
const FILLED = 0.8;
const WIDEST = 0.12;
/** Of the saved picture, about: numbers that are wider than their bar are left to pointing. */
const PLOT_WIDTH = 600;

/** Grouped bars. */
export function bars(options: BarsOptions): Figure {
  const { x, y, baselines = [], thresholds = [] } = options;
  const [series, fewer] = firstOf(options.series, MAX_SERIES, "series", "series");
  for (const s of series)
    expectSameLength(`bars: series "${nameText(s.name)}"`, options.labels, s.values);
  const room = Math.floor(MAX_BARS / Math.max(1, series.length));
  const [shown, cut] = firstOf(options.labels, room, "label");
  const letters = shown.length > 150 ? FEW_LETTERS : undefined;
  const labels = shown.map((label) => labelText(label, letters));
  const width = Math.min(FILLED / Math.max(1, series.length), WIDEST * Math.max(1, labels.length));
  const drawable = (value: number) => Number.isFinite(value) && (!y.log || value > 0);

  const words: Word[] = [];
  const marks = series.map((s, i): Bars => {
    const offset = (i - (series.length - 1) / 2) * width;
    const values = labels.map((_, k) => {
      if (drawable(s.values[k])) return short(s.values[k]);
      const text = Number.isFinite(s.values[k]) ? numberText(s.values[k]) : wordFor(s.values[k]);
      words.push({ x: k + offset, text });
      return null;
    });
    return {
      mark: "bars",
      name: nameText(s.name),
      color: colorOf("bars", i, s.color),
      values,
      offset,
      width,
    };
  });
  const flat = numberTexts(marks.flatMap((m) => m.values));
  const texts = marks.map((_, i) => flat.slice(i * labels.length, (i + 1) * labels.length));
  const few = labels.length * series.length <= 16;
  const fitting = textWidth(longest(flat), 10) < (PLOT_WIDTH * width) / labels.length + 6;
  if (options.values ?? (few && fitting)) for (const [i, m] of marks.entries()) m.texts = texts[i];

  const { levels, notes } = makeLevels(baselines, thresholds, y.log ?? false);
  const data = extent([...marks.flatMap((m) => m.values), ...levels.map((l) => l.y)]);
  const axis =
    y.log && !y.range ? onDecades(y, data) : makeAxis("bars", y, withZero(data), overhang(data));
  return {
    kind: "bars",
    ...textsOf(options, [
      ...fewer,
      ...cut,
      ...(words.length > MAX_WORDS ? [`${count(words.length, "bar")} without a height.`] : []),
      ...notes,
      ...outside(levels, axis),
    ]),
    x: namedAxis(x.title, labels),
    y: axis,
    marks,
    levels,
    words: words.slice(0, MAX_WORDS),
  };
}

const longest = (list: string[]) => list.reduce((a, b) => (b.length > a.length ? b : a), "");
const withZero = (data: [number, number] | null): [number, number] | null =>
  data && [Math.min(0, data[0]), Math.max(0, data[1])];
/** Room for the numbers at the ends of the bars, and none beyond zero. */
const overhang = (data: [number, number] | null): [number, number] =>
  data ? [data[0] < 0 ? 0.09 : 0, data[1] > 0 || data[0] === 0 ? 0.09 : 0] : [0, 0];

/**
 * A logarithmic axis has no zero for bars to stand on: they stand on a power of ten a little below
 * the smallest.
 */
function onDecades(y: AxisOptions, data: [number, number] | null) {
  const [low, high] = (data ?? [1, 10]).map(Math.log10);
  const floor = Math.floor(low - 0.15); // − 0.15, so that a bar of exactly 1 is visible
  const top = Math.ceil(high + 0.08 * (high - floor)); // room for the number on the highest bar
  const range: [number, number] = [10 ** Math.max(floor, -307), 10 ** Math.min(top, 307)];
  return makeAxis("bars", { ...y, range }, null);
}
