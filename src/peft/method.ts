// Parameter-efficient fine-tuning (lesson 17, light fine-tuning): a trained model stays as it is, and
// a small record of new tensors is trained beside it. The room has the name that the field has and
// its best known library, PEFT (Mangrulkar et al., 2022). Each method is such a record; where its
// tensors take part in a block is in llm/transformer, which finds them by their names. So nothing
// else has to know whether a model is adapted: the loss, the KV cache, `generate` and `sampleBatch`
// take the whole record.
import { countParams, disposeParams, type Params } from "../params";

/** What is trained beside a frozen model, and what goes with it. */
export interface Addition {
  /** The trained tensors. Their names say where they take part. */
  params: Params;
  /** Tensors that take part and are not trained, such as LoRA's α. */
  constants: Params;
}

/**
 * The adapted model: all parameters in one record, for every function that takes parameters. It
 * owns nothing: base and addition are disposed by those who made them.
 * @throws if a name is in both
 */
export function adapted(base: Params, { params, constants }: Addition): Params {
  const twice = Object.keys({ ...params, ...constants }).find((name) => name in base);
  if (twice !== undefined)
    throw new Error(`adapted: expected a model without ${twice}, got one that has it already`);
  return { ...base, ...params, ...constants };
}

/** Frees the tensors of an addition. */
export function disposeAddition({ params, constants }: Addition): void {
  disposeParams(params);
  disposeParams(constants);
}

/** What a training needs beside the model. */
export interface TrainingCost {
  /** How many numbers are trained. */
  trained: number;
  /** Of how many there are, those of the addition included: from 0 to 1. */
  share: number;
  /** Bytes of the gradients and of AdamW's two means, in float32: 12 for each trained number. */
  optimizerBytes: number;
  /** Bytes of a file with what was trained, in float32. */
  fileBytes: number;
}

/**
 * What training costs in memory beside the model itself and its activations.
 * @param trained the record that is trained: of an addition, or the base for full fine-tuning
 */
export function trainingCost(base: Params, trained: Params): TrainingCost {
  const n = countParams(trained);
  const all = countParams({ ...base, ...trained });
  return { trained: n, share: n / all, optimizerBytes: 12 * n, fileBytes: 4 * n };
}
