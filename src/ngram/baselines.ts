// The three lines drawn under every loss curve of the course: what a model has to beat to have learnt
// anything. Stronger counting models are beside this file.
import { Additive } from "./additive";
import { checkTokens } from "./check";
import { Counts } from "./counts";
import { crossEntropy } from "./model";

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
  checkTokens(trainIds, vocabSize, 1, "ngramBaselines", "trainIds");
  checkTokens(valIds, vocabSize, 2, "ngramBaselines", "valIds");
  const counts = new Counts(trainIds, 2, vocabSize);
  const loss = (order: number) => crossEntropy(Additive.from(counts, order), valIds);
  return { uniform: Math.log(vocabSize), unigram: loss(1), bigram: loss(2) };
}
