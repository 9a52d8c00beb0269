// The three recurrent cells, written as the papers write them, with PyTorch's parameter names and
// gate orders (torch.nn.RNN, LSTM, GRU, one layer), so that weights can be exchanged and numbers
// compared.
//
//     RNN    Elman (1990), "Finding Structure in Time"
//     LSTM   Hochreiter & Schmidhuber (1997), with the forget gate of Gers, Schmidhuber & Cummins
//            (2000)
//     GRU    Cho et al. (2014), in PyTorch's form: the reset gate acts after the matrix product
//
// These are the clear versions. A whole sequence at once, fast, is runRnn() in ./run.
// Left out: several layers, both directions, peepholes, projections.

import { tf } from "../engine";

export type CellKind = "rnn" | "lstm" | "gru";

/**
 * Weights of one recurrent layer. G = 1 (rnn), 4 (lstm: i, f, g, o) or 3 (gru: r, z, n) blocks of H
 * rows.
 */
export interface RnnWeights {
  /** (G·H, I): from the input */
  weight_ih_l0: tf.Tensor;
  /** (G·H, H): from the previous state */
  weight_hh_l0: tf.Tensor;
  /** (G·H) */
  bias_ih_l0: tf.Tensor;
  /**
   * (G·H): a second bias. Redundant for RNN and LSTM; in the GRU it sits inside the reset gate's
   * product.
   */
  bias_hh_l0: tf.Tensor;
}

/** Number of gates G of each kind: its weights have G·H rows. */
export const GATES: Readonly<Record<CellKind, number>> = { rnn: 1, lstm: 4, gru: 3 };

const fromInput = (x: tf.Tensor2D, w: RnnWeights) =>
  tf.matMul(x, w.weight_ih_l0 as tf.Tensor2D, false, true).add<tf.Tensor2D>(w.bias_ih_l0);
const fromState = (h: tf.Tensor2D, w: RnnWeights) =>
  tf.matMul(h, w.weight_hh_l0 as tf.Tensor2D, false, true).add<tf.Tensor2D>(w.bias_hh_l0);

/**
 * One step of the plain recurrent network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).
 *
 * @param x (B, I) the input of this step
 * @param h (B, H) the state before it
 * @returns (B, H) the state after it
 */
export function rnnCell(x: tf.Tensor2D, h: tf.Tensor2D, w: RnnWeights): tf.Tensor2D {
  return tf.tidy(() => tf.tanh(fromInput(x, w).add(fromState(h, w))));
}

/**
 * One step of the LSTM. With i, f, o = σ(…), g = tanh(…) taken from the four blocks of rows, in the
 * order i, f, g, o: c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c').
 *
 * @param x (B, I) the input of this step
 * @param state [h, c], each (B, H): what the cell shows, and what it keeps
 * @returns [h', c'], each (B, H)
 */
export function lstmCell(
  x: tf.Tensor2D,
  [h, c]: [tf.Tensor2D, tf.Tensor2D],
  w: RnnWeights,
): [tf.Tensor2D, tf.Tensor2D] {
  return tf.tidy(() => {
    const [i, f, g, o] = tf.split(fromInput(x, w).add<tf.Tensor2D>(fromState(h, w)), 4, 1);
    const cNext = tf.add<tf.Tensor2D>(tf.sigmoid(f).mul(c), tf.sigmoid(i).mul(tf.tanh(g)));
    return [tf.sigmoid(o).mul<tf.Tensor2D>(tf.tanh(cNext)), cNext];
  });
}

/**
 * One step of the GRU. Rows in the order r, z, n:
 * r, z = σ(…), n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)), h' = (1 − z) ⊙ n + z ⊙ h.
 *
 * @param x (B, I) the input of this step
 * @param h (B, H) the state before it
 * @returns (B, H) the state after it
 */
export function gruCell(x: tf.Tensor2D, h: tf.Tensor2D, w: RnnWeights): tf.Tensor2D {
  return tf.tidy(() => {
    const [xr, xz, xn] = tf.split(fromInput(x, w), 3, 1);
    const [hr, hz, hn] = tf.split(fromState(h, w), 3, 1);
    const r = tf.sigmoid(xr.add(hr));
    const z = tf.sigmoid(xz.add(hz));
    const n = tf.tanh(xn.add(r.mul(hn)));
    return n.add(z.mul(tf.sub(h, n))); // (1 − z) n + z h, one product fewer
  });
}

/** The memory of a layer between steps: [h], or [h, c] for an LSTM; each (B, H). */
export type RnnState = tf.Tensor2D[];
/** A cell of any kind in one shape, so that the same loop can run all three. */
export type Cell = (x: tf.Tensor2D, state: RnnState, w: RnnWeights) => RnnState;

/** The three cells as functions from state to state. */
export const cells: Readonly<Record<CellKind, Cell>> = {
  rnn: (x, [h], w) => [rnnCell(x, h, w)],
  lstm: (x, [h, c], w) => lstmCell(x, [h, c], w),
  gru: (x, [h], w) => [gruCell(x, h, w)],
};
