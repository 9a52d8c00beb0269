// Attention (lesson 06, attention): every position reads from every other one, as a weighted average that it chooses itself.
//
// Follows Vaswani et al., «Attention Is All You Need» (2017), sections 3.2.1 (scaled dot products) and 3.2.2 (heads),
// with the parameter names and layouts of Hugging Face's GPT-2: `c_attn` (one matrix for Q, K and V), `c_proj`,
// and `q_attn` beside `c_attn` for cross-attention. This is the readable version, which returns the weights too;
// the fast causal one that training uses is `causalSelfAttention` in llm/ops. Positions are lesson 07 (positions).
//
// Letters: B batch, H heads, T queries, S keys (T = S in self-attention), C channels, D = C / H width of a head.
import { tf } from "./engine";

/** What attention gives back: the averages, and the weights they were taken with. */
export type Attended = { output: tf.Tensor; weights: tf.Tensor };

/** Added in place of −∞: e^(−10⁹) is exactly 0 in 32-bit floats, but 10⁹ − 10⁹ is 0 where ∞ − ∞ would be NaN. */
const MINUS_INFINITY = -1e9;

/**
 * Attention for one sequence with nothing but loops: the slow specification of everything below.
 *
 *     s[i][j] = scale · Σ_d q[i][d] k[j][d]      w[i] = softmax(s[i])      out[i] = Σ_j w[i][j] v[j]
 *
 * @param q queries, T rows of D numbers
 * @param k keys, S rows of D numbers
 * @param v values, S rows of any width
 * @param options `scale` 1 unless told (1/√D is what the papers use); `causal`: query i sees only keys j ≤ i
 * @returns `weights` T × S and `output` T × width of v
 * @throws if q and k differ in width, or k and v in length
 */
export function attentionByLoops(
  q: number[][],
  k: number[][],
  v: number[][],
  { scale = 1, causal = false }: { scale?: number; causal?: boolean } = {},
): { output: number[][]; weights: number[][] } {
  if (k.length === 0 || k.length !== v.length)
    throw new Error(
      `attentionByLoops: expected one value for each key, got ${k.length} keys and ${v.length} values`,
    );
  const weights: number[][] = [];
  const output: number[][] = [];
  for (const [i, query] of q.entries()) {
    const scores = k.map((key, j) => {
      if (key.length !== query.length)
        throw new Error(
          `attentionByLoops: expected keys as wide as the queries (${query.length}), got ${key.length}`,
        );
      let dot = 0;
      for (let d = 0; d < query.length; d++) dot += query[d] * key[d];
      return causal && j > i ? Number.NEGATIVE_INFINITY : dot * scale;
    });
    const largest = Math.max(...scores); // e^(s − largest) cannot overflow, and the ratio is the same
    const exps = scores.map((s) => Math.exp(s - largest));
    const total = exps.reduce((a, b) => a + b, 0);
    const row = exps.map((e) => e / total);
    weights.push(row);
    output.push(v[0].map((_, c) => row.reduce((sum, w, j) => sum + w * v[j][c], 0)));
  }
  return { output, weights };
}

/**
 * Who may look at whom in a sequence that is read from left to right: true where key j ≤ query i.
 *
 * @param T number of positions
 * @returns (T, T) bool; row = query, column = key
 */
export function causalMask(T: number): tf.Tensor2D {
  if (!Number.isInteger(T) || T < 1)
    throw new Error(`causalMask: expected a whole number of positions, got ${T}`);
  return tf.tidy(
    () => tf.greaterEqual(tf.range(0, T).expandDims(1), tf.range(0, T).expandDims(0)) as tf.Tensor2D,
  );
}

/**
 * Similarity of every query to every key, divided by √D so that its variance does not grow with D: Q Kᵀ / √D.
 *
 * @param q (…, T, D)
 * @param k (…, S, D)
 * @returns (…, T, S)
 */
export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  const D = q.shape[q.rank - 1];
  if (k.shape[k.rank - 1] !== D)
    throw new Error(
      `scaledScores: expected queries and keys of one width, got (${q.shape}) and (${k.shape})`,
    );
  return tf.tidy(() => tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(D)));
}

/**
 * Softmax over the keys (the last axis) with the forbidden ones left out *before* it, so that rows still sum to 1.
 * A query that may see no key at all gets zeros, not NaN (as in PyTorch's scaled_dot_product_attention).
 *
 * @param scores (…, T, S)
 * @param mask broadcastable to `scores`: true (or 1) where the query may see the key; none = all may
 * @returns weights (…, T, S)
 */
export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  if (!mask) return tf.softmax(scores);
  return tf.tidy(() => {
    const weights = tf.softmax(tf.where(tf.cast(mask, "bool"), scores, MINUS_INFINITY));
    return tf.mul(weights, tf.cast(mask, "float32")); // matters only for a row with nothing to see
  });
}

/**
 * Attention(Q, K, V) = softmax(Q Kᵀ / √D) V.
 *
 * @param q (…, T, D)
 * @param k (…, S, D)
 * @param v (…, S, any width)
 * @param options `mask` as in `maskedSoftmax`
 * @returns `output` (…, T, width of v), `weights` (…, T, S); the caller disposes both
 */
export function scaledDotProductAttention(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { mask }: { mask?: tf.Tensor } = {},
): Attended {
  return tf.tidy(() => {
    const weights = maskedSoftmax(scaledScores(q, k), mask); // (…, T, S)
    return { output: tf.matMul(weights, v), weights };
  });
}

/**
 * Cuts the channels into heads: head h gets channels h·D … (h+1)·D − 1 of every position.
 *
 * @param x (B, T, C)
 * @returns (B, H, T, D), so that one matMul serves all heads
 * @throws if C is not divisible by nHead
 */
export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  const [B, T, C] = x.shape as [number, number, number];
  if (x.rank !== 3 || C % nHead !== 0)
    throw new Error(`splitHeads: expected (B, T, C) with C divisible by nHead = ${nHead}, got (${x.shape})`);
  return tf.tidy(() => tf.transpose(tf.reshape(x, [B, T, nHead, C / nHead]), [0, 2, 1, 3]) as tf.Tensor4D);
}

/**
 * Puts the heads side by side again; undoes `splitHeads`.
 *
 * @param x (B, H, T, D)
 * @returns (B, T, H·D)
 */
export function mergeHeads(x: tf.Tensor): tf.Tensor3D {
  if (x.rank !== 4) throw new Error(`mergeHeads: expected (B, H, T, D), got (${x.shape})`);
  const [B, H, T, D] = x.shape as [number, number, number, number];
  return tf.tidy(() => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [B, T, H * D]) as tf.Tensor3D);
}

/**
 * All heads at once, on queries, keys and values that are already projected: split, attend, merge.
 *
 * @param q (B, T, C)
 * @param k (B, S, C); S ≠ T in cross-attention
 * @param v (B, S, C)
 * @param options `nHead` divides C; `mask` broadcastable to (B, H, T, S)
 * @returns `output` (B, T, C), `weights` (B, H, T, S)
 */
export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): Attended {
  return tf.tidy(() => {
    const heads = [q, k, v].map((x) => splitHeads(x, nHead)); // (B, H, T or S, D)
    const { output, weights } = scaledDotProductAttention(heads[0], heads[1], heads[2], { mask });
    return { output: mergeHeads(output), weights };
  });
}

/**
 * A whole attention layer: project, attend in heads, project back.
 * Self-attention takes `c_attn.weight` (C, 3C); with a `context`, cross-attention takes `q_attn.weight` (C, C) for
 * the queries and `c_attn.weight` (width of context, 2C) for keys and values. Both end with `c_proj.weight` (C, C).
 * Biases (`c_attn.bias`, `q_attn.bias`, `c_proj.bias`) are added where the record has them.
 *
 * @param x (B, T, C) the positions that ask
 * @param params the flat record above
 * @param options `context` (B, S, any width): the positions that are asked, x itself unless told
 * @returns `output` (B, T, C), `weights` (B, H, T, S)
 */
export function multiHeadAttention(
  x: tf.Tensor,
  params: Record<string, tf.Tensor>,
  { nHead, mask, context }: { nHead: number; mask?: tf.Tensor; context?: tf.Tensor },
): Attended {
  return tf.tidy(() => {
    const [q, k, v] = context
      ? [project(x, params, "q_attn"), ...tf.split(project(context, params, "c_attn"), 2, -1)]
      : tf.split(project(x, params, "c_attn"), 3, -1);
    const { output, weights } = multiHead(q, k, v, { nHead, mask });
    return { output: project(output, params, "c_proj"), weights };
  });
}

/** x · weight + bias on the last axis, by name. */
function project(x: tf.Tensor, params: Record<string, tf.Tensor>, name: string): tf.Tensor {
  const weight = params[`${name}.weight`];
  const bias = params[`${name}.bias`];
  if (weight === undefined)
    throw new Error(`multiHeadAttention: expected a parameter «${name}.weight», got ${Object.keys(params)}`);
  const [Cin, Cout] = weight.shape;
  const flat = tf.matMul(tf.reshape(x, [-1, Cin]), weight as tf.Tensor2D); // tfjs gives matMul no gradient for (B,T,C)·(C,C)
  return tf.reshape(bias ? tf.add(flat, bias) : flat, [...x.shape.slice(0, -1), Cout]);
}

/**
 * Makes an attention for the GPT (`GPTOps.attention`) out of the two functions a learner wrote in lesson 06 (attention):
 * the fused projections (B, T, 3C) come in, causal attention in heads is done, (B, T, C) goes out.
 *
 * @example const ops = { attention: gptAttention(await learner("06-attention")) };
 */
export function gptAttention(parts: {
  multiHead: typeof multiHead;
  causalMask: typeof causalMask;
}): (qkv: tf.Tensor, nHead: number) => tf.Tensor3D {
  return (qkv, nHead) =>
    tf.tidy(() => {
      const [q, k, v] = tf.split(qkv, 3, -1);
      return parts.multiHead(q, k, v, { nHead, mask: parts.causalMask(q.shape[1] as number) })
        .output as tf.Tensor3D;
    });
}
