// A recurrent layer over a whole sequence, fast: one op instead of about 15 ops a step forward and 30 back.
// A step of a small layer is a few thousand multiplications; starting a tfjs op costs more than that. So the
// loop over time runs here on plain arrays, forward and backward (backpropagation through time, Werbos 1990,
// written out), and what does not depend on the step before stays a single large matrix product in tf.
// Works on every backend; test/src/rnn.test.ts holds it against ./cells and PyTorch, in value and gradient.

import { tf } from "../engine";
import { type CellKind, GATES } from "./cells";
import { type Double, type Pointwise, pointwise, type Single } from "./gates";

/** y += v M for a row v of length m and M (m, n); four rows of M at a time, so that y is read and written a quarter as often. */
function addVecMat(y: Double, v: Double, vAt: number, m: number, M: Double, n: number): void {
  let k = 0;
  for (; k + 3 < m; k += 4) {
    const a = v[vAt + k];
    const b = v[vAt + k + 1];
    const c = v[vAt + k + 2];
    const d = v[vAt + k + 3];
    const p = k * n;
    for (let j = 0; j < n; j++)
      y[j] += a * M[p + j] + b * M[p + n + j] + c * M[p + 2 * n + j] + d * M[p + 3 * n + j];
  }
  for (; k < m; k++) for (let j = 0; j < n; j++) y[j] += v[vAt + k] * M[k * n + j];
}

interface Sizes {
  B: number;
  T: number;
  H: number;
  /** G·H, all gates side by side */
  GH: number;
  /** S·H, all parts of the state side by side */
  SH: number;
}

/** All states (B, T + 1, S·H), and what the way back needs. */
function forward(
  step: Pointwise,
  { B, T, H, GH, SH }: Sizes,
  x: Single,
  w: Double,
  b: Double,
  first: Double,
) {
  const wByInput = new Float64Array(w.length); // (H, G·H)
  for (let j = 0; j < GH; j++) for (let k = 0; k < H; k++) wByInput[k * GH + j] = w[j * H + k];
  const s = new Float64Array(B * (T + 1) * SH);
  const kept = new Float32Array(B * T * step.kept * H);
  const rec = new Float64Array(GH);
  for (let row = 0; row < B; row++) {
    s.set(first.subarray(row * SH, (row + 1) * SH), row * (T + 1) * SH);
    for (let t = 0; t < T; t++) {
      const prev = (row * (T + 1) + t) * SH;
      rec.set(b);
      addVecMat(rec, s, prev, H, wByInput, GH);
      step.forward(H, x, (row * T + t) * GH, rec, s, prev, prev + SH, kept, (row * T + t) * step.kept * H);
    }
  }
  return { s, kept };
}

/** Backpropagation through time: from ∂loss/∂(all states) to the gradients of all inputs of the scan but the weight's. */
function backward(
  step: Pointwise,
  { B, T, H, GH, SH }: Sizes,
  dStates: Single,
  s: Double,
  kept: Single,
  w: Double,
) {
  const dx = new Float32Array(B * T * GH);
  // only in the GRU does the recurrent part's gradient differ from the input part's
  const dRecs = step === pointwise.gru ? new Float32Array(B * T * GH) : dx;
  const dFirst = new Float32Array(B * SH);
  const [ds, dRec, dBias] = [new Float64Array(SH), new Float64Array(GH), new Float64Array(GH)];
  for (let row = 0; row < B; row++) {
    ds.fill(0);
    for (let t = T; t >= 0; t--) {
      const next = (row * (T + 1) + t) * SH;
      for (let k = 0; k < SH; k++) ds[k] += dStates[next + k];
      if (t === 0) break;
      const cell = row * T + t - 1;
      step.backward(H, ds, s, next - SH, next, kept, cell * step.kept * H, dx, cell * GH, dRec);
      dRecs.set(dRec, cell * GH);
      for (let j = 0; j < GH; j++) dBias[j] += dRec[j];
      addVecMat(ds, dRec, 0, GH, w, H);
    }
    dFirst.set(ds, row * SH);
  }
  return { dx, dRecs, dBias: new Float32Array(dBias), dFirst };
}

/**
 * All states of a layer: s_t from s_{t−1} and the input's share of the gates, for t = 1…T.
 *
 * @param fromInput (B, T, G·H) W_ih x_t + b_ih
 * @param weight (G·H, H) weight_hh_l0
 * @param bias (G·H) bias_hh_l0
 * @param s0 (B, S·H) first state; S = 2 for an LSTM, where it is [h, c] side by side
 * @returns (B, T + 1, S·H) the states, s0 first; differentiable (once) in all four arguments
 */
export function scan(
  kind: CellKind,
  fromInput: tf.Tensor3D,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D,
  s0: tf.Tensor2D,
): tf.Tensor3D {
  const step = pointwise[kind];
  const [B, T, GH] = fromInput.shape;
  const H = GH / GATES[kind];
  const SH = step.states * H;
  const sizes = { B, T, H, GH, SH };
  const op = tf.customGrad((...args) => {
    // tfjs passes a `save` function last; what the way back needs are plain arrays, which need no saving.
    const [xT, wT, bT, sT] = args as tf.Tensor[];
    const x = xT.dataSync() as Float32Array;
    const [w, b, first] = [wT, bT, sT].map((t) => new Float64Array(t.dataSync()));
    const { s, kept } = forward(step, sizes, x, w, b, first);
    const states = new Float32Array(s);
    const gradFunc = (dy: tf.Tensor) => {
      const { dx, dRecs, dBias, dFirst } = backward(step, sizes, dy.dataSync() as Float32Array, s, kept, w);
      const before = tf
        .tensor3d(states, [B, T + 1, SH])
        .slice([0, 0, 0], [B, T, H])
        .reshape([B * T, H]);
      return [
        tf.tensor3d(dx, [B, T, GH]),
        tf.matMul(tf.tensor2d(dRecs, [B * T, GH]), before, true), // (G·H, H): one product for all steps
        tf.tensor1d(dBias),
        tf.tensor2d(dFirst, [B, SH]),
      ];
    };
    return { value: tf.tensor3d(states, [B, T + 1, SH]), gradFunc };
  });
  return op(fromInput, weight, bias, s0) as tf.Tensor3D;
}
