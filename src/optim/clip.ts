// Gradient clipping by the norm of all gradients together (Pascanu, Mikolov & Bengio, 2013): one
// factor for the whole model, so that the gradient keeps its direction. Clipping each tensor by
// itself would turn it.

import { tf } from "../engine";
import { sumOfSquares } from "../ops";
import type { Grads } from "../params";

/**
 * Scales all gradients by `min(1, maxNorm / (‖g‖ + 1e-6))`, where ‖g‖ is the norm of all of them
 * laid end to end (PyTorch's clip_grad_norm_, its 1e-6 included).
 *
 * @param grads gradients, left as they are
 * @param maxNorm the largest norm of the gradient; 0 or Infinity: only measure
 * @returns new gradients, and the norm *before* clipping, a scalar; the caller disposes both
 */
export function clipByGlobalNorm(grads: Grads, maxNorm: number): { grads: Grads; norm: tf.Scalar } {
  return tf.tidy(() => {
    const squares = Object.values(grads).map((g) => sumOfSquares(g));
    const norm = tf.sqrt(tf.addN(squares)) as tf.Scalar;
    const factor =
      maxNorm > 0 && Number.isFinite(maxNorm)
        ? tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)))
        : tf.scalar(1);
    const clipped: Grads = {};
    for (const name in grads) clipped[name] = tf.mul(grads[name], factor);
    return { grads: clipped, norm };
  });
}
