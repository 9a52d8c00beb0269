// The parameters of a GPT: one flat record of variables under the names and layouts of Hugging
// Face's GPT2LMHeadModel or, in the other family, LlamaForCausalLM, so that their checkpoints load
// without a map.
import { countParams, type Params } from "../params";
import { blockShapes, finalNormShapes, initTransformer } from "../transformer";
import { type GPTConfig, validateGPTConfig } from "./config";
import { llamaShapes } from "./llama";
import { RELATIVE_BIAS } from "./positions";

/** The name of the short convolution over the embeddings. */
export const EMBEDDING_CONV = "transformer.short_conv";

/** How many different distances T5 tells apart. */
const RELATIVE_BUCKETS = 32;

/**
 * The name and shape of every parameter, in Hugging Face's order. GPT-2's linear weights are
 * (in, out), as its Conv1D; LLaMA's are (out, in).
 * @throws if the configuration is impossible
 */
export function gptShapes(config: GPTConfig): Record<string, number[]> {
  const { vocabSize: V, blockSize, nLayer, nHead, nEmbd: C } = validateGPTConfig(config);
  if (config.family === "llama") return llamaShapes(config);
  const { position = "learned" } = config;
  const shapes: Record<string, number[]> = {};
  shapes["transformer.wte.weight"] = [V, C];
  if (position === "learned") shapes["transformer.wpe.weight"] = [blockSize, C];
  if (config.embeddingConv) shapes[`${EMBEDDING_CONV}.weight`] = [config.embeddingConv, C];
  if (position === "t5") shapes[`${RELATIVE_BIAS}.weight`] = [RELATIVE_BUCKETS, nHead];
  for (let i = 0; i < nLayer; i++) {
    const block = { ...blockShapes(config), ...(i > 0 ? pathsToFirst(config) : {}) };
    for (const [name, shape] of Object.entries(block)) shapes[`transformer.h.${i}.${name}`] = shape;
  }
  Object.assign(shapes, finalNormShapes("transformer.ln_f", config));
  if (config.tied === false) shapes["lm_head.weight"] = [V, C];
  return shapes;
}

/** The weights with which a block after the first takes in what the first one began with. */
const pathsToFirst = ({ valueResidual, embeddingSkip }: GPTConfig): Record<string, number[]> => ({
  ...(valueResidual ? { "attn.value_mix.weight": [2] } : {}),
  ...(embeddingSkip ? { "embedding_skip.weight": [2] } : {}),
});

/**
 * Fresh parameters, as `initTransformer` draws them.
 * @returns variables; free them with `disposeParams`
 * @throws if the configuration is impossible
 */
export function initGPT(config: GPTConfig, { seed }: { seed: number }): Params {
  const { nLayer: depth, zeroOutput, initStd } = config;
  return initTransformer(gptShapes(config), { seed, depth, zeroOutput, initStd });
}

/**
 * Whether a parameter is one of the matrices inside the blocks, for which Muon is made: no table of
 * embeddings, no head, no short convolution, nothing with one axis.
 */
export const isHiddenMatrix = (name: string, { rank }: { rank: number }): boolean =>
  rank === 2 && /^(transformer\.h|model\.layers)\./.test(name) && !name.includes("short_conv");

/** How many numbers each part of the model has. nanoGPT's figure leaves out `positionEmbedding`. */
export function countParamsByPart(params: Params) {
  const sum = (part: RegExp) => {
    const names = Object.keys(params).filter((name) => part.test(name));
    return names.reduce((total, name) => total + params[name].size, 0);
  };
  return {
    tokenEmbedding: sum(/\.wte\.|\.embed_tokens\./),
    positionEmbedding: sum(/\.wpe\.|\.relative_attention_bias\./),
    attention: sum(/\.(self_)?attn\./),
    feedForward: sum(/\.(mlp|block_sparse_moe)\./),
    layerNorm: sum(/\.ln_|layernorm\.|^model\.norm\./),
    ...("lm_head.weight" in params ? { head: sum(/^lm_head\./) } : {}), // else it is the embedding
    total: countParams(params),
  };
}
