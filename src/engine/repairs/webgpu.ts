// What is wrong or missing in tfjs's WebGPU kernels.
import * as tf from "@tensorflow/tfjs-core";
import { repairTypes } from "./types";

const done = Symbol.for("llm.repairs");

/** For the WebGPU engine, which must be the one in use. A second call does nothing. */
export function repairWebGpu(): void {
  const mark = tf.backend() as unknown as Record<symbol, boolean | undefined>;
  if (mark[done]) return;
  mark[done] = true;
  repairTypes();
}
