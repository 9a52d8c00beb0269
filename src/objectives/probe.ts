// What a frozen model knows about a text, asked by the simplest reader there is: a linear one. The
// hidden states are averaged over the text, and logistic regression learns to tell two labels apart
// (Alain & Bengio, 2016). The same regression on counts of words is what it must beat.
//
// Letters: N texts, D features, T tokens of a text, C channels.
import { tf } from "../engine";
import { batchOf, inOrder, zeros } from "./example";
import { objectiveHidden } from "./model";
import type { ObjectiveModel } from "./score";

const ROWS = 64;

/**
 * The mean of the hidden states over each text.
 * @param texts N texts of T ids
 * @param layer 0: the embeddings, i: after block i, nLayer + 1: after the last norm
 * @returns N rows of C numbers
 */
export function meanHidden(
  { name, config, params, tokens }: ObjectiveModel,
  texts: readonly (readonly number[])[],
  layer: number = config.nLayer,
): number[][] {
  const rows: number[][] = [];
  for (let from = 0; from < texts.length; from += ROWS) {
    const examples = texts.slice(from, from + ROWS).map((text) => ({
      ids: [...text],
      positions: inOrder(text.length),
      blankPositions: zeros(text.length),
      targets: zeros(text.length),
      weights: zeros(text.length),
      prefix: name === "causal" ? 0 : text.length,
    }));
    tf.tidy(() => {
      objectiveHidden(params, config, batchOf(examples, tokens.pad), {
        onHidden: (index, hidden) => {
          if (index === layer) rows.push(...(tf.mean(hidden, 1).arraySync() as number[][]));
        },
      });
    });
  }
  return rows;
}

/** Features and labels of some texts. */
export interface Labelled {
  features: readonly (readonly number[])[];
  /** 0 or 1 for each row. */
  labels: readonly number[];
}

/** How strongly weights are pulled to zero: the probe tries these. */
const DECAYS = [0.001, 0.01, 0.1, 1];

/**
 * Accuracy of a linear probe: logistic regression on standardised features, with the weight decay
 * that is best on every fifth training row, then trained on all of them.
 * @returns the share of test rows whose label is right
 */
export function probeAccuracy(train: Labelled, test: Labelled): number {
  const part = ({ features, labels }: Labelled, takes: (i: number) => boolean): Labelled => ({
    features: features.filter((_, i) => takes(i)),
    labels: labels.filter((_, i) => takes(i)),
  });
  const [fitted, judged] = [part(train, (i) => i % 5 !== 0), part(train, (i) => i % 5 === 0)];
  const scores = DECAYS.map((decay) => accuracyOf(fitLogistic(fitted, decay), judged));
  const decay = DECAYS[scores.indexOf(Math.max(...scores))];
  return accuracyOf(fitLogistic(train, decay), test);
}

/** The label of a row of features. */
export type Classifier = (features: readonly number[]) => 0 | 1;

const accuracyOf = (classify: Classifier, { features, labels }: Labelled): number =>
  features.filter((row, i) => classify(row) === labels[i]).length / features.length;

/**
 * Logistic regression by gradient descent with momentum: minimises
 * (1/N) Σ log(1 + e^(−yᵢ(w·xᵢ + b))) + decay/2 · |w|², where x is standardised and y is ±1.
 */
export function fitLogistic({ features, labels }: Labelled, decay: number): Classifier {
  const [N, D] = [features.length, features[0]?.length ?? 0];
  if (N === 0 || labels.length !== N)
    throw new Error(`fitLogistic: expected a label for each of ${N} rows, got ${labels.length}`);
  const mean = new Float64Array(D);
  const scale = new Float64Array(D);
  for (const row of features) for (let d = 0; d < D; d++) mean[d] += row[d] / N;
  for (const row of features) for (let d = 0; d < D; d++) scale[d] += (row[d] - mean[d]) ** 2 / N;
  for (let d = 0; d < D; d++) scale[d] = scale[d] > 1e-12 ? 1 / Math.sqrt(scale[d]) : 0;
  const standard = (row: readonly number[]) => {
    const x = new Float64Array(D);
    for (let d = 0; d < D; d++) x[d] = (row[d] - mean[d]) * scale[d];
    return x;
  };
  const X = features.map(standard);
  const w = new Float64Array(D + 1); // the last is b
  const score = (x: Float64Array) => {
    let sum = w[D];
    for (let d = 0; d < D; d++) sum += w[d] * x[d];
    return sum;
  };
  const speed = new Float64Array(D + 1);
  const rate = 0.5 / (1 + D / 8 + decay); // features of variance 1: a step that cannot overshoot far
  for (let step = 0; step < 300; step++) {
    const gradient = new Float64Array(D + 1);
    for (let i = 0; i < N; i++) {
      const error = (1 / (1 + Math.exp(-score(X[i]))) - labels[i]) / N;
      for (let d = 0; d < D; d++) gradient[d] += error * X[i][d];
      gradient[D] += error;
    }
    for (let d = 0; d <= D; d++) {
      speed[d] = 0.9 * speed[d] - rate * (gradient[d] + (d < D ? decay * w[d] : 0));
      w[d] += speed[d];
    }
  }
  return (row) => (score(standard(row)) > 0 ? 1 : 0);
}

/** How often each word of a vocabulary occurs in a text; letters only, without capitals. */
export const wordCounts = (text: string, vocabulary: ReadonlyMap<string, number>): number[] => {
  const counts = zeros(vocabulary.size);
  for (const word of wordsIn(text)) {
    const at = vocabulary.get(word);
    if (at !== undefined) counts[at]++;
  }
  return counts;
};

/** The words that occur in at least `least` of the texts, with a place for each. */
export function frequentWords(texts: readonly string[], least: number): Map<string, number> {
  const inTexts = new Map<string, number>();
  for (const text of texts)
    for (const word of new Set(wordsIn(text))) inTexts.set(word, (inTexts.get(word) ?? 0) + 1);
  const kept = [...inTexts].filter(([, count]) => count >= least).map(([word]) => word);
  return new Map(kept.sort().map((word, i) => [word, i]));
}

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[a-z]+|[!?]/g) ?? [];
