// Reading the residual stream with the model's own head: the logit lens (nostalgebraist, 2020), and
// which part of the model wrote how much of a logit (direct logit attribution; Elhage et al., 2021).
// The lens's known weakness: early layers need not speak the language of the last one (Belrose et
// al., 2023, "Eliciting Latent Predictions … with the Tuned Lens"). `shift` is the smallest piece of
// their remedy: the mean difference to the last layer, measured on other texts, is added first.
// Left out: their learnt matrix.
//
// Letters: B batch, T time, C channels, V vocabulary, L layers.
import { tf } from "../engine";
import { rmsNorm } from "../ops";
import { designOf, finalNorm } from "../transformer";
import { type Model, runWithCache, unembed } from "./run";

/** The names of the residual stream, from the embeddings to the last block. */
export const streamNames = ({ config: { nLayer } }: Pick<Model, "config">): string[] => [
  "blocks.0.hook_resid_pre",
  ...Array.from({ length: nLayer }, (_, i) => `blocks.${i}.hook_resid_post`),
];

/**
 * What the model's last norm and head make of any hidden states.
 * @param stream (B, T, C)
 * @returns logits (B, T, V); the caller disposes them
 */
export function readStream(model: Model, stream: tf.Tensor3D): tf.Tensor3D {
  const { params, config } = model;
  return tf.tidy(() => {
    const normed =
      config.family === "llama"
        ? rmsNorm(stream, params["model.norm.weight"] as tf.Tensor1D, config.normEps ?? 1e-5)
        : finalNorm(stream, params, "transformer.ln_f", designOf(config));
    return unembed(model, normed);
  });
}

/**
 * The logits after each layer, as if the model ended there.
 * @param shifts a vector (C) for each of the L + 1 streams, added before the norm; none if absent
 * @returns L + 1 tensors (B, T, V), from the embeddings to the model's own logits; the caller disposes
 *   them
 */
export function lensLayers(
  model: Model,
  ids: tf.Tensor2D,
  shifts?: readonly tf.Tensor1D[],
): tf.Tensor3D[] {
  return tf.tidy(() => {
    const names = streamNames(model);
    const { cache } = runWithCache(model, ids, names);
    const layers = names.map((name, i) => {
      const stream = shifts ? tf.add(cache[name], shifts[i]) : cache[name];
      return readStream(model, stream as tf.Tensor3D);
    });
    tf.dispose(cache);
    return layers;
  });
}

/**
 * The mean difference between the last stream and each other one.
 * @param ids texts that are not judged afterwards
 * @returns for `lensLayers`: L + 1 vectors (C), the last of them 0; the caller disposes them
 */
export function lensShifts(model: Model, ids: tf.Tensor2D): tf.Tensor1D[] {
  return tf.tidy(() => {
    const names = streamNames(model);
    const { cache } = runWithCache(model, ids, names);
    const means = names.map((name) => tf.mean(cache[name], [0, 1]) as tf.Tensor1D);
    tf.dispose(cache);
    return means.map((mean) => tf.sub(means.at(-1)!, mean) as tf.Tensor1D);
  });
}

/** What one part of the model adds to a logit. */
export type Contribution = { part: string; value: number };

/**
 * How much of the logit of the right token each part wrote, on average over places: every part adds to
 * the residual stream, the last norm is linear once its size is fixed, and so is the head. Logits are
 * taken relative to the mean over the vocabulary, which changes no probability. In the family gpt2
 * without biases in the norm.
 * @param targets [row][place]: the token whose logit is asked for, or −1
 * @returns one number for each part; together they are the logit itself
 */
export function logitAttribution(
  model: Model,
  ids: tf.Tensor2D,
  targets: readonly (readonly number[])[],
): Contribution[] {
  const { config, params } = model;
  const gain = params["transformer.ln_f.weight"];
  if (config.family === "llama" || !gain || params["transformer.ln_f.bias"])
    throw new Error("logitAttribution: expected a GPT-2 without biases, got another model");
  return tf.tidy(() => {
    const layers = Array.from({ length: config.nLayer }, (_, i) => i);
    const names = layers.flatMap((i) => [
      `blocks.${i}.attn.hook_result`,
      `blocks.${i}.hook_mlp_out`,
    ]);
    const last = streamNames(model).at(-1)!;
    const { cache } = runWithCache(model, ids, ["blocks.0.hook_resid_pre", ...names, last]);
    const { variance } = tf.moments(cache[last], -1, true);
    const size = tf.sqrt(tf.add(variance, 1e-5)); // (B, T, 1)
    const E = params["transformer.wte.weight"] as tf.Tensor2D;
    const centred = tf.sub(E, tf.mean(E, 0)); // (V, C)
    const asked = targets.flatMap((row, b) =>
      row.flatMap((token, t) => (token < 0 ? [] : [{ token, at: b * row.length + t }])),
    );
    const at = tf.tensor1d(
      asked.map((a) => a.at),
      "int32",
    );
    const rows = tf.gather(
      centred,
      tf.tensor1d(
        asked.map((a) => a.token),
        "int32",
      ),
    ); // (N, C)
    const contributed = (written: tf.Tensor): number => {
      const normed = tf.mul(tf.div(tf.sub(written, tf.mean(written, -1, true)), size), gain);
      const chosen = tf.gather(tf.reshape(normed, [-1, config.nEmbd]), at);
      return tf.mean(tf.sum(tf.mul(chosen, rows), -1)).dataSync()[0];
    };
    const parts: Contribution[] = [
      { part: "embeddings", value: contributed(cache["blocks.0.hook_resid_pre"]) },
    ];
    for (const i of layers) {
      const heads = tf.unstack(cache[`blocks.${i}.attn.hook_result`], 1);
      for (const [h, x] of heads.entries())
        parts.push({ part: `head ${i}.${h}`, value: contributed(x) });
      parts.push({ part: `network ${i}`, value: contributed(cache[`blocks.${i}.hook_mlp_out`]) });
    }
    tf.dispose(cache);
    return parts;
  });
}
