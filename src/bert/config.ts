// What a BERT is made from: its sizes and which parts it has, and its parameters under the names
// and layouts of Hugging Face's BertForPreTraining, so that its checkpoints load without a map.
import type { Params } from "../params";
import {
  type BlockDesign,
  initTransformer,
  type ModelSizes,
  wrongSizes,
  wrongWhole,
} from "../transformer";

/** The sizes of a model of this kind; `blockSize` is also the number of position embeddings. */
export interface BertConfig extends Omit<ModelSizes, "bias" | keyof BlockDesign> {
  nLayer: number;
  /** F: width inside the feed-forward network; 4C if absent. */
  nInner?: number;
  /** How many kinds of segments have an embedding; 2 if absent, for pairs of sentences. */
  nTypes?: number;
  /** ε of every LayerNorm; 1e-12 if absent. */
  eps?: number;
  /** "gelu" if absent, which is x · Φ(x); "gelu_new" is its approximation by tanh, as in GPT-2. */
  activation?: BertActivation;
  /** Id that fills a sequence up to the length of the longest in its batch; 0 if absent. */
  padId?: number;
  /** Whether there is a layer on [CLS] that stands for the whole sequence; not if absent. */
  pooler?: boolean;
  /** Whether there is a masked-LM head; there is one if absent. */
  head?: boolean;
}

const activations = ["gelu", "gelu_new", "relu"] as const;
export type BertActivation = (typeof activations)[number];

/** What is absent from a configuration, filled in. */
const complete = (config: BertConfig): Required<BertConfig> => ({
  ...config,
  nInner: config.nInner ?? 4 * config.nEmbd,
  nTypes: config.nTypes ?? 2,
  eps: config.eps ?? 1e-12,
  activation: config.activation ?? "gelu",
  padId: config.padId ?? 0,
  pooler: config.pooler ?? false,
  head: config.head ?? true,
});

/**
 * The name and shape of every parameter, in Hugging Face's order. Linear weights are (out, in), as
 * PyTorch's nn.Linear.
 * @throws if the configuration is impossible
 */
export function bertShapes(config: BertConfig): Record<string, number[]> {
  const all = validateBertConfig(config);
  const { vocabSize, blockSize, nLayer, nEmbd: C, nInner: F } = all;
  const shapes: Record<string, number[]> = {};
  const table = (name: string, rows: number) => {
    shapes[`bert.embeddings.${name}.weight`] = [rows, C];
  };
  const layer = (name: string, ...shape: number[]) => {
    shapes[`${name}.weight`] = shape;
    shapes[`${name}.bias`] = shape.slice(0, 1);
  };
  table("word_embeddings", vocabSize);
  table("position_embeddings", blockSize);
  table("token_type_embeddings", all.nTypes);
  layer("bert.embeddings.LayerNorm", C);
  for (let i = 0; i < nLayer; i++) {
    const prefix = `bert.encoder.layer.${i}.`;
    for (const name of ["query", "key", "value"]) layer(`${prefix}attention.self.${name}`, C, C);
    layer(`${prefix}attention.output.dense`, C, C);
    layer(`${prefix}attention.output.LayerNorm`, C);
    layer(`${prefix}intermediate.dense`, F, C);
    layer(`${prefix}output.dense`, C, F);
    layer(`${prefix}output.LayerNorm`, C);
  }
  if (all.pooler) layer("bert.pooler.dense", C, C);
  if (all.head) {
    shapes["cls.predictions.bias"] = [vocabSize];
    layer("cls.predictions.transform.dense", C, C);
    layer("cls.predictions.transform.LayerNorm", C);
  }
  return shapes;
}

/**
 * Fresh parameters: weights N(0, 0.02²), gains 1, biases 0, as Hugging Face draws them.
 * @returns variables; free them with `disposeParams`
 * @throws if the configuration is impossible
 */
export function initBert(config: BertConfig, { seed }: { seed: number }): Params {
  return initTransformer(bertShapes(config), { seed, depth: config.nLayer });
}

/**
 * Gives `config` back, complete, if a model can be made of it.
 * @throws with everything that is wrong, in one message
 */
export function validateBertConfig(config: BertConfig): Required<BertConfig> {
  const all = complete(config);
  const known = { ...all, activation: undefined, bias: true }; // the activation is checked below
  const wrong = [
    ...wrongSizes(known, { depths: ["nLayer"], position: "learned", positions: ["learned"] }),
    ...wrongWhole(all, ["nInner", "nTypes"], 1),
  ];
  if (!(all.eps > 0)) wrong.push(`eps above 0, got ${all.eps}`);
  if (!activations.includes(all.activation))
    wrong.push(`activation to be one of ${activations.join(", ")}, got ${all.activation}`);
  if (!(Number.isInteger(all.padId) && all.padId >= 0 && all.padId < all.vocabSize))
    wrong.push(`padId below vocabSize ${all.vocabSize}, got ${all.padId}`);
  if (wrong.length > 0) throw new Error(`validateBertConfig: expected ${wrong.join("; ")}`);
  return all;
}
