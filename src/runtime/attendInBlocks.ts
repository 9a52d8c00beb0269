// FlashAttention's way (Dao et al., 2022; Milakov & Gimelshein, 2018) as a kernel, on its own: the one
// that ./pagedGpt calls, with all rows of a text at once. Scores exist for one block of keys at a time,
// so what is kept beside q, k, v and the result does not grow with the length of the text. By hand it is
// in llm/inference.
import { KernelMemory, type KernelMemoryOptions } from "../engine";

export interface AttendOptions extends KernelMemoryOptions {
  /** H */
  heads: number;
  /** G, which divides H: as many as H if absent. */
  keyHeads?: number;
  /** B: keys of a block, 16 if absent. */
  blockTokens?: number;
  /** How many positions each sees, itself included; all before it if absent. */
  window?: number;
}

/** Queries (T, H · D), keys and values (T, G · D) of one text, row after row. */
export interface AttentionInputs {
  q: Float32Array;
  k: Float32Array;
  v: Float32Array;
}

/**
 * Causal attention of one text, block by block.
 * @returns `output` (T, H · D) and `kept`: bytes beside inputs and output, for scores and for the
 *   numbers of the blocks
 * @throws if the sizes do not fit together
 */
export async function attendInBlocks(
  { q, k, v }: AttentionInputs,
  T: number,
  { heads: H, keyHeads: G = H, blockTokens: B = 16, window = T, ...options }: AttendOptions,
): Promise<{ output: Float32Array; kept: number }> {
  const D = q.length / (T * H);
  if (!Number.isInteger(D) || H % G !== 0 || k.length !== T * G * D || v.length !== k.length)
    throw new Error(
      `attendInBlocks: expected q of T · H · D numbers, k and v of T · G · D and G a divisor of H, got ` +
        `${q.length}, ${k.length} and ${v.length} numbers with T ${T}, H ${H} and G ${G}`,
    );
  const memory = await KernelMemory.open(options);
  const blocks = Math.ceil(T / B);
  const floats = (n: number) => memory.alloc(4 * n, "attention");
  const [Q, K, V, out] = [q.length, k.length, v.length, q.length].map(floats);
  const [keys, values] = [0, 1].map(() => floats(blocks * B * G * D));
  const table = floats(blocks);
  const rows = floats(2 * T);
  memory.f32(Q, q.length).set(q);
  memory.f32(K, k.length).set(k);
  memory.f32(V, v.length).set(v);
  memory.i32(table, blocks).set(Array.from({ length: blocks }, (_, n) => n));
  memory.i32(rows, 2 * T).set(Array.from({ length: 2 * T }, (_, i) => (i % 2 ? table : i / 2)));
  memory.call("storeRows", K, V, G * D, keys, values, rows, T, G, D, B);
  const scores = 4 * (B + 3);
  memory.share(
    "pagedAttention",
    T * G,
    (from, to) => [
      ...[Q, H * D, keys, values, rows, out, H * D, H, G, D, B, window],
      ...[1 / Math.sqrt(D), from, to],
    ],
    scores,
  );
  const output = memory.f32(out, q.length).slice();
  const kept = scores * memory.threads + 4 * blocks + 8 * T;
  memory.close();
  return { output, kept };
}
