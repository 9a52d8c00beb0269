// A wrong array of numbers beside the right one: what ./patterns and ./factors compare.

import { type Flat, numberText } from "./words";

/** Named numbers of one call: sizes of axes, options. A factor is looked for among them. */
export type Named = ReadonlyMap<string, number>;

/** A wrong array, the right one, and what the call was made with. */
export interface Pair {
  actual: Flat;
  expected: Flat;
  named: Named;
  /** Arguments as flat numbers, by name. */
  given: ReadonlyMap<string, Flat>;
  /** Other parts of the right result, by name. */
  others: ReadonlyMap<string, Flat>;
}

/** Whether two flat arrays agree, loosely: they are to be recognised, not judged. */
export function alike(a: ArrayLike<number>, e: ArrayLike<number>, scale?: number): boolean {
  if (a.length !== e.length) return false;
  const atol = 1e-4 * (scale ?? largest(e));
  for (let i = 0; i < e.length; i++) {
    if (a[i] === e[i] || Object.is(a[i], e[i])) continue;
    // Infinity would be near everything.
    if (!Number.isFinite(e[i])) return false;
    if (!(Math.abs(a[i] - e[i]) <= atol + 1e-3 * Math.abs(e[i]))) return false;
  }
  return true;
}

export const largest = (x: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < x.length; i++)
    if (Number.isFinite(x[i])) most = Math.max(most, Math.abs(x[i]));
  return most;
};

/** "0.7 or 1.3": what numbers were, for a sentence. */
export const someNumbers = (list: readonly number[]): string =>
  [...new Set(list.map(numberText))].slice(0, 3).join(" or ");
