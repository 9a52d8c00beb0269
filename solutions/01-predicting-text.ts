/** Reference answers of lesson 01 (predicting text). */

export function entropy(p: number[]): number {
  // 0 · log₂ 0 is 0 · −∞, which is NaN in floating point. The limit is 0, so zeros are left out.
  return p.reduce((bits, x) => (x > 0 ? bits - x * Math.log2(x) : bits), 0);
}

export function bitsPerCharacter(p: number[], characters: number): number {
  // Logarithms are added rather than probabilities multiplied: a product of a few hundred of them is
  // smaller than the smallest number above 0 that a computer can hold.
  return p.reduce((bits, x) => bits - Math.log2(x), 0) / characters;
}

export function additive(counts: number[], alpha: number): number[] {
  // α is added V times, once for each token, so the sum grows by α · V and the shares add up to 1.
  const total = counts.reduce((a, b) => a + b, 0) + alpha * counts.length;
  return counts.map((n) => (n + alpha) / total);
}

export function wittenBell(counts: number[], shorter: number[]): number[] {
  const n = counts.reduce((a, b) => a + b, 0);
  // Each token that followed was once a new one. So "something new" happened d times, and it is
  // counted as if it were one more token with d occurrences, shared out by the shorter context.
  const d = counts.filter((count) => count > 0).length;
  if (n === 0) return [...shorter]; // 0 / 0 otherwise
  return counts.map((count, b) => (count + d * shorter[b]) / (n + d));
}

export function continuationCounts(ids: number[], vocabSize: number): number[] {
  // A set for each token holds every predecessor once, however often the pair occurs.
  const before = Array.from({ length: vocabSize }, () => new Set<number>());
  // The first token of the text follows nothing, so the loop begins with the second.
  for (let i = 1; i < ids.length; i++) before[ids[i]].add(ids[i - 1]);
  return before.map((set) => set.size);
}

export function guessingBounds(guesses: number[]): [number, number] {
  // One place more than the largest number of guesses: q[r + 1] is 0 there, and not undefined.
  // (A loop, because Math.max(...guesses) fails for texts of more than about 100,000 symbols.)
  const largest = guesses.reduce((most, r) => Math.max(most, r), 0);
  const q = Array<number>(largest + 2).fill(0);
  for (const r of guesses) q[r] += 1 / guesses.length;
  let lower = 0;
  let upper = 0;
  for (let r = 1; r <= largest; r++) {
    lower += r * (q[r] - q[r + 1]) * Math.log2(r);
    if (q[r] > 0) upper -= q[r] * Math.log2(q[r]);
  }
  return [lower, upper];
}
