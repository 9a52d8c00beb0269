// Where a token stands (lesson 07, positions). Attention is a weighted sum and does not see order:
// shuffle the keys with their values, and every output stays the same. A position can enter in
// three places, and each encoding of this file uses one of them:
//
//     added to the embeddings      sinusoidal (Vaswani et al., 2017, §3.5), learned (GPT-2)
//     queries and keys are turned  RoPE (Su et al., 2021), which is `rope` in llm/ops
//     added to the scores          T5's relative bias (Raffel et al., 2020, §2.1),
//                                  ALiBi (Press, Smith & Lewis, 2022, §3)
//
// A learned embedding is a table and a look-up, so it has no function here. Left out: Transformer-XL
// (Dai et al., 2019); of the ways to scale RoPE to longer texts, all but `ropeScaled` (LLaMA 3's is
// in llm/ops; more in lesson 29, long context and images).
//
// Letters: T queries, S keys, C channels, H heads. In causal attention with a cache the T queries
// are the last T of S positions.
import { tf } from "./engine";

/** How a model knows where a token stands; "none" is causal attention by itself (NoPE). */
export const positionKinds = ["none", "sinusoidal", "learned", "t5", "alibi", "rope"] as const;
export type PositionKind = (typeof positionKinds)[number];

/**
 * Sine and cosine waves of different lengths, one pair of channels for each length:
 *
 *     PE[p, 2i] = sin(p / base^(2i/C))     PE[p, 2i+1] = cos(p / base^(2i/C))
 *
 * Row p + k is row p with every pair turned by an angle that depends on k alone.
 *
 * @param T number of positions
 * @param C channels, even
 * @param options `offset` position of the first row; `base` 10,000 in the paper; `layout`
 *   "interleaved" as in the paper, or "half": all sines, then all cosines (tensor2tensor, fairseq,
 *   Marian)
 * @returns (T, C); the caller disposes it
 * @throws if C is odd or one of the numbers makes no sense
 */
export function sinusoidalPositions(
  T: number,
  C: number,
  {
    offset = 0,
    base = 10000,
    layout = "interleaved",
  }: { offset?: number; base?: number; layout?: "interleaved" | "half" } = {},
): tf.Tensor2D {
  positive("sinusoidalPositions", { T, C });
  if (C % 2 !== 0) throw new Error(`sinusoidalPositions: expected an even C, got ${C}`);
  if (!(Number.isInteger(offset) && offset >= 0))
    throw new Error(`sinusoidalPositions: expected an offset of 0 or more, got ${offset}`);
  if (layout !== "interleaved" && layout !== "half")
    throw new Error(
      `sinusoidalPositions: expected layout "interleaved" or "half", got ${JSON.stringify(layout)}`,
    );
  const table = new Float32Array(T * C);
  for (let t = 0; t < T; t++)
    for (let i = 0; i < C / 2; i++) {
      const angle = (offset + t) / base ** ((2 * i) / C);
      const [sine, cosine] = layout === "half" ? [i, C / 2 + i] : [2 * i, 2 * i + 1];
      table[t * C + sine] = Math.sin(angle);
      table[t * C + cosine] = Math.cos(angle);
    }
  return tf.tensor2d(table, [T, C]);
}

/**
 * The slope of each head in ALiBi: a geometric sequence that begins at, and falls by, 2^(−8/H),
 * so 1/2, 1/4, … 1/256 for eight heads. Where H is not a power of two, the slopes of the next lower
 * power come first, then every second one of the next higher (as in the authors' code).
 *
 * @param H number of heads
 * @returns H slopes, each between 0 and 1
 */
export function alibiSlopes(H: number): number[] {
  positive("alibiSlopes", { H });
  const geometric = (n: number) => Array.from({ length: n }, (_, h) => 2 ** ((-8 * (h + 1)) / n));
  const power = 2 ** Math.floor(Math.log2(H));
  if (power === H) return geometric(H);
  const between = geometric(2 * power).filter((_, i) => i % 2 === 0);
  return [...geometric(power), ...between.slice(0, H - power)];
}

/**
 * ALiBi, attention with linear biases: what is added to the scores grows more negative with the
 * distance between query and key, in each head at its own slope.
 *
 *     bias[h][i][j] = −slope[h] · (position of query i − position of key j)
 *
 * Keys after the query get 0: the causal mask hides them.
 *
 * @param H number of heads
 * @param T number of queries
 * @param S number of keys; the queries are the last T of S positions
 * @returns (H, T, S); the caller disposes it
 */
export function alibiBias(H: number, T: number, S = T): tf.Tensor3D {
  queriesAndKeys("alibiBias", T, S);
  return tf.tidy(() => {
    const slopes = tf.tensor1d(alibiSlopes(H)).reshape([H, 1, 1]);
    const behind = tf.relu(tf.neg(relativePositions(T, S))); // (T, S)
    return tf.neg(tf.mul(slopes, behind));
  });
}

/** Which distances share a number in T5's relative bias. */
export interface RelativeBuckets {
  /** How many different numbers each head has. */
  numBuckets?: number;
  /** From this distance on all share the last bucket. */
  maxDistance?: number;
  /** An encoder looks both ways and has half of the buckets for each; a decoder looks back only. */
  bidirectional?: boolean;
}

/**
 * T5's bucket of a distance: the near half of the distances have a bucket each, those beyond it
 * share buckets that grow logarithmically up to `maxDistance`.
 *
 * @param relative position of the key − position of the query
 * @returns a whole number from 0 to numBuckets − 1
 */
export function relativeBucket(
  relative: number,
  { numBuckets = 32, maxDistance = 128, bidirectional = false }: RelativeBuckets = {},
): number {
  const buckets = bidirectional ? numBuckets / 2 : numBuckets;
  const near = Math.floor(buckets / 2);
  if (!Number.isInteger(buckets) || near < 1 || !(maxDistance > near))
    throw new Error(
      "relativeBucket: expected at least 2 buckets in each direction and a maxDistance beyond " +
        `the near ones, got ${numBuckets} buckets and maxDistance ${maxDistance}`,
    );
  const side = bidirectional && relative > 0 ? buckets : 0;
  const distance = bidirectional ? Math.abs(relative) : Math.max(-relative, 0);
  if (distance < near) return side + distance;
  // Rounded to 32 bits as the reference computes: at a bucket's edge it decides.
  const steps = Math.fround(
    Math.fround(
      Math.fround(Math.log(Math.fround(distance / near))) / Math.log(maxDistance / near),
    ) *
      (buckets - near),
  );
  return side + Math.min(near + Math.trunc(steps), buckets - 1);
}

/**
 * T5's relative bias: each head has one learned number for every bucket of distances.
 *
 * @param table (numBuckets, H), learned
 * @param T number of queries
 * @param S number of keys; the queries are the last T of S positions
 * @param options as in `relativeBucket`; the number of buckets is the table's
 * @returns (H, T, S), with a gradient for the table; the caller disposes it
 */
export function relativeBias(
  table: tf.Tensor2D,
  T: number,
  S = T,
  { maxDistance, bidirectional }: Omit<RelativeBuckets, "numBuckets"> = {},
): tf.Tensor3D {
  queriesAndKeys("relativeBias", T, S);
  if (table.rank !== 2)
    throw new Error(`relativeBias: expected a table (buckets, H), got (${table.shape})`);
  const [numBuckets, H] = table.shape;
  return tf.tidy(() => {
    // Distances run from −(S − 1) to S − 1 for the keys: look each one up once, then spread them.
    const distances = Array.from({ length: T + S - 1 }, (_, n) => n - (S - 1));
    const buckets = distances.map((n) =>
      relativeBucket(n, { numBuckets, maxDistance, bidirectional }),
    );
    const ids = new Int32Array(T * S);
    for (let i = 0; i < T; i++)
      for (let j = 0; j < S; j++) ids[i * S + j] = buckets[j - (S - T + i) + S - 1];
    const rows = tf.gather(table, tf.tensor1d(ids, "int32")); // (T·S, H)
    return tf.reshape(tf.transpose(rows), [H, T, S]);
  });
}

/**
 * RoPE with positions divided evenly: position interpolation (Chen et al., 2023). A model trained on
 * T positions reads n·T of them with scale 1/n: no pair turns further than it did in training.
 *
 * @param x (…, T, D) queries or keys, D even; pairs are i and i + D/2, as in `rope` of llm/ops
 * @param options `scale` multiplies every position; `base` as in `rope`
 * @returns the shape of x
 */
export function ropeScaled<X extends tf.Tensor>(
  x: X,
  { scale, base = 10000 }: { scale: number; base?: number },
): X {
  const [T, D] = x.shape.slice(-2);
  if (!(D % 2 === 0 && scale > 0))
    throw new Error(
      `ropeScaled: expected an even width and a positive scale, got ${D} and ${scale}`,
    );
  return tf.tidy(() => {
    const rates = Array.from({ length: D / 2 }, (_, i) => scale * base ** ((-2 * i) / D));
    const angles = tf.mul(tf.range(0, T).expandDims(1), tf.tensor1d(rates)); // (T, D/2)
    const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
    const [a, b] = tf.split(x as tf.Tensor, 2, -1); // (…, T, D/2) each
    const turned = [tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))];
    return tf.concat(turned, -1) as X;
  });
}

/** Position of key j − position of query i: (T, S), where the queries are the last T positions. */
function relativePositions(T: number, S: number): tf.Tensor2D {
  return tf.sub(tf.range(0, S).expandDims(0), tf.range(S - T, S).expandDims(1));
}

function queriesAndKeys(caller: string, T: number, S: number): void {
  positive(caller, { T, S });
  if (T > S)
    throw new Error(`${caller}: expected at least as many keys as queries, got ${S} and ${T}`);
}

function positive(caller: string, sizes: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isInteger(size) || size < 1)
      throw new Error(`${caller}: expected ${name} to be a whole number of 1 or more, got ${size}`);
}
