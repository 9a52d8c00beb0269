// Lesson 19 (reasoning), reference answers. Letters: B texts, T places of a row.

import { tf } from "llm/engine";

export function answerReward(question: string, answer: string): number {
  if (!answer.endsWith("$")) return 0; // the model had no time to finish
  const sum = Array.from(question.slice(0, -1), Number).reduce((a, b) => a + b, 0);
  // Compared as a character: Number("") would be 0, and an answer that is empty would get paid.
  return answer.at(-2) === String(sum % 10) ? 1 : 0;
}

export function majority(values: (number | null)[]): number | null {
  const counts = new Map<number, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: number | null = null;
  // A Map keeps the order in which values came; ">" leaves the first of equals in place.
  for (const [value, count] of counts)
    if (best === null || count > (counts.get(best) ?? 0)) best = value;
  return best;
}

export function passAtK(N: number, c: number, k: number): number {
  let allWrong = 1;
  // One answer is drawn after another and not put back: N − c − i wrong ones are left of N − i.
  for (let i = 0; i < k; i++) allWrong *= Math.max(0, N - c - i) / (N - i);
  return 1 - allWrong;
}

export function groupAdvantages(
  rewards: number[],
  groupSize: number,
  { std }: { std: boolean },
): number[] {
  return rewards.map((reward, i) => {
    const start = i - (i % groupSize); // where the group of this reward begins
    const group = rewards.slice(start, start + groupSize);
    const mean = group.reduce((a, b) => a + b, 0) / groupSize;
    const variance = group.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (groupSize - 1);
    return (reward - mean) / (std ? Math.sqrt(variance) + 1e-4 : 1);
  });
}

export function klPerToken(logProbs: tf.Tensor2D, reference: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const d = tf.sub(reference, logProbs);
    // e^d lies above its tangent 1 + d everywhere: the estimate is never negative.
    return tf.sub(tf.sub(tf.exp(d), d), 1);
  });
}

export function reduceLoss(
  losses: tf.Tensor2D,
  mask: tf.Tensor2D,
  { level, longest }: { level: "sequence" | "token" | "constant"; longest: number },
): tf.Scalar {
  return tf.tidy(() => {
    const counted = tf.mul(losses, mask);
    // A fixed divisor: a token weighs the same in every text and in every batch.
    if (level === "constant") return tf.div(tf.sum(counted), losses.shape[0] * longest);
    if (level === "token") return tf.div(tf.sum(counted), tf.maximum(tf.sum(mask), 1));
    // Each text has one vote, so a token of a long text weighs less.
    return tf.mean(tf.div(tf.sum(counted, 1), tf.maximum(tf.sum(mask, 1), 1)));
  });
}
