// One layer of attention that predicts the next word: nearly the smallest model in which attention
// has something to do. Which attention it uses is an argument, so that a learner's own can run.
//
// Letters: B sentences, T words, C channels, V words in the vocabulary, H heads.

import { causalMask, multiHead } from "../attention";
import { tf } from "../engine";
import { embedding, linear } from "../ops";
import type { Params } from "../params";
import { Random, randomNormal } from "../random";
import { encodeWords, longest, vocabulary } from "./sentences";

/**
 * The weights, by name: `words` (V, C) and `positions` (10, C), a vector for each word and each
 * place; `query`, `key`, `value` and `out` (C, C); `next` (C, V), which makes scores for the next
 * word.
 */
export type LookBack = Params<tf.Variable<tf.Rank.R2>>;

/** A fresh model with C = 32 channels; whoever makes it disposes its variables. */
export function createLookBack(seed: number): LookBack {
  const C = 32;
  const rng = new Random(seed).fork("weights");
  const matrix = (rows: number, columns: number, std: number) =>
    tf.variable(randomNormal([rows, columns], { rng, std })) as tf.Variable<tf.Rank.R2>;
  const square = () => matrix(C, C, 1 / Math.sqrt(C));
  return {
    words: matrix(vocabulary.length, C, 0.2),
    positions: matrix(longest, C, 0.2),
    query: square(),
    key: square(),
    value: square(),
    out: square(),
    next: matrix(C, vocabulary.length, 0.1),
  };
}

/** What the model attends with. */
export interface LookBackParts {
  /** Two heads of llm/attention unless another function is given. */
  multiHead?: typeof multiHead;
  /** Which words may look at which, (T, T) or (B, 1, T, T) bool; by default at none that follow. */
  mask?: tf.Tensor;
}

/**
 * The whole model: x = word + position, y = x + attention(x) W_out, logits = y W_next.
 * @param ids (B, T) int32, T ≤ 10
 * @returns `logits` (B, T, V) and `weights` (B, H, T, T); the caller disposes both
 */
export function lookBack(
  model: LookBack,
  ids: tf.Tensor2D,
  { multiHead: attend = multiHead, mask }: LookBackParts = {},
): { logits: tf.Tensor3D; weights: tf.Tensor4D } {
  const T = ids.shape[1];
  return tf.tidy(() => {
    const x = tf.add(embedding(model.words, ids), tf.slice(model.positions, 0, T)); // (B, T, C)
    const [q, k, v] = [model.query, model.key, model.value].map((W) => linear(x, W)); // (B, T, C)
    const { output, weights } = attend(q, k, v, { nHead: 2, mask: mask ?? causalMask(T) });
    const y = tf.add(x, linear(output, model.out)); // the word itself, plus what it has found
    return { logits: linear(y, model.next) as tf.Tensor3D, weights: weights as tf.Tensor4D };
  });
}

/** What the model makes of one sentence. */
export interface Reading {
  words: string[];
  /** By head: row = the word that looks, column = the word looked at. */
  weights: number[][][];
  /** All words of the vocabulary as the next one, the most probable first. */
  next: { word: string; probability: number }[];
}

/**
 * Reads a sentence and predicts the word after it.
 * @param text words of the vocabulary with spaces between them, at most 10
 * @throws if there is no word, or one that the model does not know
 */
export function readSentence(model: LookBack, text: string, parts: LookBackParts = {}): Reading {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words.length > longest || words[0] === "")
    throw new Error(`readSentence: expected 1 to ${longest} words, got "${text}"`);
  return tf.tidy(() => {
    const ids = tf.tensor2d([encodeWords(words, words.length)], [1, words.length], "int32");
    const { logits, weights } = lookBack(model, ids, parts);
    const last = tf.softmax(tf.slice(logits, [0, words.length - 1, 0], [1, 1, -1])).dataSync();
    const next = vocabulary.map((word, i) => ({ word, probability: last[i] }));
    next.sort((a, b) => b.probability - a.probability);
    return { words, weights: (weights.arraySync() as number[][][][])[0], next };
  });
}
