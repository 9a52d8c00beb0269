// Lesson 03 (recurrent networks): reference answers, each with why it is so.
// Letters: B batch (sequences side by side), T time steps, I input width, H hidden width, V
// vocabulary.

import { tf } from "llm/engine";
import type { Layer, ReadOut, RnnState, RnnWeights } from "llm/rnn";

/** One step of the plain recurrent network, for B sequences at once. */
export function rnnCell(x: tf.Tensor2D, h: tf.Tensor2D, w: RnnWeights): tf.Tensor2D {
  // Weights come as (H, I), one row an output, because PyTorch stores them so: the second matrix is
  // transposed. tidy: one step makes seven tensors and keeps one; a loop over 200 steps would
  // otherwise hold 1,200.
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
  // The same w acts at every step, so its gradient is a sum over steps: each adds what w did there.
  for (let t = T; t > Math.max(0, T - k); t--) {
    const a = delta * (1 - h[t] * h[t]);
    dw += a * h[t - 1]; // for the oldest step this h is a constant: nothing asks how w made it
    du += a * xs[t - 1];
    delta = a * w; // each step back multiplies by w·(1 − h²): below 1 it vanishes, above 1 it explodes
  }
  return { h: h[T], dw, du };
}

/**
 * Shortens a step that is too long, without turning it: all gradients are multiplied by the same
 * number.
 */
export function clipByGlobalNorm(
  grads: Record<string, tf.Tensor>,
  maxNorm: number,
): { grads: Record<string, tf.Tensor>; norm: tf.Scalar } {
  return tf.tidy(() => {
    // One norm over everything: the parameters are one vector to the optimizer, cut into tensors
    // only for our comfort.
    const norm = tf.sqrt(tf.addN(Object.values(grads).map((g) => g.square().sum()))) as tf.Scalar;
    // min with 1: a short gradient near a minimum must stay short. A norm of 0 gives maxNorm / 0 =
    // Infinity, so factor 1.
    const factor = tf.minimum(1, tf.div(maxNorm, norm));
    const clipped: Record<string, tf.Tensor> = {};
    for (const [name, g] of Object.entries(grads)) clipped[name] = g.mul(factor);
    return { grads: clipped, norm }; // the norm before clipping is the one worth plotting: it shows the explosions
  });
}

/** One step of the LSTM. The weights hold four blocks of H rows, in the order i, f, g, o; with. */
export function lstmCell(
  x: tf.Tensor2D,
  state: [tf.Tensor2D, tf.Tensor2D],
  w: RnnWeights,
): [tf.Tensor2D, tf.Tensor2D] {
  return tf.tidy(() => {
    const [h, c] = state;
    const fromInput = tf.matMul<tf.Tensor>(x, w.weight_ih_l0, false, true).add(w.bias_ih_l0);
    const fromState = tf.matMul<tf.Tensor>(h, w.weight_hh_l0, false, true).add(w.bias_hh_l0);
    // One product for the four gates, cut afterwards: four small products would take longer.
    const [i, f, g, o] = tf.split(fromInput.add(fromState), 4, 1);
    // The way back from c' to c is a product with f alone: no matrix and no tanh stand on it. That
    // is the invention.
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
    // Cho et al. (2014) reset h before the product, W_hn (r ⊙ h). PyTorch (like cuDNN) resets after
    // it, bias included, so that all products of the state can be one matrix product. Weights of
    // one form do not fit the other.
    const n = tf.tanh(xn.add(r.mul(hn)));
    return tf.sub(1, z).mul(n).add(z.mul(h)) as tf.Tensor2D;
  });
}

/**
 * The loss of a character model on pieces of text: at every position predict the *next* character.
 */
export function charLoss(
  layer: Layer,
  readOut: ReadOut,
  ids: tf.Tensor2D,
  state: RnnState,
): { loss: tf.Scalar; state: RnnState } {
  return tf.tidy(() => {
    const [B, T] = [ids.shape[0], ids.shape[1] - 1]; // T + 1 characters hold T pairs of one and the next
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
