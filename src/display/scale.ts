// Where a value stands on an axis, and which values have a tick: 1, 2 or 5 times a power of ten on
// a linear axis, powers of ten alone on a logarithmic one, all names on a named one as far as there
// is room.
import type { Axis } from "./figure";
import { numberText } from "./label";

export interface Tick {
  at: number;
  text: string;
}

/** Share of the axis, 0 at its lower and 1 at its upper end; beyond them outside of [0, 1]. */
export function share({ range: [low, high], log }: Axis, value: number): number {
  if (!log) return (value - low) / (high - low);
  return (Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low));
}

export const within = (axis: Axis, value: number): boolean =>
  value >= axis.range[0] && value <= axis.range[1];

/** At most about `most` ticks. */
export function ticks(axis: Axis, most: number): Tick[] {
  if (axis.labels !== undefined) {
    const step = Math.max(1, Math.ceil(axis.labels.length / most));
    return axis.labels.map((text, at) => ({ at, text })).filter(({ at }) => at % step === 0);
  }
  if (!axis.log) return linear(axis, most);
  return powers(axis.range).map((p) => ({ at: 10 ** p, text: powerText(p, axis.range) }));
}

const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (n: number): string =>
  String(n).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : DIGITS[Number(c)]));

/**
 * A power of ten as the label of a tick: 0.001, 1, 1,000, 100,000 on an axis between 10⁻³ and 10⁵,
 * 10⁻⁵, 10³, 10⁹ on any that goes beyond. All ticks of an axis are written in one way.
 */
export function powerText(power: number, [low, high]: [number, number]): string {
  const plain = low > 0.99e-3 && high < 0.99e6;
  if (!plain) return `10${raised(power)}`;
  return power < 0 ? (10 ** power).toFixed(-power) : (10 ** power).toLocaleString("en-US");
}

const POWER_STEPS = [1, 2, 3, 5, 10, 20, 50, 100, 200];

/**
 * Powers of ten on an axis, at most about 8; with `beyond`, some outside of its ends as well, for
 * readers who zoom out.
 */
export function powers([low, high]: [number, number], beyond = false): number[] {
  const [from, to] = [Math.log10(low) - 1e-9, Math.log10(high) + 1e-9];
  const step = POWER_STEPS.find((s) => (to - from) / s <= 8) ?? 300;
  const more = beyond ? 2 * step : 0;
  const list: number[] = [];
  for (let p = Math.ceil((from - more) / step) * step; p <= to + more; p += step)
    if (Math.abs(p) < 308) list.push(p);
  return list;
}

/** The distance of neighbouring ticks on a linear axis. */
export function stepOf({ range: [low, high], whole }: Axis, most: number): number {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? rough;
  return whole ? Math.max(1, Math.round(step)) : step;
}

function linear(axis: Axis, most: number): Tick[] {
  const [low, high] = axis.range;
  const step = stepOf(axis, most);
  const list: Tick[] = [];
  const first = Math.ceil(low / step - 1e-9);
  for (let i = first; list.length <= 2 * most && i * step <= high + step * 1e-9; i++)
    list.push({ at: i * step, text: tickText(i * step, step) });
  return list;
}

/** 0.25, 1500, 20k, 1.5M, 2e−5: as many digits as the distance of the ticks asks for. */
function tickText(value: number, step: number): string {
  const size = Math.max(Math.abs(value), step);
  if (value === 0) return "0";
  if (size >= 1e9 || size < 1e-3) return numberText(Number(value.toPrecision(3)));
  const [unit, name] = size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9));
  const text = (value / unit).toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    useGrouping: false, // a year is no 2,018
  });
  return `${text.replace("-", "−")}${name}`;
}
