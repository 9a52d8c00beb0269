// What an encoder–decoder is made from, and its parameters.
import { countParams, type Params } from "../params";
import {
  blockShapes,
  finalNormShapes,
  initTransformer,
  type ModelSizes,
  wrongSizes,
  wrongWhole,
} from "../transformer";

/** How tokens know their place. */
const positions = ["sinusoidal", "learned", "none"] as const;

/**
 * The sizes of the model, and the design of its blocks. The vocabulary is that of source and target
 * together; `blockSize` is the longest of either, and the target's begin and end tokens count.
 */
export interface Seq2SeqConfig extends ModelSizes {
  /** Number of blocks in the encoder. */
  nEncoder: number;
  /** Number of blocks in the decoder. */
  nDecoder: number;
  /** How tokens know their place: waves as in the paper, learned embeddings, or not at all. */
  position?: (typeof positions)[number];
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
  const { position = "sinusoidal", context = "all" } = config ?? {};
  const wrong = [
    ...wrongSizes(config, { depths: ["nEncoder", "nDecoder"], position, positions }),
    ...wrongSpecials(config),
  ];
  if (!["all", "mean"].includes(context))
    wrong.push(`context all or mean, got ${JSON.stringify(context)}`);
  if (wrong.length > 0) throw new Error(`validateSeq2SeqConfig: expected ${wrong.join("; ")}`);
  return config;
}

/** What is wrong with the ids of the special tokens. */
function wrongSpecials(config: Seq2SeqConfig): string[] {
  const wrong = wrongWhole(config, ["padId", "beginId", "endId"], 0);
  if (wrong.length > 0) return wrong;
  const ids = [config.padId, config.beginId, config.endId];
  const listed = `${ids[0]}, ${ids[1]} and ${ids[2]}`;
  if (new Set(ids).size < 3) wrong.push(`three different special ids, got ${listed}`);
  if (Math.max(...ids) >= config.vocabSize)
    wrong.push(`special ids below vocabSize ${config.vocabSize}, got ${listed}`);
  return wrong;
}
