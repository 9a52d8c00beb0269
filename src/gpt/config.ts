// What a GPT is made from: the sizes, and how positions enter. One record describes a model from the
// first parameter to the checkpoint's metadata.
import { type PositionKind, positionKinds } from "../position";
import { type BlockDesign, wrongDesign } from "../transformer";

/** A model of this kind; what `BlockDesign` adds is GPT-2's where it is absent. */
export interface GPTConfig extends BlockDesign {
  /** V: number of different tokens. */
  vocabSize: number;
  /**
   * The longest sequence in training. Learned positions have embeddings for 0 … blockSize − 1 only;
   * with other kinds the model also takes longer sequences.
   */
  blockSize: number;
  nLayer: number;
  /** Attention heads; divides nEmbd. */
  nHead: number;
  /** C: width of the residual stream. */
  nEmbd: number;
  /** Probability of zeroing a number, in training only. */
  dropout: number;
  /** Biases in all linear layers and LayerNorms, as GPT-2 has them. */
  bias: boolean;
  /** How the model knows where a token stands (llm/position); "learned", as GPT-2, if absent. */
  position?: PositionKind;
  /** With position "t5": from this distance on all share the last bucket; 128, as T5, if absent. */
  relativeMaxDistance?: number;
}

/**
 * Gives `config` back if a model can be made of it.
 * @throws with everything that is wrong, in one message
 */
export function validateGPTConfig(config: GPTConfig): GPTConfig {
  const wrong: string[] = [];
  for (const key of ["vocabSize", "blockSize", "nLayer", "nHead", "nEmbd"] as const) {
    const value = config?.[key];
    if (!Number.isInteger(value) || value < 1)
      wrong.push(`${key} a whole number of 1 or more, got ${value}`);
  }
  if (wrong.length === 0 && config.nEmbd % config.nHead !== 0) {
    wrong.push(`nEmbd divisible by nHead, got nEmbd ${config.nEmbd} and nHead ${config.nHead}`);
  }
  if (!(config?.dropout >= 0 && config.dropout < 1)) {
    wrong.push(`dropout from 0 up to, but not including, 1, got ${config?.dropout}`);
  }
  const { position = "learned", nEmbd: C, nHead: H } = config ?? {};
  if (!positionKinds.includes(position))
    wrong.push(
      `position to be one of ${positionKinds.join(", ")}, got ${JSON.stringify(position)}`,
    );
  if (position === "rope" && wrong.length === 0 && (C / H) % 2 !== 0)
    wrong.push(`an even width of a head for rope, got nEmbd ${C} / nHead ${H} = ${C / H}`);
  const far = config?.relativeMaxDistance ?? 128;
  if (!(Number.isInteger(far) && far > 16))
    wrong.push(`relativeMaxDistance a whole number of 17 or more, got ${far}`);
  if (position === "sinusoidal" && C % 2 !== 0)
    wrong.push(`an even nEmbd for sinusoidal positions, got ${C}`);
  wrong.push(...wrongDesign(config));
  if (typeof config?.bias !== "boolean") wrong.push(`bias true or false, got ${config?.bias}`);
  if (wrong.length > 0) throw new Error(`validateGPTConfig: expected ${wrong.join("; ")}`);
  return config;
}
