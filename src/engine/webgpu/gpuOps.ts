// The kernels behind llm/ops on the WebGPU engine, registered as `llm/<name>`, as ../wasm/wasmOps
// registers its own. So far there is one: AdamW, which as separate operations is more than half of
// a training step's.
import * as tf from "@tensorflow/tfjs-core";
import type { Commands } from "./backend";
import { eachElement, float, groupsFor, runOwn } from "./kernels";

/** P(1) … P(6): β₁, β₂, 1 − lr·λ, lr/(1 − β₁ᵗ), 1/√(1 − β₂ᵗ), ε. */
const ADAMW = eachElement(`
  let g = a[i];
  let m = F(1) * y1[i] + (1.0 - F(1)) * g;
  let v = F(2) * y2[i] + (1.0 - F(2)) * g * g;
  y1[i] = m;
  y2[i] = v;
  y[i] = F(3) * y[i] - F(4) * m / (sqrt(v) * F(5) + F(6));`);

type Tensors = Record<"param" | "grad" | "m" | "v", tf.Tensor>;

/**
 * One update in place. Returns a tensor of one element when it has written, and an empty one when it
 * must not write: what another tensor shares (a clone, a reshape) would change for that one, too.
 */
function adamw(commands: Commands, tensors: Tensors, step: Record<string, number>): tf.TensorInfo {
  const { backend } = commands;
  const { param, grad, m, v } = tensors;
  const written = [param, m, v];
  const free =
    written.every(({ dataId }) => backend.refCount(dataId) === 1) &&
    new Set(written.map(({ dataId }) => dataId)).size === 3;
  if (free) {
    const { lr, beta1, beta2, eps, weightDecay, step: t } = step;
    const rate = lr / (1 - beta1 ** t);
    const root = 1 / Math.sqrt(1 - beta2 ** t);
    runOwn(commands, {
      key: "adamw",
      code: () => ADAMW,
      inputs: [grad],
      outputs: [],
      into: written,
      parameters: [param.size, ...[beta1, beta2, 1 - lr * weightDecay, rate, root, eps].map(float)],
      groups: groupsFor(param.size),
    });
  }
  const size = free ? 1 : 0;
  return {
    dataId: backend.write(new Float32Array(size) as never, [size], "float32") as object,
    shape: [size],
    dtype: "float32",
  };
}

/** Registers them for the WebGPU backend. */
export function registerGpuOps(commands: Commands): void {
  tf.registerKernel({
    kernelName: "llm/AdamW",
    backendName: "webgpu",
    kernelFunc: ({ inputs, attrs }) => adamw(commands, inputs as never, attrs as never),
  });
}
