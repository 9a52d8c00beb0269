// What every task of this room begins with: a trained GPT, which stays as it is. What is trained is a
// copy of it, and it is itself the reference.
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

/** A text for a message: decoded where there is a tokenizer. */
export const shown = ({ tokenizer }: StartModel, ids: number[]): string =>
  tokenizer ? JSON.stringify(tokenizer.decode(ids)) : `[${ids.join(", ")}]`;
