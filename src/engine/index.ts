/// <reference types="@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops" preserve="true" />
// The one door to the tensor engine. Everything else in the course imports `tf` from here and runs
// on whichever engine works best on this machine: CUDA, WebGPU, native CPU, wasm or plain
// JavaScript. The engines are TensorFlow.js 4.22.0 (Smilkov et al., 2019, "TensorFlow.js: Machine
// Learning for the Web and Beyond", arXiv:1901.05350). What makes the wasm engine fast enough to
// train on is in ./wasm; `compile`, which turns a training step into a single program on the native
// engine, is in ./compile.

// Registers the gradients, which tfjs-core's Node bundle leaves out.
import "@tensorflow/tfjs-layers";
import { registerChainedOps } from "./chained";
import { registerGradients } from "./gradients";
import { mendMomentum } from "./momentum";
import { allowTf32, startNative } from "./native/install";
import { repairJs } from "./repairs/js";
import * as tf from "./tf";
import { describe, setThreads, startWasm } from "./wasm/install";
import { threadCount } from "./wasm/pool";
import { startWebGpu } from "./webgpu/install";

export {
  type Compiled,
  CompileError,
  type CompileOptions,
  canCompile,
  compile,
  isTracing,
} from "./compile";
export { clearInterrupt, interrupted, nextFrame, requestInterrupt } from "./interrupt";
export { whyNoNativeKernels } from "./native/kernelAddon";
export { statelessUniform } from "./native/random";
export { EngineRefusal } from "./repairs/repair";
export { writeRows } from "./rows";
export { kernelFile } from "./wasm/instance";
export {
  type KernelEngine,
  KernelMemory,
  type KernelMemoryOptions,
  type RecordedCall,
} from "./wasm/kernelMemory";
export { ownArrays, ownKernels } from "./wasm/own";
export { type GpuCounts, gpuCounts } from "./webgpu/backend";
export { gpuAdapter } from "./webgpu/install";
export { tf };

tf.enableProdMode(); // no banner, no warnings on stderr; argument checks stay
registerChainedOps(); // before an engine: the methods exist, and say that there is none yet

export type EngineName = "cuda" | "webgpu" | "native" | "wasm" | "js";

export interface Engine {
  name: EngineName;
  /** One line for people: `engine: wasm (SIMD, one thread) · 21 GFLOP/s`. */
  description: string;
  /** Why each better engine was not used, one sentence each. */
  reasons: string[];
}

const order: readonly EngineName[] = ["cuda", "webgpu", "native", "wasm", "js"];
let current: Engine | undefined;

async function startJs(): Promise<string> {
  await import("@tensorflow/tfjs-backend-cpu");
  await tf.setBackend("cpu");
  repairJs();
  return "plain JavaScript, slow";
}

/**
 * Starts the fastest tensor engine that works here and makes it tfjs's current backend. Call it
 * once before the first tensor; calling it again returns the engine in use.
 *
 * @param options.prefer the best engine to try; better ones are left out. Default: `LLM_ENGINE`,
 *   else `cuda`. Naming another one later switches to it (tensors move by themselves when they are
 *   next used).
 * @param options.quiet do not print the line and do not measure the speed.
 * @param options.tf32 on a CUDA GPU, matrix products in TF32 (factors rounded to 10 bits): several
 *   times faster, about three correct digits. Default: `LLM_TF32=1`. Decide before the first
 *   `compile`d step. Other engines ignore it.
 * @param options.threads of the wasm engine: 1 to 32, or "auto" for as many as there are cores, at
 *   most 8. Default: `LLM_THREADS`, else 1. Decide at the first call; an engine that started with
 *   several may change their number later. Results do not depend on it. Other engines ignore it.
 *   See docs/engines.md.
 * @throws Error when `prefer` (or `LLM_ENGINE`) is not one of cuda, webgpu, native, wasm, js; when
 *   `threads` (or `LLM_THREADS`) is no such number; or when the wasm engine already runs with one
 *   thread and more are asked for.
 */
export async function useEngine({
  prefer,
  quiet = false,
  tf32,
  threads,
}: {
  prefer?: EngineName;
  quiet?: boolean;
  tf32?: boolean;
  threads?: number | "auto";
} = {}): Promise<Engine> {
  const wanted = prefer ?? ((process.env.LLM_ENGINE || undefined) as EngineName | undefined);
  if (wanted !== undefined && !order.includes(wanted)) {
    const origin = prefer === undefined ? "LLM_ENGINE" : "prefer";
    throw new Error(
      `useEngine: expected ${origin} to be one of ${order.join(", ")}, ` +
        `got ${JSON.stringify(wanted)}`,
    );
  }
  const count =
    threads !== undefined
      ? threadCount(threads)
      : threadCount(process.env.LLM_THREADS || 1, "LLM_THREADS");
  if (current && (prefer === undefined || prefer === current.name)) {
    if (tf32 !== undefined && (current.name === "cuda" || current.name === "native"))
      allowTf32(tf32);
    if (threads !== undefined && current.name === "wasm")
      await changeThreads(current, count, quiet);
    return current;
  }

  const reasons: string[] = [];
  for (const name of order.slice(wanted ? order.indexOf(wanted) : 0)) {
    try {
      let detail: string;
      if (name === "js") detail = await startJs();
      else if (name === "wasm") detail = await startWasm(count, threads !== undefined, reasons);
      else if (name === "webgpu") detail = await startWebGpu();
      else detail = await startNative(name, tf32 ?? process.env.LLM_TF32 === "1");
      await tf.ready();
      registerGradients();
      registerChainedOps();
      mendMomentum();
      current = { name, description: `engine: ${name} (${detail})`, reasons };
      // A cell that ends with `await useEngine()` has printed its line; the kernel need not print
      // the object as well.
      Object.defineProperty(current, Symbol.for("llm.silent"), { value: true });
      if (!quiet) await say(current);
      return current;
    } catch (error) {
      reasons.push(
        `${name}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
      );
    }
  }
  throw new Error(
    `useEngine: no tensor engine starts here. ${reasons.join(". ")}. Run: npm run doctor`,
  );
}

/** Prints the engine's line, with its speed. */
async function say(engine: Engine): Promise<void> {
  if (engine.name !== "js")
    engine.description += ` · ${Math.round(await measureGflops(60))} GFLOP/s`;
  console.log(engine.description);
}

async function changeThreads(engine: Engine, threads: number, quiet: boolean): Promise<void> {
  if (!(await setThreads(threads, engine.reasons))) {
    throw new Error(
      `useEngine: expected threads: ${threads} at the first call, but the wasm engine runs with ` +
        "one thread already, on memory that cannot be shared. " +
        `Set LLM_THREADS=${threads}, or restart the kernel and begin with ` +
        `useEngine({ threads: ${threads} })`,
    );
  }
  const description = `engine: wasm (${describe()})`;
  if (engine.description.startsWith(description)) return;
  engine.description = description;
  if (!quiet) await say(engine);
}

/**
 * The engine in use.
 * @throws Error before `useEngine()` has finished.
 */
export function currentEngine(): Engine {
  if (!current) throw new Error("currentEngine: no engine yet. Call `await useEngine()` first");
  return current;
}

/**
 * The speed of a 256 × 256 × 256 matrix product, in units of 10⁹ floating-point operations per
 * second: the best of the runs that fit in the time.
 * @param milliseconds how long to measure; at least three products are done
 */
export async function measureGflops(milliseconds = 500): Promise<number> {
  const n = 256;
  const a = tf.ones([n, n]);
  const b = tf.ones([n, n]);
  const start = performance.now();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 || performance.now() - start < milliseconds; i++) {
    const before = performance.now();
    const c = tf.matMul(a, b);
    // A GPU returns before it has finished, so its result is waited for.
    if (i === 0 || ["cuda", "webgpu"].includes(currentEngine().name)) await c.data();
    c.dispose();
    best = Math.min(best, performance.now() - before);
  }
  tf.dispose([a, b]);
  return (2 * n ** 3) / (best * 1e6);
}
