// Lesson 18 (RLHF). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 18`). `preferenceLoss`, `answerLogProbs` and `clippedLoss` work with
// tensors: put their code into `return tf.tidy(() => { … });`. The others are plain numbers.
//
// Letters: B texts, T places of a row, V vocabulary.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * The loss of a reward model (Bradley and Terry's model of choices):
 *
 *     loss = −(1/B) Σ ln σ(chosen_b − rejected_b),   ln σ(x) = −ln(1 + e^−x)
 *
 * `tf.softplus(x)` is ln(1 + e^x) without overflow. (In tfjs 4.22 the gradient of `tf.logSigmoid`
 * fails: do not use it.)
 *
 * @param chosen (B) rewards of the texts that were preferred
 * @param rejected (B) rewards of the texts beside them
 * @returns scalar; its gradient flows to both
 * @example chosen [2, 0], rejected [0, 0] → (0.1269 + 0.6931) / 2 = 0.41
 * @points 2 @minutes 8 @difficulty 2
 */
export function preferenceLoss(chosen: tf.Tensor1D, rejected: tf.Tensor1D): tf.Scalar {
  return notDoneYet("preferenceLoss", chosen, rejected);
}

/**
 * ln p(answer | prompt) of each text: the sum of the log-probabilities of the answer's tokens.
 *
 * The logits at place t say what comes at place t + 1, so the last place says nothing about the row.
 * The prompt was given and the padding was never written: neither is counted.
 *
 * @param logits (B, T, V)
 * @param ids (B, T) int32: prompt, answer and padding of each text; T is at least 2
 * @param answer (B, T): 1 where the id belongs to the answer, 0 elsewhere, never 1 at place 0
 * @returns (B); 0 for a text without an answer
 * @example ids [[5, 3, 4, 0]], answer [[0, 0, 1, 0]] → the log-probability of id 4 at place 1 of the
 *   logits, and nothing else
 * @points 3 @minutes 15 @difficulty 3
 */
export function answerLogProbs(
  logits: tf.Tensor3D,
  ids: tf.Tensor2D,
  answer: tf.Tensor2D,
): tf.Tensor1D {
  return notDoneYet("answerLogProbs", logits, ids, answer);
}

/**
 * The reward of each token of one answer, with the KL penalty:
 *
 *     rₜ = −β (ln π(aₜ) − ln π_ref(aₜ)),   and at the last token the score is added
 *
 * @param score what the reward model gives the whole text
 * @param options `logProbs`: ln π of each token, at least one; `reference`: ln π_ref of the same
 *   tokens; `beta`: β, 0 or more
 * @returns one number for each token
 * @example score 2, logProbs [−1, −2], reference [−1.5, −1], beta 0.1 → [−0.05, 2.1]
 * @points 2 @minutes 8 @difficulty 2
 */
export function penalisedRewards(
  score: number,
  { logProbs, reference, beta }: { logProbs: number[]; reference: number[]; beta: number },
): number[] {
  return notDoneYet("penalisedRewards", score, logProbs, reference, beta);
}

/**
 * Generalised advantage estimation over the T tokens of one answer. Going backwards from the last
 * token, with V and A 0 behind it:
 *
 *     δₜ = rₜ + γ V(t+1) − V(t),   A(t) = δₜ + γ λ A(t+1),   return(t) = A(t) + V(t)
 *
 * @param rewards T numbers
 * @param values T numbers, V(t)
 * @param options γ and λ, each from 0 to 1
 * @returns T advantages and T returns
 * @example rewards [0, 1], values [0.5, 0.5], gamma 1, lambda 0.5 → advantages [0.25, 0.5], returns
 *   [0.75, 1]
 * @points 3 @minutes 15 @difficulty 3
 */
export function gae(
  rewards: number[],
  values: number[],
  { gamma, lambda }: { gamma: number; lambda: number },
): { advantages: number[]; returns: number[] } {
  return notDoneYet("gae", rewards, values, gamma, lambda);
}

/**
 * The advantages of a rollout with mean 0 and standard deviation 1, over all tokens of all answers
 * together:
 *
 *     (a − mean) / √(variance + 1e-8),   variance = Σ (a − mean)² / (n − 1)
 *
 * Where all are equal, all become 0; a single number becomes 0 too.
 *
 * @param advantages a row for each answer; rows have different lengths, at least one number each
 * @returns rows of the same lengths
 * @example [[1, 2], [3]] → [[−1, 0], [1]]
 * @points 2 @minutes 10 @difficulty 2
 */
export function whiten(advantages: number[][]): number[][] {
  return notDoneYet("whiten", advantages);
}

/**
 * PPO's clipped loss: the mean over the tokens of the answers of
 *
 *     −min(ρ A, clip(ρ, 1 − low, 1 + high) A),   ρ = π(a) / π_old(a) = exp(logProbs − old)
 *
 * @param logProbs (B, T) ln π; the gradient flows through these
 * @param old (B, T) ln π of the policy that wrote the texts
 * @param advantages (B, T)
 * @param mask (B, T): 1 at the tokens of the answers, at least once, 0 at prompt and padding
 * @param clip `low` and `high`
 * @returns scalar
 * @example one token, logProbs ln 0.6, old ln 0.4, advantage 2, low = high = 0.2: ρ is 1.5, clipped
 *   1.2 → −2.4
 * @points 3 @minutes 15 @difficulty 3
 */
export function clippedLoss(
  logProbs: tf.Tensor2D,
  old: tf.Tensor2D,
  advantages: tf.Tensor2D,
  mask: tf.Tensor2D,
  { low, high }: { low: number; high: number },
): tf.Scalar {
  return notDoneYet("clippedLoss", logProbs, old, advantages, mask, low, high);
}
