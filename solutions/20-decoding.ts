// Lesson 20 (decoding), reference answers. Letter: V, the number of tokens in the vocabulary.

export function temperedProbabilities(logits: number[], temperature: number): number[] {
  const largest = Math.max(...logits);
  // The limit: all other tokens lose without end against the largest.
  if (temperature === 0) return logits.map((_, i) => (i === logits.indexOf(largest) ? 1 : 0));
  // The largest exponent is 0, so exp cannot overflow.
  const weights = logits.map((z) => Math.exp((z - largest) / temperature));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}

export function nucleus(probabilities: number[], p: number): number[] {
  const order = probabilities.map((_, i) => i);
  order.sort((i, j) => probabilities[j] - probabilities[i] || i - j);
  const kept = probabilities.map(() => 0);
  let sum = 0;
  for (const i of order) {
    if (sum >= p) break; // asked before a token is taken, so the one that reaches p is in
    kept[i] = probabilities[i];
    sum += probabilities[i];
  }
  return kept.map((x) => x / sum);
}

export function minPProbabilities(probabilities: number[], minP: number): number[] {
  // Relative to the likeliest: where the model is unsure, more tokens pass.
  const least = minP * Math.max(...probabilities);
  const kept = probabilities.map((p) => (p >= least ? p : 0));
  const sum = kept.reduce((a, b) => a + b, 0);
  return kept.map((p) => p / sum);
}

export function penalisedLogits(logits: number[], previous: number[], penalty: number): number[] {
  const seen = new Set(previous); // each token once
  return logits.map((z, i) => {
    if (!seen.has(i)) return z;
    // Dividing a negative logit would raise it.
    return z > 0 ? z / penalty : z * penalty;
  });
}

export function bestHypothesis(
  candidates: { ids: number[]; logProbability: number; finished: boolean }[],
  lengthPenalty: number,
): number {
  const anyFinished = candidates.some(({ finished }) => finished);
  const scores = candidates.map(({ ids, logProbability, finished }) => {
    if (anyFinished && !finished) return -Infinity;
    const n = ids.length + (finished ? 1 : 0); // ln p of the end is in the sum, so the end counts
    return logProbability / n ** lengthPenalty;
  });
  return scores.indexOf(Math.max(...scores));
}

export function maskByGrammar(
  logits: number[],
  tokens: string[],
  grammar: { next: Record<string, number>[]; endings: number[] },
  at: { state: number; left: number },
): number[] {
  return logits.map((z, i) => {
    let state: number | undefined = at.state;
    for (const character of tokens[i]) {
      state = grammar.next[state][character];
      if (state === undefined) return -Infinity;
    }
    // One token of the room is this one itself.
    const fits = tokens[i] !== "" && grammar.endings[state] <= at.left - 1;
    return fits ? z : -Infinity;
  });
}
