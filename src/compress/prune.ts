// Leaving weights out: single ones, N of every M neighbours, or whole neurons of a feed-forward layer.
// The smallest go first (LeCun et al., 1990, weigh them by curvature; Han et al., 2015, by size). Only
// whole neurons make a model smaller and faster everywhere; single zeros need hardware or a format
// that skips them (2 of 4: Mishra et al., 2021).
import { tf } from "../engine";
import { type GPTConfig, innerWidth } from "../gpt";
import { cloneParams, type Params } from "../params";

/**
 * Which weights stay if the smallest are left out.
 * @param share how many go, from 0 to 1
 * @returns 1 for those that stay, 0 for the others; of equal ones the first go first
 */
export function magnitudeMask(values: Float32Array, share: number): Uint8Array {
  if (!(share >= 0 && share <= 1))
    throw new Error(`magnitudeMask: expected a share from 0 to 1, got ${share}`);
  const order = Array.from(values.keys()).sort(
    (i, j) => Math.abs(values[i]) - Math.abs(values[j]) || i - j,
  );
  const mask = new Uint8Array(values.length).fill(1);
  for (const i of order.slice(0, Math.round(share * values.length))) mask[i] = 0;
  return mask;
}

/**
 * Which weights stay if of every `of` neighbours in a row only the `keep` largest do.
 * @param values rows one after another, each of whole groups
 */
export function groupMask(
  values: Float32Array,
  { keep, of }: { keep: number; of: number },
): Uint8Array {
  if (!(keep >= 0 && keep <= of && values.length % of === 0))
    throw new Error(
      `groupMask: expected whole groups of ${of} and 0 to ${of} that stay, ` +
        `got ${values.length} numbers and ${keep}`,
    );
  const mask = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at += of)
    mask.set(magnitudeMask(values.subarray(at, at + of), (of - keep) / of), at);
  return mask;
}

/**
 * A model of LLaMA's family with fewer neurons in every feed-forward layer. Those stay whose weights
 * are the largest, by the product of the lengths of what comes in and what goes out.
 * @param keep how many neurons stay in each layer
 * @returns parameters of their own, which the caller disposes, and their configuration
 * @throws if there are fewer neurons, the layers have experts, or the model is of another family
 */
export function pruneNeurons(
  params: Params,
  config: GPTConfig,
  keep: number,
): { params: Params; config: GPTConfig } {
  const inner = innerWidth(config);
  const refuse = (expected: string, got: unknown): never => {
    throw new Error(`pruneNeurons: expected ${expected}, got ${got}`);
  };
  if (config.family !== "llama") refuse("a model of LLaMA's family", config.family);
  if (config.experts) refuse("layers without experts", "experts");
  if (!(Number.isInteger(keep) && keep >= 1 && keep <= inner))
    refuse(`1 to ${inner} neurons that stay`, keep);
  const small = tf.tidy(() => {
    const pruned: Params<tf.Tensor> = { ...params };
    for (let layer = 0; layer < config.nLayer; layer++) {
      const matrices = neuronMatrices(params, layer);
      const stay = tf.tensor1d(largestNeurons(params, matrices, keep), "int32");
      for (const { name, axis } of matrices) pruned[name] = tf.gather(params[name], stay, axis);
    }
    return cloneParams(pruned);
  });
  return { params: small, config: { ...config, nInner: keep } };
}

/** The matrices of a feed-forward layer, each with the axis along which its neurons are. */
function neuronMatrices(params: Params, layer: number): { name: string; axis: 0 | 1 }[] {
  return ["gate_proj", "up_proj", "down_proj"]
    .map((part) => ({
      name: `model.layers.${layer}.mlp.${part}.weight`,
      axis: part === "down_proj" ? (1 as const) : (0 as const),
    }))
    .filter(({ name }) => name in params);
}

/** Numbers of the neurons that stay, in rising order. */
function largestNeurons(
  params: Params,
  matrices: { name: string; axis: 0 | 1 }[],
  keep: number,
): number[] {
  const lengths = matrices.map(({ name, axis }) =>
    tf.tidy(() => tf.norm(params[name], 2, 1 - axis).dataSync()),
  );
  const size = Array.from(lengths[0], (_, i) => lengths.reduce((all, l) => all * l[i], 1));
  const order = Array.from(size.keys()).sort((i, j) => size[j] - size[i] || i - j);
  return order.slice(0, keep).sort((i, j) => i - j);
}
