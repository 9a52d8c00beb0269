// A recurrent layer over a whole sequence, fast: one op instead of about 15 ops a step forward and 30 back.
// A step of a small layer is a few thousand multiplications; starting a tfjs op costs more than that. So the
// loop over time runs here on plain arrays, forward and backward (backpropagation through time, Werbos 1990,
// written out), and what does not depend on the step before stays a single large matrix product in tf.
// Works on every backend; ./run tests that it agrees with the cells of ./cells in value and gradient.

import { tf } from "../engine";
import { type CellKind, GATES } from "./cells";

// Each argument always has the same one of the two types: V8 then compiles the inner loops for it alone. Double where
// a product reads (conversions cost more than the product), single for what is large and read once.
type Single = Float32Array;
type Double = Float64Array;

/** One row's arithmetic at one step; `at` arguments are offsets, H the width. */
interface Pointwise {
  /** Tensors in the state: h, or h and c. */
  states: number;
  /** Values kept per unit and step for the way back. */
  kept: number;
  forward(
    H: number,
    x: Single,
    xAt: number,
    rec: Double,
    s: Double,
    prev: number,
    next: number,
    kept: Single,
    at: number,
  ): void;
  /** From `ds` = ∂loss/∂(state after the step): writes ∂ of the input part, of the recurrent part, and of the state before
   * (its direct share: what goes through the matrix is added by the caller). */
  backward(
    H: number,
    ds: Double,
    s: Double,
    prev: number,
    next: number,
    kept: Single,
    at: number,
    dx: Single,
    dxAt: number,
    dRec: Double,
  ): void;
}

// In double precision these have no cancellation that float32 could see.
const sigmoid = (a: number) => 1 / (1 + Math.exp(-a));
const tanh = (a: number) => 1 - 2 / (Math.exp(2 * a) + 1);

const rnn: Pointwise = {
  states: 1,
  kept: 0,
  forward(H, x, xAt, rec, s, _prev, next) {
    for (let k = 0; k < H; k++) s[next + k] = tanh(x[xAt + k] + rec[k]);
  },
  backward(H, ds, s, _prev, next, _kept, _at, dx, dxAt, dRec) {
    for (let k = 0; k < H; k++) {
      const h = s[next + k];
      dx[dxAt + k] = dRec[k] = ds[k] * (1 - h * h);
      ds[k] = 0;
    }
  },
};

const lstm: Pointwise = {
  states: 2,
  kept: 5, // i, f, g, o, tanh(c')
  forward(H, x, xAt, rec, s, prev, next, kept, at) {
    for (let k = 0; k < H; k++) {
      const i = sigmoid(x[xAt + k] + rec[k]);
      const f = sigmoid(x[xAt + H + k] + rec[H + k]);
      const g = tanh(x[xAt + 2 * H + k] + rec[2 * H + k]);
      const o = sigmoid(x[xAt + 3 * H + k] + rec[3 * H + k]);
      const c = f * s[prev + H + k] + i * g;
      const u = tanh(c);
      s[next + k] = o * u;
      s[next + H + k] = c;
      kept[at + k] = i;
      kept[at + H + k] = f;
      kept[at + 2 * H + k] = g;
      kept[at + 3 * H + k] = o;
      kept[at + 4 * H + k] = u;
    }
  },
  backward(H, ds, s, prev, _next, kept, at, dx, dxAt, dRec) {
    for (let k = 0; k < H; k++) {
      const i = kept[at + k];
      const f = kept[at + H + k];
      const g = kept[at + 2 * H + k];
      const o = kept[at + 3 * H + k];
      const u = kept[at + 4 * H + k];
      const dc = ds[H + k] + ds[k] * o * (1 - u * u);
      dx[dxAt + k] = dRec[k] = dc * g * i * (1 - i);
      dx[dxAt + H + k] = dRec[H + k] = dc * s[prev + H + k] * f * (1 - f);
      dx[dxAt + 2 * H + k] = dRec[2 * H + k] = dc * i * (1 - g * g);
      dx[dxAt + 3 * H + k] = dRec[3 * H + k] = ds[k] * u * o * (1 - o);
      ds[k] = 0;
      ds[H + k] = dc * f; // the road that no matrix stands on
    }
  },
};

const gru: Pointwise = {
  states: 1,
  kept: 4, // r, z, n, W_hn h + b_hn
  forward(H, x, xAt, rec, s, prev, next, kept, at) {
    for (let k = 0; k < H; k++) {
      const r = sigmoid(x[xAt + k] + rec[k]);
      const z = sigmoid(x[xAt + H + k] + rec[H + k]);
      const n = tanh(x[xAt + 2 * H + k] + r * rec[2 * H + k]);
      s[next + k] = n + z * (s[prev + k] - n);
      kept[at + k] = r;
      kept[at + H + k] = z;
      kept[at + 2 * H + k] = n;
      kept[at + 3 * H + k] = rec[2 * H + k];
    }
  },
  backward(H, ds, s, prev, _next, kept, at, dx, dxAt, dRec) {
    for (let k = 0; k < H; k++) {
      const r = kept[at + k];
      const z = kept[at + H + k];
      const n = kept[at + 2 * H + k];
      const dn = ds[k] * (1 - z) * (1 - n * n);
      dx[dxAt + k] = dRec[k] = dn * kept[at + 3 * H + k] * r * (1 - r);
      dx[dxAt + H + k] = dRec[H + k] = ds[k] * (s[prev + k] - n) * z * (1 - z);
      dx[dxAt + 2 * H + k] = dn;
      dRec[2 * H + k] = dn * r; // the one gate whose two halves differ
      ds[k] *= z;
    }
  },
};

const pointwise: Record<CellKind, Pointwise> = { rnn, lstm, gru };

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
  const op = tf.customGrad((...args) => {
    // tfjs passes a `save` function last; what the way back needs are plain arrays, which need no saving.
    const [xT, wT, bT, sT] = args as tf.Tensor[];
    const x = xT.dataSync() as Float32Array;
    const [w, b, first] = [wT, bT, sT].map((t) => new Float64Array(t.dataSync()));
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
    const gradFunc = (dy: tf.Tensor) => {
      const dStates = dy.dataSync() as Float32Array;
      const dx = new Float32Array(B * T * GH);
      // only in the GRU does the recurrent part's gradient differ from the input part's
      const dRecs = kind === "gru" ? new Float32Array(B * T * GH) : dx;
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
      const before = tf
        .tensor3d(states, [B, T + 1, SH])
        .slice([0, 0, 0], [B, T, H])
        .reshape([B * T, H]);
      return [
        tf.tensor3d(dx, [B, T, GH]),
        tf.matMul(tf.tensor2d(dRecs, [B * T, GH]), before, true), // (G·H, H)
        tf.tensor1d(new Float32Array(dBias)),
        tf.tensor2d(dFirst, [B, SH]),
      ];
    };
    const states = new Float32Array(s);
    return { value: tf.tensor3d(states, [B, T + 1, SH]), gradFunc };
  });
  return op(fromInput, weight, bias, s0) as tf.Tensor3D;
}
