// Answering only when sure (selective prediction; El-Yaniv and Wiener, 2010; for answers of
// language models Kamath et al., 2020). A score of uncertainty orders the questions; the surest are
// answered, and the share that is wrong among them is the risk at that coverage.

export interface RiskPoint {
  /** Share of the questions that are answered. */
  coverage: number;
  /** Share of these that are answered wrongly. */
  risk: number;
}

/**
 * The risk at every coverage, from the surest question to all of them. Questions that are equally
 * uncertain are answered together or not at all: nothing tells them apart.
 * @param uncertainty small: sure
 * @param right whether each answer is right
 * @throws if there are not as many of both, or none
 */
export function riskCoverage(
  uncertainty: readonly number[],
  right: readonly boolean[],
): RiskPoint[] {
  const n = uncertainty.length;
  if (n === 0 || n !== right.length)
    throw new Error(
      `riskCoverage: expected as many answers as scores, got ${n} and ${right.length}`,
    );
  const order = uncertainty.map((_, i) => i).sort((a, b) => uncertainty[a] - uncertainty[b]);
  const points: RiskPoint[] = [];
  let wrong = 0;
  for (const [k, i] of order.entries()) {
    if (!right[i]) wrong++;
    const next = order[k + 1];
    if (next === undefined || uncertainty[next] !== uncertainty[i])
      points.push({ coverage: (k + 1) / n, risk: wrong / (k + 1) });
  }
  return points;
}

/**
 * How well a score tells wrong answers from right ones: the probability that a wrong one is the more
 * uncertain of a random pair, equals counting half (area under the ROC curve). 0.5 is chance.
 * @returns NaN if all answers are right, or all wrong
 */
export function aurocOfErrors(uncertainty: readonly number[], right: readonly boolean[]): number {
  let [wins, pairs] = [0, 0];
  for (const [i, a] of uncertainty.entries())
    for (const [j, b] of uncertainty.entries()) {
      if (right[i] || !right[j]) continue;
      pairs++;
      wins += a > b ? 1 : a === b ? 0.5 : 0;
    }
  return wins / pairs;
}

/** The mean risk over all coverages 1/n … 1; equals are spread evenly. Small is good. */
export function areaUnderRisk(points: readonly RiskPoint[], n: number): number {
  let [sum, from, wrong] = [0, 0, 0];
  for (const { coverage, risk } of points) {
    const to = Math.round(coverage * n);
    const all = risk * to;
    for (let k = from + 1; k <= to; k++)
      sum += (wrong + ((all - wrong) * (k - from)) / (to - from)) / k;
    [from, wrong] = [to, all];
  }
  return sum / n;
}
