// A recurrent layer over a whole sequence, forward and backward, for llm/rnn's scan. The equations
// are those of src/rnn/cells.ts; the derivatives are written out by hand. A step is one matrix
// product for all B rows, whose matrix was packed once for all steps, and the arithmetic of the
// gates, four units at a time.
// The number of gates G names the cell: 1 rnn, 4 lstm (i, f, g, o), 3 gru (r, z, n). S = 2 parts of
// the state for an LSTM. Rows are those of the state (B, T + 1, S·H) everywhere: row t of the gates
// (B, T + 1, G·H) leads from state t to t + 1, and the last is not used, so that the product for
// the weight's gradient, which the caller makes, can take all rows at once.
import { gemmPacked, packAll } from "./gemm";
import { exp4, fma, putSome, some, tanhNear4 } from "./math";
import { addTo } from "./move";

const LSTM: i32 = 4;
const GRU: i32 = 3;

/** Four floats at p, or the last `left` of a row. */
// @ts-ignore: decorator
@inline function read(p: usize, left: i32): v128 { return left >= 4 ? v128.load(p) : some(p, 0, left); }
// @ts-ignore: decorator
@inline function write(p: usize, left: i32, v: v128): void { if (left >= 4) v128.store(p, v); else putSome(p, 0, left, v); }

// @ts-ignore: decorator
@inline function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}
/** y (1 − y), the slope of the sigmoid, and 1 − y², that of tanh, from the values. */
// @ts-ignore: decorator
@inline function sigmoidSlope(y: v128): v128 { return f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)); }
// @ts-ignore: decorator
@inline function tanhSlope(y: v128): v128 { return f32x4.sub(f32x4.splat(1), f32x4.mul(y, y)); }
/**
 * Gradients that have vanished, as 0. Without this they go on shrinking to denormal numbers (below
 * 1e-38), with which a processor computes many times slower. NaN stays.
 */
// @ts-ignore: decorator
@inline function alive(d: v128): v128 { return v128.andnot(d, f32x4.lt(f32x4.abs(d), f32x4.splat(1e-33))); }

// One row of one step. x: the input's share of the gates, which the gates' values replace. h: bytes
// of H floats.

function rnn(H: i32, x: usize, rec: usize, next: usize): void {
  for (let k = 0; k < H; k += 4) {
    const o = <usize>k << 2, n = H - k;
    write(next + o, n, tanhNear4(f32x4.add(read(x + o, n), read(rec + o, n))));
  }
}

function lstm(H: i32, x: usize, rec: usize, prev: usize, next: usize): void {
  const h = <usize>H << 2;
  for (let k = 0; k < H; k += 4) {
    const n = H - k, o = <usize>k << 2;
    const a = x + o, b = a + h, c = b + h, d = c + h, r = rec + o;
    const i = sigmoid4(f32x4.add(read(a, n), read(r, n))), f = sigmoid4(f32x4.add(read(b, n), read(r + h, n)));
    const g = tanhNear4(f32x4.add(read(c, n), read(r + 2 * h, n))), out = sigmoid4(f32x4.add(read(d, n), read(r + 3 * h, n)));
    const cell = fma(f, read(prev + h + o, n), f32x4.mul(i, g));
    write(a, n, i); write(b, n, f); write(c, n, g); write(d, n, out);
    write(next + o, n, f32x4.mul(out, tanhNear4(cell))); write(next + h + o, n, cell);
  }
}

/** `kept` gets W_hn h + b_hn, which the reset gate's gradient needs. */
function gru(H: i32, x: usize, rec: usize, prev: usize, next: usize, kept: usize): void {
  const h = <usize>H << 2;
  for (let k = 0; k < H; k += 4) {
    const left = H - k, o = <usize>k << 2, a = x + o, b = a + h, c = b + h, p = rec + o;
    const r = sigmoid4(f32x4.add(read(a, left), read(p, left))), z = sigmoid4(f32x4.add(read(b, left), read(p + h, left)));
    const inner = read(p + 2 * h, left), n = tanhNear4(fma(r, inner, read(c, left)));
    write(a, left, r); write(b, left, z); write(c, left, n); write(kept + o, left, inner);
    write(next + o, left, fma(z, f32x4.sub(read(prev + o, left), n), n));
  }
}

// Their gradients: from ds = ∂loss/∂(state after the step). The gates' values give place to ∂ of
// the recurrent share, and ds to what goes to the state before on the direct road; the caller adds
// what goes through the matrix.

function rnnGrad(H: i32, ds: usize, next: usize, x: usize): void {
  for (let k = 0; k < H; k += 4) {
    const o = <usize>k << 2, n = H - k;
    write(x + o, n, f32x4.mul(alive(read(ds + o, n)), tanhSlope(read(next + o, n))));
    write(ds + o, n, f32x4.splat(0));
  }
}

function lstmGrad(H: i32, ds: usize, prev: usize, next: usize, x: usize): void {
  const h = <usize>H << 2;
  for (let k = 0; k < H; k += 4) {
    const n = H - k, o = <usize>k << 2, a = x + o, b = a + h, c = b + h, d = c + h;
    const i = read(a, n), f = read(b, n), g = read(c, n), out = read(d, n), u = tanhNear4(read(next + h + o, n)), dh = alive(read(ds + o, n));
    const dc = fma(f32x4.mul(dh, out), tanhSlope(u), alive(read(ds + h + o, n)));
    write(a, n, f32x4.mul(f32x4.mul(dc, g), sigmoidSlope(i)));
    write(b, n, f32x4.mul(f32x4.mul(dc, read(prev + h + o, n)), sigmoidSlope(f)));
    write(c, n, f32x4.mul(f32x4.mul(dc, i), tanhSlope(g)));
    write(d, n, f32x4.mul(f32x4.mul(dh, u), sigmoidSlope(out)));
    write(ds + o, n, f32x4.splat(0));
    write(ds + h + o, n, f32x4.mul(dc, f)); // the road that no matrix stands on
  }
}

/** The candidate n is the one gate whose two shares differ; `kept` gets ∂ of the input's. */
function gruGrad(H: i32, ds: usize, prev: usize, x: usize, kept: usize): void {
  const h = <usize>H << 2;
  for (let k = 0; k < H; k += 4) {
    const left = H - k, o = <usize>k << 2, a = x + o, b = a + h, c = b + h;
    const r = read(a, left), z = read(b, left), n = read(c, left), d = alive(read(ds + o, left));
    const dn = f32x4.mul(f32x4.mul(d, f32x4.sub(f32x4.splat(1), z)), tanhSlope(n));
    write(a, left, f32x4.mul(f32x4.mul(dn, read(kept + o, left)), sigmoidSlope(r)));
    write(b, left, f32x4.mul(f32x4.mul(d, f32x4.sub(read(prev + o, left), n)), sigmoidSlope(z)));
    write(c, left, f32x4.mul(dn, r));
    write(kept + o, left, dn);
    write(ds + o, left, f32x4.mul(d, z));
  }
}

/**
 * All states from the first. Byte offsets of float32 arrays:
 * @param x (B, T + 1, G·H) the input's share of the gates; replaced by their values
 * @param s (B, T + 1, S·H) states; the first of each row is given
 * @param kept (B, T + 1, H) for a GRU
 * @param w (G·H, H), bias (G·H)
 * @param packed scratch for w packed, ⌈G·H/8⌉·8·H floats; rec (B, G·H) and ws (gemmScratch() bytes)
 *   are scratch, too
 */
export function scanForward(
  G: i32, B: i32, T: i32, H: i32, x: usize, s: usize, kept: usize, w: usize, bias: usize, packed: usize, rec: usize, ws: usize,
): void {
  const GH = G * H, SH = G == LSTM ? 2 * H : H, gBytes = <usize>GH << 2, sBytes = <usize>SH << 2;
  packAll(GH, H, w, H, 1, packed);
  for (let t = 0; t < T; t++) {
    gemmPacked(B, GH, H, s + <usize>t * sBytes, (T + 1) * SH, 1, packed, rec, GH, bias, ws);
    for (let b = 0; b < B; b++) {
      const row: usize = b * (T + 1) + t, a = x + row * gBytes, r = rec + <usize>b * gBytes, prev = s + row * sBytes, next = prev + sBytes;
      if (G == LSTM) lstm(H, a, r, prev, next);
      else if (G == GRU) gru(H, a, r, prev, next, kept + row * (<usize>H << 2));
      else rnn(H, a, r, next);
    }
  }
}

/**
 * The way back, from what scanForward left in x, s and kept.
 * @param ds (B, T + 1, S·H) ∂loss/∂(all states)
 * @param x its values give place to ∂ of the recurrent share, 0 in the last row of each sequence;
 *   that is also ∂ of the input's, but in a GRU's last gate
 * @param kept (B, T + 1, H) for a GRU: gets ∂ of the input's share of that gate
 * @param dFirst (B, S·H) gets ∂ of the first state
 * @param packed scratch for w packed, ⌈H/8⌉·8·G·H floats; rec (B, H) and ws are scratch, too
 */
export function scanBackward(
  G: i32, B: i32, T: i32, H: i32, ds: usize, x: usize, s: usize, kept: usize, w: usize, dFirst: usize, packed: usize,
  rec: usize, ws: usize,
): void {
  const GH = G * H, SH = G == LSTM ? 2 * H : H, gBytes = <usize>GH << 2, sBytes = <usize>SH << 2, hBytes = <usize>H << 2;
  packAll(H, GH, w, 1, H, packed);
  memory.fill(dFirst, 0, <usize>B * sBytes);
  for (let t = T; t >= 0; t--) {
    for (let b = 0; b < B; b++) {
      const row: usize = b * (T + 1) + t, d = dFirst + <usize>b * sBytes, next = s + row * sBytes, a = x + (row - 1) * gBytes;
      addTo(d, ds + row * sBytes, SH);
      if (t < T) addTo(d, rec + <usize>b * hBytes, H);
      else memory.fill(x + row * gBytes, 0, gBytes); // the row of no step
      if (t == 0) continue;
      if (G == LSTM) lstmGrad(H, d, next - sBytes, next, a);
      else if (G == GRU) gruGrad(H, d, next - sBytes, a, kept + (row - 1) * hBytes);
      else rnnGrad(H, d, next, a);
    }
    if (t > 0) gemmPacked(B, H, GH, x + <usize>(t - 1) * gBytes, (T + 1) * GH, 1, packed, rec, H, 0, ws);
  }
}
