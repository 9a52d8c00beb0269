// What single heads do: scores of their attention (Olsson et al., 2022), and what is lost without
// them. What they write is in copying.ts.
//
// Letters: B batch, H heads, T time, D width of a head, C channels, V vocabulary.
import { tf } from "../engine";
import type { Hook, Hooks } from "../gpt";
import { lossAt, type Model, runWithCache, runWithHooks } from "./run";

/** A head by its layer and number. */
export interface Head {
  layer: number;
  head: number;
}

/** All heads of a model, layer by layer. */
export const headsIn = ({ config: { nLayer, nHead } }: Pick<Model, "config">): Head[] =>
  Array.from({ length: nLayer * nHead }, (_, i) => ({
    layer: Math.floor(i / nHead),
    head: i % nHead,
  }));

/**
 * How much of its weight each head gives to the place `back` before the query, on average over the
 * rows and over the queries from `from` on. In rows that repeat after P tokens, back = P − 1 is the
 * place after the last occurrence of the query's token: Olsson's prefix-matching score. back = 1 is
 * the previous token.
 * @param pattern (B, H, T, T)
 * @returns (H)
 */
export function lookingBack(pattern: tf.Tensor4D, back: number, from = back): tf.Tensor1D {
  const [, , T] = pattern.shape;
  if (!(back >= 0 && from >= back && from < T))
    throw new Error(`lookingBack: expected 0 ≤ back ≤ from < ${T}, got ${back} and ${from}`);
  return tf.tidy(() => {
    const queries = Array.from({ length: T - from }, (_, i) => from + i);
    const wanted = tf.oneHot(
      tf.tensor1d(
        queries.map((t) => t - back),
        "int32",
      ),
      T,
    ); // (T', T)
    const rows = tf.slice(pattern, [0, 0, from, 0], [-1, -1, -1, -1]);
    return tf.mean(tf.sum(tf.mul(rows, wanted), -1), [0, 2]);
  });
}

/**
 * The prefix-matching score of every head of a model on rows that repeat after P tokens.
 * @returns [layer][head]
 */
export function headScores(
  model: Model,
  rows: readonly (readonly number[])[],
  back: number,
  from = back,
): number[][] {
  return tf.tidy(() => {
    const { cache } = runWithCache(model, tensorOf(rows), (name) => name.endsWith("hook_pattern"));
    return Object.values(cache).map((pattern) => {
      const scores = lookingBack(pattern as tf.Tensor4D, back, from);
      pattern.dispose();
      return Array.from(scores.dataSync());
    });
  });
}

/** Rows as a tensor (B, T). */
export const tensorOf = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(rows as number[][], [rows.length, rows[0].length], "int32");

/**
 * One head's output replaced: by zeros, by its mean, or by what it was in another row.
 * @param z (B, H, T, D)
 * @param instead "zero" · "mean" over rows and places · "resample": the row before it in the batch
 * @returns (B, H, T, D)
 */
export function ablatedHead(
  z: tf.Tensor4D,
  head: number,
  instead: "zero" | "mean" | "resample",
): tf.Tensor4D {
  const [, H] = z.shape;
  if (!(Number.isInteger(head) && head >= 0 && head < H))
    throw new Error(`ablatedHead: expected a head from 0 to ${H - 1}, got ${head}`);
  return tf.tidy(() => {
    const others = {
      zero: () => tf.zerosLike(z),
      mean: () => tf.add(tf.zerosLike(z), tf.mean(z, [0, 2], true)),
      resample: () =>
        tf.concat([tf.slice(z, [z.shape[0] - 1]), tf.slice(z, [0], [z.shape[0] - 1])]),
    }[instead]();
    const only = Array.from({ length: H }, (_, h) => (h === head ? 1 : 0));
    const mask = tf.tensor4d(only, [1, H, 1, 1]);
    return tf.add(tf.mul(z, tf.sub(1, mask)), tf.mul(others, mask)) as tf.Tensor4D;
  });
}

/** Hooks under which these heads are cut. */
export function withoutHeads(
  heads: readonly Head[],
  instead: "zero" | "mean" | "resample" = "mean",
): Hooks {
  const hooks: Hooks = {};
  for (const layer of new Set(heads.map((h) => h.layer))) {
    const cut = heads.filter((h) => h.layer === layer).map((h) => h.head);
    const hook: Hook = (z) =>
      tf.tidy(() => cut.reduce((x, h) => ablatedHead(x, h, instead), z as tf.Tensor4D));
    hooks[`blocks.${layer}.attn.hook_z`] = hook;
  }
  return hooks;
}

/**
 * The loss in nats over the second halves of rows that repeat, without some heads.
 * @param rows of 2P tokens, the second half like the first
 */
export function secondHalfLoss(
  model: Model,
  rows: readonly (readonly number[])[],
  hooks: Hooks = {},
): number {
  const half = rows[0].length / 2;
  const places = Array.from({ length: half - 1 }, (_, i) => half + i);
  return tf.tidy(() => lossAt(runWithHooks(model, tensorOf(rows), hooks), rows, places));
}
