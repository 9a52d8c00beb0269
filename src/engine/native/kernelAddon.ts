// The kernels in C++ (./kernels.cc), compiled by `npm run native` for this processor into
// native/kernels, beside TensorFlow but without it.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Kernels, Memory } from "../wasm/module";

/** The checkout: this file is in src/engine/native or dist/engine/native. */
const root = join(__dirname, "..", "..", "..");

/** Where the compiled kernels are. */
export const kernelAddonFile = (base = root): string =>
  join(base, "native", "kernels", "kernels.node");

/** Must be the number in ./kernels.cc. */
const VERSION = 1;

interface Addon {
  version: number;
  bind(buffer: ArrayBuffer): Kernels;
}

/**
 * Why the native kernels cannot be used here, as one sentence; undefined where they can.
 */
export function whyNoNativeKernels(): string | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The kernels on a memory, which never moves while it grows.
 * @throws with the command to run, where they have not been compiled or are older than the course
 */
export const nativeKernels = (memory: Memory): Kernels => load().bind(memory.buffer);

function load(): Addon {
  const file = kernelAddonFile();
  if (!existsSync(file))
    throw new Error("native kernels: not compiled on this machine yet. Run: npm run native");
  const addon = createRequire(__filename)(file) as Addon;
  if (addon.version !== VERSION)
    throw new Error(
      `native kernels: expected version ${VERSION}, got ${addon.version}. Run: npm run native`,
    );
  return addon;
}
