/**
 * One small Transformer for all objectives: the blocks of llm/transformer with rotary positions, the
 * parameters of a GPT, and one table more, for GLM's second position. The objectives differ only in
 * what the examples say: what is read, who sees whom, what is predicted. With a causal mask, and a
 * first row of that table that is zero, this is exactly `gptLogits`; a test holds the two together.
 *
 * Letters: B rows, T positions, C channels (nEmbd), V tokens.
 */
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptShapes } from "../gpt";
import { embedding, rope, softmaxCrossEntropy } from "../ops";
import { layerParams, type Params } from "../params";
import { finalNorm, initTransformer, transformerBlock } from "../transformer";
import type { ObjectiveBatch } from "./example";

/** What the model sees of a batch. */
export type ModelInput = Pick<ObjectiveBatch, "ids" | "positions" | "blankPositions" | "mask">;

/** Looks into the model while it computes; what is seen lives only during the call. */
export interface LookOptions {
  /** Each layer's attention weights (B, H, T, T). */
  onAttention?: (layer: number, weights: tf.Tensor4D) => void;
  /** The residual stream (B, T, C): after the embeddings (0), after block i (i), after the norm. */
  onHidden?: (index: number, hidden: tf.Tensor3D) => void;
}

const TOKENS = "transformer.wte";
const BLANK_PLACES = "transformer.wpe_blank";

/**
 * Fresh parameters: those of a GPT with rotary positions, and `transformer.wpe_blank.weight`,
 * (blockSize, C).
 * @returns variables; free them with `disposeParams`
 * @throws unless `position` is "rope"
 */
export function initObjectiveModel(config: GPTConfig, { seed }: { seed: number }): Params {
  if (config.position !== "rope")
    throw new Error(
      `initObjectiveModel: expected position "rope", got ${JSON.stringify(config.position)}`,
    );
  const shapes = { ...gptShapes(config) };
  shapes[`${BLANK_PLACES}.weight`] = [config.blockSize, config.nEmbd];
  return initTransformer(shapes, { seed, depth: config.nLayer });
}

/**
 * Everything but the head.
 * @returns the residual stream after the last norm, (B, T, C); the caller disposes it
 * @throws if a row is longer than blockSize
 */
export function objectiveHidden(
  params: Params<tf.Tensor>,
  config: GPTConfig,
  { ids, positions, blankPositions, mask }: ModelInput,
  { onAttention, onHidden }: LookOptions = {},
): tf.Tensor3D {
  const T = ids.shape[1];
  if (T > config.blockSize)
    throw new Error(`objectiveHidden: expected rows of at most ${config.blockSize}, got ${T}`);
  return tf.tidy(() => {
    const rows = (name: string, which: tf.Tensor2D) =>
      embedding(layerParams(params, name)[0], which) as tf.Tensor3D; // (B, T, C)
    let x = tf.add<tf.Tensor3D>(rows(TOKENS, ids), rows(BLANK_PLACES, blankPositions));
    const position = { rotate: (h: tf.Tensor4D) => rope(h, { positions }) }; // per row: (B, T)
    onHidden?.(0, x);
    for (let i = 0; i < config.nLayer; i++) {
      const look = onAttention && ((weights: tf.Tensor4D) => onAttention(i, weights));
      const options = { nHead: config.nHead, causal: false, mask, position, onAttention: look };
      x = transformerBlock(x, params, `transformer.h.${i}.`, options);
      onHidden?.(i + 1, x);
    }
    x = finalNorm(x, params, "transformer.ln_f", {});
    onHidden?.(config.nLayer + 1, x);
    return x;
  });
}

/**
 * The scores of every token at every position.
 * @returns (B·T, V); the caller disposes them
 */
export const objectiveLogits = (
  params: Params,
  config: GPTConfig,
  input: ModelInput,
  look?: LookOptions,
): tf.Tensor2D =>
  tf.tidy(() => gptHead(params, objectiveHidden(params, config, input, look), config));

/**
 * The loss of a batch: the mean over its rows of Σᵢ weightᵢ · (−ln p(targetᵢ)), in nats. The
 * examples choose the weights: with 1 / (number of predictions) it is the mean surprise.
 * @returns scalar; the caller disposes it
 */
export function objectiveLoss(params: Params, config: GPTConfig, batch: ObjectiveBatch): tf.Scalar {
  return tf.tidy(() => {
    const logits = objectiveLogits(params, config, batch);
    const weights = batch.weights.flatten();
    // softmaxCrossEntropy divides by the sum of the weights, and here nothing is to be divided by.
    const mean = softmaxCrossEntropy(logits, batch.targets.flatten(), weights);
    return tf.div(tf.mul(mean, tf.sum(weights)), batch.ids.shape[0]) as tf.Scalar;
  });
}
