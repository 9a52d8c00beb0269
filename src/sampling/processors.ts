// What is done to logits before a token is drawn. Each function takes V logits and gives V others; a
// token that must not be drawn has −∞. Names and meanings are those of transformers' LogitsProcessors,
// with which the numbers are compared (test/fixtures/record/decoding.py). Left out: typical, η and
// contrastive sampling, penalties by count.

/** Logits as they are worked on. */
export type Logits = ArrayLike<number>;

/**
 * zᵢ / temperature: below 1 the likely tokens gain, above 1 the unlikely ones (Ackley, Hinton and
 * Sejnowski, 1985).
 * @param temperature above 0
 */
export const scaleByTemperature = (logits: Logits, temperature: number): Float64Array =>
  Float64Array.from(logits, (z) => z / temperature);

/** The k largest logits, and what ties with the last of them (Fan et al., 2018). */
export function keepTopK(logits: Logits, k: number): Float64Array {
  const least = k < logits.length ? Float64Array.from(logits).sort()[logits.length - k] : -Infinity;
  return Float64Array.from(logits, (z) => (z >= least ? z : -Infinity));
}

/**
 * The likeliest tokens that together have a probability of at least p: the nucleus (Holtzman et al.,
 * 2020). One token always stays. Of equal ones the first are taken first.
 * @param p above 0, up to 1
 */
export function keepTopP(logits: Logits, p: number): Float64Array {
  const probabilities = softmax(logits);
  const order = Array.from(probabilities.keys()).sort(
    (i, j) => probabilities[j] - probabilities[i] || i - j,
  );
  const kept = new Float64Array(logits.length).fill(-Infinity);
  let sum = 0;
  for (const id of order) {
    if (sum >= p) break;
    kept[id] = logits[id];
    sum += probabilities[id];
  }
  return kept;
}

/** Tokens at least `minP` times as likely as the likeliest (Nguyen et al., 2024). */
export function keepMinP(logits: Logits, minP: number): Float64Array {
  const least = largestOf(logits) + Math.log(minP);
  return Float64Array.from(logits, (z) => (z >= least ? z : -Infinity));
}

/**
 * Logits of tokens that have been there already: positive ones divided by the penalty, as in CTRL
 * (Keskar et al., 2019), negative ones multiplied, as in transformers. The result depends on where zero is, which a softmax does
 * not: adding 10 to all logits makes the penalty another one.
 * @param previous ids of the text so far, the prompt included
 * @param penalty 1 changes nothing
 */
export function penaliseRepetition(
  logits: Logits,
  previous: Iterable<number>,
  penalty: number,
): Float64Array {
  const penalised = Float64Array.from(logits);
  for (const id of new Set(previous))
    penalised[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
  return penalised;
}

/** exp(zᵢ) / Σ exp(zⱼ) */
export function softmax(logits: Logits): Float64Array {
  const top = largestOf(logits); // subtracted so that exp cannot overflow
  const p = Float64Array.from(logits, (z) => Math.exp(z - top));
  const sum = p.reduce((a, b) => a + b, 0);
  return p.map((x) => x / sum);
}

/** The largest logit; −∞ if there is none. */
export function largestOf(logits: Logits): number {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i] > largest) largest = logits[i];
  return largest;
}
