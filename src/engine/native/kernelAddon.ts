// The kernels in C++ (./kernels.cc), compiled by `npm run native` for this processor into
// native/kernels, beside TensorFlow but without it.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Kernels, Memory } from "../wasm/module";

/** The checkout: this file is in src/engine/native or dist/engine/native. */
const root = join(__dirname, "..", "..", "..");

/** The folder of the compiled kernels, `kernels.node`, and of the processor they are for. */
export const kernelAddonHome = (base = root): string => join(base, "native", "kernels");

/** Must be the number in ./kernels.cc. */
const VERSION = 1;

interface Addon {
  version: number;
  bind(buffer: ArrayBuffer): Kernels;
}

/**
 * What this processor can do, as a few letters: code that was compiled for another one would end
 * the process at the first instruction that it lacks.
 */
export function processorDigest(): string {
  const [{ model = "unknown" } = {}] = cpus();
  let flags = ""; // "Features" on ARM, where the model's name is often unknown
  try {
    flags = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
  } catch {
    // not Linux: the model's name has to do
  }
  return createHash("sha256")
    .update(`${process.arch} ${model} ${flags}`)
    .digest("hex")
    .slice(0, 16);
}

/** Why the native kernels cannot be used here, as one sentence; undefined where they can. */
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
 * @throws with the command to run, where they have not been compiled, or for another processor or an
 *   older course
 */
export const nativeKernels = (memory: Memory): Kernels => load().bind(memory.buffer);

let loaded: Addon | undefined;

function load(): Addon {
  if (loaded) return loaded;
  const home = kernelAddonHome();
  const file = join(home, "kernels.node");
  const refuse = (what: string): never => {
    throw new Error(`native kernels: ${what}. Run: npm run native`);
  };
  if (!existsSync(file)) refuse("they have not been compiled on this machine");
  const processor = join(home, "processor");
  if (!existsSync(processor) || readFileSync(processor, "utf8").trim() !== processorDigest())
    refuse("they were compiled for another processor");
  const addon = createRequire(__filename)(file) as Addon;
  if (addon.version !== VERSION) refuse(`expected version ${VERSION}, got ${addon.version}`);
  loaded = addon;
  return addon;
}
