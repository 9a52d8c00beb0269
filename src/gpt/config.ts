// What a GPT is made from: the sizes, and how positions enter. One record describes a model from the
// first parameter to the checkpoint's metadata.
import { type PositionKind, positionKinds } from "../position";
import { type ModelSizes, wrongSizes } from "../transformer";

/**
 * A model of this kind; what the design of a block leaves open is GPT-2's. Learned positions have
 * embeddings for 0 … blockSize − 1 only; with other kinds the model also takes longer sequences.
 */
export interface GPTConfig extends ModelSizes {
  nLayer: number;
  /** How the model knows where a token stands (llm/position); "learned", as GPT-2, if absent. */
  position?: PositionKind;
}

/**
 * Gives `config` back if a model can be made of it.
 * @throws with everything that is wrong, in one message
 */
export function validateGPTConfig(config: GPTConfig): GPTConfig {
  const { position = "learned" } = config ?? {};
  const wrong = wrongSizes(config, { depths: ["nLayer"], position, positions: positionKinds });
  if (wrong.length > 0) throw new Error(`validateGPTConfig: expected ${wrong.join("; ")}`);
  return config;
}
