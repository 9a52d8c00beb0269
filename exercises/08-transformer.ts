// Lesson 08 (the Transformer). Replace each `notDoneYet(…)` with your answer, save, and run the
// check in the notebook (or `npm run check 08`). You may call the functions you have finished from
// the later ones.
//
// Tensors stay in memory until they are freed. Where a function works with tensors, put your code
// into `return tf.tidy(() => { … });`, which frees all tensors that were made inside, except those
// that it returns.
//
// Letters: B batch, S source tokens, T target tokens, C channels, F channels inside the feed-forward
// network, H heads.

import { multiHead } from "llm/attention";
import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/**
 * Layer normalisation: every vector of C numbers gets mean 0 and variance 1, and is then scaled and
 * shifted, channel by channel.
 *
 *     mean     = Σ_c x_c / C
 *     variance = Σ_c (x_c − mean)² / C               (divided by C, not by C − 1)
 *     output_c = (x_c − mean) / √(variance + ε) · gain_c + bias_c        with ε = 1e-5
 *
 * @param x (…, C): any number of axes in front; each vector along the last axis stands by itself
 * @param gain (C)
 * @param bias (C)
 * @returns a tensor of the shape of x
 * @example x = [[1, 3], [10, 10]], gain = [1, 1], bias = [0, 0] → about [[−1, 1], [0, 0]]
 * @points 2 @minutes 10 @difficulty 2
 */
export function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return notDoneYet("layerNorm", x, gain, bias);
}

/**
 * The feed-forward network with SwiGLU: two projections of the same input, one of which decides how
 * much of the other passes.
 *
 *     output = (silu(x · gate) ∘ (x · up)) · down        silu(z) = z · sigmoid(z)
 *
 * where · is the matrix product and ∘ multiplies number by number. `tf.matMul` does not multiply
 * three axes by two: use `linear(x, w)` of llm/ops, or reshape x to (B·T, C) first and the result
 * back at the end.
 *
 * @param x (B, T, C)
 * @param weights `gate` (C, F), `up` (C, F) and `down` (F, C)
 * @returns (B, T, C)
 * @example x = [[[2]]], gate = [[1]], up = [[3]], down = [[1]] → 2 · sigmoid(2) · 6 = 10.57
 * @points 2 @minutes 8 @difficulty 2
 */
export function swigluNetwork(
  x: tf.Tensor,
  { gate, up, down }: { gate: tf.Tensor; up: tf.Tensor; down: tf.Tensor },
): tf.Tensor {
  return notDoneYet("swigluNetwork", x, gate, up, down);
}

/**
 * Which tokens of a batch may be looked at: all but the padding. The two axes of length 1 let the
 * mask broadcast over all heads and all positions that look: (B, H, T, S).
 *
 * @param ids (B, S) of type int32: sources, filled up with `padId` behind the shorter ones
 * @returns (B, 1, 1, S) of type bool: false exactly where the id is `padId`
 * @example ids = [[7, 8], [9, 0]], padId = 0 → [[[[1, 1]]], [[[1, 0]]]]  // tfjs prints true as 1
 * @points 1 @minutes 5 @difficulty 1
 */
export function paddingMask(ids: tf.Tensor, padId: number): tf.Tensor {
  return notDoneYet("paddingMask", ids, padId);
}

/**
 * Cross-attention: the positions of x ask, and the positions of the context answer. Queries are
 * x · q, keys context · k and values context · v; the heads attend as in lesson 06 (attention), and
 * what they found is multiplied by `o`.
 *
 * `multiHead(queries, keys, values, { nHead, mask })` of llm/attention does what yours did there: it
 * returns `output` (B, T, C) and `weights` (B, H, T, S). `linear(x, w)` of llm/ops multiplies three
 * axes by a matrix.
 *
 * @param x (B, T, C): what the decoder has so far
 * @param context (B, S, C): what the encoder made of the source
 * @param options `weights`: four matrices (C, C); `nHead` divides C; `mask` bool, broadcasts to
 *   (B, H, T, S), true where the source may be looked at (where nothing may, `multiHead` gives
 *   weights of 0); if absent, everything may
 * @returns `output` (B, T, C) and the attention `weights` (B, H, T, S)
 * @example a source of one token: every attention weight is 1, and every row of `output` is that
 *   token's context · v · o, whatever x is
 * @points 3 @minutes 12 @difficulty 3
 */
export function crossAttention(
  x: tf.Tensor,
  context: tf.Tensor,
  {
    weights,
    nHead,
    mask,
  }: {
    weights: { q: tf.Tensor; k: tf.Tensor; v: tf.Tensor; o: tf.Tensor };
    nHead: number;
    mask?: tf.Tensor;
  },
): { output: tf.Tensor; weights: tf.Tensor } {
  return notDoneYet("crossAttention", x, context, weights, nHead, mask, multiHead);
}

/**
 * What the decoder is given in training, and what it should answer at each place. It is given the
 * target behind a begin token, and should answer with the same target one place earlier and an end
 * token: given begin it should answer the first token, given the first the second, and given the
 * last the end. Shorter rows are filled up with `pad` behind, to one more than the longest target.
 *
 * @param targets B lists of token ids, none of which is `begin`, `end` or `pad`; a list may be empty
 * @param special the three special ids
 * @returns `given` and `wanted`: B rows of that one length; `counts`: as many rows, 1 where `wanted`
 *   holds a token or the end, 0 at padding (the loss is averaged over the places with a 1)
 * @example targets = [[7, 8], [9]], begin 1, end 2, pad 0 →
 *   given [[1, 7, 8], [1, 9, 0]], wanted [[7, 8, 2], [9, 2, 0]], counts [[1, 1, 1], [1, 1, 0]]
 * @points 3 @minutes 10 @difficulty 2
 */
export function teacherForcing(
  targets: number[][],
  { begin, end, pad }: { begin: number; end: number; pad: number },
): { given: number[][]; wanted: number[][]; counts: number[][] } {
  return notDoneYet("teacherForcing", targets, begin, end, pad);
}

/**
 * One step of beam search: of all ways to go on, keep the `width` most probable.
 *
 * A beam whose last id is `end` is finished: it stays a candidate as it is, once. Every other beam b
 * has one candidate for each token t: its ids with t behind them, with the log-probability
 * `beams[b].logProbability + logProbabilities[b][t]`. Compare all candidates of all beams.
 *
 * @param beams `ids` so far, and the sum of ln p over them
 * @param logProbabilities for each beam a row of ln p for every token (of a finished one: ignored)
 * @param options `width`: how many are kept, or all where there are fewer; `end`: the end token
 * @returns new beams (a copy also of one that is finished), the most probable first; equal ones in
 *   the order of beams, then of tokens
 * @example beams [{ ids: [4], logProbability: −1 }], rows [[−3, −0.5, −1]], width 2, end 0
 *   → [{ ids: [4, 1], logProbability: −1.5 }, { ids: [4, 2], logProbability: −2 }]
 * @points 4 @minutes 15 @difficulty 4
 */
export function beamStep(
  beams: { ids: number[]; logProbability: number }[],
  logProbabilities: number[][],
  { width, end }: { width: number; end: number },
): { ids: number[]; logProbability: number }[] {
  return notDoneYet("beamStep", beams, logProbabilities, width, end);
}
