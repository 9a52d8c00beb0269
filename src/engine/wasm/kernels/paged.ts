// Attention whose keys and values lie in blocks (llm/runtime; Kwon et al., 2023). A block has B
// positions of one layer: for each of G heads B keys of D numbers. Softmax is computed block by block
// (Milakov & Gimelshein, 2018; Dao et al., 2022), so that no row of scores is kept: when a block has a
// larger score, what was summed before is scaled down.
//
// `rows` has two int32 for each row: its position and the address of its text's table, the numbers of
// the blocks as int32.
import { exp4, fma, get, lanes, set } from "./math";

// @ts-ignore: decorator
@inline function position(rows: usize, r: i32): i32 { return load<i32>(rows + (<usize>r << 3)); }
/** The block of row r in which a position lies. */
// @ts-ignore: decorator
@inline function blockOf(rows: usize, r: i32, number: i32): i32 {
  return load<i32>(<usize>load<u32>(rows + (<usize>r << 3), 4) + (<usize>number << 2));
}

/** Keys and values of M new rows, G · D numbers each at k and v, `ld` floats apart, into their blocks. */
export function storeRows(k: usize, v: usize, ld: i32, keys: usize, values: usize, rows: usize, M: i32, G: i32, D: i32, B: i32): void {
  const bytes: usize = <usize>D << 2;
  for (let r = 0; r < M; r++) {
    const p = position(rows, r), block = blockOf(rows, r, p / B);
    for (let g = 0; g < G; g++) {
      const to: usize = (<usize>((block * G + g) * B + p % B)) * bytes, from: usize = (<usize>(r * ld + g * D)) << 2;
      memory.copy(keys + to, k + from, bytes); memory.copy(values + to, v + from, bytes);
    }
  }
}

/**
 * Rows of heads turned in place: pairs i and i + D/2 of head after head, by the angles of the row's
 * position; tables of cosines and sines (positions, D/2).
 */
export function ropeRows(x: usize, ld: i32, rows: usize, M: i32, heads: i32, D: i32, cos: usize, sin: usize): void {
  const h = D >> 1;
  for (let r = 0; r < M; r++) {
    const at: usize = (<usize>(position(rows, r) * h)) << 2;
    for (let n = 0; n < heads; n++) {
      const p = x + ((<usize>(r * ld + n * D)) << 2), q = p + (<usize>h << 2);
      let i = 0;
      for (; i + 4 <= h; i += 4) {
        const o = <usize>i << 2, a = v128.load(p + o), b = v128.load(q + o), c = v128.load(cos + at + o), s = v128.load(sin + at + o);
        v128.store(p + o, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
        v128.store(q + o, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
      }
      for (; i < h; i++) {
        const a = get(p, i), b = get(q, i), c = get(cos + at, i), s = get(sin + at, i);
        set(p, i, a * c - b * s); set(q, i, b * c + a * s);
      }
    }
  }
}

// @ts-ignore: decorator
@inline function product(a: usize, b: usize, D: i32): f32 {
  let s = f32x4.splat(0), t = s, i = 0;
  for (; i + 8 <= D; i += 8) {
    const o = <usize>i << 2;
    s = fma(v128.load(a + o), v128.load(b + o), s); t = fma(v128.load(a + o, 16), v128.load(b + o, 16), t);
  }
  let sum: f32 = lanes(f32x4.add(s, t));
  for (; i < D; i++) sum += get(a, i) * get(b, i);
  return sum;
}

/**
 * out = softmax(q kᵀ · scale) v for items from `from` to `to`: item i is row i / G and the heads that
 * share key head i % G. A row sees its position and those before it, at most `window` of them.
 * @param ws 4 · (B + 3) bytes
 */
export function pagedAttention(
  q: usize, ldq: i32, keys: usize, values: usize, rows: usize, out: usize, ldo: i32, H: i32, G: i32, D: i32, B: i32, window: i32,
  scale: f32, from: i32, to: i32, ws: usize,
): void {
  const share = H / G;
  for (let item = from; item < to; item++) {
    const r = item / G, g = item % G, p = position(rows, r), first = max(0, p - window + 1);
    for (let h = g * share; h < (g + 1) * share; h++) {
      const a = q + ((<usize>(r * ldq + h * D)) << 2), o = out + ((<usize>(r * ldo + h * D)) << 2);
      memory.fill(o, 0, <usize>D << 2);
      let most: f32 = -Infinity, total: f32 = 0;
      for (let n = first / B; n <= p / B; n++) {
        const base: usize = (<usize>((blockOf(rows, r, n) * G + g) * B * D)) << 2;
        const j0 = max(0, first - n * B), j1 = min(B, p - n * B + 1), count = j1 - j0;
        const k = keys + base + ((<usize>(j0 * D)) << 2), v = values + base + ((<usize>(j0 * D)) << 2);
        let high = most;
        for (let j = 0; j < count; j++) {
          const s: f32 = product(a, k + ((<usize>(j * D)) << 2), D) * scale;
          set(ws, j, s); high = max(high, s);
        }
        for (let j = count; j < ((count + 3) & ~3); j++) set(ws, j, -Infinity);
        let sum = f32x4.splat(0);
        const lift = f32x4.splat(high);
        for (let j = 0; j < count; j += 4) {
          const s = v128.load(ws + (<usize>j << 2)), e = v128.and(exp4(f32x4.sub(s, lift)), f32x4.gt(s, f32x4.splat(-Infinity)));
          v128.store(ws + (<usize>j << 2), e); sum = f32x4.add(sum, e);
        }
        const keep: f32 = most == -Infinity ? 0 : f32x4.extract_lane(exp4(f32x4.splat(most - high)), 0), c = f32x4.splat(keep);
        total = total * keep + lanes(sum); most = high;
        let i = 0;
        for (; i + 8 <= D; i += 8) {
          const e = <usize>i << 2;
          let s = f32x4.mul(v128.load(o + e), c), t = f32x4.mul(v128.load(o + e, 16), c);
          for (let j = 0; j < count; j++) {
            const w = v128.load32_splat(ws + (<usize>j << 2)), x = v + e + ((<usize>(j * D)) << 2);
            s = fma(w, v128.load(x), s); t = fma(w, v128.load(x, 16), t);
          }
          v128.store(o + e, s); v128.store(o + e, t, 16);
        }
        for (; i < D; i++) {
          let s: f32 = get(o, i) * keep;
          for (let j = 0; j < count; j++) s += get(ws, j) * get(v, j * D + i);
          set(o, i, s);
        }
      }
      const part: f32 = 1 / total;
      for (let i = 0; i < D; i++) set(o, i, get(o, i) * part);
    }
  }
}

/** max(0, x)², or max(0, x). */
export function relu(x: usize, n: i32, squared: i32): void {
  for (let i = 0; i < n; i++) { const a = max<f32>(0, get(x, i)); set(x, i, squared ? a * a : a); }
}
