// Seeded random numbers for data, initialisation, dropout and sampling. They are the same on every
// engine and machine, because they are drawn in JavaScript and only then become tensors.
// The generator is xoshiro128** 1.1 (Blackman & Vigna, 2018, "Scrambled Linear Pseudorandom Number
// Generators", arXiv:1805.01407), its four words filled by splitmix32. Not for cryptography.
import { tf } from "./engine";

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/**
 * One step of splitmix32: spreads a counter over all 32 bits (Murmur3's finaliser with better
 * constants).
 */
function splitmix32(counter: number): number {
  let z = counter | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/**
 * A stream of random numbers that depends on its seed only.
 *
 * `new Random(42)` in two places gives the same numbers twice: give each use its own stream with
 * `fork`, as in `rng.fork("dropout", step)`, so that adding one use does not change another.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  /** The four words this stream began with: what its forks are made from. */
  #origin: number[] = [];

  /**
   * @param seed an integer from 0 to 2³² − 1
   * @throws Error for any other seed
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new Error(`Random: expected a seed that is an integer from 0 to 2^32 - 1, got ${seed}`);
    }
    this.#begin([1, 2, 3, 4].map((i) => splitmix32(seed + Math.imul(i, 0x9e3779b9))));
  }

  #begin(words: number[]): void {
    this.#origin = words;
    [this.#a, this.#b, this.#c, this.#d] = words;
    const isZero = (this.#a | this.#b | this.#c | this.#d) === 0;
    if (isZero) this.#a = 1; // all zeros is the one state that never changes
  }

  /** The next 32 bits, as an integer from 0 to 2³² − 1. */
  #next(): number {
    const result = Math.imul(rotl(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotl(this.#d, 11);
    return result;
  }

  /** A number from the uniform distribution on [0, 1): a multiple of 2⁻²⁴, exact in float32. */
  uniform(): number {
    return (this.#next() >>> 8) / 0x1000000;
  }

  /**
   * A number from the normal distribution with mean 0 and variance 1:
   * √(−2 ln u₁) · cos(2π u₂) with u₁ in (0, 1] (Box & Muller, 1958). Always takes two draws.
   */
  normal(): number {
    const u1 = (this.#next() + 1) / 0x100000000;
    const u2 = this.#next() / 0x100000000;
    return Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * u2);
  }

  /**
   * An integer from 0 to n − 1, each equally likely (draws that would favour small ones are thrown
   * away).
   * @throws Error unless n is an integer from 1 to 2³²
   */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 0x100000000) {
      throw new Error(`integer: expected n to be an integer from 1 to 2^32, got ${n}`);
    }
    const limit = 0x100000000 - (0x100000000 % n);
    let draw = this.#next();
    while (draw >= limit) draw = this.#next();
    return draw % n;
  }

  /**
   * Puts the items of `a` in random order, in place, every order equally likely (Fisher & Yates).
   * Returns `a`.
   */
  shuffle<T>(a: T[]): T[] {
    for (let i = a.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [a[i], a[j]] = [a[j], a[i]];
    }
    return a;
  }

  /**
   * An index drawn with probability pᵢ / Σp. The weights need not add up to 1.
   * @throws Error when a weight is negative or not finite, or when all are zero
   */
  categorical(p: ArrayLike<number>): number {
    let total = 0;
    let last = -1;
    for (let i = 0; i < p.length; i++) {
      if (!(p[i] >= 0 && p[i] < Number.POSITIVE_INFINITY)) {
        throw new Error(`categorical: expected weights ≥ 0, got ${p[i]} at index ${i}`);
      }
      total += p[i];
      if (p[i] > 0) last = i;
    }
    if (!(total > 0 && total < Number.POSITIVE_INFINITY)) {
      throw new Error(
        "categorical: expected weights with a positive, finite sum, " +
          `got ${total} from ${p.length} weights`,
      );
    }
    let rest = (this.#next() / 0x100000000) * total;
    for (let i = 0; i < last; i++) {
      rest -= p[i];
      if (rest < 0) return i;
    }
    return last; // also where rounding has left a little over
  }

  /**
   * Another stream, independent of this one. It depends on this stream's seed and on the key, not
   * on how many numbers have been drawn, and takes none: `rng.fork("batch", 7)` is the same before
   * and after training.
   * @throws Error when a number in the key is not finite
   */
  fork(...key: (string | number)[]): Random {
    for (const part of key) {
      if (typeof part === "number" && !Number.isFinite(part)) {
        throw new Error(`fork: expected finite numbers and strings, got ${part}`);
      }
    }
    // A hash of the key's text over the four words (cyrb128's rounds), each spread by splitmix32.
    let [a, b, c, d] = this.#origin;
    for (const letter of JSON.stringify(key)) {
      const k = letter.codePointAt(0)!;
      a = b ^ Math.imul(a ^ k, 597399067);
      b = c ^ Math.imul(b ^ k, 2869860233);
      c = d ^ Math.imul(c ^ k, 951274213);
      d = a ^ Math.imul(d ^ k, 2716044179);
    }
    const all = a ^ b ^ c ^ d;
    const child = new Random(0);
    child.#begin(
      [a, b ^ all, c ^ all, d ^ all].map((word, i) =>
        splitmix32(word + Math.imul(i + 1, 0x9e3779b9)),
      ),
    );
    return child;
  }

  /** Eight integers: the four words of the stream now, and the four that its forks start from. */
  getState(): number[] {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0, ...this.#origin];
  }

  /**
   * Goes back to where `getState` was called.
   * @throws Error unless given eight integers from 0 to 2³² − 1, the first four not all zero
   */
  setState(s: number[]): void {
    const valid =
      s.length === 8 && s.every((x) => Number.isInteger(x) && x >= 0 && x <= 0xffffffff);
    if (!valid || s.slice(0, 4).every((x) => x === 0)) {
      throw new Error(`setState: expected the eight integers of getState(), got [${s.join(", ")}]`);
    }
    this.#begin(s.slice(4));
    [this.#a, this.#b, this.#c, this.#d] = s;
  }
}

/** One of a list. */
export const pick = <T>(rng: Random, list: readonly T[]): T => list[rng.integer(list.length)];

/**
 * A float32 tensor of independent draws from N(mean, std²), in row-major order from `rng`.
 * @param shape of the tensor
 * @returns tensor of that shape
 */
export function randomNormal(
  shape: number[],
  { rng, mean = 0, std = 1 }: { rng: Random; mean?: number; std?: number },
): tf.Tensor {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  for (let i = 0; i < values.length; i++) values[i] = mean + std * rng.normal();
  return tf.tensor(values, shape, "float32");
}

/**
 * A float32 tensor of independent draws from the uniform distribution on [min, max), in row-major
 * order from `rng`.
 * @param shape of the tensor
 * @returns tensor of that shape
 */
export function randomUniform(
  shape: number[],
  { rng, min = 0, max = 1 }: { rng: Random; min?: number; max?: number },
): tf.Tensor {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  for (let i = 0; i < values.length; i++) values[i] = min + (max - min) * rng.uniform();
  return tf.tensor(values, shape, "float32");
}
