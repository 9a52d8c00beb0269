// Dropout: Srivastava et al., 2014, "Dropout: A Simple Way to Prevent Neural Networks from
// Overfitting", JMLR 15, in the "inverted" form: what survives is scaled up in training, so that
// nothing need be done afterwards.
//
//     y = 0 with probability rate, else x / (1 − rate)
//
// With a `Random` the mask is drawn in JavaScript, and every engine drops the same values. In a
// compiled step that would freeze the mask; with a `DropoutKey` the engine draws it, from a key
// that the step number is part of.
import { statelessUniform, tf } from "../engine";
import { Random } from "../random";
import { op } from "./define";

/** Where the randomness of dropout comes from. */
export type DropoutSource = Random | DropoutKey;

function clear<T extends tf.Tensor>(x: T, rate: number, rng: DropoutSource): T {
  if (rate === 0) return tf.clone(x);
  const scale = 1 / (1 - rate);
  if (rng instanceof DropoutKey) {
    const kept = tf.cast(tf.greaterEqual(rng.uniform(x.shape), rate), "float32");
    return tf.mul(x, tf.mul(kept, scale));
  }
  const mask = new Float32Array(x.size);
  for (let i = 0; i < mask.length; i++) mask[i] = rng.uniform() < rate ? 0 : scale;
  return tf.mul(x, tf.tensor(mask, x.shape));
}

/**
 * Sets each value to zero with probability `rate` and divides the others by 1 − rate.
 * @param x any shape
 * @param rate from 0 to below 1; 0 leaves x as it is
 * @param rng a Random takes one draw per value, in row-major order (none when the rate is 0);
 *   inside `compile` a DropoutKey
 * @returns the shape of x
 * @throws Error when the rate is out of range
 */
export const dropout = op({
  name: "dropout",
  shapes: "x (…)",
  check: (_, rate) => (rate >= 0 && rate < 1 ? undefined : `a rate from 0 to below 1, got ${rate}`),
  clear,
});

/**
 * Randomness for one step of a compiled function. Which values are dropped depends on the seed, on
 * the step, and on how many dropouts of this step came before; on nothing else. Make a new key in
 * every call of the function. The masks are reproducible on each engine, but a compiled step, the
 * native engine without compiling, and the other engines each have masks of their own.
 *
 * @example
 * const f = compile((x, step: tf.Scalar) => dropout(x, 0.1, new DropoutKey(1337, step)));
 */
export class DropoutKey {
  private draws = 0;
  private readonly stream: Random;

  /** @param step int32 scalar, an argument of the compiled function */
  constructor(
    seed: number,
    readonly step: tf.Scalar,
  ) {
    if (step.dtype !== "int32" || step.rank !== 0)
      throw new Error(
        `DropoutKey: expected step to be an int32 scalar, got ${step.dtype} of rank ${step.rank}`,
      );
    this.stream = new Random(seed);
  }

  /** Uniform numbers in [0, 1), others at each call. */
  uniform(shape: number[]): tf.Tensor {
    const stream = this.stream.fork("draw", this.draws++);
    const drawn = statelessUniform(shape, stream.integer(2 ** 31 - 1), this.step);
    if (drawn) return drawn;
    const rng = stream.fork("step", this.step.dataSync()[0]);
    const size = tf.util.sizeFromShape(shape);
    return tf.tensor(
      Float32Array.from({ length: size }, () => rng.uniform()),
      shape,
    );
  }
}
