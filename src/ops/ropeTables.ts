// The angles of rotary position embedding (./rope), as tables of cosines and sines: in a head of
// width D, pair i turns by base^(−2i/D) radians per position (./ropeScaling: or fewer). Where
// positions are numbers, the tables are computed in JavaScript with 64 bits, and the latest are
// kept. In a traced function positions have no values, and tensor operations compute the tables.
import { isTracing, tf } from "../engine";
import { checkIdValues } from "../engine/ids";
import { type RopeScaling, ropeAttentionFactor, ropeFrequencies } from "./ropeScaling";

/** Which positions, and how fast a pair turns. */
export interface RopeAngles {
  /**
   * Pair i turns by base^(−2i/D) radians per position: 10,000 in the paper, LLaMA and LLaMA 2,
   * 500,000 in LLaMA 3.
   */
  base?: number;
  /** What slows the pairs down in a model for longer texts; nothing if absent. */
  scaling?: RopeScaling;
  /**
   * Position of x's first row; the others follow. Inside `compile` an int32 scalar, because a
   * number would be frozen.
   */
  offset?: number | tf.Scalar;
  /**
   * Instead of `offset`, each row's position: int32 (T), or (B, T) where the texts of a batch
   * differ.
   */
  positions?: tf.Tensor1D | tf.Tensor2D;
}

const TURN = 2 * Math.PI;
const SPLIT = 2048; // a position is high · 2048 + low, 11 bits each
const MOST = SPLIT * SPLIT;
const KEPT = 4;

/**
 * cos and sin of every angle: (T, D/2) each, or (B, T, D/2) for positions (B, T). The length that
 * "dynamic" scaling looks at is that of the text up to the last of these positions.
 * @param shape (…, T, D)
 * @throws Error when a position is not a whole number from 0 to 2²² − 1
 */
export function ropeTables(
  shape: number[],
  { base = 10000, scaling, offset = 0, positions }: RopeAngles,
): [cos: tf.Tensor, sin: tf.Tensor] {
  const [T, D] = shape.slice(-2);
  const factor = ropeAttentionFactor(scaling);
  if (isTracing() && (positions || typeof offset !== "number")) {
    const at = positions ?? tf.add(tf.range(0, T, 1, "int32"), offset);
    const angles = tracedAngles(at, ropeFrequencies(D, base, scaling));
    const sized = (x: tf.Tensor) => (factor === 1 ? x : tf.mul(x, factor));
    return [sized(tf.cos(angles)), sized(tf.sin(angles))];
  }
  const first = typeof offset === "number" ? offset : offset.dataSync()[0];
  if (!Number.isInteger(first) || first < 0 || first + T > MOST)
    throw new Error(
      `rope: expected offset to be a whole number from 0 to ${MOST - T}, got ${first}`,
    );
  const list = positions?.dataSync() ?? Int32Array.from({ length: T }, (_, t) => first + t);
  if (positions) checkIdValues(list, MOST, "rope", "positions");
  const key = `${D} ${base} ${JSON.stringify(scaling)} ${list.join()}`;
  let length = 0;
  for (const position of list) length = Math.max(length, position + 1);
  const frequencies = () => ropeFrequencies(D, base, scaling, length);
  const { cos, sin } = cosinesAndSines(list, { frequencies, factor, key });
  const size = [...(positions?.shape ?? [T]), D / 2];
  return [tf.tensor(cos, size), tf.tensor(sin, size)];
}

interface Tables {
  cos: Float32Array;
  sin: Float32Array;
}

/**
 * The latest tables: a training step needs the same ones in every layer, for queries and for keys.
 */
const kept = new Map<string, Tables>();

function cosinesAndSines(
  positions: ArrayLike<number>,
  { frequencies: find, factor, key }: { frequencies(): number[]; factor: number; key: string },
): Tables {
  const known = kept.get(key);
  if (known) return known;
  const frequencies = find();
  const half = frequencies.length;
  const tables = {
    cos: new Float32Array(positions.length * half),
    sin: new Float32Array(positions.length * half),
  };
  for (let t = 0; t < positions.length; t++)
    for (let i = 0; i < half; i++) {
      tables.cos[t * half + i] = factor * Math.cos(positions[t] * frequencies[i]);
      tables.sin[t * half + i] = factor * Math.sin(positions[t] * frequencies[i]);
    }
  if (kept.size === KEPT) kept.delete(kept.keys().next().value!);
  kept.set(key, tables);
  return tables;
}

/**
 * p · θ for positions p (…) and frequencies θ, less the whole turns: (…, D/2), from −π to π.
 * A 32-bit product would have lost the fraction of a turn at large p. So p and each rate (turns per
 * position) are split into parts whose products are exact, and whole turns are dropped before
 * anything is rounded.
 */
function tracedAngles(positions: tf.Tensor, frequencies: number[]): tf.Tensor {
  const p = tf.expandDims(tf.cast(positions, "float32"), -1); // (…, 1)
  const high = tf.floor(tf.div(p, SPLIT));
  const low = tf.sub(p, tf.mul(high, SPLIT));
  const rates = frequencies.map((frequency) => frequency / TURN);
  const coarseRates = rates.map((rate) => rate * SPLIT);
  const turns = tf.add(partOfTurn(high, coarseRates), partOfTurn(low, rates));
  return tf.mul(tf.sub(turns, tf.round(turns)), TURN);
}

/** n · rate without its whole turns, up to one, for whole n from 0 to 2047. */
function partOfTurn(n: tf.Tensor, rates: number[]): tf.Tensor {
  const parts = rates.map((rate) => rate - Math.floor(rate));
  // 12 bits, which with n's 11 are fewer than the 24 of a float
  const coarse = parts.map((part) => Math.floor(part * 4096) / 4096);
  const product = tf.mul(n, coarse); // exact
  const fine = parts.map((part, i) => part - coarse[i]);
  return tf.add(tf.sub(product, tf.floor(product)), tf.mul(n, fine));
}
