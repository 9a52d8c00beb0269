// Larger and smaller of two numbers, with NaN where one of them is NaN.
import { get, set } from "./math";

/**
 * y = min(max(x, low), high) of n floats, n at x and y. NaN goes through: pmax and pmin give their
 * first argument where a comparison is false.
 */
export function clamp(x: usize, y: usize, n: i32, low: f32, high: f32): void {
  const least = f32x4.splat(low), most = f32x4.splat(high);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    v128.store(y + at, f32x4.pmin(f32x4.pmax(v128.load(x + at), least), most));
  }
  for (; i < n; i++) {
    const v = get(x, i);
    set(y, i, v < low ? low : high < v ? high : v);
  }
}

/**
 * y = max(a, b) of n floats, or min(a, b) where `sign` is −1. `step` is 4, or 0 where b is one
 * number.
 */
export function extremum(a: usize, b: usize, y: usize, n: i32, step: i32, sign: i32): void {
  let i = 0;
  const one = v128.load32_splat(b);
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    const p = v128.load(a + at), q = step ? v128.load(b + at) : one;
    const isFirst = v128.or(sign > 0 ? f32x4.gt(p, q) : f32x4.lt(p, q), f32x4.ne(p, p));
    v128.store(y + at, v128.bitselect(p, q, isFirst));
  }
  for (; i < n; i++) {
    const p = get(a, i), q = load<f32>(b + <usize>i * <usize>step);
    set(y, i, (sign > 0 ? p > q : p < q) || p != p ? p : q);
  }
}
