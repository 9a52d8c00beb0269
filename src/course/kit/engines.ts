// The engine that answers run on, and what it refuses. Messages are proven on wasm, which every
// machine has; `LLM_CHECK_ENGINE=js` runs the same tests on plain JavaScript. Where an answer fails
// with an operation that wasm refuses by name (EngineRefusal, src/engine/repairs), it is judged on
// js instead: the engine's fault is never the answer's.

import type { EngineRefusal, tf as TF } from "llm/engine";
import { engineIfAny, setTensors } from "./assert";

type Name = "wasm" | "js";
const main: Name = process.env.LLM_CHECK_ENGINE === "js" ? "js" : "wasm";

type Refused = Pick<EngineRefusal, "operation" | "instead">;
/** What the engine has refused since the last `forget`, by operation. */
const refused = new Map<string, Refused>();

/** Starts the engine and watches what it refuses. */
export async function startEngine(): Promise<void> {
  const { tf, EngineRefusal, useEngine } = await import("llm/engine");
  await useEngine({ prefer: main, quiet: true });
  setTensors(tf);
  if (main === "js") return;
  const engine = tf.engine();
  const run = engine.runKernel;
  engine.runKernel = ((kernel: string, inputs: TF.NamedTensorMap, attributes?: object) => {
    try {
      return run.call(engine, kernel, inputs, attributes as TF.NamedAttrMap);
    } catch (error) {
      if (error instanceof EngineRefusal) refused.set(error.operation, error);
      throw error;
    }
  }) as typeof run;
}

/** Notes what the engine of another process refused: an answer's, in a sandbox. */
export const noteRefusal = (refusal: Refused): void => {
  refused.set(refusal.operation, refusal);
};

export const forgetRefusals = (): void => refused.clear();

/** What was refused, whether or not the answer let the error through. */
export const refusals = (): Refused[] => [...refused.values()];

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
