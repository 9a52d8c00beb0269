// The loss at each position of long texts, whoever may see whom: the whole text, a window, a window
// and sinks (`sinkAttention` of llm/inference). Texts are read in one pass each; the head, which is
// the largest matrix of a small model, in parts.
import { tf } from "../engine";
import { type GPTConfig, type GPTOptions, gptHead, gptHidden, tokenLogProbs } from "../gpt";
import type { Params } from "../params";

/** How many positions go through the head at once. */
const AT_ONCE = 128;

/**
 * −ln p of every token but the first, in nats.
 * @param ids T + 1 tokens of one text
 * @param options of the pass, such as what `sinkAttention` gives
 * @returns T numbers: the loss of what follows 1, 2, … tokens
 */
export function lossByPosition(
  { config, params }: { config: GPTConfig; params: Params },
  ids: ArrayLike<number>,
  options: GPTOptions = {},
): Float32Array {
  const T = ids.length - 1;
  if (T < 1) throw new Error(`lossByPosition: expected 2 tokens or more, got ${ids.length}`);
  const all = Array.from(ids);
  const losses = new Float32Array(T);
  const hidden = tf.tidy(() =>
    gptHidden(params, config, tf.tensor2d([all.slice(0, T)], [1, T], "int32"), options),
  );
  for (let from = 0; from < T; from += AT_ONCE) {
    const n = Math.min(AT_ONCE, T - from);
    const some = tf.tidy(() => {
      const logits = gptHead(params, tf.slice(hidden, [0, from, 0], [1, n, -1]), config);
      const targets = tf.tensor1d(all.slice(from + 1, from + n + 1), "int32");
      return tf.neg(tokenLogProbs(logits, targets)).dataSync();
    });
    losses.set(some, from);
  }
  hidden.dispose();
  return losses;
}

/**
 * Means over stretches of positions, and over texts.
 * @param losses one row for each text, all of one length
 * @param width positions of a stretch
 * @returns the mean of positions 0 … width − 1, of the next `width`, and so on
 */
export function inStretches(losses: readonly ArrayLike<number>[], width: number): number[] {
  const count = Math.floor(losses[0].length / width);
  return Array.from({ length: count }, (_, s) => {
    let sum = 0;
    for (const row of losses) for (let i = s * width; i < (s + 1) * width; i++) sum += row[i];
    return sum / (losses.length * width);
  });
}

/**
 * How much of their attention the positions from `from` on give to one earlier position each, the
 * mean over these positions. Equal weights would give it 1 / (i + 1) at position i.
 * @param ids one text
 * @param keyOf which position is looked at from position i: () => 0 for the first token,
 *   (i) => i − 1 for the one before
 * @returns one row for each layer, in it one number for each head
 */
export function attentionShares(
  { config, params }: { config: GPTConfig; params: Params },
  ids: ArrayLike<number>,
  from: number,
  keyOf: (i: number) => number,
): number[][] {
  const T = ids.length;
  const picked = new Float32Array(T * T);
  for (let i = from; i < T; i++) picked[i * T + keyOf(i)] = 1 / (T - from);
  const shares: number[][] = [];
  tf.tidy(() => {
    const pick = tf.tensor2d(picked, [T, T]);
    gptHidden(params, config, tf.tensor2d([Array.from(ids)], [1, T], "int32"), {
      onAttention: (layer, weights) => {
        shares[layer] = Array.from(tf.sum(tf.mul(weights, pick), [0, 2, 3]).dataSync());
      },
    });
  });
  return shares;
}

/** `attentionShares` of the first token, layer by layer: the mean over heads. */
export const firstTokenShare = (
  model: { config: GPTConfig; params: Params },
  ids: ArrayLike<number>,
  from: number,
): number[] =>
  attentionShares(model, ids, from, () => 0).map(
    (heads) => heads.reduce((a, b) => a + b, 0) / heads.length,
  );
