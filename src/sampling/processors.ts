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
  each(logits, (z) => z / temperature);

/** The k largest logits, and what ties with the last of them (Fan et al., 2018). */
export function keepTopK(logits: Logits, k: number): Float64Array {
  const least = k < logits.length ? kthLargest(logits, k) : -Infinity;
  return each(logits, (z) => (z >= least ? z : -Infinity));
}

/** The k-th largest number, k from 1 to V − 1. */
function kthLargest(logits: Logits, k: number): number {
  if (k > 1000) return new Float64Array(logits).sort()[logits.length - k];
  const top = new Float64Array(k).fill(-Infinity); // the k largest so far, the least one first
  for (let i = 0; i < logits.length; i++) {
    const z = logits[i];
    if (!(z > top[0])) continue;
    let at = 1;
    for (; at < k && top[at] < z; at++) top[at - 1] = top[at];
    top[at - 1] = z;
  }
  return top[0];
}

/**
 * The likeliest tokens that together have a probability of at least p: the nucleus (Holtzman et al.,
 * 2020). One token always stays. Of equal ones the first are taken first.
 * @param p above 0, up to 1
 */
export function keepTopP(logits: Logits, p: number): Float64Array {
  const probabilities = softmax(logits);
  // Below this, all tokens together have less than (1 − p) / 2: they are never needed, nor sorted.
  const least = (1 - p) / 2 / logits.length;
  const order: number[] = [];
  for (let id = 0; id < probabilities.length; id++) if (probabilities[id] >= least) order.push(id);
  order.sort((i, j) => probabilities[j] - probabilities[i] || i - j);
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
  return each(logits, (z) => (z >= least ? z : -Infinity));
}

/**
 * Logits of tokens that have been there already: positive ones divided by the penalty, as in CTRL
 * (Keskar et al., 2019), negative ones multiplied, as in transformers. The result depends on where
 * zero is, which a softmax does not: adding 10 to all logits makes the penalty another one.
 * @param previous ids of the text so far, the prompt included
 * @param penalty 1 changes nothing
 */
export function penaliseRepetition(
  logits: Logits,
  previous: Iterable<number>,
  penalty: number,
): Float64Array {
  const penalised = new Float64Array(logits);
  for (const id of new Set(previous))
    penalised[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
  return penalised;
}

/** exp(zᵢ) / Σ exp(zⱼ) */
export function softmax(logits: Logits): Float64Array {
  const top = largestOf(logits); // subtracted so that exp cannot overflow
  const p = each(logits, (z) => Math.exp(z - top));
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum += p[i];
  return each(p, (x) => x / sum);
}

/** f of every logit. A loop: `Float64Array.from` with a function takes many times as long. */
export function each(logits: Logits, f: (z: number) => number): Float64Array {
  const result = new Float64Array(logits.length);
  for (let i = 0; i < result.length; i++) result[i] = f(logits[i]);
  return result;
}

/** The largest logit; −∞ if there is none. */
export function largestOf(logits: Logits): number {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) if (logits[i] > largest) largest = logits[i];
  return largest;
}
