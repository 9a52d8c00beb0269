// Answers that are right or wrong: the table of what was asked and what was said, and the figures
// that are read from it. Where a class was never predicted its precision is 0/0, and where it never
// occurs its recall is; both count as 0, as with scikit-learn's zero_division=0.

/** Figures of one class. */
export interface ClassScore {
  label: string;
  /** Of what was predicted as this class, the share that is. */
  precision: number;
  /** Of what is of this class, the share that was found. */
  recall: number;
  /** Their harmonic mean, 2PR / (P + R). */
  f1: number;
  /** How often the class occurs. */
  support: number;
}

/** Figures of a whole table. */
export interface ClassificationScores {
  /** Share of right predictions; micro-averaged precision, recall and F1 are the same number. */
  accuracy: number;
  classes: ClassScore[];
  /** Plain means over the classes: a rare class weighs as much as a frequent one. */
  macro: { precision: number; recall: number; f1: number };
}

/**
 * How often each class was predicted as each.
 * @param labels the classes, in the order of rows and columns
 * @returns (classes, classes): rows are what it is, columns what was predicted
 * @throws if there is not one prediction for each example, or a label is not in the list
 */
export function confusionMatrix(
  actual: readonly string[],
  predicted: readonly string[],
  labels: readonly string[],
): number[][] {
  if (actual.length !== predicted.length)
    throw new Error(
      `confusionMatrix: expected as many predictions as examples, ${actual.length}, got ` +
        `${predicted.length}`,
    );
  const place = new Map(labels.map((label, i) => [label, i]));
  const matrix = labels.map(() => labels.map(() => 0));
  actual.forEach((label, n) => {
    const [row, column] = [place.get(label), place.get(predicted[n])];
    if (row === undefined || column === undefined)
      throw new Error(
        `confusionMatrix: expected labels among ${labels.join(", ")}, got ` +
          `${row === undefined ? label : predicted[n]}`,
      );
    matrix[row][column]++;
  });
  return matrix;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const mean = (values: number[]): number =>
  ratio(
    values.reduce((a, b) => a + b, 0),
    values.length,
  );

/**
 * Precision, recall and F1 of every class, and over all.
 * @param matrix as `confusionMatrix` gives it
 * @throws if it is empty, or not square
 */
export function classificationScores(
  matrix: readonly (readonly number[])[],
  labels: readonly string[] = matrix.map((_, i) => `${i}`),
): ClassificationScores {
  if (matrix.length === 0 || matrix.some((row) => row.length !== matrix.length))
    throw new Error(
      `classificationScores: expected a square table, got rows of ${matrix.map((r) => r.length)}`,
    );
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const classes = matrix.map((row, i): ClassScore => {
    const [right, support] = [row[i], sum(row)];
    const precision = ratio(right, sum(matrix.map((other) => other[i])));
    const recall = ratio(right, support);
    const f1 = ratio(2 * precision * recall, precision + recall);
    return { label: labels[i], precision, recall, f1, support };
  });
  const over = (key: "precision" | "recall" | "f1") => mean(classes.map((one) => one[key]));
  return {
    accuracy: ratio(sum(matrix.map((row, i) => row[i])), sum(matrix.flat())),
    classes,
    macro: { precision: over("precision"), recall: over("recall"), f1: over("f1") },
  };
}
