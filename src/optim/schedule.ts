// The learning rate over a run: a straight line up, then down along half a cosine, or along a
// straight line after a flat stretch. The first follows nanoGPT's get_lr; the cosine is from SGDR
// (Loshchilov & Hutter, 2017), without its restarts. The second is warm-up–stable–decay (Hu et al.,
// 2024). Lesson 12 (training) measures what the warm-up is for.

/** What a schedule needs to know; rates have no unit, the rest are numbers of steps. */
export interface Schedule {
  maxLr: number;
  minLr: number;
  warmupSteps: number;
  totalSteps: number;
}

/**
 * The learning rate of one step: `maxLr · (step + 1) / (warmupSteps + 1)` while `step <
 * warmupSteps`, then `minLr + (maxLr − minLr) · (1 + cos(π p)) / 2` with `p = (step − warmupSteps)
 * / (totalSteps − warmupSteps)`, and `minLr` from totalSteps on. The first step's rate is above
 * zero: a step with rate 0 would be wasted.
 *
 * @param step counted from 0
 */
export function warmupCosine(
  step: number,
  { maxLr, minLr, warmupSteps, totalSteps }: Schedule,
): number {
  if (step < warmupSteps) return (maxLr * (step + 1)) / (warmupSteps + 1);
  if (step >= totalSteps) return minLr;
  const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
  return minLr + ((maxLr - minLr) * (1 + Math.cos(Math.PI * progress))) / 2;
}

/**
 * A schedule that stays at its highest rate for a share of the steps after the warm-up, and then
 * falls along a straight line: `maxLr + (minLr − maxLr) · (p − stable) / (1 − stable)` with p as in
 * `warmupCosine`. With `stable` 0 it is the linear decay.
 *
 * @param options.stable the share, from 0 up to, but not including, 1
 * @throws for another share
 */
export function warmupStableDecay({ stable = 0 }: { stable?: number } = {}) {
  if (!(stable >= 0 && stable < 1))
    throw new Error(`warmupStableDecay: expected stable from 0 up to 1, got ${stable}`);
  return (step: number, { maxLr, minLr, warmupSteps, totalSteps }: Schedule): number => {
    if (step < warmupSteps) return (maxLr * (step + 1)) / (warmupSteps + 1);
    if (step >= totalSteps) return minLr;
    const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
    return maxLr + (minLr - maxLr) * Math.max(0, (progress - stable) / (1 - stable));
  };
}
