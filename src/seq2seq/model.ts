/**
 * The Transformer of "Attention Is All You Need" (Vaswani et al., 2017): an encoder reads the source
 * in both directions, and a decoder writes the target from left to right, looking at what the
 * encoder made of the source by cross-attention.
 *
 *     context = encode(source)               (B, S, C), one vector for each source token
 *     logits  = decode(target, context)      (B, T, V), the next target token at each place
 *
 * In training the decoder is given the right beginning of the target at every place, whatever it
 * would have written itself (teacher forcing; Williams & Zipser, 1989). One embedding serves source,
 * target and head (§3.4). The paper's blocks are `{ normPlacement: "post", activation: "relu" }`;
 * the defaults, pre-norm with GELU, train without its warm-up. Searching for the best target is
 * llm/beamSearch. Left out: relative positions, a cache for decoding (lesson 21, inference).
 *
 * Letters: B batch, S source tokens, T target tokens, C channels (nEmbd), V vocabulary, H heads.
 */
import { tf } from "../engine";
import { type DropoutSource, dropout, softmaxCrossEntropy } from "../ops";
import { layerParams, type Params } from "../params";
import {
  type BlockOps,
  type BlockOptions,
  type Dropout,
  designOf,
  embedTokens,
  finalNorm,
  transformerBlock,
} from "../transformer";
import type { Seq2SeqConfig } from "./config";

export interface Seq2SeqOptions {
  /** Turns dropout on (rate `config.dropout`), drawing from here: for training only. */
  dropoutRng?: DropoutSource;
  /** A learner's own functions, in the place of those of llm/ops. */
  ops?: Pick<Partial<BlockOps>, "layerNorm" | "gelu">;
  /** Sees the encoder's weights (B, H, S, S), which live only during the call. */
  onEncoderAttention?: (layer: number, weights: tf.Tensor4D) => void;
  /** Sees the decoder's weights on the source (B, H, T, S): the alignment. */
  onCrossAttention?: (layer: number, weights: tf.Tensor4D) => void;
}

/**
 * What the encoder makes of a source: its context vectors.
 * @param source (B, S) int32, filled with `padId` behind the shorter ones
 * @returns `context` (B, S, C), and `mask` (B, 1, 1, S), 1 where a source token stands and 0 at
 *   padding; with `context: "mean"` one vector and S = 1. The caller disposes both
 */
export function encode(
  params: Params<tf.Tensor>,
  config: Seq2SeqConfig,
  source: tf.Tensor2D,
  { dropoutRng, ops, onEncoderAttention }: Seq2SeqOptions = {},
): { context: tf.Tensor3D; mask: tf.Tensor4D } {
  const [B, S] = sizeOf("encode", source, config);
  return tf.tidy(() => {
    const mask = tf.cast(tf.notEqual(source, config.padId), "float32");
    const visible = tf.reshape(mask, [B, 1, 1, S]) as tf.Tensor4D;
    const options = { causal: false, mask: visible };
    const context = stack("encoder", params, config, source, dropoutRng, (layer) => ({
      ...{ ...options, ops },
      onAttention: onEncoderAttention && ((weights) => onEncoderAttention(layer, weights)),
    }));
    return config.context === "mean" ? mean(context, visible) : { context, mask: visible };
  });
}

/**
 * The scores of the next target token at every place of a beginning of the target.
 * @param target (B, T) int32, which begins with `beginId`; at place t the token after it is
 *   predicted, from what stands at 0 … t and from the context
 * @param source what `encode` returned
 * @returns logits (B, T, V); the caller disposes them
 */
export function decode(
  params: Params<tf.Tensor>,
  config: Seq2SeqConfig,
  target: tf.Tensor2D,
  { context, mask }: { context: tf.Tensor3D; mask: tf.Tensor4D },
  { dropoutRng, ops, onCrossAttention }: Seq2SeqOptions = {},
): tf.Tensor3D {
  const [B, T] = sizeOf("decode", target, config);
  return tf.tidy(() => {
    const hidden = stack("decoder", params, config, target, dropoutRng, (layer) => ({
      ops,
      context,
      contextMask: mask,
      onCrossAttention: onCrossAttention && ((weights) => onCrossAttention(layer, weights)),
    }));
    const [table] = layerParams<tf.Tensor2D>(params, "shared"); // (V, C)
    const logits = tf.matMul(tf.reshape(hidden, [B * T, config.nEmbd]), table, false, true);
    return tf.reshape(logits, [B, T, config.vocabSize]);
  });
}

/**
 * The mean of −ln p(token) over the tokens of the targets and their ends, with teacher forcing:
 * padding does not count.
 * @param source (B, S) int32, padded behind
 * @param target (B, T + 1) int32: `beginId`, the target, `endId`, padded behind
 * @returns scalar, in nats per token; the caller disposes it
 */
export function seq2seqLoss(
  params: Params<tf.Tensor>,
  config: Seq2SeqConfig,
  source: tf.Tensor2D,
  target: tf.Tensor2D,
  options: Seq2SeqOptions = {},
): tf.Scalar {
  const [B, length] = target.shape;
  return tf.tidy(() => {
    const given = tf.slice(target, [0, 0], [B, length - 1]); // begin a b c
    const wanted = tf.slice(target, [0, 1], [B, length - 1]); //       a b c end
    const logits = decode(params, config, given, encode(params, config, source, options), options);
    const counts = tf.cast(tf.notEqual(wanted, config.padId), "float32");
    const rows = tf.reshape(logits, [-1, config.vocabSize]) as tf.Tensor2D;
    return softmaxCrossEntropy(rows, wanted.flatten(), counts.flatten());
  });
}

/** One vector for the whole source: the mean over its tokens, (B, S, C) → (B, 1, C). */
function mean(context: tf.Tensor3D, mask: tf.Tensor4D) {
  const [B, S] = context.shape;
  const counts = tf.reshape(mask, [B, S, 1]);
  const sum = tf.sum(tf.mul(context, counts), 1, true) as tf.Tensor3D;
  const one: tf.Tensor4D = tf.ones([B, 1, 1, 1]);
  return { context: tf.div<tf.Tensor3D>(sum, tf.sum(counts, 1, true)), mask: one };
}

/** Embeddings, positions and all blocks of one side: (B, T) → (B, T, C). */
function stack(
  side: "encoder" | "decoder",
  params: Params<tf.Tensor>,
  config: Seq2SeqConfig,
  ids: tf.Tensor2D,
  dropoutRng: DropoutSource | undefined,
  optionsOf: (layer: number) => Partial<BlockOptions>,
): tf.Tensor3D {
  const { nHead, blockSize, position = "sinusoidal", dropout: rate } = config;
  const design = designOf(config);
  const drop: Dropout | undefined =
    dropoutRng && rate > 0 ? (x) => dropout(x, rate, dropoutRng) : undefined;
  const depth = side === "encoder" ? config.nEncoder : config.nDecoder;
  const { ops } = optionsOf(0);
  let x = embedTokens(ids, params, {
    tokens: "shared",
    places: `${side}.wpe`,
    position,
    blockSize,
  });
  if (drop) x = drop(x);
  for (let i = 0; i < depth; i++) {
    const options = { ...design, nHead, dropout: drop, ...optionsOf(i) };
    x = transformerBlock(x, params, `${side}.h.${i}.`, options);
  }
  return finalNorm(x, params, `${side}.ln_f`, { ...design, ops });
}

/** @throws if ids are not (B, T) int32 with T from 1 to blockSize */
function sizeOf(caller: string, ids: tf.Tensor2D, { blockSize }: Seq2SeqConfig): [number, number] {
  const [B, T] = ids.shape;
  if (ids.rank !== 2 || ids.dtype !== "int32" || ids.size === 0 || T > blockSize)
    throw new Error(
      `${caller}: expected int32 ids (B, T) with T from 1 to blockSize = ${blockSize}, ` +
        `got ${ids.dtype} (${ids.shape})`,
    );
  return [B, T];
}
