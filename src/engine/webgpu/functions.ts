// Functions of one float32 that WebGPU promises too few bits of, or tfjs has wrong. sin and cos:
// "absolute error at most 2⁻¹¹ inside [−π, π]", which is too few for positions. The polynomials are
// those of the Cephes library (Moshier, 1992, single/sinf.c and asinf.c); angles are reduced by
// multiples of π/4 in three parts (Cody & Waite, 1980), and beyond 8192 with the bits of 2/π that
// matter (Payne & Hanek, 1983). A shader has no word for NaN: QF(0) is one.

export const FUNCTION_LIBRARY = `
fn isNaNumber(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn sinSmall(x: f32, z: f32) -> f32 {
  return ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * x + x;
}
fn cosSmall(z: f32) -> f32 {
  return ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z
    - 0.5 * z + 1.0;
}
fn product(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let cross = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (cross & 0xffffu);
  return vec2<u32>((a >> 16u) * (b >> 16u) + (cross >> 16u) + (other >> 16u), a * b);
}
const TWO_OVER_PI = array<u32, 8>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
  0xdb629599u, 0x3c439041u, 0xfe5163abu);
fn bitsOfTwoOverPi(first: i32) -> u32 {
  let at = first + 32;
  let word = at / 32;
  let shift = u32(at % 32);
  var bits = TWO_OVER_PI;
  let high = bits[word] << shift;
  return select(high | (bits[word + 1] >> (32u - shift)), high, shift == 0u);
}
fn reducedFar(size: f32) -> vec2<f32> {
  let bits = bitcast<u32>(size);
  let mantissa = (bits & 0x7fffffu) | 0x800000u;
  let first = i32(bits >> 23u) - 152;
  let a = product(mantissa, bitsOfTwoOverPi(first));
  let b = product(mantissa, bitsOfTwoOverPi(first + 32));
  let c = product(mantissa, bitsOfTwoOverPi(first + 64));
  let middle = b.y + c.x;
  let high = a.y + b.x + u32(middle < c.x);
  let fraction = (high << 2u) | (middle >> 30u);
  let quarter = (high >> 30u) + (fraction >> 31u);
  let turn = f32(bitcast<i32>(fraction)) * (1.5707963267948966 / 4294967296.0);
  return vec2<f32>(turn, f32(quarter & 3u));
}
fn sinCos(x: f32) -> vec2<f32> {
  let size = abs(x);
  if (!(size < 3.4e38)) { return vec2<f32>(QF(0)); }
  var r = size;
  var quarter = 0;
  if (size > 8192.0) {
    let far = reducedFar(size);
    r = far.x;
    quarter = i32(far.y);
  } else {
    let octant = (i32(size * 1.27323954473516) + 1) & -2;
    let k = f32(octant);
    r = ((size - k * 0.78515625) - k * 2.4187564849853515625e-4) - k * 3.77489497744594108e-8;
    quarter = (octant / 2) & 3;
  }
  let z = r * r;
  var s = sinSmall(r, z);
  var c = cosSmall(z);
  if (quarter == 1) { let t = s; s = c; c = -t; }
  else if (quarter == 2) { s = -s; c = -c; }
  else if (quarter == 3) { let t = s; s = -c; c = t; }
  return vec2<f32>(select(s, -s, x < 0.0), c);
}
fn asinSmall(x: f32) -> f32 {
  let z = x * x;
  return ((((4.2163199048e-2 * z + 2.4181311049e-2) * z + 4.5470025998e-2) * z
    + 7.4953002686e-2) * z + 1.6666752422e-1) * z * x + x;
}
fn acosExact(x: f32) -> f32 {
  let size = abs(x);
  if (!(size <= 1.0)) { return QF(0); }
  if (size <= 0.5) { return 1.5707963267948966 - asinSmall(x); }
  let far = 2.0 * asinSmall(sqrt(0.5 * (1.0 - size)));
  return select(far, 3.141592653589793 - far, x < 0.0);
}
fn asinExact(x: f32) -> f32 {
  let size = abs(x);
  if (!(size <= 1.0)) { return QF(0); }
  if (size <= 0.5) { return asinSmall(x); }
  let far = 1.5707963267948966 - 2.0 * asinSmall(sqrt(0.5 * (1.0 - size)));
  return select(far, -far, x < 0.0);
}
fn log1pExact(x: f32) -> f32 {
  if (!(x >= -1.0)) { return QF(0); }
  if (x > 1e10) { return log(x); }
  let u = 1.0 + x;
  if (u == 1.0) { return x; }
  return log(u) * (x / (u - 1.0));
}`;

export const FUNCTIONS: Record<string, string> = {
  Sin: "return sinCos(a).x;",
  Cos: "return sinCos(a).y;",
  Tan: "let p = sinCos(a); return p.x / p.y;",
  Asin: "return asinExact(a);",
  Acos: "return acosExact(a);",
  Exp: "if (isNaNumber(a)) { return a; } return exp(a);",
  Log: "if (isNaNumber(a) || a < 0.0) { return QF(0); } return log(a);",
  Log1p: "return log1pExact(a);",
  Elu: "if (isNaNumber(a) || a >= 0.0) { return a; } return exp(a) - 1.0;",
  Selu: `if (isNaNumber(a)) { return a; }
    return select(1.7580993408473768 * (exp(a) - 1.0), 1.0507009873554805 * a, a >= 0.0);`,
  Relu6: "if (isNaNumber(a)) { return a; } return clamp(a, 0.0, 6.0);",
  Sigmoid: "if (isNaNumber(a)) { return a; } return 1.0 / (1.0 + exp(-a));",
  Sign: "if (isNaNumber(a)) { return a; } return sign(a);",
  Softplus: "if (isNaNumber(a)) { return a; } return max(a, 0.0) + log1pExact(exp(-abs(a)));",
};

/** From one type to another: the nearest int32, 0 for NaN. */
export const CASTS: Record<string, string> = {
  "f32 int32": `if (isNaNumber(a)) { return 0; }
    if (a >= 2147483648.0) { return 2147483647; }
    if (a < -2147483648.0) { return -2147483647 - 1; }
    return i32(a);`,
  "f32 bool": "return i32(isNaNumber(a) || a != 0.0);",
  "f32 float32": "return a;",
  "i32 float32": "return f32(a);",
  "i32 int32": "return a;",
  "i32 bool": "return i32(a != 0);",
};
