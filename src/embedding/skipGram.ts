// word2vec's skip-gram with negative sampling: a word's vector is trained to tell the words that
// stand near it from words drawn at random (Mikolov and others, Distributed Representations of Words
// and Phrases and their Compositionality, 2013). `negativeSampling` is the loss of one pair with its
// gradients, to be read; `skipGram` trains with the same numbers, without making arrays.
// Left out: phrases, hierarchical softmax, many threads, the table of rounded sigmoids.
import { Random } from "../random";
import { AliasTable } from "./alias";
import type { Corpus } from "./corpus";
import { type WordVectors, wordVectors } from "./vectors";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** −log σ(x) = log(1 + e^(−x)), also for large numbers. */
const negativeLogSigmoid = (x: number): number =>
  Math.max(-x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** What a pair of words costs, and in which direction each vector makes it dearer. */
export interface NegativeSampling {
  /** In nats. */
  loss: number;
  /** Of the centre's vector, D numbers. */
  centre: number[];
  /** Of the vector of the word near it, D numbers. */
  context: number[];
  /** Of each word drawn for comparison, D numbers each. */
  negatives: number[][];
}

/**
 * The loss of one pair, and its gradients:
 *
 *     loss = −log σ(v·u) − Σ log σ(−v·n)
 *
 * @param centre v, D numbers
 * @param context u, the vector of a word near the centre
 * @param negatives n, the vectors of words drawn at random
 */
export function negativeSampling(
  centre: ArrayLike<number>,
  context: ArrayLike<number>,
  negatives: readonly ArrayLike<number>[],
): NegativeSampling {
  const D = centre.length;
  const gradient = new Array<number>(D).fill(0);
  let loss = 0;
  const toward = (u: ArrayLike<number>, target: 0 | 1): number[] => {
    if (u.length !== D)
      throw new Error(`negativeSampling: expected vectors of ${D} numbers, got ${u.length}`);
    let score = 0;
    for (let d = 0; d < D; d++) score += centre[d] * u[d];
    loss += negativeLogSigmoid(target === 1 ? score : -score);
    const error = sigmoid(score) - target; // the derivative by the score
    for (let d = 0; d < D; d++) gradient[d] += error * u[d];
    return Array.from({ length: D }, (_, d) => error * centre[d]);
  };
  const contextGradient = toward(context, 1);
  const negativeGradients = negatives.map((n) => toward(n, 0));
  return { loss, centre: gradient, context: contextGradient, negatives: negativeGradients };
}

/**
 * The chance that an occurrence of a word is kept: min(1, √(t / f)), where f is the word's share in
 * the text. Words like "the" are near everything and say little about their neighbours.
 * @param share f
 * @param threshold t
 */
export const keepProbability = (share: number, threshold: number): number =>
  Math.min(1, Math.sqrt(threshold / share));

export interface SkipGramOptions {
  seed: number;
  /** Numbers in a vector (default 50). */
  D?: number;
  /** The widest window, in words on each side (default 5); each place draws its own, from 1 on. */
  window?: number;
  /** Words drawn for comparison with each pair (default 5). */
  negatives?: number;
  /** Words are drawn by their count to this power (default 0.75). */
  power?: number;
  /** t of `keepProbability` (default 1e-3). */
  subsample?: number;
  /** Passes over the text (default 5). */
  epochs?: number;
  /** Learning rate at the start (default 0.025); it falls on a straight line. */
  lr?: number;
  /** How many reports come during the training, besides the one before it (default 10). */
  reports?: number;
}

/** The state of a training. `vectors` goes on changing: copy `vectors.values` to keep them. */
export interface TrainingReport {
  /** From 0 to 1. */
  done: number;
  /** Mean loss of the pairs since the last report, in nats; NaN before the first. */
  loss: number;
  vectors: WordVectors;
}

/**
 * Trains word vectors step by step: each report of the generator is a moment to draw or measure.
 *
 *     for (const { done, vectors } of skipGram(corpus, { seed: 1 })) …
 *     const vectors = trained(skipGram(corpus, { seed: 1 }));
 */
export function* skipGram(corpus: Corpus, options: SkipGramOptions): Generator<TrainingReport> {
  const { seed, D = 50, window = 5, negatives = 5, power = 0.75, subsample = 1e-3 } = options;
  const { epochs = 5, lr = 0.025, reports = 10 } = options;
  const V = corpus.words.length;
  const rng = new Random(seed);
  const start = rng.fork("vectors");
  // As in word2vec: small numbers for the words, zeros for their part as a neighbour.
  const words = Float32Array.from({ length: V * D }, () => (start.uniform() - 0.5) / D);
  const contexts = new Float32Array(V * D);
  const vectors = wordVectors(corpus, words);
  const noise = new AliasTable(corpus.counts.map((count) => count ** power));
  const keep = corpus.counts.map((count) => keepProbability(count / corpus.total, subsample));
  const gradient = new Float64Array(D);
  const draws = rng.fork("pairs");

  yield { done: 0, loss: Number.NaN, vectors };
  let [seen, pairs, loss, reported] = [0, 0, 0, 0];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const line of corpus.lines) {
      const kept = line.filter((id) => draws.uniform() < keep[id]);
      const rate = lr * Math.max(1 - seen / (epochs * corpus.total), 1e-4);
      for (let t = 0; t < kept.length; t++) {
        const reach = 1 + draws.integer(window);
        for (let s = Math.max(0, t - reach); s <= Math.min(kept.length - 1, t + reach); s++) {
          if (s === t) continue;
          loss += trainPair(words, kept[t] * D, contexts, kept[s], rate);
          pairs++;
        }
      }
      seen += line.length;
      const done = seen / (epochs * corpus.total);
      if (done * reports < reported + 1 - 1e-9) continue;
      reported = Math.floor(done * reports + 1e-9);
      yield { done, loss: loss / pairs, vectors };
      [loss, pairs] = [0, 0];
    }
  }

  /** One step of `negativeSampling`: its loss before the step. */
  function trainPair(
    v: Float32Array,
    at: number,
    u: Float32Array,
    context: number,
    rate: number,
  ): number {
    let sum = 0;
    gradient.fill(0);
    for (let n = 0; n <= negatives; n++) {
      const id = n === 0 ? context : noise.draw(draws);
      if (n > 0 && id === context) continue; // a word is not its own counterexample
      const to = id * D;
      let score = 0;
      for (let d = 0; d < D; d++) score += v[at + d] * u[to + d];
      sum += negativeLogSigmoid(n === 0 ? score : -score);
      const error = sigmoid(score) - (n === 0 ? 1 : 0);
      const step = rate * error;
      for (let d = 0; d < D; d++) {
        gradient[d] += error * u[to + d];
        u[to + d] -= step * v[at + d];
      }
    }
    for (let d = 0; d < D; d++) v[at + d] -= rate * gradient[d];
    return sum;
  }
}

/** Runs a training to its end. */
export function trained(reports: Iterable<TrainingReport>): WordVectors {
  let last: TrainingReport | undefined;
  for (const report of reports) last = report;
  if (last === undefined) throw new Error("trained: expected a training, got none");
  return last.vectors;
}
