/**
 * Language models made of counting: what a neural network has to beat.
 *
 * `ngramBaselines` gives the three lines drawn under every loss curve of the course. `NGram` is
 * Shannon's approximation of English (A Mathematical Theory of Communication, 1948, §3): the next
 * token drawn from what followed the same n − 1 tokens in the training text, and from a shorter
 * context where that one was never seen. Left out: smoothing better than add-one (Kneser and Ney,
 * 1995), and entropy estimates (lesson 01, predicting text).
 */

import { checkIdValues } from "./engine/ids";
import type { Random } from "./random";

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

/** A node of the count tree: how often the path to it occurred, and what came next. */
interface Count {
  count: number;
  /** Made when something first follows; most long paths end before that. */
  next?: Map<number, Count>;
}

/**
 * An n-gram model: the next token's probability from the counts of what followed the last n − 1
 * tokens.
 *
 * p(b | context) = n(context b) / Σ n(context ·), with the longest end of the context that was seen
 * (back-off without discount, as in Brants et al., 2007, but each step a true distribution).
 *
 *     const model = NGram.train(tokenizer.encode("abcabd"), 3, 4);
 *     model.probabilities(tokenizer.encode("ab"));    // [0, 0, 0.5, 0.5]: c once, d once
 */
export class NGram {
  private constructor(
    /** n: the model looks at n − 1 tokens. */
    readonly order: number,
    readonly vocabSize: number,
    private readonly root: Count,
  ) {}

  /**
   * Counts all sequences of up to `order` tokens.
   * @param ids training tokens, at least one
   * @param order n ≥ 1; 1 looks at no context at all
   * @param vocabSize V
   * @throws if `order` is not a positive integer, or an id is outside 0 … V − 1
   */
  static train(ids: ArrayLike<number>, order: number, vocabSize: number): NGram {
    if (!Number.isInteger(order) || order < 1) {
      throw new Error(
        `NGram.train: expected an order of 1 or more (1 = unigram, 2 = bigram), got ${order}`,
      );
    }
    checkTokens(ids, vocabSize, 1, "NGram.train", "ids");
    const root: Count = { count: 0 };
    for (let start = 0; start < ids.length; start++) {
      let node = root;
      for (let i = start; i < Math.min(start + order, ids.length); i++) {
        node.next ??= new Map();
        let child = node.next.get(ids[i]);
        if (child === undefined) {
          child = { count: 0 };
          node.next.set(ids[i], child);
        }
        child.count++;
        node = child;
      }
    }
    return new NGram(order, vocabSize, root);
  }

  /**
   * The end of `context` that the model predicts from: its longest seen one, at most order − 1
   * tokens.
   */
  seenContext(context: ArrayLike<number>): number[] {
    const end: number[] = [];
    for (let i = Math.max(0, context.length - (this.order - 1)); i < context.length; i++)
      end.push(context[i]);
    while (end.length > 0 && this.followers(end) === undefined) end.shift();
    return end;
  }

  /**
   * The distribution of the next token.
   * @param context the tokens before it; only the last order − 1 matter, and fewer or none will do
   * @returns V probabilities, summing to 1; 0 for what never followed
   */
  probabilities(context: ArrayLike<number>): Float64Array {
    const followers = this.followers(this.seenContext(context)) as Map<number, Count>;
    const p = new Float64Array(this.vocabSize);
    let total = 0;
    for (const { count } of followers.values()) total += count;
    for (const [id, { count }] of followers) p[id] = count / total;
    return p;
  }

  /**
   * Continues `context` by `n` tokens, each drawn from `probabilities` of what stands before it.
   * @returns the context followed by the n new tokens
   */
  sample(context: ArrayLike<number>, n: number, rng: Random): number[] {
    const ids = Array.from(context);
    for (let i = 0; i < n; i++) ids.push(rng.categorical(this.probabilities(ids)));
    return ids;
  }

  private followers(context: number[]): Map<number, Count> | undefined {
    let node: Count | undefined = this.root;
    for (const id of context) node = node?.next?.get(id);
    return node?.next;
  }
}

/** @throws if there are fewer than `least` ids, or one is not from 0 to vocabSize − 1 */
function checkTokens(
  ids: ArrayLike<number>,
  vocabSize: number,
  least: number,
  caller: string,
  name: string,
): void {
  if (!Number.isInteger(vocabSize) || vocabSize < 1) {
    throw new Error(`${caller}: expected a vocabSize of 1 or more, got ${vocabSize}`);
  }
  if (ids.length < least) {
    throw new Error(
      `${caller}: expected at least ${least} token ids in ${name}, got ${ids.length}`,
    );
  }
  checkIdValues(ids, vocabSize, caller, name);
}
