// y = x Wᵀ with weights that lie packed in memory, as 32-bit floats or as blocks of 8 or 4 bits
// (llm/runtime/packing makes them). Eight outputs are a tile, and their weights lie side by side, so
// that one vector holds the weights of several outputs and nothing is summed across its lanes.
//
// Every number is summed in one order, whatever the number of rows beside it and of threads: a text
// gets the same logits alone and in a batch.
//
// M rows of x, `ldx` floats apart, K numbers each; tiles t0 … t1 of W; rows of y `ldy` floats apart.
// y = x Wᵀ + bias (unless that is 0) + y (if `add`).
import { fma } from "./math";

/** Eight sums and what is added to them. */
// @ts-ignore: decorator
@inline function finish(y: usize, bias: usize, add: i32, u: v128, v: v128): void {
  if (bias) { u = f32x4.add(u, v128.load(bias)); v = f32x4.add(v, v128.load(bias, 16)); }
  if (add) { u = f32x4.add(u, v128.load(y)); v = f32x4.add(v, v128.load(y, 16)); }
  v128.store(y, u); v128.store(y, v, 16);
}

/** Weights as floats: for each tile and each k, the eight outputs' numbers. */
export function mulF32(
  x: usize, ldx: i32, M: i32, K: i32, w: usize, y: usize, ldy: i32, bias: usize, add: i32, t0: i32, t1: i32,
): void {
  const size: usize = <usize>K << 5, row: usize = <usize>ldx << 2, out: usize = <usize>ldy << 2;
  for (let t = t0; t < t1; ) {
    const p = w + <usize>t * size, at: usize = <usize>t << 5;
    const two = M < 4 && t + 2 <= t1; // one row: two tiles at once, because additions wait for each other
    let m = 0;
    for (; m + 4 <= M; m += 4) {
      let a = x + <usize>m * row, b = p;
      let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (let k = 0; k < K; k++) {
        const u = v128.load(b), v = v128.load(b, 16);
        let s = v128.load32_splat(a); c00 = fma(s, u, c00); c01 = fma(s, v, c01);
        s = v128.load32_splat(a + row); c10 = fma(s, u, c10); c11 = fma(s, v, c11);
        s = v128.load32_splat(a + 2 * row); c20 = fma(s, u, c20); c21 = fma(s, v, c21);
        s = v128.load32_splat(a + 3 * row); c30 = fma(s, u, c30); c31 = fma(s, v, c31);
        a += 4; b += 32;
      }
      const to = y + <usize>m * out + at, bt = bias ? bias + at : 0;
      finish(to, bt, add, c00, c01); finish(to + out, bt, add, c10, c11);
      finish(to + 2 * out, bt, add, c20, c21); finish(to + 3 * out, bt, add, c30, c31);
    }
    for (; m < M; m++) {
      let a = x + <usize>m * row, b = p, c = p + size;
      const to = y + <usize>m * out + at, bt = bias ? bias + at : 0;
      let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
      if (two) {
        for (let k = 0; k < K; k++) {
          const s = v128.load32_splat(a);
          c00 = fma(s, v128.load(b), c00); c01 = fma(s, v128.load(b, 16), c01);
          c10 = fma(s, v128.load(c), c10); c11 = fma(s, v128.load(c, 16), c11);
          a += 4; b += 32; c += 32;
        }
        finish(to + 32, bias ? bt + 32 : 0, add, c10, c11);
      } else {
        for (let k = 0; k < K; k++) {
          const s = v128.load32_splat(a);
          c00 = fma(s, v128.load(b), c00); c01 = fma(s, v128.load(b, 16), c01);
          a += 4; b += 32;
        }
      }
      finish(to, bt, add, c00, c01);
    }
    t += two ? 2 : 1;
  }
}

/**
 * Rows as whole numbers of 8 bits, in blocks of 32 with a scale d = max |x| / 127, for `mulInt8` and
 * `mulInt4`. A row becomes: its numbers as int16, filled up with zeros to whole blocks; the scales;
 * and d · (sum of the block's numbers), which weights with an offset need.
 */
export function quantizeRows(x: usize, ldx: i32, M: i32, K: i32, q: usize): void {
  const blocks = (K + 31) >> 5, stride: usize = <usize>blocks * 72;
  for (let m = 0; m < M; m++) {
    const a = x + (<usize>(m * ldx) << 2), o = q + <usize>m * stride, scales = o + (<usize>blocks << 6), sums = scales + (<usize>blocks << 2);
    for (let b = 0; b < blocks; b++) {
      const from = b << 5, n = min(32, K - from);
      let i = 0, high: f32 = 0, v = f32x4.splat(0);
      const p = a + (<usize>from << 2), to = o + (<usize>from << 1);
      for (; i + 4 <= n; i += 4) v = f32x4.pmax(v, f32x4.abs(v128.load(p + (<usize>i << 2))));
      high = max(max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)), max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)));
      for (; i < n; i++) high = max(high, abs(load<f32>(p + (<usize>i << 2))));
      const d: f32 = high / 127, inverse: f32 = d > 0 ? 1 / d : 0, s = f32x4.splat(inverse);
      let sum = 0, total = i32x4.splat(0);
      for (i = 0; i + 4 <= n; i += 4) {
        const r = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(p + (<usize>i << 2)), s)));
        total = i32x4.add(total, r);
        v128.store64_lane(to + (<usize>i << 1), i16x8.narrow_i32x4_s(r, r), 0);
      }
      sum = i32x4.extract_lane(total, 0) + i32x4.extract_lane(total, 1) + i32x4.extract_lane(total, 2) + i32x4.extract_lane(total, 3);
      for (; i < n; i++) {
        const r = <i32>nearest<f32>(load<f32>(p + (<usize>i << 2)) * inverse);
        sum += r; store<i16>(to + (<usize>i << 1), <i16>r);
      }
      for (; i < 32; i++) store<i16>(to + (<usize>i << 1), 0);
      store<f32>(scales + (<usize>b << 2), d); store<f32>(sums + (<usize>b << 2), d * <f32>sum);
    }
  }
}

// @ts-ignore: decorator
@inline function dot(a: v128, b: v128, c: v128): v128 { return i32x4.add(c, i32x4.dot_i16x8_s(a, b)); }

/**
 * Weights in blocks of 32 of 8 bits: for each tile and block, eight scales (floats) and 256 numbers,
 * in pairs (k, k + 1) of outputs 0 … 3 for all k, then of outputs 4 … 7. x as `quantizeRows` gives it.
 */
export function mulInt8(
  q: usize, M: i32, K: i32, w: usize, y: usize, ldy: i32, bias: usize, add: i32, t0: i32, t1: i32,
): void {
  const blocks = (K + 31) >> 5, stride: usize = <usize>blocks * 72, size: usize = <usize>blocks * 288;
  for (let t = t0; t < t1; t++) {
    const at: usize = <usize>t << 5, bt = bias ? bias + at : 0;
    for (let m = 0; m < M; m++) {
      let p = w + <usize>t * size, a = q + <usize>m * stride, s = a + (<usize>blocks << 6);
      let u = f32x4.splat(0), v = u;
      for (let b = 0; b < blocks; b++) {
        let i = i32x4.splat(0), j = i;
        for (let k: usize = 0; k < 128; k += 32) {
          const x0 = v128.load32_splat(a), x1 = v128.load32_splat(a, 4), x2 = v128.load32_splat(a, 8), x3 = v128.load32_splat(a, 12);
          let e = v128.load(p + k, 32), f = v128.load(p + k, 48);
          i = dot(i16x8.extend_low_i8x16_s(e), x0, i); i = dot(i16x8.extend_high_i8x16_s(e), x1, i);
          i = dot(i16x8.extend_low_i8x16_s(f), x2, i); i = dot(i16x8.extend_high_i8x16_s(f), x3, i);
          e = v128.load(p + k, 160); f = v128.load(p + k, 176);
          j = dot(i16x8.extend_low_i8x16_s(e), x0, j); j = dot(i16x8.extend_high_i8x16_s(e), x1, j);
          j = dot(i16x8.extend_low_i8x16_s(f), x2, j); j = dot(i16x8.extend_high_i8x16_s(f), x3, j);
          a += 16;
        }
        const d = v128.load32_splat(s);
        u = fma(f32x4.mul(f32x4.convert_i32x4_s(i), v128.load(p)), d, u);
        v = fma(f32x4.mul(f32x4.convert_i32x4_s(j), v128.load(p, 16)), d, v);
        p += 288; s += 4;
      }
      finish(y + (<usize>(m * ldy) << 2) + at, bt, add, u, v);
    }
  }
}

/** Sixteen weights of four outputs at `p`, times eight numbers of x. */
// @ts-ignore: decorator
@inline function fourBits(p: usize, x0: v128, x1: v128, x2: v128, x3: v128, c: v128): v128 {
  const w = v128.load(p), low = i16x8.splat(15);
  c = dot(v128.and(w, low), x0, c);
  c = dot(v128.and(i16x8.shr_u(w, 4), low), x1, c);
  c = dot(v128.and(i16x8.shr_u(w, 8), low), x2, c);
  return dot(i16x8.shr_u(w, 12), x3, c);
}

/**
 * Weights in blocks of 32 of 4 bits with an offset, w = scale · (0 … 15) + offset: for each tile and
 * block, eight scales, eight offsets (floats) and 256 numbers. 16 bits hold those of one output for
 * k, k + 2, k + 4 and k + 6, the lowest bits first; the outputs' words stand in pairs (k, k + 1),
 * eight outputs for each eight k. x as `quantizeRows` gives it.
 */
export function mulInt4(
  q: usize, M: i32, K: i32, w: usize, y: usize, ldy: i32, bias: usize, add: i32, t0: i32, t1: i32,
): void {
  const blocks = (K + 31) >> 5, stride: usize = <usize>blocks * 72, size: usize = <usize>blocks * 192;
  for (let t = t0; t < t1; t++) {
    const at: usize = <usize>t << 5, bt = bias ? bias + at : 0;
    for (let m = 0; m < M; m++) {
      let p = w + <usize>t * size, a = q + <usize>m * stride, s = a + (<usize>blocks << 6), sums = s + (<usize>blocks << 2);
      let u = f32x4.splat(0), v = u;
      for (let b = 0; b < blocks; b++) {
        let i = i32x4.splat(0), j = i;
        for (let k: usize = 64; k < 192; k += 32) {
          const x0 = v128.load32_splat(a), x1 = v128.load32_splat(a, 4), x2 = v128.load32_splat(a, 8), x3 = v128.load32_splat(a, 12);
          i = fourBits(p + k, x0, x1, x2, x3, i); j = fourBits(p + k + 16, x0, x1, x2, x3, j);
          a += 16;
        }
        const d = v128.load32_splat(s), sum = v128.load32_splat(sums);
        u = fma(v128.load(p, 32), sum, fma(f32x4.mul(f32x4.convert_i32x4_s(i), v128.load(p)), d, u));
        v = fma(v128.load(p, 48), sum, fma(f32x4.mul(f32x4.convert_i32x4_s(j), v128.load(p, 16)), d, v));
        p += 192; s += 4; sums += 4;
      }
      finish(y + (<usize>(m * ldy) << 2) + at, bt, add, u, v);
    }
  }
}
