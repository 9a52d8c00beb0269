// Writing into a tensor in place. In tfjs tensors never change, so this is only for a buffer that
// has one owner, such as a KV cache: copying all of it for every new row would cost more than the
// row's own arithmetic.
import * as tf from "@tensorflow/tfjs-core";
import { nativeBackend } from "./native/backend";
import { gpuCommands } from "./webgpu/backend";

/** How js keeps its values, and how wasm gives access to them. */
interface ValuesBackend {
  data?: { get(dataId: object): { values: Float32Array } };
  typedArrayFromHeap?(x: tf.Tensor): Float32Array;
}

/**
 * buffers[i][rows[j]] = values[i][j] for all i and j, in place.
 * @param buffers (N, D) float32 on the current engine, made by `tf.variable(tf.zeros(…))`; no other
 *   tensor may share them
 * @param rows n row numbers, the same for every buffer
 * @param values one for each buffer, (n, D)
 */
export function writeRows(buffers: tf.Variable[], rows: number[], values: tf.Tensor[]): void {
  const backend = nativeBackend();
  if (backend) {
    const { binding } = backend;
    const type = [
      { name: "T", type: binding.TF_ATTR_TYPE, value: backend.getDTypeInteger("float32") },
    ];
    const indices = tf.tensor1d(rows, "int32");
    buffers.forEach((buffer, i) => {
      const ids = backend.getInputTensorIds([buffer, indices, values[i]]);
      // The result is a second name for the buffer.
      const [same] = binding.executeOp("InplaceUpdate", type, ids, 1);
      binding.deleteTensor(same.id);
    });
    indices.dispose();
    return;
  }
  const D = buffers[0].shape[1]!;
  const gpu = gpuCommands();
  if (gpu) {
    buffers.forEach((buffer, i) => {
      gpu.writeRows(buffer, rows, values[i], 4 * D);
    });
    return;
  }
  const { data, typedArrayFromHeap } = tf.backend() as unknown as ValuesBackend;
  const numbers = (x: tf.Tensor): Float32Array =>
    typedArrayFromHeap ? typedArrayFromHeap.call(tf.backend(), x) : data!.get(x.dataId).values;
  buffers.forEach((buffer, i) => {
    const [to, from] = [numbers(buffer), numbers(values[i])];
    rows.forEach((row, j) => {
      to.set(from.subarray(j * D, (j + 1) * D), row * D);
    });
  });
}
