// What LLaMA has in the places of layer norm, GELU and position vectors: RMS norm, SiLU and SwiGLU,
// RoPE. The formulas are in src/ops. N is the length of a row, R the number of rows.
import { expWithin, fma, get, lanes, putSome, set, some } from "./math";

/** y = x · scale · gain with scale = 1/√(mean(x²) + eps), which is kept for the gradient. */
export function rmsNorm(x: usize, gain: usize, y: usize, scales: usize, R: i32, N: i32, eps: f32): void {
  for (let r = 0; r < R; r++) {
    let i = 0, sum: f32 = 0, v = f32x4.splat(0);
    for (; i + 4 <= N; i += 4) { const a = v128.load(x + (<usize>i << 2)); v = fma(a, a, v); }
    for (; i < N; i++) { const a = get(x, i); sum += a * a; }
    const scale: f32 = 1 / sqrt<f32>((sum + lanes(v)) / <f32>N + eps), s = f32x4.splat(scale);
    set(scales, r, scale);
    for (i = 0; i + 4 <= N; i += 4) {
      const o = <usize>i << 2;
      v128.store(y + o, f32x4.mul(f32x4.mul(v128.load(x + o), s), v128.load(gain + o)));
    }
    for (; i < N; i++) set(y, i, get(x, i) * scale * get(gain, i));
    x += <usize>N << 2; y += <usize>N << 2;
  }
}
export function rmsNormGrad(dy: usize, x: usize, scales: usize, gain: usize, dx: usize, R: i32, N: i32): void {
  for (let r = 0; r < R; r++) {
    const scale = get(scales, r), s = f32x4.splat(scale);
    let i = 0, sum: f32 = 0, v = f32x4.splat(0);
    for (; i + 4 <= N; i += 4) {
      const o = <usize>i << 2, h = f32x4.mul(v128.load(x + o), s);
      v = fma(f32x4.mul(v128.load(dy + o), v128.load(gain + o)), h, v);
    }
    for (; i < N; i++) sum += get(dy, i) * get(gain, i) * (get(x, i) * scale);
    const mean: f32 = (sum + lanes(v)) / <f32>N, m = f32x4.splat(mean);
    for (i = 0; i + 4 <= N; i += 4) {
      const o = <usize>i << 2, h = f32x4.mul(v128.load(x + o), s), g = f32x4.mul(v128.load(dy + o), v128.load(gain + o));
      v128.store(dx + o, f32x4.mul(s, f32x4.sub(g, f32x4.mul(h, m))));
    }
    for (; i < N; i++) set(dx, i, scale * (get(dy, i) * get(gain, i) - get(x, i) * scale * mean));
    dy += <usize>N << 2; x += <usize>N << 2; dx += <usize>N << 2;
  }
}
/** ∂gain of n columns, from those at dy, x and dgain on; rows are N apart. */
export function rmsNormGradGain(dy: usize, x: usize, scales: usize, dgain: usize, R: i32, N: i32, n: i32): void {
  memory.fill(dgain, 0, <usize>n << 2);
  for (let r = 0; r < R; r++) {
    const scale = get(scales, r), s = f32x4.splat(scale);
    let i = 0;
    for (; i + 4 <= n; i += 4) {
      const o = <usize>i << 2;
      v128.store(dgain + o, fma(v128.load(dy + o), f32x4.mul(v128.load(x + o), s), v128.load(dgain + o)));
    }
    for (; i < n; i++) set(dgain, i, get(dgain, i) + get(dy, i) * (get(x, i) * scale));
    dy += <usize>N << 2; x += <usize>N << 2;
  }
}

// Beyond ±87 the sigmoid is 0 or 1 to the last bit, and e^−x stops there; so must every factor x
// beside it.
// @ts-ignore: decorator
@inline function above(x: v128): v128 { return f32x4.pmax(x, f32x4.splat(-87)); }
/** silu(x) = x / (1 + e^−x). */
// @ts-ignore: decorator
@inline function silu4(x: v128): v128 {
  const a = above(x);
  return f32x4.div(a, f32x4.add(f32x4.splat(1), expWithin(above(f32x4.neg(a)))));
}
/** σ = 1 / (1 + e^b) for b = −x from −87 to 87. */
// @ts-ignore: decorator
@inline function sigmoidOf(e: v128): v128 { return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), e)); }
/** silu′(x) = σ (1 + x (1 − σ)) from b = −x, e = e^b and σ, where 1 − σ = e σ keeps its digits. */
// @ts-ignore: decorator
@inline function siluSlope4(b: v128, e: v128, s: v128): v128 {
  return f32x4.mul(s, f32x4.sub(f32x4.splat(1), f32x4.mul(b, f32x4.mul(e, s))));
}

export function silu(x: usize, y: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (<usize>i << 2), silu4(v128.load(x + (<usize>i << 2))));
  for (; i < n; i++) set(y, i, f32x4.extract_lane(silu4(f32x4.splat(get(x, i))), 0));
}
// @ts-ignore: decorator
@inline function siluGrad4(x: v128, dy: v128): v128 {
  const b = above(f32x4.neg(above(x))), e = expWithin(b);
  return f32x4.mul(siluSlope4(b, e, sigmoidOf(e)), dy);
}
export function siluGrad(x: usize, dy: usize, dx: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i << 2;
    v128.store(dx + o, siluGrad4(v128.load(x + o), v128.load(dy + o)));
  }
  for (; i < n; i++) set(dx, i, f32x4.extract_lane(siluGrad4(f32x4.splat(get(x, i)), f32x4.splat(get(dy, i))), 0));
}

/** y = silu(gate) · up. */
export function swiglu(gate: usize, up: usize, y: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i << 2;
    v128.store(y + o, f32x4.mul(silu4(v128.load(gate + o)), v128.load(up + o)));
  }
  for (; i < n; i++) set(y, i, f32x4.extract_lane(silu4(f32x4.splat(get(gate, i))), 0) * get(up, i));
}
export function swigluGrad(gate: usize, up: usize, dy: usize, dgate: usize, dup: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    const o = <usize>i << 2, whole = i + 4 <= n;
    const a = above(whole ? v128.load(gate + o) : some(gate, i, n)), b = above(f32x4.neg(a)), e = expWithin(b), s = sigmoidOf(e);
    const d = whole ? v128.load(dy + o) : some(dy, i, n), u = whole ? v128.load(up + o) : some(up, i, n);
    const dg = f32x4.mul(f32x4.mul(d, u), siluSlope4(b, e, s)), du = f32x4.mul(d, f32x4.mul(a, s));
    if (whole) { v128.store(dgate + o, dg); v128.store(dup + o, du); }
    else { putSome(dgate, i, n, dg); putSome(dup, i, n, du); }
  }
}
/**
 * x (M, T, 2·h), tables (T, h): every pair of entries turned by its angle, the other way round with
 * sign −1. A pair is i and i + h, or, interleaved, 2i and 2i + 1.
 */
export function rope(x: usize, cos: usize, sin: usize, y: usize, M: i32, T: i32, h: i32, interleaved: i32, sign: f32): void {
  const way = f32x4.splat(sign), half: usize = <usize>h << 2;
  for (let m = 0; m < M; m++) {
    let c = cos, s = sin;
    for (let t = 0; t < T; t++) {
      let i = 0;
      if (interleaved) {
        for (; i + 4 <= h; i += 4) {
          const o = <usize>i << 2, p = x + (o << 1), q = y + (o << 1), u = v128.load(p), w = v128.load(p, 16);
          const k = v128.load(c + o), l = f32x4.mul(v128.load(s + o), way);
          const e = v128.shuffle<i32>(u, w, 0, 2, 4, 6), d = v128.shuffle<i32>(u, w, 1, 3, 5, 7);
          const f = f32x4.sub(f32x4.mul(e, k), f32x4.mul(d, l)), g = f32x4.add(f32x4.mul(d, k), f32x4.mul(e, l));
          v128.store(q, v128.shuffle<i32>(f, g, 0, 4, 1, 5)); v128.store(q, v128.shuffle<i32>(f, g, 2, 6, 3, 7), 16);
        }
        for (; i < h; i++) {
          const e = get(x, 2 * i), d = get(x, 2 * i + 1), k = get(c, i), l = get(s, i) * sign;
          set(y, 2 * i, e * k - d * l); set(y, 2 * i + 1, d * k + e * l);
        }
      } else {
        for (; i + 4 <= h; i += 4) {
          const o = <usize>i << 2, e = v128.load(x + o), d = v128.load(x + half + o);
          const k = v128.load(c + o), l = f32x4.mul(v128.load(s + o), way);
          v128.store(y + o, f32x4.sub(f32x4.mul(e, k), f32x4.mul(d, l)));
          v128.store(y + half + o, f32x4.add(f32x4.mul(d, k), f32x4.mul(e, l)));
        }
        for (; i < h; i++) {
          const e = get(x, i), d = get(x, i + h), k = get(c, i), l = get(s, i) * sign;
          set(y, i, e * k - d * l); set(y, i + h, d * k + e * l);
        }
      }
      x += half << 1; y += half << 1; c += half; s += half;
    }
  }
}
