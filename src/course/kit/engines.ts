// The engine that answers run on, and what it cannot do. Messages are proven on wasm, which every
// machine has; `LLM_CHECK_ENGINE=js` runs the same tests on plain JavaScript. Where an answer fails
// with an operation that wasm does not know, or is known to compute wrongly, it is judged on js
// instead: the engine's fault is never the answer's.

import type { tf as TF } from "llm/engine";
import { engineIfAny, setTensors } from "./assert";

type Name = "wasm" | "js";
const main: Name = process.env.LLM_CHECK_ENGINE === "js" ? "js" : "wasm";

interface Use {
  operation: string;
  /** What to write instead. */
  instead: string;
}
/** Operations of the answer that this engine has not, or has wrong, since the last `forget`. */
const used = new Map<string, Use>();

const INSTEAD: Record<string, string> = {
  Einsum: "tf.matMul, with tf.transpose where the axes stand otherwise",
  OneHot: "tf.oneHot(ids, depth) and .toFloat(), without values of your own",
  GatherV2: "a product with tf.oneHot(…), summed over the last axis",
};

/** What stock tfjs computes wrongly on wasm: see docs/engines.md. */
function isFaulty(kernel: string, attributes: Record<string, unknown> | undefined): boolean {
  if (kernel === "OneHot") return attributes?.dtype === "float32";
  return kernel === "GatherV2" && Boolean(attributes?.batchDims);
}

const nameOf = (kernel: string) =>
  kernel === "GatherV2"
    ? "tf.gather with batchDims"
    : `tf.${kernel[0].toLowerCase()}${kernel.slice(1)}`;

function note(kernel: string): void {
  used.set(kernel, {
    operation: kernel === "OneHot" ? 'tf.oneHot with dtype "float32"' : nameOf(kernel),
    instead: INSTEAD[kernel] ?? "other operations",
  });
}

/** Starts the engine and watches which operations are used. */
export async function startEngine(): Promise<void> {
  const { tf, useEngine } = await import("llm/engine");
  await useEngine({ prefer: main, quiet: true });
  setTensors(tf);
  if (main === "js") return;
  const engine = tf.engine();
  const run = engine.runKernel;
  engine.runKernel = ((kernel: string, inputs: TF.NamedTensorMap, attributes?: object) => {
    if (tf.getBackend() === "wasm") {
      const missing = tf.getKernel(kernel, "wasm") === undefined;
      if (missing || isFaulty(kernel, attributes as Record<string, unknown>)) note(kernel);
    }
    return run.call(engine, kernel, inputs, attributes as TF.NamedAttrMap);
  }) as typeof run;
}

export const forgetOperations = (): void => used.clear();

/** Operations that put the engine under suspicion. */
export const suspects = (): Use[] => [...used.values()];

/** Runs on the js engine, which takes any shape without harm, and goes back. */
export async function onJs<R>(run: () => Promise<R>): Promise<R> {
  if (!engineIfAny() || main === "js") return run();
  const { useEngine } = await import("llm/engine");
  await useEngine({ prefer: "js", quiet: true });
  try {
    return await run();
  } finally {
    await useEngine({ prefer: main, quiet: true });
  }
}
