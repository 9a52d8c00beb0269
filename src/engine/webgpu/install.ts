// Starts the WebGPU engine: a GPU of any make (Apple, Intel, AMD, NVIDIA, Qualcomm), with Dawn in
// Node and tfjs's WebGPU kernels. See docs/engines.md.
import * as tf from "@tensorflow/tfjs-core";
import { repairWebGpu } from "../repairs/webgpu";
import type { WebGpuBackend } from "./api";
import { attach, Commands } from "./backend";
import { fromWebGpuHome, likeABrowser, type Opened, openGpu } from "./device";
import { settle } from "./events";
import { registerGpuOps } from "./gpuOps";
import { fill } from "./kernels";

interface Tfjs {
  WebGPUBackend: new (device: object, info: object) => WebGpuBackend;
}

let opened: Opened | undefined;

/** @returns the adapter's name. @throws Error whose message says why the engine is not there */
export async function startWebGpu(): Promise<string> {
  if (!opened) {
    const gpu = await openGpu();
    // Outside of a browser it registers its kernels, and no backend.
    const tfjs = fromWebGpuHome<Tfjs>("@tensorflow/tfjs-backend-webgpu");
    const backend = likeABrowser(() => new tfjs.WebGPUBackend(gpu.device, gpu.adapter.info));
    const commands = new Commands(backend, (noAnswer) => check(gpu, noAnswer));
    commands.fill = (tensor, value) => fill(commands, tensor, value);
    attach(backend, commands);
    tf.registerBackend("webgpu", () => backend, 0);
    registerGpuOps(commands);
    // Small operations stay on the GPU: its values and JavaScript's would differ in the last
    // digits.
    tf.env().set("WEBGPU_CPU_FORWARD", false);
    process.once("exit", () => {
      gpu.device.destroy();
      settle();
    });
    opened = gpu;
  }
  if (!(await tf.setBackend("webgpu"))) throw new Error("the WebGPU backend does not start");
  repairWebGpu();
  return opened.name;
}

/** @throws Error that says what happened and what to do */
function check({ takeError, whyLost }: Opened, noAnswer = false): void {
  const lost = whyLost() ?? (noAnswer ? "it does not answer" : undefined);
  if (lost !== undefined)
    throw new Error(
      `webgpu: the GPU's device was lost (${lost}), and its tensors with it. Restart the kernel; ` +
        "a training goes on from its last checkpoint",
    );
  const error = takeError();
  if (!error) return;
  const what = error.message.split("\n")[0];
  if (error.constructor.name === "GPUOutOfMemoryError" || /exceeds the max buffer size/.test(what))
    throw new Error(
      `webgpu: the GPU is out of memory (${what}). Use a smaller batch or model, or another ` +
        'engine: await useEngine({ prefer: "wasm" }); a training goes on from its last checkpoint',
    );
  throw new Error(`webgpu: the GPU refuses an operation: ${what}`);
}

/** The adapter and its driver, for reports; undefined when another engine is in use. */
export function gpuAdapter(): string | undefined {
  if (tf.getBackend() !== "webgpu" || !opened) return undefined;
  const { vendor, architecture, device, description } = opened.adapter.info;
  return [vendor, architecture, device, description].filter(Boolean).join(" · ");
}
