/**
 * BM25 (Robertson & Zaragoza, 2009, "The Probabilistic Relevance Framework: BM25 and Beyond"): how well
 * a text fits a question, from the words that they share.
 *
 *     score = Σ_t idf(t) · (f · (k₁ + 1) / (f + k₁ · (1 − b + b · length / mean length)) + δ)
 *     idf(t) = ln(1 + (N − n + ½) / (n + ½))
 *
 * f: how often the term t stands in the text; n: in how many of the N texts it stands. A term that is
 * rare says more (idf); the tenth occurrence says less than the second (k₁); a long text has more
 * occurrences by chance (b). δ = 0 is BM25; the package MiniSearch adds 0.5 for each term that it finds,
 * BM25+ (Lv & Zhai, 2011). The idf is Lucene's, which is never negative. Left out: fields with
 * weights, phrases.
 */

export interface Bm25Options {
  /** How soon repetitions stop counting; 1.2. */
  k1?: number;
  /** How much length counts, 0 to 1; 0.75. */
  b?: number;
  /** What a term that stands in a text is worth at least, times its idf; 0. */
  delta?: number;
}

/** A text that was found, and how well it fits. */
export interface Hit {
  id: string;
  score: number;
}

/** Texts by their terms. */
export class Bm25 {
  /** For each term: in which texts it stands, and how often. */
  private readonly postings = new Map<string, Map<string, number>>();
  private readonly lengths = new Map<string, number>();
  private total = 0;
  private readonly options: Required<Bm25Options>;

  /** @throws if an option makes no sense */
  constructor({ k1 = 1.2, b = 0.75, delta = 0 }: Bm25Options = {}) {
    if (!(k1 >= 0 && b >= 0 && b <= 1 && delta >= 0))
      throw new Error(`Bm25: expected k1 ≥ 0, b from 0 to 1, delta ≥ 0, got ${k1}, ${b}, ${delta}`);
    this.options = { k1, b, delta };
  }

  /** N: how many texts there are. */
  get size(): number {
    return this.lengths.size;
  }

  /**
   * Adds a text.
   * @param length as which it counts: the number of its terms if absent (MiniSearch: of different ones)
   * @throws if there is one of this id
   */
  add(id: string, terms: readonly string[], length = terms.length): void {
    if (this.lengths.has(id)) throw new Error(`Bm25.add: expected a new id, got ${id} again`);
    this.lengths.set(id, length);
    this.total += length;
    for (const term of terms) {
      const texts = this.postings.get(term) ?? new Map<string, number>();
      texts.set(id, (texts.get(id) ?? 0) + 1);
      this.postings.set(term, texts);
    }
  }

  /** Takes a text out again. @param terms those that it was added with */
  remove(id: string, terms: readonly string[]): void {
    const length = this.lengths.get(id);
    if (length === undefined) throw new Error(`Bm25.remove: expected a known id, got ${id}`);
    this.lengths.delete(id);
    this.total -= length;
    for (const term of new Set(terms)) {
      const texts = this.postings.get(term);
      texts?.delete(id);
      if (texts?.size === 0) this.postings.delete(term);
    }
  }

  /** ln(1 + (N − n + ½) / (n + ½)); the largest for a term that no text has. */
  idf(term: string): number {
    const n = this.postings.get(term)?.size ?? 0;
    return Math.log(1 + (this.size - n + 0.5) / (n + 0.5));
  }

  /**
   * The texts that fit best, the best first; of equal ones the one that came first. Only texts that have
   * a term of the question are given.
   * @param terms of the question; one that stands there twice counts twice
   * @param k at most so many
   */
  search(terms: readonly string[], k = 10): Hit[] {
    const { k1, b, delta } = this.options;
    const mean = this.total / this.size;
    const scores = new Map<string, number>();
    for (const term of terms) {
      const idf = this.idf(term);
      for (const [id, f] of this.postings.get(term) ?? []) {
        const norm = 1 - b + (b * (this.lengths.get(id) ?? 0)) / mean;
        const weight = (f * (k1 + 1)) / (f + k1 * norm) + delta;
        scores.set(id, (scores.get(id) ?? 0) + idf * weight);
      }
    }
    const order = new Map([...this.lengths.keys()].map((id, i) => [id, i]));
    return [...scores]
      .map(([id, score]) => ({ id, score }))
      .sort((x, y) => y.score - x.score || (order.get(x.id) ?? 0) - (order.get(y.id) ?? 0))
      .slice(0, k);
  }
}
