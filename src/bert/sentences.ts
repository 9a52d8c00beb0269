/**
 * One vector for a sentence (Reimers & Gurevych, "Sentence-BERT", 2019): the hidden states of its
 * tokens, averaged, and divided by their length, so that the dot product of two vectors is the
 * cosine of the angle between them. A BERT as it is pretrained gives poor ones; those of MiniLM
 * were trained until sentences of like meaning were near each other.
 */
import { nextFrame, tf } from "../engine";
import { type BertIds, type BertText, bertBatch, bertIds } from "./inputs";
import type { LoadedBert } from "./load";
import { bertHidden } from "./model";

/**
 * The mean over the tokens that are there.
 *
 *     mean[b] = Σ_t mask[b][t] hidden[b][t] / Σ_t mask[b][t]
 *
 * @param hidden (B, T, C)
 * @param mask (B, T): 1 at tokens, 0 at padding
 * @returns (B, C), zeros where there is no token; the caller disposes it
 */
export function meanPool(hidden: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const weights = tf.expandDims(tf.cast(mask, "float32"), -1); // (B, T, 1)
    const sum = tf.sum(tf.mul(hidden, weights), 1); // (B, C)
    return tf.div(sum, tf.maximum(tf.sum(weights, 1), 1e-9));
  });
}

/**
 * Rows of length 1, in the direction that they had.
 * @param x (B, C)
 * @returns (B, C); a row of zeros stays one
 */
export function normaliseRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.div(x, tf.maximum(tf.norm(x, "euclidean", 1, true), 1e-12)));
}

/**
 * The vectors of texts, each of length 1 where the model's folder says so, as MiniLM's does. Texts
 * of like length are computed together, so that there is little padding.
 * @param bert what `loadBert` gave
 * @param texts longer ones than `bert.maxTokens` lose their end
 * @param options `batchTokens`: how many tokens are computed at once, padding included; a longer
 *   text is computed by itself
 * @returns one vector of C numbers for each text, in the order of the texts
 * @throws if batchTokens is not a whole number of 1 or more
 * @example const [a, b] = await embedTexts(bert, ["A cat sleeps.", "The kitten is asleep."]);
 */
export async function embedTexts(
  bert: LoadedBert,
  texts: readonly BertText[],
  { batchTokens = 1024 }: { batchTokens?: number } = {},
): Promise<Float32Array[]> {
  if (!(Number.isInteger(batchTokens) && batchTokens >= 1))
    throw new Error(`embedTexts: expected batchTokens of 1 or more, got ${batchTokens}`);
  const { tokenizer, maxTokens, config } = bert;
  const encoded = texts.map((text) => bertIds(tokenizer, text, { maxTokens }));
  const vectors: Float32Array[] = new Array(texts.length);
  for (const batch of batchesByLength(encoded, batchTokens)) {
    const { ids, types } = bertBatch(
      batch.map((i) => encoded[i]),
      config.padId,
    );
    const pooled = tf.tidy(() => poolBatch(bert, ids, types)); // (B, C)
    const values = (await pooled.data()) as Float32Array;
    tf.dispose([ids, types, pooled]);
    for (const [row, i] of batch.entries())
      vectors[i] = values.slice(row * config.nEmbd, (row + 1) * config.nEmbd);
    await nextFrame();
  }
  return vectors;
}

/** Numbers of texts, shortest first, in batches of B texts × the longest's length ≤ most. */
function batchesByLength(texts: readonly BertIds[], most: number): number[][] {
  const lengthOf = (i: number) => texts[i].ids.length;
  const order = texts.map((_, i) => i).sort((i, j) => lengthOf(i) - lengthOf(j));
  const batches: number[][] = [];
  for (const i of order) {
    const last = batches.at(-1);
    if (last && (last.length + 1) * lengthOf(i) <= most) last.push(i);
    else batches.push([i]);
  }
  return batches;
}

/** (B, T) → (B, C) */
function poolBatch(
  { params, config, blocks, pooling, normalise }: LoadedBert,
  ids: tf.Tensor2D,
  types: tf.Tensor2D,
): tf.Tensor2D {
  const [B] = ids.shape;
  const hidden = bertHidden(params, config, ids, { types, blocks }); // (B, T, C)
  const pooled =
    pooling === "cls"
      ? tf.reshape<tf.Rank.R2>(tf.slice(hidden, [0, 0, 0], [B, 1, config.nEmbd]), [B, config.nEmbd])
      : meanPool(hidden, tf.notEqual(ids, config.padId) as tf.Tensor2D);
  return normalise ? normaliseRows(pooled) : pooled;
}
