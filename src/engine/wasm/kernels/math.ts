// Vector building blocks. Every pointer is a byte offset in tfjs's heap; floats are 4 bytes.
// `fma` is one instruction with relaxed SIMD and two without; builds of both kinds are made
// (../build.mjs).

// @ts-ignore: decorator
@external("env", "log")
export declare function log(x: f64): f64;

// @ts-ignore: decorator
@inline export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Element i of the floats at p. */
// @ts-ignore: decorator
@inline export function get(p: usize, i: i32): f32 { return load<f32>(p + (<usize>i << 2)); }
// @ts-ignore: decorator
@inline export function set(p: usize, i: i32, x: f32): void { store<f32>(p + (<usize>i << 2), x); }

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline export function lanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** e^x. Below −87.3 it gives ≈ 1e-38. */
// @ts-ignore: decorator
@inline export function exp4(x: v128): v128 { // NaN goes through both
  return expWithin(f32x4.pmax(f32x4.pmin(x, f32x4.splat(88)), f32x4.splat(-87.3)));
}
/**
 * e^x for x from −87.3 to 88: 2^n by the exponent bits times a polynomial on [−ln2/2, ln2/2]
 * (Cephes' expf). Adding 1.5 · 2²³ + 127 rounds x / ln 2 to a whole number and leaves n + 127 in
 * the last bits, where the shift finds it: on x86, WebAssembly's own rounding, conversion, minimum
 * and maximum take several instructions each.
 */
// @ts-ignore: decorator
@inline export function expWithin(a: v128): v128 {
  const magic = f32x4.splat(12583039), t = f32x4.add(f32x4.mul(a, f32x4.splat(1.44269504088896341)), magic);
  const n = f32x4.sub(t, magic);
  let x = f32x4.sub(a, f32x4.mul(n, f32x4.splat(0.693359375)));
  x = f32x4.add(x, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let y = f32x4.splat(1.9875691500e-4);
  y = fma(y, x, f32x4.splat(1.3981999507e-3));
  y = fma(y, x, f32x4.splat(8.3334519073e-3));
  y = fma(y, x, f32x4.splat(4.1665795894e-2));
  y = fma(y, x, f32x4.splat(1.6666665459e-1));
  y = fma(y, x, f32x4.splat(5.0000001201e-1));
  y = f32x4.add(fma(y, f32x4.mul(x, x), x), f32x4.splat(1));
  return f32x4.mul(y, i32x4.shl(t, 23));
}

/**
 * tanh x = 1 − 2/(e^2x + 1): absolute error 1e-7; not for uses that need relative accuracy near 0.
 */
// @ts-ignore: decorator
@inline export function tanh4(x: v128): v128 {
  const e = exp4(f32x4.add(x, x));
  return f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))));
}

/** tanh x with small x to the last digits, too: below 0.625 a polynomial (Cephes' tanhf). */
// @ts-ignore: decorator
@inline export function tanhNear4(x: v128): v128 {
  const z = f32x4.mul(x, x);
  let y = f32x4.splat(-5.70498872745e-3);
  y = fma(y, z, f32x4.splat(2.06390887954e-2));
  y = fma(y, z, f32x4.splat(-5.37397155531e-2));
  y = fma(y, z, f32x4.splat(1.33314422036e-1));
  y = fma(y, z, f32x4.splat(-3.33332819422e-1));
  return v128.bitselect(fma(f32x4.mul(y, z), x, x), tanh4(x), f32x4.lt(f32x4.abs(x), f32x4.splat(0.625)));
}

/** The last one to three of n floats, from i on, and zeros; and the same back. */
export function some(x: usize, i: i32, n: i32): v128 {
  let v = f32x4.splat(0);
  v = f32x4.replace_lane(v, 0, get(x, i));
  if (i + 1 < n) v = f32x4.replace_lane(v, 1, get(x, i + 1));
  if (i + 2 < n) v = f32x4.replace_lane(v, 2, get(x, i + 2));
  return v;
}
export function putSome(x: usize, i: i32, n: i32, v: v128): void {
  set(x, i, f32x4.extract_lane(v, 0));
  if (i + 1 < n) set(x, i + 1, f32x4.extract_lane(v, 1));
  if (i + 2 < n) set(x, i + 2, f32x4.extract_lane(v, 2));
}
