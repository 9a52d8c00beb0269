/**
 * GPT-2 (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019), whole.
 *
 * Token and position embeddings are added; `nLayer` pre-norm blocks (llm/transformer) follow, a
 * last LayerNorm, and the head, which is the token embedding again (weight tying, Press & Wolf,
 * 2017). Parameters are one flat record of variables under the names and layouts of Hugging Face's
 * GPT2LMHeadModel, so its checkpoints load without a map; a test holds both to the same logits and
 * gradients. `bias: false` leaves out every bias, as in nanoGPT. The KV cache is in llm/inference.
 * `position` replaces GPT-2's learned position embeddings (lesson 07, positions), and `norm`,
 * `normPlacement`, `residual` and `activation` what its blocks are made of (lesson 08, the
 * Transformer). Left out: LLaMA's names, grouped queries (lesson 11, GPT), training (llm/train).
 *
 * Letters: B batch, T time (≤ blockSize), C channels (nEmbd), V vocabulary.
 */
import type { causalMask, multiHead } from "../attention";
import { tf } from "../engine";
import { type DropoutSource, dropout, softmaxCrossEntropy } from "../ops";
import { layerParams, type Params } from "../params";
import {
  type AttentionFn,
  type BlockOps,
  type Dropout,
  designOf,
  embedTokens,
  finalNorm,
  transformerBlock,
} from "../transformer";
import type { GPTConfig } from "./config";
import { attentionPosition } from "./positions";

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
  const { nLayer, nHead, blockSize, dropout: rate } = config;
  const design = designOf(config);
  const drop: Dropout | undefined =
    dropoutRng && rate > 0 ? (x) => dropout(x, rate, dropoutRng) : undefined;
  return tf.tidy(() => {
    let x = embedTokens(ids, params, {
      ...{ tokens: "transformer.wte", places: "transformer.wpe", blockSize, positions },
      position: config.position ?? "learned",
    }); // (B, T, C)
    const position = attentionPosition(params, config, T, positions);
    if (drop) x = drop(x);
    onHidden?.(0, x);
    for (let i = 0; i < nLayer; i++) {
      const look = onAttention && ((weights: tf.Tensor4D) => onAttention(i, weights));
      const options = { ...design, nHead, ops, dropout: drop, position, onAttention: look };
      x = transformerBlock(x, params, `transformer.h.${i}.`, options);
      onHidden?.(i + 1, x);
    }
    x = finalNorm(x, params, "transformer.ln_f", { ...design, ops });
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
/** @throws if ids are not (B, T) int32, or longer than there are learned positions */
function shapeOfIds(
  ids: tf.Tensor2D,
  { blockSize, position = "learned" }: GPTConfig,
): [B: number, T: number] {
  if (ids.rank !== 2 || ids.dtype !== "int32" || ids.size === 0) {
    throw new Error(`gptLogits: expected int32 ids of shape [B, T], got ${describe(ids)}`);
  }
  const [B, T] = ids.shape;
  if (T > blockSize && position === "learned") {
    throw new Error(
      `gptLogits: expected at most blockSize = ${blockSize} tokens in a sequence, got ${T}`,
    );
  }
  return [B, T];
}

const describe = (x: tf.Tensor) => `${x.dtype} of shape [${x.shape}]`;
