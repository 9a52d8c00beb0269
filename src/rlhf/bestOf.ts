// Choosing among several answers, without any training: best-of-n by a reward, self-consistency by
// a vote (Wang et al., 2022), and what many samples say about smaller numbers of them.

/** n! / (k! (n − k)!), as a quotient of two of them that never overflows: C(a, k) / C(b, k), a ≤ b. */
function chosenShare(a: number, b: number, k: number): number {
  let share = 1;
  for (let i = 0; i < k; i++) share *= (a - i) / (b - i);
  return Math.max(0, share);
}

/**
 * What best-of-n is worth, from N ≥ n judged answers to one prompt, over all ways to draw n of them:
 * with the proxies in rising order, the i-th answer (from 1) is the best of n with probability
 * C(i − 1, n − 1) / C(N, n) (as in Nakano et al., 2021, appendix on best-of-n).
 * @param proxies by what the best one is chosen; of equal ones each is chosen equally often
 * @param values what it is then worth; the proxies themselves if absent
 */
export function bestOfN(
  proxies: readonly number[],
  n: number,
  values: readonly number[] = proxies,
): number {
  const N = proxies.length;
  if (!(Number.isInteger(n) && n >= 1 && n <= N) || values.length !== N)
    throw new Error(
      `bestOfN: expected n from 1 to ${N} and ${N} values, got n ${n} and ${values.length} values`,
    );
  const order = proxies.map((_, i) => i).sort((a, b) => proxies[a] - proxies[b]);
  const expected = order.map((at) => values[at]);
  // Answers with equal proxies share what they are worth.
  for (let start = 0; start < N; ) {
    let end = start + 1;
    while (end < N && proxies[order[end]] === proxies[order[start]]) end++;
    const mean = expected.slice(start, end).reduce((a, b) => a + b, 0) / (end - start);
    expected.fill(mean, start, end);
    start = end;
  }
  // C(i, n) / C(N, n) is the probability that all n are among the first i.
  return expected.reduce(
    (sum, value, i) => sum + value * (chosenShare(i + 1, N, n) - chosenShare(i, N, n)),
    0,
  );
}

/**
 * KL(best-of-n ‖ policy) in nats, if no two texts are equally good: ln n − (n − 1)/n (Stiennon et
 * al., 2020). It is an upper bound where some are.
 */
export const bestOfNKL = (n: number): number => Math.log(n) - (n - 1) / n;

/**
 * The probability that one of k answers is right, from N answers of which c are: 1 − C(N − c, k) /
 * C(N, k) (Chen et al., 2021, "pass@k").
 */
export function passAtK(N: number, c: number, k: number): number {
  if (!(k >= 1 && k <= N && c >= 0 && c <= N))
    throw new Error(`passAtK: expected 1 ≤ k ≤ N and 0 ≤ c ≤ N, got N ${N}, c ${c}, k ${k}`);
  return 1 - chosenShare(N - c, N, k);
}

/**
 * Self-consistency: the answer that occurs most often; of equally frequent ones the first.
 * @param answers without an answer counts as none: null
 * @returns null where there is no answer at all
 */
export function majority<T>(answers: readonly (T | null)[]): T | null {
  const counts = new Map<T, number>();
  for (const answer of answers)
    if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  let best: T | null = null;
  for (const [answer, count] of counts)
    if (best === null || count > (counts.get(best) ?? 0)) best = answer;
  return best;
}
