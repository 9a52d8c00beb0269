// Lesson 03 (recurrent networks): reference answers. The comments give reasons.
// Letters: B batch (sequences side by side), T time steps, I input width, H hidden width, V
// vocabulary.

import { tf } from "llm/engine";
import type { Layer, ReadOut, RnnState, RnnWeights } from "llm/rnn";

/** One step of the plain recurrent network, for B sequences at once. */
export function rnnCell(x: tf.Tensor2D, h: tf.Tensor2D, w: RnnWeights): tf.Tensor2D {
  // PyTorch stores a weight with one row per output, (H, I), so it has to be transposed.
  // Without tidy, the five tensors in between would stay in memory: 1,000 after 200 steps.
  return tf.tidy(() => {
    const fromInput = tf.matMul<tf.Tensor>(x, w.weight_ih_l0, false, true).add(w.bias_ih_l0);
    const fromState = tf.matMul<tf.Tensor>(h, w.weight_hh_l0, false, true).add(w.bias_hh_l0);
    return tf.tanh(fromInput.add(fromState)) as tf.Tensor2D;
  });
}

/**
 * Backpropagation through time by hand, for a recurrent network of one number, cut off after `k`
 * steps.
 */
export function truncatedBptt(
  xs: number[],
  w: number,
  u: number,
  h0: number,
  k: number,
): { h: number; dw: number; du: number } {
  const h = [h0]; // h[t] is the state after x_t, so h[0] is the one before x_1
  for (const x of xs) h.push(Math.tanh(w * h[h.length - 1] + u * x));
  const T = xs.length;
  let [dw, du, delta] = [0, 0, 1];
  // The same w acts at every step, so its gradient is a sum: each step adds its own share.
  for (let t = T; t > Math.max(0, T - k); t--) {
    const a = delta * (1 - h[t] * h[t]);
    dw += a * h[t - 1]; // at the oldest step this h is a constant: how w made it does not count
    du += a * xs[t - 1];
    delta = a * w; // one step further back; where w·(1 − h²) is mostly below 1, δ vanishes
  }
  return { h: h[T], dw, du };
}

/** Shortens a gradient that is too long without changing its direction. */
export function clipByGlobalNorm(
  grads: Record<string, tf.Tensor>,
  maxNorm: number,
): { grads: Record<string, tf.Tensor>; norm: tf.Scalar } {
  return tf.tidy(() => {
    // One norm over everything: a step of gradient descent moves all parameters at once, as one
    // vector. A limit for each tensor would change its direction.
    const norm = tf.sqrt(tf.addN(Object.values(grads).map((g) => g.square().sum()))) as tf.Scalar;
    // min with 1, because a short gradient near a minimum must stay short. It also takes care of a
    // norm of 0: maxNorm / 0 is Infinity, and the factor is 1.
    const factor = tf.minimum(1, tf.div(maxNorm, norm));
    const clipped: Record<string, tf.Tensor> = {};
    for (const [name, g] of Object.entries(grads)) clipped[name] = g.mul(factor);
    return { grads: clipped, norm }; // the norm before clipping: only that one shows explosions
  });
}

/** One step of the LSTM. The weights hold four blocks of H rows, in the order i, f, g, o. */
export function lstmCell(
  x: tf.Tensor2D,
  state: [tf.Tensor2D, tf.Tensor2D],
  w: RnnWeights,
): [tf.Tensor2D, tf.Tensor2D] {
  return tf.tidy(() => {
    const [h, c] = state;
    const fromInput = tf.matMul<tf.Tensor>(x, w.weight_ih_l0, false, true).add(w.bias_ih_l0);
    const fromState = tf.matMul<tf.Tensor>(h, w.weight_hh_l0, false, true).add(w.bias_hh_l0);
    // One product for all four gates, cut afterwards, is faster than four small products.
    const [i, f, g, o] = tf.split(fromInput.add(fromState), 4, 1);
    // From c' back to c the gradient is multiplied by f alone. There is no matrix and no tanh on
    // that path, which is the point of the LSTM.
    const next = tf
      .sigmoid(f)
      .mul(c)
      .add(tf.sigmoid(i).mul(tf.tanh(g)));
    return [tf.sigmoid(o).mul(tf.tanh(next)) as tf.Tensor2D, next as tf.Tensor2D];
  });
}

/** One step of the GRU, as PyTorch computes it. Blocks of H rows in the order r, z, n. */
export function gruCell(x: tf.Tensor2D, h: tf.Tensor2D, w: RnnWeights): tf.Tensor2D {
  return tf.tidy(() => {
    const fromInput = tf.matMul<tf.Tensor>(x, w.weight_ih_l0, false, true).add(w.bias_ih_l0);
    const fromState = tf.matMul<tf.Tensor>(h, w.weight_hh_l0, false, true).add(w.bias_hh_l0);
    const [xr, xz, xn] = tf.split(fromInput, 3, 1);
    const [hr, hz, hn] = tf.split(fromState, 3, 1);
    const r = tf.sigmoid(xr.add(hr));
    const z = tf.sigmoid(xz.add(hz));
    // In the paper (Cho et al., 2014) r acts on h before the product, W_hn (r ⊙ h). In PyTorch and
    // cuDNN it acts after it, bias included, so that one matrix product serves all three gates.
    // Weights trained in one form do not fit the other.
    const n = tf.tanh(xn.add(r.mul(hn)));
    return tf.sub(1, z).mul(n).add(z.mul(h)) as tf.Tensor2D;
  });
}

/** The loss of a character model on pieces of text: −ln of the next character's probability. */
export function charLoss(
  layer: Layer,
  readOut: ReadOut,
  ids: tf.Tensor2D,
  state: RnnState,
): { loss: tf.Scalar; state: RnnState } {
  return tf.tidy(() => {
    const [B, T] = [ids.shape[0], ids.shape[1] - 1]; // T + 1 characters make T pairs of neighbours
    const V = readOut.bias.size;
    const inputs = tf.oneHot(tf.slice(ids, [0, 0], [B, T]), V).toFloat() as tf.Tensor3D;
    const targets = tf.oneHot(tf.slice(ids, [0, 1], [B, T]).reshape([B * T]), V);
    const after = layer(inputs, state);
    const flat = after.outputs.reshape([B * T, -1]); // each position is one prediction
    const logits = tf.matMul<tf.Tensor>(flat, readOut.weight, false, true).add(readOut.bias);
    // logSoftmax, not log(softmax): a probability that rounds to 0 would give −∞
    const chosen = tf.logSoftmax(logits).mul(targets).sum(1);
    return { loss: chosen.mean().neg() as tf.Scalar, state: after.state };
  });
}
