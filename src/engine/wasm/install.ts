// Turns tfjs's wasm backend, made for inference, into one that trains: see ./overrides and ./fused for what is
// replaced and why, ./kernels for the code, ./heap for how it reaches tfjs's memory.
import * as tf from "@tensorflow/tfjs-core";
import { registerFused } from "./fused";
import { NotHere, openHeap, WebAssembly } from "./heap";
import { registerOverrides, registerSegmentSum } from "./overrides";

const done = Symbol.for("llm.wasm");

/**
 * Puts the fast kernels into the wasm backend, which must be the current one. Doing it twice does nothing.
 * @returns what to say about the engine: «SIMD, one thread»
 */
export function installWasmKernels(): string {
  const backend = tf.backend() as unknown as Record<symbol, string | undefined>;
  backend[done] ??= install();
  return backend[done];
}

function install(): string {
  try {
    const heap = openHeap();
    registerOverrides(heap);
    registerFused(heap);
    return heap.fma ? "SIMD with FMA, one thread" : "SIMD, one thread";
  } catch (error) {
    if (!(error instanceof NotHere || error instanceof WebAssembly.CompileError)) throw error;
    registerSegmentSum();
    return `tfjs's own kernels, slow: ${error.message}`;
  }
}
