// Drawing from a fixed distribution in constant time, however many outcomes it has (Walker, 1977;
// the table is built as by Vose, 1991). Skip-gram draws millions of words for comparison.
import type { Random } from "../random";

/**
 * V columns of equal height 1. Each holds the probability of one outcome, times V, and what is
 * missing to 1 is filled up by one other outcome, the column's alias. To draw: choose a column, then
 * choose between the two in it.
 */
export class AliasTable {
  /** Of each column, how much belongs to the outcome itself. */
  readonly #own: Float64Array;
  readonly #alias: Int32Array;

  /**
   * @param weights one for each outcome, 0 or more; they need not sum to 1
   * @throws if a weight is negative or not finite, or all are 0
   */
  constructor(weights: ArrayLike<number>) {
    const V = weights.length;
    let total = 0;
    for (let i = 0; i < V; i++) {
      if (!(weights[i] >= 0 && weights[i] < Infinity))
        throw new Error(`AliasTable: expected weights of 0 or more, got ${weights[i]}`);
      total += weights[i];
    }
    if (!(total > 0)) throw new Error("AliasTable: expected a weight above 0, got none");
    this.#own = Float64Array.from({ length: V }, (_, i) => (weights[i] / total) * V);
    this.#alias = Int32Array.from({ length: V }, (_, i) => i);
    const small: number[] = [];
    const large: number[] = [];
    this.#own.forEach((share, i) => {
      (share < 1 ? small : large).push(i);
    });
    const left = this.#own.slice();
    while (small.length > 0 && large.length > 0) {
      const [low, high] = [small.pop()!, large.pop()!];
      this.#own[low] = left[low];
      this.#alias[low] = high;
      left[high] -= 1 - left[low];
      (left[high] < 1 ? small : large).push(high);
    }
    // What is left has a height of 1, up to rounding.
    for (const i of [...small, ...large]) this.#own[i] = 1;
  }

  /** The index of an outcome. */
  draw(rng: Random): number {
    const column = rng.integer(this.#own.length);
    return rng.uniform() < this.#own[column] ? column : this.#alias[column];
  }
}
