// Lesson 13 (evaluation), reference answers.

export function windowsOf(length: number, blockSize: number, stride: number): number[][] {
  const rows: number[][] = [];
  // `done` is the last token that has been predicted: the next window counts from the one after.
  for (let start = 0, done = 0; done < length - 1; start += stride) {
    const end = Math.min(start + blockSize, length - 1);
    rows.push([start, end, done + 1]);
    done = end;
  }
  return rows;
}

export function macroF1(matrix: number[][]): number {
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const f1 = matrix.map((row, i) => {
    const precision = ratio(row[i], sum(matrix.map((other) => other[i])));
    const recall = ratio(row[i], sum(row));
    return ratio(2 * precision * recall, precision + recall);
  });
  // A plain mean: a class with two examples weighs as much as one with two thousand.
  return sum(f1) / f1.length;
}

/** How often each n-gram occurs. */
function countsOf(tokens: string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    // Not joined by nothing: "a" "bc" and "ab" "c" are different pairs.
    const ngram = JSON.stringify(tokens.slice(i, i + n));
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

export function sentenceBleu(candidate: string[], reference: string[]): number {
  const [c, r] = [candidate.length, reference.length];
  if (c < 4) return 0;
  let product = 1;
  for (let n = 1; n <= 4; n++) {
    const right = countsOf(reference, n);
    let matched = 0;
    // Clipped: a word said seven times matches only as often as the reference says it.
    for (const [ngram, count] of countsOf(candidate, n))
      matched += Math.min(count, right.get(ngram) ?? 0);
    product *= matched / (c - n + 1);
  }
  return Math.min(1, Math.exp(1 - r / c)) * product ** 0.25;
}

export function choiceByLikelihood(logProbs: number[], bytes: number[]): number[] {
  const scores = logProbs.map((logProb, i) => logProb / bytes[i]);
  // Without this, e^−1000 would be 0 for every option, and 0 / 0 is NaN.
  const largest = Math.max(...scores);
  const exps = scores.map((score) => Math.exp(score - largest));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
}

export function pairedInterval(a: number[], b: number[], draws: number[][]): number[] {
  const mean = (values: number[]) => values.reduce((x, y) => x + y, 0) / values.length;
  // The same examples for both: what is hard for both cancels out.
  const differences = a.map((x, i) => x - b[i]);
  const means = draws.map((draw) => mean(draw.map((i) => differences[i])));
  means.sort((x, y) => x - y); // without a comparison, sort would order by the digits
  const R = means.length;
  return [mean(differences), means[Math.floor(0.025 * R)], means[Math.ceil(0.975 * R) - 1]];
}

export function strengths(wins: number[][], rounds: number): number[] {
  const n = wins.length;
  let s: number[] = Array(n).fill(1);
  for (let round = 0; round < rounds; round++) {
    const next = s.map((own, i) => {
      let [won, expected] = [0, 0];
      for (let j = 0; j < n; j++) {
        if (j === i) continue;
        won += wins[i][j];
        // Many wins against weak contestants weigh less than against strong ones.
        expected += (wins[i][j] + wins[j][i]) / (own + s[j]);
      }
      return won / expected;
    });
    const sum = next.reduce((x, y) => x + y, 0);
    s = next.map((x) => (x * n) / sum);
  }
  return s;
}
