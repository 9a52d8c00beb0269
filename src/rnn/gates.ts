// The arithmetic of one step of each cell on one row of plain numbers, forward and backward: what ./scan loops over.
// The equations are those of ./cells; the derivatives are written out by hand and tested against PyTorch's.

import type { CellKind } from "./cells";

// Each argument always has the same one of the two types: V8 then compiles the inner loops for it alone. Double where
// a product reads (conversions cost more than the product), single for what is large and read once.
export type Single = Float32Array;
export type Double = Float64Array;

/** One row's arithmetic at one step; `at` arguments are offsets, H the width. */
export interface Pointwise {
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

export const pointwise: Record<CellKind, Pointwise> = { rnn, lstm, gru };
