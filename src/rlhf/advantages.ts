// From rewards to advantages: how much better than expected each token, or each text, was. Plain
// numbers, before any gradient: an advantage is a constant in the loss.
//
//   PPO (Schulman et al., 2017) for language models (Ziegler et al., 2019; Ouyang et al., 2022):
//     penalisedRewards → gae → whiten
//   GRPO (Shao et al., 2024, "DeepSeekMath"): groupAdvantages
//
// Left out: discounting of whole tasks, n-step returns, V-trace.

/** What is subtracted below a root or added to a divisor, as in TRL. */
const WHITEN_EPS = 1e-8;
const GROUP_EPS = 1e-4;

/**
 * The reward of each token of one answer: −β times how much likelier the policy finds it than the
 * reference does, and at the last token the score of the whole text.
 *
 *     rₜ = −β (ln π(aₜ) − ln π_ref(aₜ)) + [t is last] score
 *
 * In the mean over texts that the policy writes, the sum of the differences is KL(π ‖ π_ref).
 * @param logProbs ln π of each token when it was drawn
 * @param reference ln π_ref of the same tokens
 */
export function penalisedRewards(
  score: number,
  { logProbs, reference, beta }: { logProbs: number[]; reference: number[]; beta: number },
): number[] {
  return logProbs.map(
    (p, t) => -beta * (p - reference[t]) + (t === logProbs.length - 1 ? score : 0),
  );
}

/** What generalised advantage estimation gives for one answer. */
export interface Estimates {
  advantages: number[];
  /** What the values should have been: advantage + value. */
  returns: number[];
}

/**
 * Generalised advantage estimation (Schulman et al., 2016) over the tokens of one answer:
 *
 *     δₜ = rₜ + γ V(t + 1) − V(t),  Aₜ = δₜ + γλ Aₜ₊₁,  with V = A = 0 after the last token
 *
 * λ = 1 is the whole sum of rewards minus the value, λ = 0 only the next step.
 * @param values V(t), what the value head expects before token t is written
 */
export function gae(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { gamma = 1, lambda = 0.95 }: { gamma?: number; lambda?: number } = {},
): Estimates {
  if (rewards.length !== values.length)
    throw new Error(`gae: expected ${rewards.length} values, got ${values.length}`);
  const advantages = Array<number>(rewards.length);
  let next = { value: 0, advantage: 0 };
  for (let t = rewards.length - 1; t >= 0; t--) {
    const delta = rewards[t] + gamma * next.value - values[t];
    advantages[t] = delta + gamma * lambda * next.advantage;
    next = { value: values[t], advantage: advantages[t] };
  }
  return { advantages, returns: advantages.map((a, t) => a + values[t]) };
}

/** Mean, and the variance with n − 1 below (0 for a single number). */
function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, values.length - 1) };
}

/**
 * All advantages of a rollout with mean 0 and variance 1, over all tokens of all answers: no
 * padding is among them. Where all are equal, all become 0.
 */
export function whiten(advantages: readonly number[][]): number[][] {
  const { mean, variance } = moments(advantages.flat());
  const scale = 1 / Math.sqrt(variance + WHITEN_EPS);
  return advantages.map((row) => row.map((a) => (a - mean) * scale));
}

/**
 * The advantages of texts that were written to the same prompt, against each other:
 *
 *     Aᵢ = (rᵢ − mean of the group) / (standard deviation of the group + 10⁻⁴)
 *
 * A group in which all rewards are equal teaches nothing: its advantages are 0.
 * @param rewards group after group
 * @param options.std false leaves the division out (Liu et al., 2025, "Dr. GRPO")
 */
export function groupAdvantages(
  rewards: readonly number[],
  groupSize: number,
  { std = true }: { std?: boolean } = {},
): number[] {
  if (!(groupSize >= 2) || rewards.length % groupSize !== 0)
    throw new Error(
      `groupAdvantages: expected groups of 2 or more, and rewards for whole groups, ` +
        `got ${rewards.length} rewards in groups of ${groupSize}`,
    );
  return rewards.map((reward, i) => {
    const start = i - (i % groupSize);
    const { mean, variance } = moments(rewards.slice(start, start + groupSize));
    return (reward - mean) / (std ? Math.sqrt(variance) + GROUP_EPS : 1);
  });
}
