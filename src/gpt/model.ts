/**
 * GPT: token embeddings, `nLayer` pre-norm blocks, a last norm, and the head. Two families from one
 * configuration:
 *
 *  - "gpt2" (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019): learned
 *    positions are added to the embeddings, and the head is the token embedding again (weight tying,
 *    Press & Wolf, 2017). `bias: false` leaves out every bias, as in nanoGPT. `position` replaces the
 *    position embeddings (lesson 07, positions), and `norm`, `normPlacement`, `residual` and
 *    `activation` what blocks are made of (lesson 08, the Transformer).
 *  - "llama" (Touvron et al., 2023): the blocks of ./llama, with rotary positions inside them.
 *
 * Parameters are one flat record of variables under the names and layouts of Hugging Face's
 * GPT2LMHeadModel and LlamaForCausalLM, so checkpoints load without a map; tests hold both to the
 * same logits and gradients. The KV cache is in llm/inference. Left out: training (llm/train).
 *
 * Letters: B batch, T time (≤ blockSize), C channels (nEmbd), V vocabulary.
 */
import type { causalMask, multiHead } from "../attention";
import { tf } from "../engine";
import { dropout, embedding, rmsNorm, softmaxCrossEntropy } from "../ops";
import { layerParams, type Params } from "../params";
import {
  type AttentionFn,
  type Dropout,
  designOf,
  embedTokens,
  type FirstValues,
  finalNorm,
  hooked,
  hooksUnder,
  shortConvolution,
  transformerBlock,
} from "../transformer";
import type { GPTConfig } from "./config";
import { allHooks, blockName } from "./hooks";
import { llamaBlock, llamaNorm } from "./llama";
import type { GPTOptions } from "./options";
import { EMBEDDING_CONV } from "./params";
import { attentionPosition } from "./positions";

/**
 * The residual stream after the last LayerNorm: everything but the head.
 * @param ids as in `gptLogits`
 * @returns (B, T, C); the caller disposes it
 */
export function gptHidden(
  params: Params,
  config: GPTConfig,
  ids: tf.Tensor2D,
  options: GPTOptions = {},
): tf.Tensor3D {
  shapeOfIds(ids, config);
  const { dropoutRng, mapInput } = options;
  if (mapInput && config.family !== "llama")
    throw new Error("gptHidden: expected a model of the family llama for mapInput, got gpt2");
  const { nLayer, dropout: rate } = config;
  const drop: Dropout | undefined =
    dropoutRng && rate > 0 ? (x) => dropout(x, rate, dropoutRng) : undefined;
  const hooks = allHooks(config, options);
  const first: FirstValues = {};
  try {
    return tf.tidy(() => {
      const { embed, block, norm } = (config.family === "llama" ? llamaParts : gpt2Parts)(
        params,
        config,
        { ...options, hooks, first },
        drop,
      );
      let x = embed(ids); // (B, T, C)
      if (drop) x = drop(x);
      for (let i = 0; i < nLayer; i++) x = block(x, i);
      return hooked(hooks, "ln_final.hook_normalized", norm(x));
    });
  } finally {
    first.values?.dispose();
  }
}

/** What a model of a family is put together from. */
type Parts = (
  params: Params,
  config: GPTConfig,
  options: GPTOptions & { first: FirstValues },
  dropout?: Dropout,
) => {
  embed: (ids: tf.Tensor2D) => tf.Tensor3D;
  block: (x: tf.Tensor3D, layer: number) => tf.Tensor3D;
  norm: (x: tf.Tensor3D) => tf.Tensor3D;
};

const gpt2Parts: Parts = (params, config, options, dropout) => {
  const { ops, positions, mixHeads, hooks, first } = options;
  const { nHead, blockSize } = config;
  const design = { ...designOf(config), ops };
  let x0: tf.Tensor3D; // what the first block reads
  return {
    embed: (ids) => {
      const x = embedTokens(ids, params, {
        ...{ tokens: "transformer.wte", places: "transformer.wpe", blockSize, positions, hooks },
        position: config.position ?? "learned",
      });
      const normed = config.embeddingNorm ? rmsNorm(x, null) : x;
      return config.embeddingConv ? convolvedEmbeddings(normed, params, mixHeads) : normed;
    },
    block: (before, layer) => {
      const prefix = `transformer.h.${layer}.`;
      if (layer === 0) x0 = before;
      const x = config.embeddingSkip && layer > 0 ? withSkip(before, x0, params, prefix) : before;
      return transformerBlock(x, params, prefix, {
        ...{ ...design, nHead, dropout, first: config.valueResidual ? first : undefined },
        position: attentionPosition(params, config, x.shape[1], positions),
        mixHeads: mixHeads && ((q, k, v, prefix) => mixHeads(layer, q, k, v, prefix)),
        hooks: hooksUnder(hooks, blockName(layer)),
      });
    },
    norm: (x) => finalNorm(x, params, "transformer.ln_f", design),
  };
};

/** Every embedding mixed with the few before it, channel by channel. @throws beside a KV cache */
function convolvedEmbeddings(
  x: tf.Tensor3D,
  params: Params,
  mixHeads: GPTOptions["mixHeads"],
): tf.Tensor3D {
  if (mixHeads)
    throw new Error(
      "gptHidden: expected a model without embeddingConv beside a KV cache, which does not keep " +
        "the embeddings before",
    );
  const [kernel] = layerParams<tf.Tensor2D>(params, EMBEDDING_CONV);
  return shortConvolution(x, kernel);
}

/**
 * a · x + b · x₀
 * @param params holds `embedding_skip.weight`, (2): a and 1 + b, under `prefix`; fresh ones are 1
 */
function withSkip(x: tf.Tensor3D, x0: tf.Tensor3D, params: Params, prefix: string): tf.Tensor3D {
  const [weights] = layerParams<tf.Tensor1D>(params, `${prefix}embedding_skip`);
  const [a, b] = tf.split(weights, 2);
  return tf.add(tf.mul(x, a), tf.mul(x0, tf.sub(b, 1)));
}

const llamaParts: Parts = (params, config, options, dropout) => {
  if (options.ops?.attention || options.ops?.layerNorm || options.ops?.gelu)
    throw new Error("gptHidden: expected no replacements in the family llama, got ops");
  const [tokens] = layerParams<tf.Tensor2D>(params, "model.embed_tokens"); // (V, C)
  const within = (layer: number) => hooksUnder(options.hooks, blockName(layer));
  return {
    embed: (ids) => hooked(options.hooks, "hook_embed", embedding(tokens, ids) as tf.Tensor3D),
    block: (x, layer) =>
      llamaBlock(x, params, config, { ...options, hooks: within(layer), dropout, layer }),
    norm: (x) => llamaNorm(x, params, "model.norm", config),
  };
};

/**
 * The head, from hidden states to scores: the token embeddings again, or where the model has one, a
 * matrix of its own.
 * @param hidden (…, C)
 * @param config only its `logitCap` is looked at
 * @returns logits (N, V), where N is the product of the leading axes
 */
export function gptHead(
  params: Params,
  hidden: tf.Tensor,
  { logitCap }: Pick<GPTConfig, "logitCap">,
): tf.Tensor2D {
  const name = ["lm_head", "transformer.wte", "model.embed_tokens"].find(
    (name) => `${name}.weight` in params,
  );
  const [head] = layerParams<tf.Tensor2D>(params, name ?? "transformer.wte"); // (V, C)
  return tf.tidy(() => {
    const rows = tf.reshape(hidden, [-1, head.shape[1]]);
    const logits: tf.Tensor2D = tf.matMul(rows, head, false, true);
    return logitCap ? tf.mul(tf.tanh(tf.div(logits, logitCap)), logitCap) : logits;
  });
}

/**
 * The scores of every next token at every position.
 * @param ids (B, T) int32 token ids; with learned positions 1 ≤ T ≤ blockSize
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
    const logits = gptHead(params, gptHidden(params, config, ids, options), config); // (B·T, V)
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
    const logits = gptHead(params, gptHidden(params, config, ids, options), config); // (B·T, V)
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
/** @throws if ids are not (B, T) int32, or longer than there are learned positions */
function shapeOfIds(
  ids: tf.Tensor2D,
  { family, blockSize, position = "learned" }: GPTConfig,
): [B: number, T: number] {
  if (ids.rank !== 2 || ids.dtype !== "int32" || ids.size === 0) {
    throw new Error(`gptLogits: expected int32 ids of shape [B, T], got ${describe(ids)}`);
  }
  const [B, T] = ids.shape;
  if (T > blockSize && position === "learned" && family !== "llama") {
    throw new Error(
      `gptLogits: expected at most blockSize = ${blockSize} tokens in a sequence, got ${T}`,
    );
  }
  return [B, T];
}

const describe = (x: tf.Tensor) => `${x.dtype} of shape [${x.shape}]`;

/**
 * ln p(target) under softmax(logits / temperature).
 * @param logits (N, V)
 * @param targets (N) int32
 * @returns (N)
 */
export function tokenLogProbs(
  logits: tf.Tensor2D,
  targets: tf.Tensor1D,
  { temperature = 1 }: { temperature?: number } = {},
): tf.Tensor1D {
  return tf.tidy(() => {
    const scaled = temperature === 1 ? logits : tf.div<tf.Tensor2D>(logits, temperature);
    const chosen = tf.mul(tf.logSoftmax(scaled), tf.oneHot(targets, logits.shape[1]));
    return tf.sum<tf.Tensor1D>(chosen, -1);
  });
}
