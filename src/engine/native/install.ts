// Starts the native engine: TensorFlow in C++ through tfjs-node, if its compiled addon is installed
// (`npm run native`, tools/native/native.mjs). The library reads some settings only while it is
// loaded, so they are set before: how much it prints, which devices it sees, and where XLA keeps
// compiled programs for the next process.
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { repairNative } from "../repairs/native";
import { type NativeBackend, nativeBackend } from "./backend";
import { cudaFlags, hasCuda, quoted, whyNoGpu } from "./cuda";
import { registerNativeKernels } from "./kernels";
import { linkNative } from "./link";
import { withoutStderr } from "./quiet";

const requireHere = createRequire(__filename);

/** @throws Error whose message says why the engine is not there */
export async function startNative(wanted: "cuda" | "native", tf32 = false): Promise<string> {
  let home: string;
  try {
    home = dirname(requireHere.resolve("@tensorflow/tfjs-node-gpu/package.json"));
  } catch {
    throw new Error("@tensorflow/tfjs-node-gpu is not installed");
  }
  const addon = join(home, "lib", "napi-v8", "tfjs_binding.node");
  if (!existsSync(addon)) link(); // `npm ci` has removed the link that `npm run native` made
  if (!existsSync(addon)) throw new Error("the native TensorFlow library is not installed");
  const library = join(dirname(realpathSync(addon)), "..");
  if (wanted === "native") process.env.CUDA_VISIBLE_DEVICES ??= "-1";
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
  // A notebook, its check and a training run share the GPU's memory.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
  // Programs for a GPU are not kept: it is not proven yet that they can be read back from a file.
  if (wanted === "native" || !hasCuda(library)) {
    process.env.XLA_FLAGS = cpuFlags(process.env.XLA_FLAGS);
    process.env.TF_XLA_FLAGS ??= cacheFlags(library, process.env.XLA_FLAGS);
  } else process.env.XLA_FLAGS = cudaFlags(library, process.env.XLA_FLAGS);
  // ./link does the same in tfjs-node's file, but a link made by an older version did not.
  const util = requireHere("node:util") as Record<string, unknown>;
  util.isNullOrUndefined = (x: unknown) => x === null || x === undefined;
  util.isArray = Array.isArray;
  withoutStderr(() => requireHere(addon));
  requireHere("@tensorflow/tfjs-node-gpu");
  if (!(await tf.setBackend("tensorflow")))
    throw new Error("the native TensorFlow library does not load");
  const onGpu =
    (tf.backend() as unknown as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
  if (wanted === "cuda" && !onGpu) throw new Error(whyNoGpu(library));
  if (wanted === "native" && onGpu)
    throw new Error(
      "this process has started on the GPU already; LLM_ENGINE=native before the start",
    );
  registerNativeKernels();
  repairNative();
  allowTf32(tf32);
  return onGpu ? `CUDA GPU${tf32 ? ", TF32" : ""}` : "TensorFlow on the CPU";
}

function link(): void {
  try {
    linkNative();
  } catch (error) {
    throw new Error(
      "the native library is in native/, but cannot be linked into node_modules: " +
        (error as Error).message,
    );
  }
}

/**
 * Whether matrix products on a GPU may round their factors to TF32 (10 bits of mantissa instead of
 * 23). TensorFlow's default is yes, the course's is no: fp32 means fp32. A CPU ignores it.
 */
export function allowTf32(allow: boolean): void {
  const { binding } = nativeBackend() as NativeBackend;
  if (binding.allowTf32) binding.allowTf32(allow);
  else if (allow) throw new Error("tf32 needs a newer addon: npm run native");
}

const CACHE_LIMIT = 200e6; // bytes; a program for a small GPT is 1 to 3 MB

/**
 * With this flag the largest of some numbers is NaN if one of them is, as on the other engines. No
 * cost could be measured.
 */
function cpuFlags(flags = ""): string {
  return flags.includes("fast_min_max")
    ? flags
    : `${flags} --xla_cpu_enable_fast_min_max=false`.trim();
}

/**
 * A program is compiled for one processor, one TensorFlow and one set of flags, and must not run
 * with others: each combination has a folder of its own.
 */
function cacheFlags(home: string, flags: string): string {
  let folder: string;
  try {
    const made = readFileSync(join(home, "OK"), "utf8");
    const digest = createHash("sha256")
      .update(`${cpus()[0]?.model} ${process.arch} ${made} ${flags}`)
      .digest("hex");
    folder = join(home, "..", "xla-cache", digest.slice(0, 12));
    mkdirSync(folder, { recursive: true });
    const files = readdirSync(folder).map((file) => join(folder, file));
    if (files.reduce((sum, file) => sum + statSync(file).size, 0) > CACHE_LIMIT)
      for (const file of files) rmSync(file, { force: true });
  } catch {
    return ""; // the folder cannot be written: every process compiles for itself
  }
  return `--tf_xla_persistent_cache_directory=${quoted(folder)}`;
}
