/**
 * What is different in llama.cpp's files: the names of the tensors, and the order of some rows.
 *
 * In the architecture "llama" llama.cpp turns the pairs (2i, 2i + 1) of every head, and its
 * converter has therefore put the rows of W_q and W_k into that order: row j of the first half to
 * place 2j, row j of the second to 2j + 1. We turn (i, i + D/2), as transformers does, and
 * llama.cpp too in "qwen3", whose queries and keys are normalised (qkNorm): there the rows keep
 * their order.
 */
import type { TensorData } from "../checkpoint";

/** The architectures of llama.cpp that are read and written: without and with qkNorm. */
export type GgufArchitecture = "llama" | "qwen3";

/** Which heads' rows are in pairs in a file, by our name of a matrix; undefined where none are. */
export function pairedHeads(
  name: string,
  { H, K, qkNorm }: { H: number; K: number; qkNorm?: boolean },
): number | undefined {
  if (qkNorm) return undefined;
  return { q: H, k: K }[/self_attn\.([qk])_proj/.exec(name)?.[1] ?? ""];
}

/** llama.cpp's name of a part of a layer, and ours. */
const parts: Record<string, string> = {
  ...{ attn_norm: "input_layernorm", ffn_norm: "post_attention_layernorm" },
  ...{ attn_q: "self_attn.q_proj", attn_k: "self_attn.k_proj", attn_v: "self_attn.v_proj" },
  attn_output: "self_attn.o_proj",
  ...{ attn_q_norm: "self_attn.q_norm", attn_k_norm: "self_attn.k_norm" },
  ...{ ffn_gate: "mlp.gate_proj", ffn_up: "mlp.up_proj", ffn_down: "mlp.down_proj" },
};
/** The same for what is outside the layers. */
const ends: Record<string, string> = {
  ...{ token_embd: "model.embed_tokens", output_norm: "model.norm", output: "lm_head" },
};
const theirs = new Map([...Object.entries(parts), ...Object.entries(ends)].map(([a, b]) => [b, a]));

/** Our name for a tensor of the file; one that has none keeps its own. */
export function ourName(name: string): string {
  const [, layer, part, kind] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name) ?? [];
  const found = (layer === undefined ? ends : parts)[part];
  if (found === undefined) return name;
  return layer === undefined ? `${found}.${kind}` : `model.layers.${layer}.${found}.${kind}`;
}

/** llama.cpp's name for one of our tensors; undefined where it has none. */
export function theirName(name: string): string | undefined {
  const [, layer, part, kind] =
    /^(?:model\.layers\.(\d+)\.)?([\w.]+)\.(weight|bias)$/.exec(name) ?? [];
  const found = theirs.get(part);
  if (found === undefined) return undefined;
  return layer === undefined ? `${found}.${kind}` : `blk.${layer}.${found}.${kind}`;
}

/**
 * Which row of a file, whose heads have their rows in pairs, is row n of ours, which have first halves
 * and then second ones.
 * @param D rows of a head
 */
export const rowOfHalves =
  (D: number) =>
  (n: number): number => {
    const i = n % D;
    return n - i + (i < D / 2 ? 2 * i : 2 * (i - D / 2) + 1);
  };

/** The way back: first halves and then second ones, in pairs. */
export const pairs = (tensor: TensorData, heads: number): Float32Array =>
  reordered(tensor, heads, (i, D) => (i % 2) * (D / 2) + Math.floor(i / 2));

/** Every head's rows in another order; a bias has rows of one number. */
function reordered(
  { shape: [rows, width = 1], data }: TensorData,
  heads: number,
  from: (row: number, D: number) => number,
): Float32Array {
  const D = rows / heads;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const source = row - (row % D) + from(row % D, D);
    result.set(data.subarray(source * width, (source + 1) * width), row * width);
  }
  return result;
}
