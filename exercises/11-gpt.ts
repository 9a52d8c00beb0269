// Lesson 11 (GPT). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 11`). You may call the functions you have finished from the later
// ones.
//
// Where a function works with tensors, put your code into `return tf.tidy(() => { … });`, which
// frees all tensors that were made inside, except those that it returns. The others work with plain
// numbers.
//
// Letters: B batch, T time, C channels, H heads of queries, K heads of keys and values, D width of a
// head, F width inside the feed-forward network, V vocabulary, L layers, E experts, N tokens.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * Each head of keys (or values) several times in a row, so that grouped queries can use ordinary
 * attention: with `times` = H / K, head h of the result is head ⌊h / times⌋ of x.
 *
 * `tf.tile(y, reps)` repeats a tensor along each axis, and `tf.reshape` can give it an axis of
 * length 1 to be repeated. Do not loop over heads.
 *
 * @param x (B, K, T, D)
 * @param times how often each head is used; 1 changes nothing (and still gives a new tensor)
 * @returns (B, K · times, T, D)
 * @example two heads a and b, times 3 → a a a b b b
 * @points 2 @minutes 8 @difficulty 2
 */
export function repeatHeads(x: tf.Tensor4D, times: number): tf.Tensor4D {
  return notDoneYet("repeatHeads", x, times);
}

/**
 * How many bytes a KV cache takes: for every layer and every position it keeps one key and one value
 * for each of the K heads, D numbers each.
 *
 * @param model `nLayer` L, `nKvHead` K, `headWidth` D
 * @param options `tokens`: how many positions; `bytes`: of one number (4 in float32, 2 in float16)
 * @returns a number of bytes
 * @example 1 layer, 1 head, 8 wide, 10 tokens of 2 bytes → 320
 * @points 1 @minutes 4 @difficulty 1
 */
export function cacheBytes(
  { nLayer, nKvHead, headWidth }: { nLayer: number; nKvHead: number; headWidth: number },
  { tokens, bytes }: { tokens: number; bytes: number },
): number {
  return notDoneYet("cacheBytes", nLayer, nKvHead, headWidth, tokens, bytes);
}

/**
 * How many parameters a LLaMA model has. No layer has a bias. D = C / H, and
 *
 *     embeddings    V · C      and the same again for the head, unless it is tied to them
 *     each layer    queries C · H·D, keys C · K·D, values C · K·D, output H·D · C
 *                   feed-forward: three matrices of C · F
 *                   two norms of C gains
 *     at the end    one norm of C gains
 *
 * With experts, each layer has a router of E · C numbers, and E feed-forward networks in place of
 * one. A token goes through `perToken` of them: the others do not count as active. Everything else
 * is active.
 *
 * @param model `nEmbd` C, `nInner` F, `nHead` H, `nKvHead` K, `nLayer` L, `vocabSize` V
 * @returns `total`: all parameters; `active`: those that take part in one token
 * @example V 10, C 4, F 6, H 2, K 1, L 1, tied → embeddings 40, attention 48, feed-forward 72,
 *   norms 12: { total: 172, active: 172 }
 * @points 3 @minutes 12 @difficulty 2
 */
export function countLlama(model: {
  vocabSize: number;
  nEmbd: number;
  nLayer: number;
  nHead: number;
  nKvHead: number;
  nInner: number;
  tied: boolean;
  experts?: { count: number; perToken: number };
}): { total: number; active: number } {
  return notDoneYet("countLlama", model);
}

/**
 * The router of a mixture of experts: each token goes to the k experts with the largest
 * probabilities, and their outputs are weighted by these probabilities divided by their sum.
 *
 *     p       = softmax of the token's E scores
 *     chosen  = the k experts with the largest p, the most probable one first; of equal ones, the
 *               one with the smaller number first
 *     weights = p of the chosen ones / Σ p of the chosen ones
 *
 * @param scores N rows of E numbers; subtract the largest of a row before `Math.exp`
 * @param k from 1 to E
 * @returns `probabilities`: N rows of E; `chosen`: N rows of k expert numbers; `weights`: N rows of
 *   k numbers that sum to 1, in the order of `chosen`
 * @example scores [[ln 1, ln 5, ln 4]], k = 2 → probabilities [[0.1, 0.5, 0.4]], chosen [[1, 2]],
 *   weights [[5/9, 4/9]]
 * @points 3 @minutes 12 @difficulty 3
 */
export function routeTokens(
  scores: number[][],
  k: number,
): { probabilities: number[][]; chosen: number[][]; weights: number[][] } {
  return notDoneYet("routeTokens", scores, k);
}

/**
 * The loss that keeps all experts in use:
 *
 *     loss = E · Σ_e f_e · P_e
 *     f_e  = how many tokens chose expert e, divided by N
 *     P_e  = the mean over all N tokens of the probability of e
 *
 * With k chosen experts per token the f_e sum to k. The loss is k if all experts are used equally.
 *
 * @param probabilities N rows of E numbers
 * @param chosen N rows of expert numbers
 * @example probabilities [[0.9, 0.1], [0.7, 0.3]], chosen [[0], [0]] → 2 · (1 · 0.8 + 0 · 0.2) = 1.6
 * @points 2 @minutes 8 @difficulty 3
 */
export function balanceLoss(probabilities: number[][], chosen: number[][]): number {
  return notDoneYet("balanceLoss", probabilities, chosen);
}

/**
 * GPT-2 keeps the matrices of queries, keys and values side by side in one, and multiplies x · W.
 * LLaMA keeps three, and multiplies x · Wᵀ. Takes GPT-2's matrix apart into LLaMA's three.
 *
 * @param weight GPT-2's `c_attn.weight`, (C, 3C): C rows in, and 3C columns out, of which the first C
 *   make queries, the next C keys, the last C values
 * @returns `q`, `k` and `v`, (C, C) each, with one row for each number out: x · q.weightᵀ of LLaMA is
 *   the first third of GPT-2's x · weight
 * @example C = 2, weight [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]] → q [[1, 7], [2, 8]],
 *   k [[3, 9], [4, 10]], v [[5, 11], [6, 12]]
 * @points 2 @minutes 8 @difficulty 2
 */
export function separateProjections(weight: tf.Tensor2D): {
  q: tf.Tensor2D;
  k: tf.Tensor2D;
  v: tf.Tensor2D;
} {
  return notDoneYet("separateProjections", weight);
}
