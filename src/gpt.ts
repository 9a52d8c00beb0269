/**
 * GPT-2 (Radford et al., «Language Models are Unsupervised Multitask Learners», 2019), whole.
 *
 * Token and position embeddings are added; `nLayer` pre-norm blocks (llm/transformer) follow, a last LayerNorm,
 * and the head, which is the token embedding again (weight tying, Press & Wolf, 2017). Parameters are one flat
 * record of variables under the names and layouts of Hugging Face's GPT2LMHeadModel, so its checkpoints load
 * without a map; test/src/gpt.test.ts holds both to the same logits and gradients. `bias: false` leaves out every
 * bias, as in nanoGPT. The KV cache is in llm/inference. Left out: RoPE, RMSNorm and SwiGLU (lesson 11, GPT), training (llm/train).
 *
 * Letters: B batch, T time (≤ blockSize), C channels (nEmbd), V vocabulary.
 */
import { tf } from "./engine";
import { type DropoutSource, embedding, layerNorm, softmaxCrossEntropy } from "./ops";
import { countParams, layerParams, type Params } from "./params";
import { Random, randomNormal } from "./random";
import { type BlockOps, drop, transformerBlock } from "./transformer";

export interface GPTConfig {
  /** V: number of different tokens. */
  vocabSize: number;
  /** The longest sequence: positions 0 … blockSize − 1 have embeddings. */
  blockSize: number;
  nLayer: number;
  /** Attention heads; divides nEmbd. */
  nHead: number;
  /** C: width of the residual stream. */
  nEmbd: number;
  /** Probability of zeroing a number, in training only. */
  dropout: number;
  /** Biases in all linear layers and LayerNorms, as GPT-2 has them. */
  bias: boolean;
}

/** The functions the model is made of; a learner's own can replace each. */
export interface GPTOps extends BlockOps {
  /** Mean cross-entropy in nats of logits (N, V) and targets (N). */
  crossEntropy: (logits: tf.Tensor2D, targets: tf.Tensor1D) => tf.Scalar;
}

export interface GPTOptions {
  /** Turns dropout on (rate `config.dropout`), drawing from here: for training only. */
  dropoutRng?: DropoutSource;
  ops?: Partial<GPTOps>;
  /** The place of each token in the text, (T) int32; default 0 … T − 1. With a KV cache (llm/inference) ids are only the new ones. */
  positions?: tf.Tensor1D;
  /** Sees each layer's attention weights (B, H, T, T). What the two listeners see lives only during the call. */
  onAttention?: (layer: number, weights: tf.Tensor4D) => void;
  /** Sees the residual stream (B, T, C): 0 after the embeddings, i after block i, nLayer + 1 after the last norm. */
  onHidden?: (index: number, hidden: tf.Tensor3D) => void;
}

/** The residual stream after the last LayerNorm, (B, T, C): everything but the head. Same arguments as `gptLogits`. */
export function gptHidden(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  o: GPTOptions = {},
): tf.Tensor3D {
  const [, T] = checkIds(ids, config);
  const { ops, onAttention, onHidden } = o;
  const dropout = o.dropoutRng && { rate: config.dropout, rng: o.dropoutRng };
  return tf.tidy(() => {
    const [tokenTable] = layerParams<tf.Tensor2D>(params, "transformer.wte"); // (V, C)
    const [positionTable] = layerParams<tf.Tensor2D>(params, "transformer.wpe"); // (blockSize, C)
    const positions = o.positions
      ? embedding(positionTable, o.positions)
      : positionTable.slice([0, 0], [T, config.nEmbd]); // (T, C)
    let x = drop(embedding(tokenTable, ids).add<tf.Tensor3D>(positions), { dropout }); // (B, T, C)
    onHidden?.(0, x);
    for (let layer = 0; layer < config.nLayer; layer++) {
      const see = onAttention && ((weights: tf.Tensor4D) => onAttention(layer, weights));
      const options = { nHead: config.nHead, ops, dropout, onAttention: see };
      x = transformerBlock(x, params, `transformer.h.${layer}.`, options);
      onHidden?.(layer + 1, x);
    }
    x = (ops?.layerNorm ?? layerNorm)(
      x,
      ...layerParams<tf.Tensor1D>(params, "transformer.ln_f"),
    ) as tf.Tensor3D;
    onHidden?.(config.nLayer + 1, x);
    return x;
  });
}

/** The tied head: hidden states (…, C) → logits (N, V), where N is the product of the leading axes. */
export function gptHead(params: Params, hidden: tf.Tensor): tf.Tensor2D {
  const [table] = layerParams<tf.Tensor2D>(params, "transformer.wte"); // (V, C)
  return tf.tidy(() => tf.matMul(hidden.reshape<tf.Tensor2D>([-1, table.shape[1]]), table, false, true));
}

/**
 * The scores of every next token at every position.
 * @param ids (B, T) int32 token ids, 1 ≤ T ≤ blockSize
 * @returns logits (B, T, V); the caller disposes them
 * @throws if ids are not (B, T) int32, longer than blockSize, or outside 0 … V − 1
 */
export function gptLogits(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  o: GPTOptions = {},
): tf.Tensor3D {
  const [B, T] = checkIds(ids, config);
  return tf.tidy(() => gptHead(params, gptHidden(params, config, ids, o)).reshape([B, T, config.vocabSize]));
}

/**
 * The mean of −ln p(target) over all B·T positions, in nats per token.
 * @param ids (B, T) int32
 * @param targets (B, T) int32: what follows each position, ids shifted by one (nothing is shifted in here)
 * @returns scalar; the caller disposes it
 */
export function gptLoss(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  targets: tf.Tensor2D,
  o: GPTOptions = {},
): tf.Scalar {
  checkIds(ids, config);
  if (targets.dtype !== "int32" || `${targets.shape}` !== `${ids.shape}`) {
    throw new Error(`gptLoss: expected int32 targets of shape [${ids.shape}], got ${describe(targets)}`);
  }
  const crossEntropy = o.ops?.crossEntropy ?? softmaxCrossEntropy;
  return tf.tidy(() => crossEntropy(gptHead(params, gptHidden(params, config, ids, o)), targets.flatten()));
}

/**
 * The name and shape of every parameter, in Hugging Face's order. Linear weights are (in, out), as its Conv1D.
 * @throws if the configuration is impossible
 */
export function gptShapes(config: GPTConfig): Record<string, number[]> {
  const { vocabSize: V, blockSize, nLayer, nEmbd: C, bias } = validateGPTConfig(config);
  const shapes: Record<string, number[]> = {};
  const layer = (name: string, shape: number[]) => {
    shapes[`transformer.${name}.weight`] = shape;
    if (bias) shapes[`transformer.${name}.bias`] = shape.slice(-1);
  };
  shapes["transformer.wte.weight"] = [V, C];
  shapes["transformer.wpe.weight"] = [blockSize, C];
  for (let i = 0; i < nLayer; i++) {
    layer(`h.${i}.ln_1`, [C]);
    layer(`h.${i}.attn.c_attn`, [C, 3 * C]);
    layer(`h.${i}.attn.c_proj`, [C, C]);
    layer(`h.${i}.ln_2`, [C]);
    layer(`h.${i}.mlp.c_fc`, [C, 4 * C]);
    layer(`h.${i}.mlp.c_proj`, [4 * C, C]);
  }
  layer("ln_f", [C]);
  return shapes;
}

/**
 * Fresh parameters as in GPT-2 §2.3: weights N(0, 0.02²), those that write into the residual stream (`c_proj`)
 * 0.02/√(2·nLayer), so that its variance does not grow with depth; gains 1, biases 0.
 * Each tensor has its own random stream, so one does not depend on which others there are.
 * @returns variables; free them with `disposeParams`
 * @throws if the configuration is impossible
 */
export function initGPT(config: GPTConfig, { seed }: { seed: number }): Params {
  const shapes = gptShapes(config);
  const rng = new Random(seed);
  const params: Params = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const std = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(2 * config.nLayer) : 0.02;
    params[name] = tf.tidy(() => {
      if (shape.length === 1) return tf.variable(name.endsWith(".bias") ? tf.zeros(shape) : tf.ones(shape));
      return tf.variable(randomNormal(shape, { rng: rng.fork(name), std }));
    });
  }
  return params;
}

/** How many numbers each part of the model has. nanoGPT's figure leaves out `positionEmbedding`. */
export function countParamsByPart(params: Params) {
  const sum = (part: RegExp) => {
    const names = Object.keys(params).filter((name) => part.test(name));
    return names.reduce((total, name) => total + params[name].size, 0);
  };
  return {
    tokenEmbedding: sum(/\.wte\./),
    positionEmbedding: sum(/\.wpe\./),
    attention: sum(/\.attn\./),
    feedForward: sum(/\.mlp\./),
    layerNorm: sum(/\.ln_/),
    total: countParams(params),
  };
}

/**
 * Gives `config` back if a model can be made of it.
 * @throws with everything that is wrong, in one message
 */
export function validateGPTConfig(config: GPTConfig): GPTConfig {
  const wrong: string[] = [];
  for (const key of ["vocabSize", "blockSize", "nLayer", "nHead", "nEmbd"] as const) {
    const value = config?.[key];
    if (!Number.isInteger(value) || value < 1) wrong.push(`${key} a whole number of 1 or more, got ${value}`);
  }
  if (wrong.length === 0 && config.nEmbd % config.nHead !== 0) {
    wrong.push(`nEmbd divisible by nHead, got nEmbd ${config.nEmbd} and nHead ${config.nHead}`);
  }
  if (!(config?.dropout >= 0 && config.dropout < 1)) {
    wrong.push(`dropout from 0 up to, but not including, 1, got ${config?.dropout}`);
  }
  if (typeof config?.bias !== "boolean") wrong.push(`bias true or false, got ${config?.bias}`);
  if (wrong.length > 0) throw new Error(`validateGPTConfig: expected ${wrong.join("; ")}`);
  return config;
}

function checkIds(ids: tf.Tensor2D, { blockSize }: GPTConfig): [B: number, T: number] {
  if (ids.rank !== 2 || ids.dtype !== "int32" || ids.size === 0) {
    throw new Error(`gptLogits: expected int32 ids of shape [B, T], got ${describe(ids)}`);
  }
  const [B, T] = ids.shape;
  if (T > blockSize) {
    throw new Error(`gptLogits: expected at most blockSize = ${blockSize} tokens in a sequence, got ${T}`);
  }
  return [B, T];
}

const describe = (x: tf.Tensor) => `${x.dtype} of shape [${x.shape}]`;
