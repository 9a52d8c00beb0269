// Which kernels a model on plain memory runs on, where nobody says it.
import { type KernelMemoryOptions, whyNoNativeKernels } from "../engine";

/**
 * The C++ kernels where they are compiled, else those of WebAssembly on as many threads as there are
 * cores; `LLM_ENGINE` and `LLM_THREADS` decide otherwise.
 */
export function preferredKernels(): KernelMemoryOptions {
  const { LLM_ENGINE, LLM_THREADS = "auto" } = process.env;
  if (LLM_ENGINE === "native" || (!LLM_ENGINE && whyNoNativeKernels() === undefined))
    return { engine: "native" };
  return { threads: LLM_THREADS === "auto" ? "auto" : Number(LLM_THREADS) };
}
