// FlashAttention by hand (Dao et al., 2022, "FlashAttention: Fast and Memory-Efficient Exact Attention
// with IO-Awareness", algorithm 1): attention tile by tile, so that the T × S scores are never there
// at once. What makes it possible is a softmax whose largest score and sum are kept while the scores
// come in pieces (Milakov and Gimelshein, 2018, "Online normalizer calculation for softmax"). The loop
// over queries is the outer one, as in FlashAttention-2 (Dao, 2023). Left out: the backward pass, and
// speed, which comes from tiles that fit into a GPU's on-chip memory; here they show the idea.
//
// Letters: H heads, T queries, S keys, D width of a head.

export interface FlashOptions {
  H: number;
  /** T: how many queries each head has; they stand at the last T of S positions. */
  T: number;
  /** S: how many keys and values; T if absent. */
  S?: number;
  D: number;
  /** Query at position p sees only keys at positions ≤ p; true if absent. */
  causal?: boolean;
  /** With `causal`: of those only the last so many, itself included; all if absent. */
  window?: number;
  /** How many queries and keys a tile has; 32 if absent. */
  tile?: number;
}

export interface FlashResult {
  /** (H, T, D) */
  output: Float32Array;
  /** Bytes of everything that was kept while it ran, the output included, the inputs not. */
  bytes: number;
}

/** What is kept of each query of a tile while its keys come in pieces. */
interface RunningSoftmax {
  /** The largest score so far. */
  largest: Float32Array;
  /** Σ exp(s − largest) so far. */
  sum: Float32Array;
  /** Σ exp(s − largest) v so far, (tile, D). */
  mixed: Float32Array;
}

/**
 * softmax(Q Kᵀ / √D) V, with memory that grows with T and not with T · S.
 * @param q (H, T, D)
 * @param k (H, S, D)
 * @param v (H, S, D)
 * @returns the output, zeros for a query that sees no key, and the bytes it took
 * @throws if an array does not have its size, or an option makes no sense
 */
export function flashAttention(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  options: FlashOptions,
): FlashResult {
  checkSizes(q, k, v, options);
  const { H, T, S = T, D, tile = 32 } = options;
  const output = new Float32Array(H * T * D);
  const scores = new Float32Array(tile * tile);
  const running: RunningSoftmax = {
    largest: new Float32Array(tile),
    sum: new Float32Array(tile),
    mixed: new Float32Array(tile * D),
  };
  for (let h = 0; h < H; h++) {
    const head = { q: h * T * D, k: h * S * D };
    for (let i = 0; i < T; i += tile) {
      const rows = Math.min(tile, T - i);
      running.largest.fill(-Infinity);
      running.sum.fill(0);
      running.mixed.fill(0);
      const [first, end] = keysOf(i, rows, options);
      for (let j = first; j < end; j += tile) {
        const part = { i, j, rows, columns: Math.min(tile, end - j) };
        scoreTile(scores, q.subarray(head.q), k.subarray(head.k), part, options);
        addTile(running, scores, v.subarray(head.k), part, options);
      }
      for (let r = 0; r < rows; r++)
        for (let d = 0; d < D; d++)
          output[head.q + (i + r) * D + d] = running.mixed[r * D + d] / (running.sum[r] || 1);
    }
  }
  const kept = [output, scores, running.largest, running.sum, running.mixed];
  return { output, bytes: kept.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

/** Where a tile lies among the scores (T, S) of a head. */
interface TilePlace {
  i: number;
  j: number;
  rows: number;
  columns: number;
}

/** From which key to which a tile of queries sees any: tiles outside are not looked at. */
function keysOf(i: number, rows: number, options: FlashOptions): [number, number] {
  const { T, S = T, causal = true, window = Infinity } = options;
  if (!causal) return [0, S];
  const position = S - T + i; // of the first query
  return [Math.max(0, position - window + 1), position + rows];
}

/** One tile of Q Kᵀ / √D, −∞ where the key is hidden. */
function scoreTile(
  scores: Float32Array,
  q: Float32Array,
  k: Float32Array,
  { i, j, rows, columns }: TilePlace,
  { T, S = T, D, causal = true, window = Infinity, tile = 32 }: FlashOptions,
): void {
  const scale = 1 / Math.sqrt(D);
  for (let r = 0; r < rows; r++) {
    const position = S - T + i + r;
    for (let c = 0; c < columns; c++) {
      const distance = position - (j + c);
      let dot = 0;
      for (let d = 0; d < D; d++) dot += q[(i + r) * D + d] * k[(j + c) * D + d];
      const isHidden = causal && (distance < 0 || distance >= window);
      scores[r * tile + c] = isHidden ? -Infinity : dot * scale;
    }
  }
}

/**
 * Takes one tile of scores into the running softmax. If a larger score has come, m → m', all that was
 * added so far with exp(s − m) is corrected by the factor exp(m − m').
 */
function addTile(
  { largest, sum, mixed }: RunningSoftmax,
  scores: Float32Array,
  v: Float32Array,
  { j, rows, columns }: TilePlace,
  { D, tile = 32 }: FlashOptions,
): void {
  for (let r = 0; r < rows; r++) {
    const row = scores.subarray(r * tile, r * tile + columns);
    const top = row.reduce((a, b) => Math.max(a, b), largest[r]);
    if (top === -Infinity) continue; // nothing in sight yet
    const correction = Math.exp(largest[r] - top);
    largest[r] = top;
    sum[r] *= correction;
    for (let d = 0; d < D; d++) mixed[r * D + d] *= correction;
    for (let c = 0; c < columns; c++) {
      const weight = Math.exp(row[c] - top);
      sum[r] += weight;
      for (let d = 0; d < D; d++) mixed[r * D + d] += weight * v[(j + c) * D + d];
    }
  }
}

/**
 * Bytes of what attention keeps when all scores are there at once, the output included: scores and
 * weights, (H, T, S) each, in float32.
 */
export const fullAttentionBytes = ({ H, T, S = T, D }: FlashOptions): number =>
  4 * (2 * H * T * S + H * T * D);

function checkSizes(q: Float32Array, k: Float32Array, v: Float32Array, options: FlashOptions) {
  const { H, T, S = T, D, tile = 32, window = 1 } = options;
  for (const [name, value] of Object.entries({ H, T, S, D, tile, window }))
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`flashAttention: expected ${name} of 1 or more, got ${value}`);
  const { causal = true } = options;
  if (causal && S < T)
    throw new Error(`flashAttention: expected as many keys as queries or more, got ${S} and ${T}`);
  if (!causal && options.window !== undefined)
    throw new Error("flashAttention: expected a window with causal only, got one without");
  for (const [name, x, rows] of [
    ...[["q", q, T] as const],
    ...[["k", k, S] as const],
    ...[["v", v, S] as const],
  ])
    if (x.length !== H * rows * D)
      throw new Error(
        `flashAttention: expected ${name} of ${H} · ${rows} · ${D} numbers, got ${x.length}`,
      );
}
