// Lesson 05 (embeddings), reference answers. Letters: V words in the vocabulary, D numbers in a
// vector.

const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);

export function cosineSimilarity(a: number[], b: number[]): number {
  const lengths = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
  return lengths === 0 ? 0 : dot(a, b) / lengths; // 0 / 0 would be NaN, and NaN spoils every sort
}

export function coOccurrenceTable(lines: number[][], V: number, window: number): number[][] {
  // A row of its own for each word: `Array(V).fill(row)` would put one row in all places.
  const table = Array.from({ length: V }, () => new Array<number>(V).fill(0));
  for (const line of lines)
    line.forEach((word, t) => {
      // From max(0, …): a window does not reach beyond the beginning of the line.
      for (let s = Math.max(0, t - window); s <= Math.min(line.length - 1, t + window); s++)
        if (s !== t) table[word][line[s]]++; // places are compared, not words: "very very" counts
    });
  return table;
}

export function ppmiTable(counts: number[][]): number[][] {
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const rows = counts.map(sum);
  const columns = counts[0].map((_, j) => sum(counts.map((row) => row[j])));
  const total = sum(rows);
  // p(i, j) / (p(i) p(j)) = (n / total) / (row / total · column / total) = n · total / (row · column)
  return counts.map((row, i) =>
    row.map((n, j) => (n === 0 ? 0 : Math.max(0, Math.log((n * total) / (rows[i] * columns[j]))))),
  );
}

export function keepProbability(share: number, threshold: number): number {
  return Math.min(1, Math.sqrt(threshold / share)); // a probability: a rare word gives more than 1
}

export function negativeSampling(
  centre: number[],
  context: number[],
  negatives: number[][],
): { loss: number; centre: number[]; context: number[]; negatives: number[][] } {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const times = (scale: number, vector: number[]) => vector.map((x) => scale * x);
  const pull = sigmoid(dot(centre, context)) - 1; // negative: a step against it brings v and u nearer
  const pushes = negatives.map((n) => sigmoid(dot(centre, n))); // positive: v and n move apart
  const loss = negatives.reduce(
    (sum, n) => sum - Math.log(sigmoid(-dot(centre, n))),
    -Math.log(sigmoid(dot(centre, context))),
  );
  return {
    loss,
    // v takes part in every dot product, so its gradient has one part for each of them.
    centre: centre.map(
      (_, d) => pull * context[d] + negatives.reduce((sum, n, k) => sum + pushes[k] * n[d], 0),
    ),
    context: times(pull, centre),
    negatives: pushes.map((push) => times(push, centre)),
  };
}

export function solveAnalogy(vectors: number[][], a: number, b: number, c: number): number {
  // Divided by its length, no word counts more than another because its vector is long.
  const [from, to, like] = [a, b, c].map((id) => {
    const length = Math.sqrt(dot(vectors[id], vectors[id]));
    return vectors[id].map((x) => x / length);
  });
  const query = to.map((x, d) => x - from[d] + like[d]);
  let best = -1;
  let bestCosine = Number.NEGATIVE_INFINITY;
  for (const [id, vector] of vectors.entries()) {
    if (id === a || id === b || id === c) continue; // otherwise b or c nearly always wins
    const cosine = cosineSimilarity(query, vector);
    if (cosine > bestCosine) [best, bestCosine] = [id, cosine]; // > and not ≥: the first of equals
  }
  return best;
}
