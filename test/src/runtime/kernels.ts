// The kernels that this machine has, for the tests of llm/runtime.
import { type KernelMemoryOptions, whyNoNativeKernels } from "llm/engine";

/** Ways to compute, by name. The native kernels are there where `npm run native` has been run. */
export const kernels: [name: string, options: KernelMemoryOptions][] = [
  ["wasm", { engine: "wasm" }],
  ["wasm, two threads", { engine: "wasm", threads: 2 }],
  ...(whyNoNativeKernels() === undefined
    ? [["native", { engine: "native" }] as [string, KernelMemoryOptions]]
    : []),
];

/** Why the native ones are left out; undefined where they are not. */
export const without = whyNoNativeKernels();
