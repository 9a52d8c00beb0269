// Shannon's approximation of English (A Mathematical Theory of Communication, 1948, section 3): the
// next token drawn from what followed the same n − 1 tokens in the training text, and from a shorter
// context where that one was never seen. It writes well, and cannot be measured in bits: what it has
// never seen is impossible for it. `kneserNey.ts` gives every token a probability.
import type { Random } from "../random";
import { checkTokens } from "./check";
import { Counts } from "./counts";

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
    private readonly counts: Counts,
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
    return new NGram(order, vocabSize, new Counts(ids, order, vocabSize));
  }

  /**
   * The end of `context` that the model predicts from: its longest seen one, at most order − 1
   * tokens.
   */
  seenContext(context: ArrayLike<number>): number[] {
    const end: number[] = [];
    for (let i = Math.max(0, context.length - (this.order - 1)); i < context.length; i++)
      end.push(context[i]);
    while (end.length > 0 && !this.counts.following(this.counts.find(end))) end.shift();
    return end;
  }

  /**
   * The distribution of the next token.
   * @param context the tokens before it; only the last order − 1 matter, and fewer or none will do
   * @returns V probabilities, summing to 1; 0 for what never followed
   */
  probabilities(context: ArrayLike<number>): Float64Array {
    const { counts } = this;
    const node = counts.find(this.seenContext(context));
    const total = counts.following(node);
    return Float64Array.from(
      { length: this.vocabSize },
      (_, id) => counts.of(counts.child(node, id)) / total,
    );
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
}
