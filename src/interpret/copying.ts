// Does a head copy: does what it writes make the tokens that it looks at likelier? Asked in two ways.
// From the weights alone, the OV circuit of Elhage et al. (2021, "A Mathematical Framework for
// Transformer Circuits"), and while the model runs, as Olsson et al. (2022, "In-context Learning and
// Induction Heads") define copying. Both are in standard deviations of a head's own logits. Left out:
// Olsson's own formula, and what a head's output does through the parts of the model after it.
//
// Letters: B batch, H heads, T time, D width of a head, C channels, V vocabulary.
import { tf } from "../engine";
import { headsOf } from "../gpt";
import { layerParams } from "../params";
import { type Head, tensorOf } from "./heads";
import { type Model, runWithCache } from "./run";

/** (x − mean) / standard deviation along the last axis; 0 where all numbers are equal. */
const standardised = (x: tf.Tensor): tf.Tensor => {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-12)));
};

/** x · W_V · W_O of one head: what it writes about vectors x (V, C) that it reads. */
function through({ params, config }: Model, { layer, head }: Head, x: tf.Tensor2D): tf.Tensor2D {
  const { D } = headsOf(config);
  const C = config.nEmbd;
  const prefix = `transformer.h.${layer}.attn.`;
  const [qkv] = layerParams<tf.Tensor2D>(params, `${prefix}c_attn`); // (C, 3C)
  const [out] = layerParams<tf.Tensor2D>(params, `${prefix}c_proj`); // (C, C)
  const readBy = tf.slice(qkv, [0, 2 * C + head * D], [C, D]);
  return tf.matMul(tf.matMul(x, readBy), tf.slice(out, [head * D, 0], [D, C])) as tf.Tensor2D;
}

/**
 * A copying score from the weights alone, after Elhage et al. (2021): for each token the head's own
 * path E · W_V · W_O · Eᵀ gives a logit for every token; the score is how far the token's own stands
 * above the mean, in standard deviations, averaged over tokens. 0 for a head that copies nothing.
 * Norms and feed-forward networks are left out.
 * @param earlier heads whose outputs are read one after the other before this one reads: with one head
 *   of layer 0 the path is E · W_V⁰ · W_O⁰ · W_V · W_O · Eᵀ; none by default
 * @returns one score; in the family gpt2
 */
export function copyingScore(model: Model, head: Head, earlier: readonly Head[] = []): number {
  const { params, config } = model;
  if (config.family === "llama")
    throw new Error("copyingScore: expected a model of the family gpt2, got llama");
  const { H, D } = headsOf(config);
  if (H * D !== config.nEmbd)
    throw new Error("copyingScore: expected heads that fill the channels");
  return tf.tidy(() => {
    const [E] = layerParams<tf.Tensor2D>(params, "transformer.wte"); // (V, C)
    const written = [...earlier, head].reduce((x, one) => through(model, one, x), E);
    const logits = tf.matMul(written, E, false, true); // (V, V): row = token read
    return tf.mean(tf.sum(tf.mul(standardised(logits), tf.eye(config.vocabSize)), 1)).dataSync()[0];
  });
}

/**
 * How much each head copies while the model runs. At every query, what the head writes is read straight
 * by the last norm and the head of the model; the logits of the tokens that it looks at, in standard
 * deviations above their mean, are averaged with its attention weights, and then over rows and
 * queries. 0 for a head that copies nothing.
 * @param rows ids, all of one length T
 * @param from the first query that counts
 * @returns [layer][head]; in the family gpt2 without biases in the norm
 */
export function copyingOnActivations(
  model: Model,
  rows: readonly (readonly number[])[],
  from = 0,
): number[][] {
  const { params, config } = model;
  const gain = params["transformer.ln_f.weight"];
  if (config.family === "llama" || !gain || params["transformer.ln_f.bias"])
    throw new Error("copyingOnActivations: expected a GPT-2 without biases, got another model");
  return tf.tidy(() => {
    const { cache } = runWithCache(model, tensorOf(rows), (name) => /pattern|result/.test(name));
    const [E] = layerParams<tf.Tensor2D>(params, "transformer.wte");
    const kinds = tf.oneHot(tensorOf(rows), config.vocabSize); // (B, T, V)
    const score = (pattern: tf.Tensor, result: tf.Tensor): number => {
      const normed = tf.mul(tf.sub(result, tf.mean(result, -1, true)), gain); // (B, T', C)
      const logits = tf.matMul(tf.reshape(normed, [-1, config.nEmbd]), E, false, true);
      const looked = tf.reshape(tf.matMul(pattern, kinds), [-1, config.vocabSize]);
      return tf.mean(tf.sum(tf.mul(standardised(logits), looked), -1)).dataSync()[0];
    };
    const queries = (x: tf.Tensor) => tf.unstack(tf.slice(x, [0, 0, from, 0], [-1, -1, -1, -1]), 1);
    const scores = Array.from({ length: config.nLayer }, (_, layer) => {
      const results = queries(cache[`blocks.${layer}.attn.hook_result`]);
      const patterns = queries(cache[`blocks.${layer}.attn.hook_pattern`]);
      return results.map((result, head) => score(patterns[head], result));
    });
    tf.dispose(cache);
    return scores;
  });
}
