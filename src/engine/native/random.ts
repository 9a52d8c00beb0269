// Random numbers inside compiled functions: Philox (Salmon et al., 2011, "Parallel random numbers:
// as easy as 1, 2, 3"), a generator without state. What it gives depends on its key only, so the
// same step of the same run draws the same numbers, resumed or not. (Outside a compiled function,
// TensorFlow hands out the same stream in a different order.)
import * as tf from "@tensorflow/tfjs-core";
import { gpuCommands } from "../webgpu/backend";
import { uniformOnGpu } from "../webgpu/random";
import { nativeBackend } from "./backend";

const PHILOX = 1;

/**
 * Uniform numbers in [0, 1) that depend on (seed, step) only.
 * @param seed a whole number below 2³¹, fixed when the function is compiled; another one for each
 *   draw of a step
 * @param step int32 scalar: what changes from call to call
 * @returns the tensor, or undefined on engines that have no such operation
 */
export function statelessUniform(
  shape: number[],
  seed: number,
  step: tf.Scalar,
): tf.Tensor | undefined {
  const gpu = gpuCommands();
  if (gpu) return tf.engine().makeTensorFromTensorInfo(uniformOnGpu(gpu, shape, seed, step));
  const backend = nativeBackend();
  if (!backend) return undefined;
  const { binding } = backend;
  const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
  return tf.tidy(() => {
    const pair = tf.stack([tf.scalar(seed, "int32"), step]);
    const size = tf.tensor1d(shape, "int32");
    const algorithm = tf.scalar(PHILOX, "int32");
    const [pairId, sizeId, algorithmId] = backend.getInputTensorIds([pair, size, algorithm]);
    // tfjs has no tensors for uint64, so key and counter are bare ids here.
    const keys = binding.executeOp("StatelessRandomGetKeyCounter", [type("Tseed", 3)], [pairId], 2);
    const [result] = binding.executeOp(
      "StatelessRandomUniformV2",
      [type("dtype", 1), type("Tshape", 3)],
      [sizeId, ...keys.map(({ id }) => id), algorithmId],
      1,
    );
    for (const { id } of keys) binding.deleteTensor(id);
    return backend.createOutputTensor(result);
  });
}
