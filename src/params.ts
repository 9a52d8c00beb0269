// Parameters: one flat record of named tensors for every model of the course, under the names that
// Hugging Face or PyTorch give them, so that checkpoints, optimizers, LoRA and comparisons with
// other libraries need no mapping. Here is what can be done with such a record whatever the model
// is.

import { createHash } from "node:crypto";
import { tf } from "./engine";

/**
 * The parameters of a model by name. What is trained is a `tf.Variable`; a function that only reads
 * them takes `Params<tf.Tensor>`, and so works on rounded or merged copies too.
 */
export type Params<T extends tf.Tensor = tf.Variable> = Record<string, T>;

/** Gradients under the names of their parameters. */
export type Grads = Record<string, tf.Tensor>;

/**
 * The loss, and its gradient with respect to every parameter: ∂loss/∂p under the name of p; zeros
 * where the loss does not depend on p (an expert that no token was sent to).
 *
 * @param params what to differentiate by; other tensors that `loss` uses count as constants
 * @param loss computes the loss from `params`, with tensor operations only
 * @returns tensors that the caller disposes
 */
export function lossAndGrads(
  params: Params,
  loss: () => tf.Scalar,
): { loss: tf.Scalar; grads: Grads } {
  const { value, grads: byVariable } = tf.variableGrads(loss, Object.values(params));
  const grads: Grads = {};
  for (const name in params)
    grads[name] = byVariable[params[name].name] ?? tf.zerosLike(params[name]);
  return { loss: value, grads };
}

/**
 * Weight and bias of one layer, ready to be spread into `linear` or `layerNorm`. A model without
 * biases has no entry for them, and gets null.
 *
 * @param name what comes before `.weight` and `.bias`, such as `transformer.h.0.ln_1`
 * @throws when there is no such weight
 */
export function layerParams<W extends tf.Tensor>(
  params: Params<tf.Tensor>,
  name: string,
): [weight: W, bias: tf.Tensor1D | null] {
  const weight = params[`${name}.weight`];
  if (!weight)
    throw new Error(`layerParams: expected a parameter "${name}.weight", got none of that name`);
  return [weight as W, (params[`${name}.bias`] as tf.Tensor1D | undefined) ?? null];
}

/**
 * Marks parameters as frozen, or as trained again. A frozen one has no gradient: operations do not
 * work it out (a matrix product's costs as much as the product), and `lossAndGrads` must not be asked
 * for it.
 */
export function freezeParams(params: Params, frozen = true): void {
  for (const parameter of Object.values(params)) parameter.trainable = !frozen;
}

/** Whether a tensor is a frozen parameter. */
export const isFrozen = (tensor: tf.Tensor): boolean =>
  tensor instanceof tf.Variable && !tensor.trainable;

/** How many numbers the parameters hold together; tied ones are one entry and count once. */
export function countParams(params: Params<tf.Tensor>): number {
  return Object.values(params).reduce((sum, { size }) => sum + size, 0);
}

/** Copies of the parameters: new variables, which the caller disposes. */
export function cloneParams(params: Params<tf.Tensor>): Params {
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(params).map(([name, p]) => [name, tf.keep(tf.variable(tf.clone(p)))]),
    ),
  );
}

/** Frees every tensor of the record. */
export function disposeParams(params: Params<tf.Tensor>): void {
  for (const tensor of Object.values(params)) tensor.dispose();
}

/**
 * A digest of all numbers of a model, and of whatever else is given (as JSON): a checkpoint keeps it,
 * so that a run is not gone on with beside another model or on other data.
 */
export function paramsDigest(params: Params<tf.Tensor>, ...more: unknown[]): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(params).sort()) {
    const { buffer, byteOffset, byteLength } = params[name].dataSync();
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.update(JSON.stringify(more)).digest("hex");
}

/** How many numbers of each tensor a fingerprint looks at. */
const LOOKED_AT = 64;

/**
 * A digest by which a model is known again: of the names and shapes of its parameters and of the
 * first numbers of each. Far cheaper than a digest of all numbers, and it tells two trainings of one
 * configuration apart.
 */
export function fingerprint(params: Params<tf.Tensor>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(params).sort()) {
    const { shape, size } = params[name];
    hash.update(JSON.stringify([name, shape]));
    const first = tf.tidy(() =>
      tf.slice(tf.reshape(params[name], [-1]), 0, Math.min(size, LOOKED_AT)).dataSync(),
    );
    hash.update(new Uint8Array(Float32Array.from(first).buffer));
  }
  return hash.digest("hex");
}
