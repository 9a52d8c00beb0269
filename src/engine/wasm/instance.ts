// An instance of the kernels' module on a memory: tfjs's (./heap) or one of its own (./own).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Kernels, WebAssembly } from "./module";
import { withSharedMemory } from "./shared";

/**
 * The kernels on a memory, with fused multiply-add where the processor and Node have it.
 * @param shared whether the memory is a shared one
 * @throws WebAssembly.CompileError on a processor without SIMD
 */
export function instantiate(
  memory: object,
  shared: boolean,
): { kernels: Kernels; module: object; fma: boolean } {
  const files = ["kernels-fma.wasm", "kernels.wasm"].map((name) => {
    const bytes = readFileSync(join(__dirname, name));
    return shared ? withSharedMemory(bytes) : bytes;
  });
  const fma = WebAssembly.validate(files[0]);
  const module = new WebAssembly.Module(files[fma ? 0 : 1]);
  const { exports } = new WebAssembly.Instance(module, { env: { memory, log: Math.log } });
  return { kernels: exports as Kernels, module, fma };
}

/** The kernels' module as bytes, without fused multiply-add: what every browser with SIMD can run. */
export const kernelFile = (): Uint8Array => readFileSync(join(__dirname, "kernels.wasm"));
