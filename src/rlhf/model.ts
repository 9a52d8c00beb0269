// What every task of this room begins with: a trained GPT, which stays as it is. What is trained is a
// copy of it, and it is itself the reference.
import { createHash } from "node:crypto";
import type { GPTConfig } from "../gpt";
import type { Params } from "../params";
import type { Tokenizer } from "../tokenizer";

/** A model as `loadGPT` and `loadBaseModel` give it; the caller keeps it and disposes it. */
export interface StartModel {
  params: Params;
  config: GPTConfig;
  /** For messages and checkpoints. */
  tokenizer?: Tokenizer;
}

/**
 * A digest of all parameters, which a checkpoint keeps: a run is not resumed against another
 * reference.
 */
export function digestOf(params: StartModel["params"], ...more: unknown[]): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(params).sort()) {
    const { buffer, byteOffset, byteLength } = params[name].dataSync();
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.update(JSON.stringify(more)).digest("hex");
}

/** A text for a message: decoded where there is a tokenizer. */
export const shown = ({ tokenizer }: StartModel, ids: number[]): string =>
  tokenizer ? JSON.stringify(tokenizer.decode(ids)) : `[${ids.join(", ")}]`;
