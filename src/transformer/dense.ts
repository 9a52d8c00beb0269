// The affine maps of a layer, found in the record of parameters by name. This is the one door where
// a block multiplies by a matrix, so that a low-rank update beside the matrix (./lora) is seen by
// every model. PyTorch, LLaMA and BERT store a weight as (out, in): `dense`. GPT-2 stores the
// transpose, (in, out), and its layers are called Conv1D: `conv1d`.
import { tf } from "../engine";
import { linear } from "../ops";
import { layerParams, type Params } from "../params";
import { addLora } from "./lora";

/**
 * x · Wᵀ + b, where b is added if the record has it; and a LoRA update, if the record has one.
 * @param x (…, in)
 * @param name what stands before `.weight` (out, in) and `.bias` (out)
 * @returns (…, out)
 * @throws if there is no such weight
 */
export function dense<T extends tf.Tensor>(x: T, params: Params<tf.Tensor>, name: string): T {
  const [weight, bias] = layerParams<tf.Tensor2D>(params, name);
  const [out, width] = weight.shape;
  if (x.shape.at(-1) !== width)
    throw new Error(`dense: expected x (…, ${width}) for ${name}, got (${x.shape})`);
  return tf.tidy(() => {
    const y = tf.matMul(tf.reshape(x, [-1, width]), weight, false, true); // (N, out)
    const whole = tf.reshape(bias ? tf.add(y, bias) : y, [...x.shape.slice(0, -1), out]) as T;
    return addLora(whole, x, params, name);
  });
}

/**
 * x · W + b, where b is added if the record has it; and a LoRA update, if the record has one.
 * @param x (…, in)
 * @param name what stands before `.weight` (in, out) and `.bias` (out)
 * @returns (…, out)
 * @throws if there is no such weight
 */
export function conv1d<T extends tf.Tensor>(x: T, params: Params<tf.Tensor>, name: string): T {
  const [weight, bias] = layerParams<tf.Tensor2D>(params, name);
  return tf.tidy(() => addLora(linear(x, weight, bias) as T, x, params, name));
}
