// Tensors' names in files as they were written over the years, and ours, which are those of
// transformers' GPT2LMHeadModel and LlamaForCausalLM.
import { dropCopies, type TensorData } from "../checkpoint";
import type { GPTConfig } from "../gpt";

/** What no computation here reads: masks and angles that old versions kept among the weights. */
export const isBuffer = (name: string): boolean =>
  /\.attn\.(masked_)?bias$/.test(name) || name.endsWith("rotary_emb.inv_freq");

/**
 * Tensors under our names: a model saved without its head has no prefix, and some files hold the
 * tied head a second time.
 * @throws where a head that should be tied has numbers of its own
 */
export function renameTensors(
  tensors: Record<string, TensorData>,
  config: GPTConfig,
  where: string,
): Record<string, TensorData> {
  const isLlama = config.family === "llama";
  const bare = isLlama ? /^(embed_tokens|layers|norm)\./ : /^(wte|wpe|h|ln_f)\./;
  const prefix = isLlama ? "model." : "transformer.";
  const renamed: Record<string, TensorData> = Object.create(null);
  for (const [name, tensor] of Object.entries(tensors))
    renamed[bare.test(name) ? prefix + name : name] = tensor;
  const embedding = isLlama ? "model.embed_tokens.weight" : "transformer.wte.weight";
  if (!isLlama || (config.tied ?? true))
    dropCopies(renamed, [["lm_head.weight", embedding]], where);
  return renamed;
}
