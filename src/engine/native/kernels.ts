// Kernels of tfjs-node that are replaced on the native backend:
//
//   GatherV2        tfjs-node reads the indices in JavaScript to check them; a trace cannot do that
//   Cast, Reshape   where nothing changes, the result is the same tensor with one more owner: every
//                   gradient of tfjs makes such casts
import * as tf from "@tensorflow/tfjs-core";
import { checkIds } from "../ids";
import { type NativeBackend, valuesOf } from "./backend";
import { registerNativeOps } from "./nativeOps";

const done = Symbol.for("llm.native");

/** Registers them for the native backend, which must be the current one. Twice does nothing. */
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
  shareWhere("Cast", (x, { dtype }) => x.dtype === dtype);
  shareWhere("Reshape", (x, { shape }) => tf.util.arraysEqual(x.shape, shape));
  registerNativeOps(backend);
}

/**
 * The same kernel, except where it would change nothing: there the result refers to its input.
 */
function shareWhere(
  kernelName: string,
  same: (x: tf.TensorInfo, attrs: { dtype: string; shape: number[] }) => boolean,
): void {
  const stock = tf.getKernel(kernelName, "tensorflow")!;
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({
    ...stock,
    kernelFunc: (params) => {
      const { x } = params.inputs as unknown as { x: tf.TensorInfo };
      if (!same(x, params.attrs as never)) return stock.kernelFunc(params);
      (params.backend as unknown as NativeBackend).incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  });
}

function gather(
  backend: NativeBackend,
  { x, indices }: { x: tf.Tensor; indices: tf.Tensor },
  { axis: wanted, batchDims }: { axis: number; batchDims: number },
): tf.Tensor {
  const [axis] = tf.util.parseAxisParam(wanted, x.shape); // −1 is an error in the stock kernel
  const n = x.shape[axis];
  checkIds(indices, n, "gather", "indices", () => valuesOf(backend, indices.dataId));
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
