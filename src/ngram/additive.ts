// Additive smoothing, the oldest remedy for what was never counted (Laplace's rule of succession
// for α = 1; Lidstone, 1920, for others): pretend that every token has followed every context α
// more times than it did. It is simple, and poor: where a context was seen a few times and V is
// large, nearly all probability goes to tokens that never followed it.
import { checkTokens } from "./check";
import { Counts } from "./counts";
import { type CountingModel, checkOrder } from "./model";

/**
 * p(b | h) = (n(hb) + α) / (n(h·) + α V), where h is the last n − 1 tokens, or as many as there
 * are. A context that was never seen gives 1/V to every token.
 */
export class Additive implements CountingModel {
  private constructor(
    private readonly counts: Counts,
    readonly order: number,
    /** α */
    readonly alpha: number,
  ) {}

  /**
   * Counts a text.
   * @param ids training tokens, at least one
   * @param order n ≥ 1; 1 looks at no context at all
   * @param vocabSize V
   * @param alpha α ≥ 0; with 0 nothing is smoothed, and what was never seen is impossible
   */
  static train(ids: ArrayLike<number>, order: number, vocabSize: number, alpha = 1): Additive {
    checkOrder(order, "Additive.train");
    checkTokens(ids, vocabSize, 1, "Additive.train", "ids");
    return Additive.from(new Counts(ids, order, vocabSize), order, alpha);
  }

  /** The model of some order from counts of sequences that are at least as long. */
  static from(counts: Counts, order: number, alpha = 1): Additive {
    checkOrder(order, "Additive.from");
    if (order > counts.order)
      throw new Error(`Additive.from: expected an order up to ${counts.order}, got ${order}`);
    if (!(alpha >= 0 && alpha < Infinity))
      throw new Error(`Additive: expected an alpha of 0 or more, got ${alpha}`);
    return new Additive(counts, order, alpha);
  }

  get vocabSize(): number {
    return this.counts.vocabSize;
  }

  probability(ids: ArrayLike<number>, id: number, end = ids.length): number {
    const { counts, alpha, vocabSize: V } = this;
    const context = counts.findEnd(ids, end, Math.min(this.order - 1, end));
    const total = counts.following(context) + alpha * V;
    return total === 0 ? 1 / V : (counts.of(counts.child(context, id)) + alpha) / total;
  }
}
