// The fused operations of src/ops and their gradients. N is the length of a row, R the number of
// rows.
import { gemm, gemmScratch } from "./gemm";
import { exp4, fma, get, lanes, log, set, tanh4 } from "./math";

const GELU_A: f32 = 0.7978845608; // √(2/π)
const GELU_B: f32 = 0.0356774081; // √(2/π) · 0.044715

// @ts-ignore: decorator
@inline function gelu4(x: v128): v128 {
  const inner = f32x4.mul(x, fma(f32x4.mul(x, x), f32x4.splat(GELU_B), f32x4.splat(GELU_A)));
  return f32x4.mul(f32x4.mul(x, f32x4.splat(0.5)), f32x4.add(tanh4(inner), f32x4.splat(1)));
}
// @ts-ignore: decorator
@inline function geluSlope4(x: v128): v128 { // (1 + t)/2 + x/2 (1 − t²) (A + 3 B x²)
  const xx = f32x4.mul(x, x), t = tanh4(f32x4.mul(x, fma(xx, f32x4.splat(GELU_B), f32x4.splat(GELU_A))));
  const d = f32x4.mul(f32x4.mul(x, f32x4.splat(0.5)), fma(xx, f32x4.splat(3 * GELU_B), f32x4.splat(GELU_A)));
  return f32x4.add(fma(t, f32x4.splat(0.5), f32x4.splat(0.5)), f32x4.mul(d, f32x4.sub(f32x4.splat(1), f32x4.mul(t, t))));
}

export function gelu(x: usize, y: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(y + (<usize>i << 2), gelu4(v128.load(x + (<usize>i << 2))));
  for (; i < n; i++) set(y, i, f32x4.extract_lane(gelu4(f32x4.splat(get(x, i))), 0));
}
export function geluGrad(x: usize, dy: usize, dx: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i << 2;
    v128.store(dx + o, f32x4.mul(geluSlope4(v128.load(x + o)), v128.load(dy + o)));
  }
  for (; i < n; i++) set(dx, i, f32x4.extract_lane(geluSlope4(f32x4.splat(get(x, i))), 0) * get(dy, i));
}

/**
 * y = h · gain + bias with h = (x − mean) · scale, scale = 1/√(variance + eps); h and scale are
 * kept for the gradient.
 */
export function layerNorm(x: usize, gain: usize, bias: usize, y: usize, h: usize, scales: usize, R: i32, N: i32, eps: f32): void {
  for (let r = 0; r < R; r++) {
    let i = 0, sum: f32 = 0, v = f32x4.splat(0);
    for (; i + 4 <= N; i += 4) v = f32x4.add(v, v128.load(x + (<usize>i << 2)));
    for (; i < N; i++) sum += get(x, i);
    const mean: f32 = (sum + lanes(v)) / <f32>N, m = f32x4.splat(mean);
    sum = 0; v = f32x4.splat(0);
    for (i = 0; i + 4 <= N; i += 4) { const d = f32x4.sub(v128.load(x + (<usize>i << 2)), m); v = fma(d, d, v); }
    for (; i < N; i++) { const d = get(x, i) - mean; sum += d * d; }
    const scale: f32 = 1 / sqrt<f32>((sum + lanes(v)) / <f32>N + eps), s = f32x4.splat(scale);
    set(scales, r, scale);
    for (i = 0; i + 4 <= N; i += 4) {
      const o = <usize>i << 2, e = f32x4.mul(f32x4.sub(v128.load(x + o), m), s);
      v128.store(h + o, e); v128.store(y + o, fma(e, v128.load(gain + o), v128.load(bias + o)));
    }
    for (; i < N; i++) { const e = (get(x, i) - mean) * scale; set(h, i, e); set(y, i, e * get(gain, i) + get(bias, i)); }
    x += <usize>N << 2; y += <usize>N << 2; h += <usize>N << 2;
  }
}
export function layerNormGrad(dy: usize, h: usize, scales: usize, gain: usize, dx: usize, R: i32, N: i32): void {
  for (let r = 0; r < R; r++) {
    let i = 0, s1: f32 = 0, s2: f32 = 0, v1 = f32x4.splat(0), v2 = v1;
    for (; i + 4 <= N; i += 4) {
      const o = <usize>i << 2, g = f32x4.mul(v128.load(dy + o), v128.load(gain + o));
      v1 = f32x4.add(v1, g); v2 = fma(g, v128.load(h + o), v2);
    }
    for (; i < N; i++) { const g = get(dy, i) * get(gain, i); s1 += g; s2 += g * get(h, i); }
    s1 = (s1 + lanes(v1)) / <f32>N; s2 = (s2 + lanes(v2)) / <f32>N;
    const scale = get(scales, r);
    for (i = 0; i + 4 <= N; i += 4) {
      const o = <usize>i << 2, g = f32x4.mul(v128.load(dy + o), v128.load(gain + o));
      const c = f32x4.sub(f32x4.sub(g, f32x4.splat(s1)), f32x4.mul(v128.load(h + o), f32x4.splat(s2)));
      v128.store(dx + o, f32x4.mul(c, f32x4.splat(scale)));
    }
    for (; i < N; i++) set(dx, i, scale * (get(dy, i) * get(gain, i) - s1 - get(h, i) * s2));
    dy += <usize>N << 2; h += <usize>N << 2; dx += <usize>N << 2;
  }
}
/**
 * ∂gain = Σ_r ∂y h and ∂bias = Σ_r ∂y for n of the N columns, to whose first numbers all pointers
 * point.
 */
export function layerNormGradGain(dy: usize, h: usize, dgain: usize, dbias: usize, R: i32, N: i32, n: i32): void {
  memory.fill(dgain, 0, <usize>n << 2); memory.fill(dbias, 0, <usize>n << 2);
  for (let r = 0; r < R; r++) {
    let i = 0;
    for (; i + 4 <= n; i += 4) {
      const o = <usize>i << 2, d = v128.load(dy + o);
      v128.store(dgain + o, fma(d, v128.load(h + o), v128.load(dgain + o))); v128.store(dbias + o, f32x4.add(d, v128.load(dbias + o)));
    }
    for (; i < n; i++) { const d = get(dy, i); set(dgain, i, get(dgain, i) + d * get(h, i)); set(dbias, i, get(dbias, i) + d); }
    dy += <usize>N << 2; h += <usize>N << 2;
  }
}

/**
 * softmax(scale · x) in place over the first n of N entries, 0 in the others; returns log Σ exp.
 */
function softmaxRow(x: usize, n: i32, N: i32, scale: f32): f32 {
  let i = 0, top = get(x, 0), sum: f32 = 0, v = f32x4.splat(0);
  if (n >= 4) {
    let t = v128.load(x);
    for (i = 4; i + 4 <= n; i += 4) t = f32x4.max(t, v128.load(x + (<usize>i << 2)));
    top = max(max(f32x4.extract_lane(t, 0), f32x4.extract_lane(t, 1)), max(f32x4.extract_lane(t, 2), f32x4.extract_lane(t, 3)));
  }
  for (; i < n; i++) top = max(top, get(x, i));
  top *= scale;
  memory.fill(x + (<usize>n << 2), 0, <usize>(N - n) << 2);
  const s = f32x4.splat(scale), m = f32x4.splat(top);
  for (i = 0; i + 4 <= n; i += 4) {
    const o = x + (<usize>i << 2), e = exp4(f32x4.sub(f32x4.mul(v128.load(o), s), m));
    v128.store(o, e); v = f32x4.add(v, e);
  }
  for (; i < n; i++) { const e = f32x4.extract_lane(exp4(f32x4.splat(get(x, i) * scale - top)), 0); set(x, i, e); sum += e; }
  sum += lanes(v);
  const inverse: f32 = 1 / sum, w = f32x4.splat(inverse);
  for (i = 0; i + 4 <= n; i += 4) { const o = x + (<usize>i << 2); v128.store(o, f32x4.mul(v128.load(o), w)); }
  for (; i < n; i++) set(x, i, get(x, i) * inverse);
  return top + <f32>log(sum);
}

/**
 * qkv (B, T, 3, H, D) → y (B, T, H, D) and the weights (B, H, T, T), for heads `from` to below `to`
 * of the B · H.
 */
export function attention(qkv: usize, y: usize, weights: usize, T: i32, H: i32, D: i32, from: i32, to: i32, ws: usize): void {
  const C = H * D, L = 3 * C, scale: f32 = 1 / sqrt<f32>(<f32>D);
  for (let i = from; i < to; i++) {
    const b = i / H, h = i % H, w = weights + (<usize>i * <usize>(T * T) << 2);
    const q = qkv + (<usize>(b * T * L + h * D) << 2), k = q + (<usize>C << 2), v = k + (<usize>C << 2);
    gemm(T, T, D, q, L, 1, k, L, 1, w, T, 0, ws);
    for (let t = 0; t < T; t++) softmaxRow(w + (<usize>(t * T) << 2), t + 1, T, scale);
    gemm(T, D, T, w, T, 1, v, 1, L, y + (<usize>(b * T * C + h * D) << 2), C, 0, ws);
  }
}
/** Bytes of scratch memory that `attentionGrad` needs: T · T floats and gemm's. */
export function attentionGradScratch(T: i32): i32 { return ((4 * T * T + 15) & ~15) + gemmScratch(); }

export function attentionGrad(
  qkv: usize, weights: usize, dy: usize, dqkv: usize, T: i32, H: i32, D: i32, from: i32, to: i32, tmp: usize,
): void {
  const C = H * D, L = 3 * C, scale: f32 = 1 / sqrt<f32>(<f32>D), c4: usize = <usize>C << 2, ws = tmp + ((4 * T * T + 15) & ~15);
  weights += <usize>from * <usize>(T * T) << 2;
  for (let head = from; head < to; head++) {
    const b = head / H, h = head % H;
    const o = <usize>(b * T * L + h * D) << 2, q = qkv + o, k = q + c4, v = k + c4, dq = dqkv + o, dk = dq + c4, dv = dk + c4;
    const d = dy + (<usize>(b * T * C + h * D) << 2);
    gemm(T, D, T, weights, 1, T, d, 1, C, dv, L, 0, ws); // ∂V = Wᵀ ∂Y
    gemm(T, T, D, d, C, 1, v, L, 1, tmp, T, 0, ws); // ∂W = ∂Y Vᵀ
    for (let t = 0; t < T; t++) { // ∂S = W (∂W − Σ W ∂W) / √D, row by row
      const p = weights + (<usize>(t * T) << 2), e = tmp + (<usize>(t * T) << 2), n = t + 1;
      let i = 0, sum: f32 = 0, acc = f32x4.splat(0);
      for (; i + 4 <= n; i += 4) acc = fma(v128.load(p + (<usize>i << 2)), v128.load(e + (<usize>i << 2)), acc);
      for (; i < n; i++) sum += get(p, i) * get(e, i);
      sum += lanes(acc);
      for (i = 0; i + 4 <= n; i += 4) {
        const j = e + (<usize>i << 2), w = f32x4.mul(v128.load(p + (<usize>i << 2)), f32x4.splat(scale));
        v128.store(j, f32x4.mul(w, f32x4.sub(v128.load(j), f32x4.splat(sum))));
      }
      for (; i < n; i++) set(e, i, scale * get(p, i) * (get(e, i) - sum));
      memory.fill(e + (<usize>n << 2), 0, <usize>(T - n) << 2);
    }
    gemm(T, D, T, tmp, T, 1, k, 1, L, dq, L, 0, ws); // ∂Q = ∂S K
    gemm(T, D, T, tmp, 1, T, q, 1, L, dk, L, 0, ws); // ∂K = ∂Sᵀ Q
    weights += <usize>(T * T) << 2;
  }
}

/** p = softmax(logits) and losses = −log p[target], for R rows. Targets have been checked. */
export function crossEntropy(logits: usize, targets: usize, p: usize, losses: usize, R: i32, N: i32): void {
  memory.copy(p, logits, <usize>R * <usize>N << 2);
  for (let r = 0; r < R; r++) {
    set(losses, r, softmaxRow(p, N, N, 1) - get(logits, load<i32>(targets + (<usize>r << 2))));
    p += <usize>N << 2; logits += <usize>N << 2;
  }
}
export function crossEntropyGrad(p: usize, targets: usize, dx: usize, R: i32, N: i32, scale: f32): void {
  const s = f32x4.splat(scale), n = R * N;
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(dx + (<usize>i << 2), f32x4.mul(v128.load(p + (<usize>i << 2)), s));
  for (; i < n; i++) set(dx, i, get(p, i) * scale);
  for (let r = 0; r < R; r++) { const j = r * N + load<i32>(targets + (<usize>r << 2)); set(dx, j, get(dx, j) - scale); }
}

/** keep = 1 − lr · decay, rate = lr/(1 − β₁ᵗ), root = 1/√(1 − β₂ᵗ). */
export function adamw(p: usize, g: usize, m: usize, v: usize, n: i32, b1: f32, b2: f32, keep: f32, rate: f32, root: f32, eps: f32): void {
  const vb1 = f32x4.splat(b1), vb2 = f32x4.splat(b2), w1 = f32x4.splat(1 - b1), w2 = f32x4.splat(1 - b2);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i << 2, d = v128.load(g + o);
    const mm = f32x4.add(f32x4.mul(d, w1), f32x4.mul(v128.load(m + o), vb1));
    const vv = f32x4.add(f32x4.mul(f32x4.mul(d, d), w2), f32x4.mul(v128.load(v + o), vb2));
    v128.store(m + o, mm); v128.store(v + o, vv);
    const step = f32x4.div(f32x4.mul(mm, f32x4.splat(rate)), f32x4.add(f32x4.mul(f32x4.sqrt(vv), f32x4.splat(root)), f32x4.splat(eps)));
    v128.store(p + o, f32x4.sub(f32x4.mul(v128.load(p + o), f32x4.splat(keep)), step));
  }
  for (; i < n; i++) {
    const d = get(g, i), mm = d * (1 - b1) + get(m, i) * b1, vv = d * d * (1 - b2) + get(v, i) * b2;
    set(m, i, mm); set(v, i, vv);
    set(p, i, get(p, i) * keep - (mm * rate) / (sqrt<f32>(vv) * root + eps));
  }
}
