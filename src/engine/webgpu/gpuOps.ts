// The kernels behind llm/ops on the WebGPU engine, registered as `llm/<name>`, as ../wasm/wasmOps
// registers its own. So far there is AdamW only, which as separate operations is more than half of
// a training step's: in place, and with new tensors for compiled steps.
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

/**
 * The same with new tensors, for steps that are compiled, whose numbers are tensors: b is g, c and
 * d are m and v, and e has the step size, ε and 1 − lr·λ.
 */
const ADAMW_VALUES = eachElement(`
  let g = b[i];
  let m = F(1) * c[i] + (1.0 - F(1)) * g;
  let v = F(2) * d[i] + (1.0 - F(2)) * g * g;
  y1[i] = m;
  y2[i] = v;
  y[i] = e[2] * a[i] - e[0] * m / (sqrt(v) + e[1]);`);

type Tensors = Record<"param" | "grad" | "m" | "v", tf.Tensor>;

/**
 * One update in place. Returns a tensor of one element when it has written, and an empty one when
 * it must not write: what another tensor shares (a clone, a reshape) would change for that one,
 * too.
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

function adamwValues(
  commands: Commands,
  { param, grad, m, v, numbers }: Tensors & { numbers: tf.Tensor },
  { beta1, beta2 }: Record<string, number>,
): tf.TensorInfo[] {
  const output = { shape: param.shape, dtype: "float32" as const };
  return runOwn(commands, {
    key: "adamwValues",
    code: () => ADAMW_VALUES,
    inputs: [param, grad, m, v, numbers], // eight tensors with the results: what every GPU allows
    outputs: [output, output, output],
    parameters: [param.size, float(beta1), float(beta2)],
    groups: groupsFor(param.size),
  });
}

/** Registers them for the WebGPU backend. */
export function registerGpuOps(commands: Commands): void {
  tf.registerKernel({
    kernelName: "llm/AdamW",
    backendName: "webgpu",
    kernelFunc: ({ inputs, attrs }) => adamw(commands, inputs as never, attrs as never),
  });
  tf.registerKernel({
    kernelName: "llm/AdamWValues",
    backendName: "webgpu",
    kernelFunc: ({ inputs, attrs }) => adamwValues(commands, inputs as never, attrs as never),
  });
}
