/**
 * BERT (Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
 * Understanding", 2018): the encoder of a Transformer, by itself. Every position sees all others,
 * on both sides, so it cannot write from left to right, but it can say what stands in a gap, and
 * its hidden states describe a text as a whole.
 *
 *     x ← norm(word + position + type)        three embeddings for each token
 *     x ← block(x), nLayer times              post-norm, without the causal rule, padding hidden
 *     logits = norm(gelu(x W + b)) Eᵀ + c     the masked-LM head; E is the word embedding
 *
 * The blocks are those of llm/transformer; only names differ, and where LayerNorm stands. Parameters
 * have the names and layouts of Hugging Face's BertForPreTraining; a test holds both to the same
 * hidden states, logits and gradients. Left out: the prediction of the next sentence, which later
 * models dropped (RoBERTa, Liu et al., 2019); masking and its loss (llm/objectives); RoBERTa,
 * ALBERT and DistilBERT, which have other names or parts.
 *
 * Letters: B batch, T time (≤ blockSize), C channels (nEmbd), F width of the feed-forward network,
 * V vocabulary.
 */
import { tf } from "../engine";
import { type DropoutSource, dropout, embedding, gelu, geluExact, layerNorm } from "../ops";
import { layerParams, type Params } from "../params";
import { type BlockOps, type Dropout, dense, embedTokens, transformerBlock } from "../transformer";
import { blockOf } from "./blocks";
import { type BertConfig, validateBertConfig } from "./config";

export interface BertOptions {
  /** The kind of segment of each token, (B, T) int32 below nTypes; 0 if absent. */
  types?: tf.Tensor2D;
  /** (B, T), 1 where a token may be seen; if absent, wherever ids are not padId. */
  mask?: tf.Tensor;
  /** What `bertBlocks` made of the parameters, to save the time of making it again. */
  blocks?: Params<tf.Tensor>[];
  /** Turns dropout on (rate `config.dropout`), drawing from here: for training only. */
  dropoutRng?: DropoutSource;
  /**
   * Sees each layer's attention weights (B, H, T, T). What the two listeners see lives only during
   * the call.
   */
  onAttention?: (layer: number, weights: tf.Tensor4D) => void;
  /** Sees the hidden states (B, T, C): 0 after the embeddings, i after block i. */
  onHidden?: (index: number, hidden: tf.Tensor3D) => void;
}

/**
 * The hidden states after the last block: one vector for each token, in the light of all others.
 * @param ids (B, T) int32 token ids with 1 ≤ T ≤ blockSize, filled with padId behind shorter texts
 * @returns (B, T, C); the caller disposes it
 * @throws if ids are not (B, T) int32, longer than blockSize, or outside 0 … V − 1
 */
export function bertHidden(
  params: Params<tf.Tensor>,
  config: BertConfig,
  ids: tf.Tensor2D,
  { types, mask, blocks, dropoutRng, onAttention, onHidden }: BertOptions = {},
): tf.Tensor3D {
  const { nLayer, nHead, blockSize, padId, dropout: rate, ...rest } = validateBertConfig(config);
  const [B, T] = shapeOfIds(ids, blockSize);
  const ops = opsOf(rest);
  const drop: Dropout | undefined =
    dropoutRng && rate > 0 ? (x) => dropout(x, rate, dropoutRng) : undefined;
  return tf.tidy(() => {
    const visible = tf.reshape(mask ?? tf.notEqual(ids, padId), [B, 1, 1, T]);
    const options = { nHead, ops, dropout: drop, causal: false, mask: visible };
    const design = { normPlacement: "post", activation: ops.gelu ? "gelu" : "relu" } as const;
    let x = embed(params, ids, blockSize, types); // (B, T, C)
    x = ops.layerNorm(
      x,
      ...layerParams<tf.Tensor1D>(params, "bert.embeddings.LayerNorm"),
    ) as typeof x;
    if (drop) x = drop(x);
    onHidden?.(0, x);
    for (let i = 0; i < nLayer; i++) {
      const look = onAttention && ((weights: tf.Tensor4D) => onAttention(i, weights));
      const block = blocks?.[i] ?? blockOf(params, i);
      x = transformerBlock(x, block, "", { ...options, ...design, onAttention: look });
      onHidden?.(i + 1, x);
    }
    return x;
  });
}

/** Words, positions and types, added: (B, T) → (B, T, C). */
function embed(
  params: Params<tf.Tensor>,
  ids: tf.Tensor2D,
  blockSize: number,
  types?: tf.Tensor2D,
): tf.Tensor3D {
  const x = embedTokens(ids, params, {
    ...{ tokens: "bert.embeddings.word_embeddings", position: "learned", blockSize },
    places: "bert.embeddings.position_embeddings",
  });
  const [table] = layerParams(params, "bert.embeddings.token_type_embeddings"); // (nTypes, C)
  return tf.add(x, types ? embedding(table, types) : tf.slice(table, 0, 1));
}

/** BERT's activation and its LayerNorm, for the blocks and the head. */
function opsOf({ eps, activation }: { eps: number; activation: string }) {
  const norm: BlockOps["layerNorm"] = (x, gain, bias) => layerNorm(x, gain, bias, eps);
  const bent = { gelu: geluExact, gelu_new: gelu, relu: undefined }[activation];
  return { layerNorm: norm, gelu: bent } as { layerNorm: typeof norm; gelu?: BlockOps["gelu"] };
}

/**
 * The masked-LM head: what may stand at each position.
 * @param hidden (…, C)
 * @returns logits (N, V), where N is the product of the leading axes; the caller disposes them
 * @throws if the model has no such head
 */
export function bertHead(
  params: Params<tf.Tensor>,
  config: BertConfig,
  hidden: tf.Tensor,
): tf.Tensor2D {
  const { nEmbd: C, ...rest } = validateBertConfig(config);
  if (!rest.head) throw new Error("bertHead: expected a model with a masked-LM head, got none");
  const { layerNorm, gelu = tf.relu } = opsOf(rest);
  const prefix = "cls.predictions.";
  return tf.tidy(() => {
    const rows = tf.reshape(hidden, [-1, C]);
    const bent = gelu(dense(rows, params, `${prefix}transform.dense`)); // (N, C)
    const norm = layerParams<tf.Tensor1D>(params, `${prefix}transform.LayerNorm`);
    const [words] = layerParams<tf.Tensor2D>(params, "bert.embeddings.word_embeddings"); // (V, C)
    const scores = tf.matMul(layerNorm(bent, ...norm), words, false, true);
    return tf.add(scores, params[`${prefix}bias`]) as tf.Tensor2D;
  });
}

/**
 * The scores of every token at every position.
 * @param ids as in `bertHidden`
 * @returns logits (B, T, V); the caller disposes them
 */
export function bertLogits(
  params: Params<tf.Tensor>,
  config: BertConfig,
  ids: tf.Tensor2D,
  options: BertOptions = {},
): tf.Tensor3D {
  return tf.tidy(() => {
    const logits = bertHead(params, config, bertHidden(params, config, ids, options)); // (B·T, V)
    return tf.reshape(logits, [...ids.shape, config.vocabSize]);
  });
}

/**
 * The pooler: tanh(h W + b) of the first token, [CLS], for tasks that judge a text as a whole.
 * @param hidden (B, T, C)
 * @returns (B, C); the caller disposes it
 * @throws if the model has no pooler
 */
export function bertPooled(
  params: Params<tf.Tensor>,
  config: BertConfig,
  hidden: tf.Tensor3D,
): tf.Tensor2D {
  if (!config.pooler) throw new Error("bertPooled: expected a model with a pooler, got none");
  const [B, , C] = hidden.shape;
  return tf.tidy(() => {
    const first = tf.reshape(tf.slice(hidden, [0, 0, 0], [B, 1, C]), [B, C]);
    return tf.tanh(dense(first, params, "bert.pooler.dense")) as tf.Tensor2D;
  });
}

/** @throws if ids are not (B, T) int32 with T from 1 to blockSize */
function shapeOfIds(ids: tf.Tensor2D, blockSize: number): [B: number, T: number] {
  const [B, T] = ids.shape;
  if (ids.rank !== 2 || ids.dtype !== "int32" || ids.size === 0 || T > blockSize)
    throw new Error(
      `bertHidden: expected int32 ids (B, T) with T from 1 to blockSize = ${blockSize}, ` +
        `got ${ids.dtype} (${ids.shape})`,
    );
  return [B, T];
}
