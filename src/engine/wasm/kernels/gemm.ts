// C = op(A) op(B) (+ bias): one matrix product for every combination of transposes, given by
// strides.
// Blocks of A (96 rows × 256) are packed into panels of 4 rows and stay in the second-level cache;
// panels of B, 8 columns wide, are packed as they are used, or read where they lie when their rows
// are contiguous and A is short. Goto & van de Geijn, 2008, "Anatomy of High-Performance Matrix
// Multiplication".
import { fma, get, lanes, set } from "./math";

const MC: i32 = 96;
const KC: i32 = 256;

/** Bytes of scratch memory that `gemm` needs. */
export function gemmScratch(): i32 { return (MC + 8) * KC * 4; }

/**
 * Panels of 4 rows, k after k: out[r/4][k][4]. Element (r, k) lies at x[r·rs + k·ks]; missing rows
 * become 0.
 */
function packA(x: usize, rs: i32, ks: i32, R: i32, K: i32, out: usize): void {
  for (let r = 0; r < R; r += 4) {
    const w = min(4, R - r);
    let a = x + (<usize>(r * rs) << 2);
    if (w == 4 && rs == 1) {
      for (let k = 0; k < K; k++) { v128.store(out, v128.load(a)); a += ks << 2; out += 16; }
    } else if (w == 4 && ks == 1) {
      let b = a + (rs << 2), c = b + (rs << 2), d = c + (rs << 2), k = 0;
      for (; k + 4 <= K; k += 4) {
        const va = v128.load(a), vb = v128.load(b), vc = v128.load(c), vd = v128.load(d);
        const p = v128.shuffle<i32>(va, vb, 0, 4, 1, 5), q = v128.shuffle<i32>(vc, vd, 0, 4, 1, 5);
        const s = v128.shuffle<i32>(va, vb, 2, 6, 3, 7), t = v128.shuffle<i32>(vc, vd, 2, 6, 3, 7);
        v128.store(out, v128.shuffle<i64>(p, q, 0, 2)); v128.store(out, v128.shuffle<i64>(p, q, 1, 3), 16);
        v128.store(out, v128.shuffle<i64>(s, t, 0, 2), 32); v128.store(out, v128.shuffle<i64>(s, t, 1, 3), 48);
        a += 16; b += 16; c += 16; d += 16; out += 64;
      }
      for (; k < K; k++) {
        store<f32>(out, load<f32>(a)); store<f32>(out, load<f32>(b), 4); store<f32>(out, load<f32>(c), 8); store<f32>(out, load<f32>(d), 12);
        a += 4; b += 4; c += 4; d += 4; out += 16;
      }
    } else {
      for (let k = 0; k < K; k++) { for (let j = 0; j < 4; j++) set(out, j, j < w ? get(a, j * rs + k * ks) : 0); out += 16; }
    }
  }
}

/**
 * One panel of n ≤ 8 columns: out[k][8]. Element (k, c) lies at x[c·ns + k·ks]; missing columns
 * become 0.
 */
function packB(x: usize, ns: i32, ks: i32, n: i32, K: i32, out: usize): void {
  if (n == 8 && ns == 1) {
    for (let k = 0; k < K; k++) { v128.store(out, v128.load(x)); v128.store(out, v128.load(x, 16), 16); x += ks << 2; out += 32; }
  } else if (n == 8 && ks == 1) {
    for (let half = 0; half < 2; half++) {
      let a = x + (<usize>(half * 4 * ns) << 2), b = a + (ns << 2), c = b + (ns << 2), d = c + (ns << 2), o = out + (half << 4), k = 0;
      for (; k + 4 <= K; k += 4) {
        const va = v128.load(a), vb = v128.load(b), vc = v128.load(c), vd = v128.load(d);
        const p = v128.shuffle<i32>(va, vb, 0, 4, 1, 5), q = v128.shuffle<i32>(vc, vd, 0, 4, 1, 5);
        const s = v128.shuffle<i32>(va, vb, 2, 6, 3, 7), t = v128.shuffle<i32>(vc, vd, 2, 6, 3, 7);
        v128.store(o, v128.shuffle<i64>(p, q, 0, 2)); v128.store(o, v128.shuffle<i64>(p, q, 1, 3), 32);
        v128.store(o, v128.shuffle<i64>(s, t, 0, 2), 64); v128.store(o, v128.shuffle<i64>(s, t, 1, 3), 96);
        a += 16; b += 16; c += 16; d += 16; o += 128;
      }
      for (; k < K; k++) {
        store<f32>(o, load<f32>(a)); store<f32>(o, load<f32>(b), 4); store<f32>(o, load<f32>(c), 8); store<f32>(o, load<f32>(d), 12);
        a += 4; b += 4; c += 4; d += 4; o += 32;
      }
    }
  } else {
    for (let k = 0; k < K; k++) { for (let j = 0; j < 8; j++) set(out, j, j < n ? get(x, j * ns + k * ks) : 0); out += 32; }
  }
}

/** Writes n ≤ 8 results at c, after adding the n floats at `base` unless that is 0. */
// @ts-ignore: decorator
@inline function put(c: usize, x: v128, y: v128, n: i32, base: usize): void {
  if (n == 8) {
    if (base) { x = f32x4.add(x, v128.load(base)); y = f32x4.add(y, v128.load(base, 16)); }
    v128.store(c, x); v128.store(c, y, 16);
  } else putEdge(c, x, y, n, base);
}
function putEdge(c: usize, x: v128, y: v128, n: i32, base: usize): void {
  for (let j = 0; j < n; j++) {
    let v = f32x4.extract_lane(x, 0);
    if (base) v += get(base, j);
    set(c, j, v);
    x = v128.shuffle<i32>(x, y, 1, 2, 3, 4);
    y = v128.shuffle<i32>(y, y, 1, 2, 3, 0);
  }
}

/**
 * C[M, N] = op(A)[M, K] op(B)[K, N] (+ bias[N] unless that is 0). Strides in elements: A(m, k) =
 * A[m·ars + k·aks], B(k, n) = B[n·bns + k·bks], C(m, n) = C[m·ldc + n]. `ws` is gemmScratch()
 * bytes.
 */
export function gemm(
  M: i32, N: i32, K: i32, A: usize, ars: i32, aks: i32, B: usize, bns: i32, bks: i32, C: usize, ldc: i32, bias: usize, ws: usize,
): void {
  product(M, N, K, A, ars, aks, B, bns, bks, C, ldc, bias, ws, false);
}

/**
 * All of B for `gemmPacked`, which then need not pack it at every call: ⌈N/8⌉·8·K floats, block
 * after block of KC rows.
 */
export function packAll(N: i32, K: i32, B: usize, bns: i32, bks: i32, out: usize): void {
  for (let k0 = 0; k0 < K; k0 += KC) {
    const kc = min(KC, K - k0);
    for (let n = 0; n < N; n += 8) {
      packB(B + (<usize>(n * bns + k0 * bks) << 2), bns, bks, min(8, N - n), kc, out);
      out += <usize>kc << 5;
    }
  }
}
/** `gemm` with B from `packAll`. */
export function gemmPacked(
  M: i32, N: i32, K: i32, A: usize, ars: i32, aks: i32, packed: usize, C: usize, ldc: i32, bias: usize, ws: usize,
): void {
  product(M, N, K, A, ars, aks, packed, 1, 8, C, ldc, bias, ws, true);
}

/**
 * C[N] = A[K] Bᵀ (+ bias[N] unless that is 0), the product of one row: B(n, k) = B[n·K + k]. Each
 * number of B is used once, so it is read where it lies, and nothing is packed.
 */
export function gemv(N: i32, K: i32, A: usize, B: usize, C: usize, bias: usize): void {
  const row: usize = <usize>K << 2;
  for (let n = 0; n < N; n += 4) {
    const w = min(4, N - n);
    // of fewer than four rows the last one is read again
    const b = B + <usize>n * row, c = w > 1 ? b + row : b, d = w > 2 ? c + row : c, e = w > 3 ? d + row : d;
    let s = f32x4.splat(0), t = s, u = s, v = s, at: usize = 0;
    for (let k = 4; k <= K; k += 4) {
      const a = v128.load(A + at);
      s = fma(a, v128.load(b + at), s); t = fma(a, v128.load(c + at), t);
      u = fma(a, v128.load(d + at), u); v = fma(a, v128.load(e + at), v);
      at += 16;
    }
    let x = lanes(s), y = lanes(t), z = lanes(u), q = lanes(v);
    for (; at < row; at += 4) {
      const a = load<f32>(A + at);
      x += a * load<f32>(b + at); y += a * load<f32>(c + at);
      z += a * load<f32>(d + at); q += a * load<f32>(e + at);
    }
    set(C, n, bias ? x + get(bias, n) : x);
    if (w > 1) set(C, n + 1, bias ? y + get(bias, n + 1) : y);
    if (w > 2) set(C, n + 2, bias ? z + get(bias, n + 2) : z);
    if (w > 3) set(C, n + 3, bias ? q + get(bias, n + 3) : q);
  }
}

function product(
  M: i32, N: i32, K: i32, A: usize, ars: i32, aks: i32, B: usize, bns: i32, bks: i32, C: usize, ldc: i32, bias: usize, ws: usize,
  packed: bool,
): void {
  if (K == 0) {
    for (let m = 0; m < M; m++) for (let n = 0; n < N; n++) set(C, m * ldc + n, bias ? get(bias, n) : 0);
    return;
  }
  const pb = ws + MC * KC * 4;
  for (let m0 = 0; m0 < M; m0 += MC) {
    const mc = min(MC, M - m0);
    for (let k0 = 0; k0 < K; k0 += KC) {
      const kc = min(KC, K - k0);
      packA(A + (<usize>(m0 * ars + k0 * aks) << 2), ars, aks, mc, kc, ws);
      for (let n = 0; n < N; n += 8) {
        const nb = min(8, N - n);
        let b0 = B + (<usize>(n * bns + k0 * bks) << 2), bst = bks << 2;
        if (packed) b0 = B + (<usize>(k0 * ((N + 7) & ~7) + n * kc) << 2);
        else if (!(bns == 1 && nb == 8 && mc <= 16)) { packB(b0, bns, bks, nb, kc, pb); b0 = pb; bst = 32; }
        for (let m = 0; m < mc; m += 4) {
          let a = ws + (<usize>(m * kc) << 2), b = b0;
          let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
          for (let k = kc; k > 0; k--) {
            const u = v128.load(b), v = v128.load(b, 16);
            let s = v128.load32_splat(a); c00 = fma(s, u, c00); c01 = fma(s, v, c01);
            s = v128.load32_splat(a, 4); c10 = fma(s, u, c10); c11 = fma(s, v, c11);
            s = v128.load32_splat(a, 8); c20 = fma(s, u, c20); c21 = fma(s, v, c21);
            s = v128.load32_splat(a, 12); c30 = fma(s, u, c30); c31 = fma(s, v, c31);
            a += 16; b += bst;
          }
          const row: usize = <usize>ldc << 2, more = k0 > 0;
          let c = C + (<usize>((m0 + m) * ldc + n) << 2);
          const bn = bias ? bias + (<usize>n << 2) : 0;
          put(c, c00, c01, nb, more ? c : bn);
          if (m + 1 < mc) { c += row; put(c, c10, c11, nb, more ? c : bn); }
          if (m + 2 < mc) { c += row; put(c, c20, c21, nb, more ? c : bn); }
          if (m + 3 < mc) { c += row; put(c, c30, c31, nb, more ? c : bn); }
        }
      }
    }
  }
}
