/**
 * GPT-2 (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019), whole.
 *
 * Token and position embeddings are added; `nLayer` pre-norm blocks (llm/transformer) follow, a
 * last LayerNorm, and the head, which is the token embedding again (weight tying, Press & Wolf,
 * 2017). Parameters are one flat record of variables under the names and layouts of Hugging Face's
 * GPT2LMHeadModel, so its checkpoints load without a map; a test holds both to the same logits and
 * gradients. `bias: false` leaves out every bias, as in nanoGPT. The KV cache is in llm/inference.
 * Left out: RoPE, RMSNorm and SwiGLU (lesson 11, GPT), training (llm/train).
 *
 * Letters: B batch, T time (≤ blockSize), C channels (nEmbd), V vocabulary.
 */
import type { causalMask, multiHead } from "./attention";
import { tf } from "./engine";
import { type DropoutSource, dropout, embedding, layerNorm, softmaxCrossEntropy } from "./ops";
import { countParams, layerParams, type Params } from "./params";
import { Random, randomNormal } from "./random";
import { type AttentionFn, type BlockOps, type Dropout, transformerBlock } from "./transformer";

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
  /** Replacements; where there is none, the operation of llm/ops is used. */
  ops?: Partial<GPTOps>;
  /**
   * The place of each token in the text, (T) int32; 0 … T − 1 if absent. With a KV cache
   * (llm/inference), ids are only the new tokens.
   */
  positions?: tf.Tensor1D;
  /**
   * Sees each layer's attention weights (B, H, T, T). What the two listeners see lives only during
   * the call.
   */
  onAttention?: (layer: number, weights: tf.Tensor4D) => void;
  /**
   * Sees the residual stream (B, T, C): 0 after the embeddings, i after block i, nLayer + 1 after
   * the last norm.
   */
  onHidden?: (index: number, hidden: tf.Tensor3D) => void;
}

/**
 * The residual stream after the last LayerNorm: everything but the head.
 * @param ids as in `gptLogits`
 * @returns (B, T, C); the caller disposes it
 */
export function gptHidden(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  { dropoutRng, ops, positions, onAttention, onHidden }: GPTOptions = {},
): tf.Tensor3D {
  const [, T] = shapeOfIds(ids, config);
  const { nLayer, nHead, dropout: rate } = config;
  const drop: Dropout | undefined =
    dropoutRng && rate > 0 ? (x) => dropout(x, rate, dropoutRng) : undefined;
  const norm = ops?.layerNorm ?? layerNorm;
  return tf.tidy(() => {
    const [tokens] = layerParams(params, "transformer.wte"); // (V, C)
    const [places] = layerParams(params, "transformer.wpe"); // (blockSize, C)
    const place = positions ? embedding(places, positions) : tf.slice(places, 0, T); // (T, C)
    let x = tf.add<tf.Tensor3D>(embedding(tokens, ids), place); // (B, T, C)
    if (drop) x = drop(x);
    onHidden?.(0, x);
    for (let i = 0; i < nLayer; i++) {
      const look = onAttention && ((weights: tf.Tensor4D) => onAttention(i, weights));
      const options = { nHead, ops, dropout: drop, onAttention: look };
      x = transformerBlock(x, params, `transformer.h.${i}.`, options);
      onHidden?.(i + 1, x);
    }
    const last = layerParams<tf.Tensor1D>(params, "transformer.ln_f");
    x = norm(x, ...last) as tf.Tensor3D;
    onHidden?.(nLayer + 1, x);
    return x;
  });
}

/**
 * The tied head, from hidden states to scores.
 * @param hidden (…, C)
 * @returns logits (N, V), where N is the product of the leading axes
 */
export function gptHead(params: Params, hidden: tf.Tensor): tf.Tensor2D {
  const [tokens] = layerParams<tf.Tensor2D>(params, "transformer.wte"); // (V, C)
  const C = tokens.shape[1];
  return tf.tidy(() => tf.matMul(tf.reshape(hidden, [-1, C]), tokens, false, true));
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
  options: GPTOptions = {},
): tf.Tensor3D {
  const [B, T] = shapeOfIds(ids, config);
  return tf.tidy(() => {
    const logits = gptHead(params, gptHidden(params, config, ids, options)); // (B·T, V)
    return tf.reshape(logits, [B, T, config.vocabSize]);
  });
}

/**
 * The mean of −ln p(target) over all B·T positions, in nats per token.
 * @param ids (B, T) int32
 * @param targets (B, T) int32: what follows each position, ids shifted by one (nothing is shifted
 *   in here)
 * @returns scalar; the caller disposes it
 */
export function gptLoss(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  targets: tf.Tensor2D,
  options: GPTOptions = {},
): tf.Scalar {
  shapeOfIds(ids, config);
  if (targets.dtype !== "int32" || `${targets.shape}` !== `${ids.shape}`) {
    throw new Error(
      `gptLoss: expected int32 targets of shape [${ids.shape}], got ${describe(targets)}`,
    );
  }
  const crossEntropy = options.ops?.crossEntropy ?? softmaxCrossEntropy;
  return tf.tidy(() => {
    const logits = gptHead(params, gptHidden(params, config, ids, options)); // (B·T, V)
    return crossEntropy(logits, targets.flatten());
  });
}

/**
 * Makes an attention for the model (`ops.attention`) out of the two functions that a learner writes
 * in lesson 06 (attention): the projections (B, T, 3C) come in, causal attention in heads is done,
 * (B, T, C) goes out.
 *
 * @example const ops = { attention: gptAttention(await learner("06-attention")) };
 */
export function gptAttention(parts: {
  multiHead: typeof multiHead;
  causalMask: typeof causalMask;
}): AttentionFn {
  return (qkv, nHead) =>
    tf.tidy(() => {
      const [q, k, v] = tf.split(qkv, 3, -1); // (B, T, C) each
      return parts.multiHead(q, k, v, { nHead, mask: parts.causalMask(qkv.shape[1]) }).output;
    });
}

/**
 * The name and shape of every parameter, in Hugging Face's order. Linear weights are (in, out), as
 * its Conv1D.
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
 * Fresh parameters: weights N(0, 0.02²), as in GPT-1 and in Hugging Face's GPT-2; those that write
 * into the residual stream (`c_proj`) 0.02/√(2·nLayer), so that its variance does not grow with
 * depth (the factor is from GPT-2, §2.3); gains 1, biases 0.
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
      if (shape.length === 1)
        return tf.variable(name.endsWith(".bias") ? tf.zeros(shape) : tf.ones(shape));
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
    if (!Number.isInteger(value) || value < 1)
      wrong.push(`${key} a whole number of 1 or more, got ${value}`);
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

/** @throws if ids are not (B, T) int32, or longer than blockSize */
function shapeOfIds(ids: tf.Tensor2D, { blockSize }: GPTConfig): [B: number, T: number] {
  if (ids.rank !== 2 || ids.dtype !== "int32" || ids.size === 0) {
    throw new Error(`gptLogits: expected int32 ids of shape [B, T], got ${describe(ids)}`);
  }
  const [B, T] = ids.shape;
  if (T > blockSize) {
    throw new Error(
      `gptLogits: expected at most blockSize = ${blockSize} tokens in a sequence, got ${T}`,
    );
  }
  return [B, T];
}

const describe = (x: tf.Tensor) => `${x.dtype} of shape [${x.shape}]`;
