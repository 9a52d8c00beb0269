// Lesson 18 (RLHF), reference answers. Letters: B texts, T places of a row, V vocabulary.

import { tf } from "llm/engine";

export function preferenceLoss(chosen: tf.Tensor1D, rejected: tf.Tensor1D): tf.Scalar {
  // −ln σ(x) = softplus(−x): no σ that could become 0 before the logarithm.
  return tf.tidy(() => tf.mean(tf.softplus(tf.sub(rejected, chosen))));
}

export function answerLogProbs(
  logits: tf.Tensor3D,
  ids: tf.Tensor2D,
  answer: tf.Tensor2D,
): tf.Tensor1D {
  return tf.tidy(() => {
    const [B, T, V] = logits.shape;
    // The logits without the last place belong to the ids without the first one.
    const logProbs = tf.logSoftmax(tf.slice(logits, [0, 0, 0], [B, T - 1, V]));
    const next = tf.slice(ids, [0, 1], [B, T - 1]);
    const chosen = tf.sum(tf.mul(logProbs, tf.oneHot(next, V)), -1); // (B, T − 1)
    // The mask moves with the ids: it says which of them are the answer's.
    return tf.sum(tf.mul(chosen, tf.slice(answer, [0, 1], [B, T - 1])), 1);
  });
}

export function penalisedRewards(
  score: number,
  { logProbs, reference, beta }: { logProbs: number[]; reference: number[]; beta: number },
): number[] {
  // A token that the policy likes better than the reference does costs something.
  const rewards = logProbs.map((p, t) => -beta * (p - reference[t]));
  rewards[rewards.length - 1] += score; // the whole text is judged once, when it is finished
  return rewards;
}

export function gae(
  rewards: number[],
  values: number[],
  { gamma, lambda }: { gamma: number; lambda: number },
): { advantages: number[]; returns: number[] } {
  const advantages = rewards.map(() => 0);
  // Behind the last token nothing is to come: its value and its advantage are 0.
  let [nextValue, nextAdvantage] = [0, 0];
  for (let t = rewards.length - 1; t >= 0; t--) {
    const delta = rewards[t] + gamma * nextValue - values[t];
    advantages[t] = delta + gamma * lambda * nextAdvantage;
    [nextValue, nextAdvantage] = [values[t], advantages[t]];
  }
  return { advantages, returns: advantages.map((a, t) => a + values[t]) };
}

export function whiten(advantages: number[][]): number[][] {
  const all = advantages.flat();
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  // Of one number n − 1 would be 0: its distance from the mean is 0 whatever it is divided by.
  const variance = all.reduce((sum, a) => sum + (a - mean) ** 2, 0) / Math.max(1, all.length - 1);
  return advantages.map((row) => row.map((a) => (a - mean) / Math.sqrt(variance + 1e-8)));
}

export function clippedLoss(
  logProbs: tf.Tensor2D,
  old: tf.Tensor2D,
  advantages: tf.Tensor2D,
  mask: tf.Tensor2D,
  { low, high }: { low: number; high: number },
): tf.Scalar {
  return tf.tidy(() => {
    const ratio = tf.exp(tf.sub(logProbs, old));
    const clipped = tf.clipByValue(ratio, 1 - low, 1 + high);
    // The smaller of the two: where the ratio is already too far on the side that pays, moving on
    // gains nothing; where it is on the other side, the way back is never cut off.
    const gain = tf.minimum(tf.mul(ratio, advantages), tf.mul(clipped, advantages));
    return tf.neg(tf.div(tf.sum(tf.mul(gain, mask)), tf.sum(mask)));
  });
}
