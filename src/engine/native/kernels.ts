// tfjs kernels replaced on the native backend.
//   GatherV2   reads the indices in JavaScript to check them, which a trace cannot do: there they are declared instead
import * as tf from "@tensorflow/tfjs-core";
import { type NativeBackend, valuesOf } from "./backend";
import { checkIdValues, declareIds } from "./trace";

const done = Symbol.for("llm.native");

/** Puts the kernels into the native backend, which must be the current one. Doing it twice does nothing. */
export function registerNativeKernels(): void {
  const backend = tf.backend() as unknown as NativeBackend & { [done]?: true };
  if (backend[done]) return;
  backend[done] = true;
  tf.unregisterKernel("GatherV2", "tensorflow");
  tf.registerKernel({
    kernelName: "GatherV2",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs }) => gather(backend, inputs as never, attrs as never),
  });
}

function gather(
  backend: NativeBackend,
  { x, indices }: { x: tf.Tensor; indices: tf.Tensor },
  { axis: wanted, batchDims }: { axis: number; batchDims: number },
): tf.Tensor {
  const [axis] = tf.util.parseAxisParam(wanted, x.shape); // −1 is an error in the stock kernel
  const n = x.shape[axis];
  if (!declareIds(indices, n, "gather", "indices"))
    checkIdValues(valuesOf(backend, indices.dataId), n, "gather", "indices");
  tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
  const { binding } = backend;
  const type = (name: string, t: { dtype: tf.DataType }) => ({
    name,
    type: binding.TF_ATTR_TYPE,
    value: backend.getDTypeInteger(t.dtype),
  });
  const at = tf.scalar(axis, "int32");
  const [result] = binding.executeOp(
    "GatherV2",
    [
      { name: "batch_dims", type: binding.TF_ATTR_INT, value: batchDims },
      type("Tparams", x),
      type("Tindices", indices),
      type("Taxis", at),
    ],
    backend.getInputTensorIds([x, indices, at]),
    1,
  );
  at.dispose();
  return backend.createOutputTensor(result);
}
