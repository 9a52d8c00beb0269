// Vectors by counting and linear algebra alone: the first directions of the PPMI matrix (Levy,
// Goldberg and Dagan, 2015, section 2). Nothing is trained; LSA (Deerwester and others, 1990) does
// the same with documents for contexts.
import { coOccurrence, type WindowOptions } from "./coOccurrence";
import type { Corpus } from "./corpus";
import { ppmi } from "./ppmi";
import { truncatedSvd } from "./svd";
import { type WordVectors, wordVectors } from "./vectors";

export interface PpmiSvdOptions extends WindowOptions {
  /** Of the random start of the SVD; another one changes similarities by a few hundredths. */
  seed: number;
  /** Numbers in a vector (default 50). */
  D?: number;
  /** α of `ppmi` (default 0.75). */
  alpha?: number;
  /** The vectors are U diag(σ^power); 0.5 (the default) and 0 serve better than the SVD's own 1. */
  power?: number;
}

/** PPMI of the words near each other, cut down to D numbers for each word. */
export function ppmiSvd(corpus: Corpus, options: PpmiSvdOptions): WordVectors {
  const { seed, D = 50, alpha = 0.75, power = 0.5, ...window } = options;
  const { values, left } = truncatedSvd(ppmi(coOccurrence(corpus, window), { alpha }), D, { seed });
  return wordVectors(
    corpus,
    left.map((x, k) => x * values[k % D] ** power),
  );
}
