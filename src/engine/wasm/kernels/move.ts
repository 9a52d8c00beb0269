// Moving and adding up: what split, concatenate, transpose, sums and the gradient of a look-up come
// down to.
import { get, lanes, set } from "./math";

/** `rows` pieces of `bytes` bytes from one stride to another. */
export function copyRows(from: usize, to: usize, rows: i32, bytes: i32, fromStride: i32, toStride: i32): void {
  if (bytes == fromStride && bytes == toStride) { memory.copy(to, from, <usize>rows * <usize>bytes); return; }
  const short = bytes <= 64 && !(bytes & 3);
  for (let r = 0; r < rows; r++) {
    if (short) for (let i = 0; i < bytes; i += 4) store<u32>(to + i, load<u32>(from + i));
    else memory.copy(to, from, bytes);
    from += fromStride; to += toStride;
  }
}

/**
 * y, written in order, takes x with the given strides: `dims` holds rank sizes, rank strides and
 * rank counters (i32).
 */
export function transpose(x: usize, y: usize, rank: i32, dims: usize): void {
  const strides = dims + (rank << 2), counts = strides + (rank << 2), last = rank - 1;
  let total = 1;
  for (let i = 0; i < last; i++) { total *= load<i32>(dims + (i << 2)); store<i32>(counts + (i << 2), 0); }
  const n = load<i32>(dims + (last << 2)), stride = load<i32>(strides + (last << 2)) << 2;
  for (let row = 0; row < total; row++) {
    if (stride == 4) {
      let i = 0;
      for (; i + 4 <= n; i += 4) v128.store(y + (<usize>i << 2), v128.load(x + (<usize>i << 2)));
      for (; i < n; i++) store<u32>(y + (<usize>i << 2), load<u32>(x + (<usize>i << 2)));
    } else {
      let from = x;
      for (let i = 0; i < n; i++) { store<u32>(y + (<usize>i << 2), load<u32>(from)); from += stride; }
    }
    y += <usize>n << 2;
    for (let i = last - 1; i >= 0; i--) {
      const step = load<i32>(strides + (i << 2)) << 2, count = load<i32>(counts + (i << 2)) + 1;
      x += step;
      if (count < load<i32>(dims + (i << 2))) { store<i32>(counts + (i << 2), count); break; }
      x -= <usize>step * <usize>count;
      store<i32>(counts + (i << 2), 0);
    }
  }
}

/**
 * to[i] = from[ids[i]], rows of `bytes` bytes. Returns the position of the first id outside [0,
 * rows), or −1.
 */
export function gatherRows(from: usize, ids: usize, to: usize, n: i32, bytes: i32, rows: i32): i32 {
  const short = bytes <= 64 && !(bytes & 3);
  for (let i = 0; i < n; i++) {
    const id = load<i32>(ids + (<usize>i << 2));
    if (id < 0 || id >= rows) return i;
    const x = from + <usize>id * <usize>bytes;
    if (short) for (let j = 0; j < bytes; j += 4) store<u32>(to + j, load<u32>(x + j));
    else memory.copy(to, x, bytes);
    to += bytes;
  }
  return -1;
}

/** y += x, n floats. */
// @ts-ignore: decorator
@inline export function addTo(y: usize, x: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) { const o = <usize>i << 2; v128.store(y + o, f32x4.add(v128.load(y + o), v128.load(x + o))); }
  for (; i < n; i++) set(y, i, get(y, i) + get(x, i));
}

/**
 * out[a, c] = factor · Σ_b x[a, b, c]. Long sums are added in blocks of 64 rows' partial sums by
 * the SIMD lanes. For n of the C columns, to whose first numbers x and out point.
 */
export function sumMiddle(x: usize, out: usize, A: i32, B: i32, C: i32, factor: f32, n: i32): void {
  for (let a = 0; a < A; a++) {
    if (C == 1) {
      let i = 0, sum: f32 = 0, v = f32x4.splat(0), w = v, wide: f64 = 0;
      for (; i + 8 <= B; i += 8) {
        v = f32x4.add(v, v128.load(x + (<usize>i << 2))); w = f32x4.add(w, v128.load(x + (<usize>i << 2), 16));
        if ((i & 2047) == 2040) { wide += lanes(v) + lanes(w); v = f32x4.splat(0); w = v; }
      }
      for (; i < B; i++) sum += get(x, i);
      set(out, a, <f32>((wide + (lanes(v) + lanes(w)) + sum) * factor));
    } else {
      const o = out + (<usize>(a * C) << 2);
      memory.fill(o, 0, <usize>n << 2);
      for (let b = 0; b < B; b++) addTo(o, x + (<usize>(b * C) << 2), n);
      if (factor != 1) for (let c = 0; c < n; c++) set(o, c, get(o, c) * factor);
    }
    x += <usize>(B * C) << 2;
  }
}

/**
 * out[ids[i]] += x[i] for n rows of C floats, out (segments, C) cleared first; ids outside are left
 * out.
 */
export function segmentSum(x: usize, ids: usize, out: usize, n: i32, C: i32, segments: i32): void {
  memory.fill(out, 0, <usize>segments * <usize>C << 2);
  for (let i = 0; i < n; i++) {
    const id = load<i32>(ids + (<usize>i << 2));
    if (id >= 0 && id < segments) addTo(out + (<usize>id * <usize>C << 2), x + (<usize>i * <usize>C << 2), C);
  }
}
