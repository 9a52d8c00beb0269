// What the runs of a board say: a mean and an interval for each recipe, who is better than whom, and
// how long each takes to a loss. A recipe counts as better only where the two intervals do not touch.
// Student's distribution ("The probable error of a mean", 1908) is what makes the intervals of three
// seeds as wide as three seeds deserve.

import type { Board, BoardRun } from "./run";

/** A mean, and where it lies with 95 % confidence if the values are normal. */
export interface Interval {
  mean: number;
  low: number;
  high: number;
}

/** 97.5 % quantiles of Student's t for 1, 2, … degrees of freedom; the last one for all above. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/**
 * mean ± t · s / √n, with s the standard deviation of n values and t for n − 1 degrees of freedom.
 * One value has an endless interval.
 * @throws for no values
 */
export function interval(values: number[]): Interval {
  const n = values.length;
  if (n === 0) throw new Error("interval: expected at least one value, got none");
  const mean = values.reduce((a, b) => a + b, 0) / n;
  if (n === 1) return { mean, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const half = T[Math.min(n - 1, T.length) - 1] * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}

/** How two recipes compare; lower is better. */
export type Verdict = "better" | "worse" | "not distinguishable";

/** "better" or "worse" only where the intervals do not touch. */
export function compare(a: Interval, b: Interval): Verdict {
  if (a.high < b.low) return "better";
  return a.low > b.high ? "worse" : "not distinguishable";
}

/**
 * The CPU seconds after which a run has reached a loss, on a straight line between evaluations; null
 * if it never has.
 */
export function timeTo(loss: number, { curve }: Pick<BoardRun, "curve">): number | null {
  const at = curve.findIndex(({ val }) => val <= loss);
  if (at < 0) return null;
  if (at === 0) return curve[0].cpu;
  const [before, after] = [curve[at - 1], curve[at]];
  const share = (before.val - loss) / (before.val - after.val);
  return before.cpu + share * (after.cpu - before.cpu);
}

/** A row of the board. */
export interface Ranked {
  recipe: string;
  /** 1 + how many recipes are better; equal where none is. */
  place: number;
  loss: Interval;
  seeds: number;
  /** Against the baseline's loss at equal steps. */
  verdict: Verdict;
  /**
   * CPU to a loss that the baseline reaches with every seed at its end, as a multiple of all the
   * baseline took; null: not reached in every run.
   */
  time: Interval | null;
  /** CPU of all steps, as a multiple of the baseline's. */
  cost: number;
  parameters: number;
}

/**
 * The recipes, the best first.
 * @param baseline the recipe that verdicts and times refer to
 * @throws if it has no runs, or others have none with its seeds
 */
export function rank(board: Pick<Board, "runs">, baseline: string): Ranked[] {
  const byRecipe = new Map<string, BoardRun[]>();
  for (const run of board.runs)
    byRecipe.set(run.recipe, [...(byRecipe.get(run.recipe) ?? []), run]);
  const base = byRecipe.get(baseline);
  if (base === undefined)
    throw new Error(`rank: expected runs of the baseline ${baseline}, got none`);
  const lossOf = (runs: BoardRun[]) => interval(runs.map(({ val }) => val));
  const losses = new Map([...byRecipe].map(([recipe, runs]) => [recipe, lossOf(runs)]));
  const baseLoss = losses.get(baseline)!;
  const goal = goalOf(board, baseline);
  const rows = [...byRecipe].map(([recipe, runs]): Ranked => {
    const loss = losses.get(recipe)!;
    const pairs = runs.flatMap((run) => {
      const other = base.find(({ seed }) => seed === run.seed);
      return other ? [[run, other] as const] : [];
    });
    if (pairs.length === 0)
      throw new Error(`rank: expected runs of ${recipe} with seeds of ${baseline}, got none`);
    const whole = ({ curve }: BoardRun) => curve[curve.length - 1].cpu;
    const times = pairs.map(([run, other]) => ratio(timeTo(goal, run), whole(other)));
    return {
      recipe,
      place: 1 + [...losses.values()].filter((other) => compare(other, loss) === "better").length,
      loss,
      seeds: runs.length,
      verdict: compare(loss, baseLoss),
      time: times.some((x) => x === null) ? null : interval(times as number[]),
      cost: interval(pairs.map(([run, other]) => whole(run) / whole(other))).mean,
      parameters: runs[0].parameters,
    };
  });
  return rows.sort((a, b) => a.loss.mean - b.loss.mean);
}

/** The loss that times refer to: the highest of the baseline's last ones. */
export const goalOf = ({ runs }: Pick<Board, "runs">, baseline: string): number =>
  Math.max(...runs.filter(({ recipe }) => recipe === baseline).map(({ val }) => val));

const ratio = (a: number | null, b: number) => (a === null ? null : a / b);
