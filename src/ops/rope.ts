// Rotary position embedding: Su et al., 2021, «RoFormer: Enhanced Transformer with Rotary Position Embedding»,
// arXiv:2104.09864, section 3.4. Queries and keys are turned by angles that grow with their position, so that their
// dot product knows the distance between them. The angles are in ./ropeTables. Turning only a part of each head
// (GPT-NeoX, GPT-J) is a slice, rope and concat of the caller's.
import { tf } from "../engine";
import { allFloat, hasFused, runFused, shapeText } from "./fused";
import { ropeTables } from "./ropeTables";

export interface RopeOptions {
  /** Pair i turns by base^(−2i/D) radians a position: 10,000 in the paper, LLaMA and LLaMA 2, 500,000 in LLaMA 3. */
  base?: number;
  /** Position of x's first row; the others follow. An int32 scalar inside `compile`, where a number would be frozen. */
  offset?: number | tf.Scalar;
  /** Instead of `offset`, each row's position: int32 (T), or (B, T) where the texts of a batch differ. */
  positions?: tf.Tensor1D | tf.Tensor2D;
  /**
   * Which entries of a head are a pair. "half": i and i + D/2, as in Hugging Face's LLaMA and in GPT-NeoX.
   * "interleaved": 2i and 2i + 1, as in the paper, in Meta's own LLaMA and in GPT-J. Weights are trained for one of them.
   */
  layout?: "half" | "interleaved";
}

function check(x: tf.Tensor, { base = 10000, offset, positions, layout = "half" }: RopeOptions): void {
  const [T, D] = x.shape.slice(-2);
  if (x.rank < 2 || D < 2 || D % 2 !== 0)
    throw new Error(`rope: expected x (…, T, D) with an even D, got ${shapeText(x)}`);
  if (!(base > 0 && Number.isFinite(base)))
    throw new Error(`rope: expected base to be a positive number, got ${base}`);
  if (layout !== "half" && layout !== "interleaved")
    throw new Error(`rope: expected layout "half" or "interleaved", got ${JSON.stringify(layout)}`);
  if (offset !== undefined && positions) throw new Error("rope: expected offset or positions, got both");
  if (offset instanceof tf.Tensor && (offset.rank !== 0 || offset.dtype !== "int32"))
    throw new Error(
      `rope: expected offset to be a number or an int32 scalar, got ${offset.dtype} ${shapeText(offset)}`,
    );
  if (!positions) return;
  const wanted = x.rank > 2 ? `(${T}) or (${x.shape[0]}, ${T})` : `(${T})`;
  const fits = positions.shape.at(-1) === T && (positions.rank === 1 || positions.shape[0] === x.shape[0]);
  if (positions.dtype !== "int32" || positions.rank < 1 || positions.rank > Math.min(2, x.rank - 1) || !fits)
    throw new Error(
      `rope: expected positions int32 ${wanted} for x ${shapeText(x)}, got ${positions.dtype} ${shapeText(positions)}`,
    );
}

/** `rope` from tfjs operations: the definition. */
export function clearRope<T extends tf.Tensor>(x: T, options: RopeOptions = {}): T {
  check(x, options);
  return tf.tidy(() => {
    const [cos, sin] = ropeTables(x.shape, options);
    return turn(x, cos, sin, options.layout === "interleaved") as T;
  });
}

/** (a, b) → (a cos θ − b sin θ, b cos θ + a sin θ) for every pair. */
function turn(x: tf.Tensor, cosines: tf.Tensor, sines: tf.Tensor, interleaved: boolean): tf.Tensor {
  const half = x.shape.at(-1)! / 2;
  const [cos, sin] = [cosines, sines].map((table) => {
    if (table.rank === 2) return table; // (T, D/2) fits every leading axis
    const [B, T] = table.shape;
    return tf.reshape(table, [B, ...Array.from({ length: x.rank - 3 }, () => 1), T, half]); // (B, 1, …, T, D/2)
  });
  const [a, b] = interleaved
    ? tf.unstack(tf.reshape(x, [...x.shape.slice(0, -1), half, 2]), -1)
    : tf.split(x, 2, -1);
  const turned = [tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))];
  return interleaved ? tf.reshape(tf.stack(turned, -1), x.shape) : tf.concat(turned, -1);
}

/**
 * Rotary position embedding of queries or keys: at position p, pair i of each row turns by p · base^(−2i/D).
 * Lengths stay, and ⟨rope(q at m), rope(k at n)⟩ depends on m − n only. In a decoder with a KV cache, keys are cached
 * turned, and a step passes its position as `offset` or `positions`. B batch, T time, D head width.
 *
 * Angles are exact to 2e-6 for positions up to 4 million, whichever way the position comes (a 32-bit product p · θ,
 * as in Hugging Face's code, is off by 2e-4 at position 8,000).
 * @param x (…, T, D), for example (B, H, T, D), with D even
 * @returns the shape of x
 * @throws Error when the shapes do not fit, D is odd, or a position is negative (not checked inside `compile`)
 * @example const scores = scaledScores(rope(q), rope(k)); // (B, H, T, T)
 * @example const step = compile((q, position: tf.Scalar) => rope(q, { offset: position })); // one program for all
 */
export function rope<T extends tf.Tensor>(x: T, options: RopeOptions = {}): T {
  check(x, options);
  if (x.size === 0) return tf.clone(x);
  return tf.tidy(() => {
    const [cos, sin] = ropeTables(x.shape, options);
    return rotate(x, cos, sin, options.layout === "interleaved", 1) as T;
  });
}

/** The gradient of a rotation is the rotation back, which has a gradient in turn. */
function rotate(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor, interleaved: boolean, sign: 1 | -1): tf.Tensor {
  const fused = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([cos, sin]);
    const value =
      hasFused("Rope") && allFloat(x as tf.Tensor)
        ? runFused("Rope", { x: x as tf.Tensor, cos, sin }, { interleaved: interleaved ? 1 : 0, sign })
        : turn(x as tf.Tensor, cos, sign === 1 ? sin : tf.neg(sin), interleaved);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [cos, sin]: tf.Tensor[]) =>
        rotate(dy, cos, sin, interleaved, sign === 1 ? -1 : 1),
    };
  });
  return fused(x);
}
