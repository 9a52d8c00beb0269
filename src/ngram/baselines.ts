// The three lines drawn under every loss curve of the course: what a model has to beat to have learnt
// anything. Stronger counting models are beside this file.
import { checkTokens } from "./check";

/** Cross-entropies in nats per token; a model whose loss is below one has learnt more than it. */
export interface Baselines {
  /** ln V: every token equally likely. An untrained GPT starts here. */
  uniform: number;
  /** Knows only how frequent each token is. */
  unigram: number;
  /** Knows the token before. */
  bigram: number;
}

/**
 * The loss of three counting models, fitted on `trainIds` and measured on `valIds`, in nats per
 * token.
 *
 *     uniform    ln V
 *     unigram    p(b) = (n(b) + 1) / (N + V)
 *     bigram     p(b|a) = (n(ab) + 1) / (n(a·) + V)
 *
 * n(b) is the count of b, n(ab) of the pair, n(a·) of pairs that begin with a; N is the number of
 * training tokens, V the size of the vocabulary. Adding one (add-one smoothing) keeps every pair of
 * the validation text possible. Both means run over valIds[1], valIds[2], …: the tokens that a GPT
 * predicts too.
 *
 * @param trainIds at least one token id
 * @param valIds at least two token ids
 * @param vocabSize V
 * @throws if there are too few ids or one is outside 0 … V − 1
 */
export function ngramBaselines(
  trainIds: ArrayLike<number>,
  valIds: ArrayLike<number>,
  vocabSize: number,
): Baselines {
  const V = vocabSize;
  checkTokens(trainIds, V, 1, "ngramBaselines", "trainIds");
  checkTokens(valIds, V, 2, "ngramBaselines", "valIds");
  const N = trainIds.length;
  const tokens = new Float64Array(V);
  const firsts = new Float64Array(V);
  const pairs = new Map<number, number>(); // key a·V + b
  for (let i = 0; i < N; i++) {
    tokens[trainIds[i]]++;
    if (i === 0) continue;
    const key = trainIds[i - 1] * V + trainIds[i];
    firsts[trainIds[i - 1]]++;
    pairs.set(key, (pairs.get(key) ?? 0) + 1);
  }
  let unigram = 0;
  let bigram = 0;
  for (let i = 1; i < valIds.length; i++) {
    const [a, b] = [valIds[i - 1], valIds[i]];
    unigram -= Math.log((tokens[b] + 1) / (N + V));
    bigram -= Math.log(((pairs.get(a * V + b) ?? 0) + 1) / (firsts[a] + V));
  }
  const predicted = valIds.length - 1;
  return { uniform: Math.log(V), unigram: unigram / predicted, bigram: bigram / predicted };
}
