// GloVe: vectors whose products give the logarithms of the counts (Pennington, Socher and Manning,
// GloVe: Global Vectors for Word Representation, 2014), fitted by AdaGrad (Duchi, Hazan and Singer,
// 2011) over the pairs that occur, in random order.
import { Random } from "../random";
import type { TrainingReport } from "./skipGram";
import type { SparseMatrix } from "./sparse";
import { type WordVectors, wordVectors } from "./vectors";

/** How much a pair matters: (x / xMax)^α, at most 1. */
export const gloveWeight = (x: number, xMax: number, alpha: number): number =>
  Math.min((x / xMax) ** alpha, 1);

export interface GloveOptions {
  seed: number;
  /** Numbers in a vector (default 50). */
  D?: number;
  /** From this count on, a pair matters fully (default 10; the paper's 100 is for large texts). */
  xMax?: number;
  /** default 0.75 */
  alpha?: number;
  /** Passes over the pairs (default 15). */
  epochs?: number;
  /** Learning rate (default 0.05). */
  lr?: number;
}

/**
 * Fits w, w̃, b, b̃ so that Σ f(Xᵢⱼ) (wᵢ·w̃ⱼ + bᵢ + b̃ⱼ − log Xᵢⱼ)² is small, where f is
 * `gloveWeight`. The vector of a word is w + w̃. Reports before the first pass and after each one;
 * the loss is the mean of the sum's terms.
 * @param words the V words of the matrix
 * @param counts (V, V), as `coOccurrence` gives it with `weight: "inverse"`
 */
export function* glove(
  words: Pick<WordVectors, "words" | "ids">,
  counts: SparseMatrix,
  options: GloveOptions,
): Generator<TrainingReport> {
  const { seed, D = 50, xMax = 10, alpha = 0.75, epochs = 15, lr = 0.05 } = options;
  const V = words.words.length;
  if (counts.rows !== V || counts.columns !== V)
    throw new Error(
      `glove: expected counts of ${V} × ${V} words, got ${counts.rows} × ${counts.columns}`,
    );
  const rng = new Random(seed);
  const start = rng.fork("vectors");
  // Each row has the D numbers of a vector, then its bias.
  const W = D + 1;
  const draw = () => Float32Array.from({ length: V * W }, () => (start.uniform() - 0.5) / W);
  const [main, context] = [draw(), draw()];
  const [mainSquares, contextSquares] = [0, 1].map(() => new Float32Array(V * W).fill(1));
  const order = Int32Array.from(counts.value, (_, e) => e);
  const rowOf = rowsOf(counts);
  const log = counts.value.map(Math.log);
  const weight = counts.value.map((x) => gloveWeight(x, xMax, alpha));
  const vectors = wordVectors(words, new Float32Array(V * D));

  const shuffles = rng.fork("order");
  for (let epoch = 0; epoch <= epochs; epoch++) {
    let loss = 0;
    if (epoch > 0) {
      shuffle(order, shuffles);
      for (const e of order) loss += fit(e);
    }
    for (let i = 0; i < V; i++)
      for (let d = 0; d < D; d++) vectors.values[i * D + d] = main[i * W + d] + context[i * W + d];
    yield {
      done: epoch / epochs,
      loss: epoch === 0 ? Number.NaN : loss / order.length,
      vectors,
    };
  }

  /** One step for one pair: its part of the loss before the step. */
  function fit(e: number): number {
    const [i, j] = [rowOf[e] * W, counts.column[e] * W];
    let error = main[i + D] + context[j + D] - log[e];
    for (let d = 0; d < D; d++) error += main[i + d] * context[j + d];
    const slope = weight[e] * error; // half the derivative, as in the authors' program
    for (let d = 0; d <= D; d++) {
      // The bias comes last; what it is multiplied by is 1.
      const ofMain = d < D ? slope * context[j + d] : slope;
      const ofContext = d < D ? slope * main[i + d] : slope;
      // AdaGrad: the step of each number shrinks with the gradients that it has had.
      main[i + d] -= (lr * ofMain) / Math.sqrt(mainSquares[i + d]);
      context[j + d] -= (lr * ofContext) / Math.sqrt(contextSquares[j + d]);
      mainSquares[i + d] += ofMain * ofMain;
      contextSquares[j + d] += ofContext * ofContext;
    }
    return weight[e] * error * error;
  }
}

/** The row of each entry. */
function rowsOf({ rows, start, value }: SparseMatrix): Int32Array {
  const result = new Int32Array(value.length);
  for (let i = 0; i < rows; i++) result.fill(i, start[i], start[i + 1]);
  return result;
}

/** As `Random.shuffle`, for a typed array. */
function shuffle(a: Int32Array, rng: Random): void {
  for (let i = a.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    const kept = a[i];
    a[i] = a[j];
    a[j] = kept;
  }
}
