// What an encoder–decoder is made from, and its parameters.
import { countParams, type Params } from "../params";
import {
  type BlockDesign,
  blockShapes,
  finalNormShapes,
  initTransformer,
  wrongDesign,
} from "../transformer";

/** The sizes of the model, and the design of its blocks. */
export interface Seq2SeqConfig extends BlockDesign {
  /** V: number of different tokens, of source and target together. */
  vocabSize: number;
  /** The longest source or target; the target's begin and end tokens count. */
  blockSize: number;
  /** Number of blocks in the encoder. */
  nEncoder: number;
  /** Number of blocks in the decoder. */
  nDecoder: number;
  nHead: number;
  /** C: width of the residual streams. */
  nEmbd: number;
  /** Probability of zeroing a number, in training only. */
  dropout: number;
  bias: boolean;
  /** How tokens know their place: waves as in the paper, learned embeddings, or not at all. */
  position?: "sinusoidal" | "learned" | "none";
  /**
   * What the decoder may read: every context vector of the encoder, or only their mean, one vector
   * for the whole source as in the first recurrent encoder–decoders (an experiment).
   */
  context?: "all" | "mean";
  /** Id that fills a sequence up to the length of the longest in its batch. */
  padId: number;
  /** Id that stands before every target. */
  beginId: number;
  /** Id that stands after every target. */
  endId: number;
}

/**
 * The name and shape of every parameter: one embedding for both languages and the head, then
 * encoder and decoder with GPT-2's names for their blocks.
 * @throws if the configuration is impossible
 */
export function seq2seqShapes(config: Seq2SeqConfig): Record<string, number[]> {
  const { vocabSize, blockSize, nEmbd: C } = validateSeq2SeqConfig(config);
  const { position = "sinusoidal" } = config;
  const shapes: Record<string, number[]> = { "shared.weight": [vocabSize, C] };
  for (const side of ["encoder", "decoder"] as const) {
    if (position === "learned") shapes[`${side}.wpe.weight`] = [blockSize, C];
    const depth = side === "encoder" ? config.nEncoder : config.nDecoder;
    const block = blockShapes({ ...config, cross: side === "decoder" });
    for (let i = 0; i < depth; i++)
      for (const [name, shape] of Object.entries(block)) shapes[`${side}.h.${i}.${name}`] = shape;
    Object.assign(shapes, finalNormShapes(`${side}.ln_f`, config));
  }
  return shapes;
}

/**
 * Fresh parameters, as `initTransformer` draws them.
 * @returns variables; free them with `disposeParams`
 */
export function initSeq2Seq(config: Seq2SeqConfig, { seed }: { seed: number }): Params {
  const depth = Math.max(config.nEncoder, config.nDecoder);
  return initTransformer(seq2seqShapes(config), { seed, depth });
}

/** How many numbers encoder, decoder and the shared embedding have. */
export function countSeq2SeqParams(params: Params) {
  const sum = (part: string) =>
    Object.entries(params).reduce((n, [name, p]) => n + (name.startsWith(part) ? p.size : 0), 0);
  return {
    shared: sum("shared."),
    encoder: sum("encoder."),
    decoder: sum("decoder."),
    total: countParams(params),
  };
}

/**
 * Gives `config` back if a model can be made of it.
 * @throws with everything that is wrong, in one message
 */
export function validateSeq2SeqConfig(config: Seq2SeqConfig): Seq2SeqConfig {
  const wrong: string[] = [];
  const whole = (key: keyof Seq2SeqConfig, least: number) => {
    const value = config?.[key];
    if (!Number.isInteger(value) || (value as number) < least)
      wrong.push(`${key} a whole number of ${least} or more, got ${value}`);
  };
  for (const key of ["vocabSize", "blockSize", "nEncoder", "nDecoder", "nHead", "nEmbd"] as const)
    whole(key, 1);
  for (const key of ["padId", "beginId", "endId"] as const) whole(key, 0);
  if (wrong.length === 0) wrong.push(...wrongSizes(config));
  wrong.push(...wrongDesign(config));
  if (wrong.length > 0) throw new Error(`validateSeq2SeqConfig: expected ${wrong.join("; ")}`);
  return config;
}

/** What is wrong with numbers that are each possible by themselves. */
function wrongSizes(config: Seq2SeqConfig): string[] {
  const { vocabSize, nHead, nEmbd, dropout, bias, position = "sinusoidal" } = config;
  const { padId, beginId, endId } = config;
  const wrong: string[] = [];
  if (nEmbd % nHead !== 0)
    wrong.push(`nEmbd divisible by nHead, got nEmbd ${nEmbd} and nHead ${nHead}`);
  if (new Set([padId, beginId, endId]).size < 3)
    wrong.push(`three different special ids, got ${padId}, ${beginId} and ${endId}`);
  if (Math.max(padId, beginId, endId) >= vocabSize)
    wrong.push(`special ids below vocabSize ${vocabSize}, got ${padId}, ${beginId} and ${endId}`);
  if (!(dropout >= 0 && dropout < 1))
    wrong.push(`dropout from 0 up to, but not including, 1, got ${dropout}`);
  if (typeof bias !== "boolean") wrong.push(`bias true or false, got ${bias}`);
  if (!["sinusoidal", "learned", "none"].includes(position))
    wrong.push(`position sinusoidal, learned or none, got ${JSON.stringify(position)}`);
  if (!["all", "mean"].includes(config.context ?? "all"))
    wrong.push(`context all or mean, got ${JSON.stringify(config.context)}`);
  if (position === "sinusoidal" && nEmbd % 2 !== 0)
    wrong.push(`an even nEmbd for sinusoidal positions, got ${nEmbd}`);
  return wrong;
}
