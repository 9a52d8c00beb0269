// The files of a BERT's folder, each read and checked: what is there, under our names. ./load makes a
// model of them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dropCopies, readFolderJson, readFolderTensors, type TensorData } from "../checkpoint";
import { loadTokenizer, WordPieceTokenizer } from "../tokenizer";
import type { BertActivation, BertConfig } from "./config";

/** How the vectors of a text's tokens become one: their mean, or [CLS]'s alone. */
export type Pooling = "mean" | "cls";

// biome-ignore lint/suspicious/noExplicitAny: files from elsewhere; every use is checked
type Any = any;

/** A JSON file of the folder, undefined where there is none. */
const readJson = (folder: string, name: string): Any => readFolderJson(folder, name, "loadBert");

/** @throws where config.json is missing, or is of a model that this is not */
export function readConfig(folder: string): BertConfig {
  const json = readJson(folder, "config.json");
  if (typeof json !== "object" || json === null)
    throw new Error(
      `loadBert: ${folder}: expected config.json, model.safetensors and tokenizer.json or ` +
        `vocab.txt, got ${json === undefined ? "no config.json" : "another config.json"}`,
    );
  const expect = (key: string, expected: unknown, got: unknown) => {
    if (got !== expected)
      throw new Error(
        `loadBert: ${folder}: ${key} in config.json: expected ${JSON.stringify(expected)}, ` +
          `got ${JSON.stringify(got) ?? "nothing"}`,
      );
  };
  expect("model_type", "bert", json.model_type);
  expect("position_embedding_type", "absolute", json.position_embedding_type ?? "absolute");
  for (const key of ["is_decoder", "add_cross_attention"]) expect(key, false, json[key] ?? false);
  return {
    vocabSize: json.vocab_size,
    blockSize: json.max_position_embeddings,
    nLayer: json.num_hidden_layers,
    nHead: json.num_attention_heads,
    nEmbd: json.hidden_size,
    nInner: json.intermediate_size,
    nTypes: json.type_vocab_size,
    dropout: json.hidden_dropout_prob ?? 0.1,
    eps: json.layer_norm_eps,
    activation: json.hidden_act as BertActivation,
    padId: json.pad_token_id ?? undefined,
  };
}

/** The tensors under our names, and the names of those that are not read. */
export function readWeights(folder: string): {
  tensors: Record<string, TensorData>;
  ignored: string[];
} {
  const { tensors: found, ignored } = readFolderTensors(folder, {
    caller: "loadBert",
    wanted: (name) => /^(bert|embeddings|encoder|pooler|cls)\./.test(name) && !isLeftOut(name),
  });
  const tensors: Record<string, TensorData> = Object.create(null);
  for (const [name, tensor] of Object.entries(found)) tensors[ourName(name)] = tensor;
  dropCopies(tensors, tied, `loadBert: ${folder}`);
  return { tensors, ignored };
}

/** Numbers of positions, which are not learned, and the prediction of the next sentence. */
const isLeftOut = (name: string): boolean =>
  name.endsWith("position_ids") || name.startsWith("cls.seq_relationship.");

/** BertModel by itself has no prefix; the first checkpoints had TensorFlow's names for LayerNorm. */
const ourName = (name: string): string =>
  (/^(embeddings|encoder|pooler)\./.test(name) ? `bert.${name}` : name)
    .replace(/\.LayerNorm\.gamma$/, ".LayerNorm.weight")
    .replace(/\.LayerNorm\.beta$/, ".LayerNorm.bias");

/** What some files hold a second time. */
const tied = [
  ["cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"],
  ["cls.predictions.decoder.bias", "cls.predictions.bias"],
] as const;

/** @throws where there is no tokenizer, or another one than WordPiece, or one of more tokens */
export function readTokenizer(folder: string, vocabSize: number): WordPieceTokenizer {
  const tokenizer = existsSync(join(folder, "tokenizer.json"))
    ? loadTokenizer(folder)
    : fromVocabulary(folder);
  if (!(tokenizer instanceof WordPieceTokenizer))
    throw new Error(
      `loadBert: ${folder}: expected a WordPiece tokenizer, got ${tokenizer.toJSON().type}`,
    );
  if (tokenizer.vocabSize > vocabSize)
    throw new Error(
      `loadBert: ${folder}: expected a tokenizer of at most ${vocabSize} tokens by config.json, ` +
        `got ${tokenizer.vocabSize}`,
    );
  return tokenizer;
}

/** vocab.txt: one piece in each line; tokenizer_config.json says whether case counts. */
function fromVocabulary(folder: string): WordPieceTokenizer {
  const file = join(folder, "vocab.txt");
  if (!existsSync(file))
    throw new Error(`loadBert: ${folder}: expected tokenizer.json or vocab.txt, got neither`);
  const vocabulary = readFileSync(file, "utf8")
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
  const lowercase = readJson(folder, "tokenizer_config.json")?.do_lower_case ?? true;
  return WordPieceTokenizer.fromJSON({ type: "wordpiece", vocabulary, lowercase });
}

/** What sentence-transformers writes beside a model; the mean of length 1 where it wrote nothing. */
export function readSentences(
  folder: string,
  blockSize: number,
): { maxTokens: number; pooling: Pooling; normalise: boolean } {
  const modules = readJson(folder, "modules.json");
  const kinds: string[] = (modules ?? []).map(({ type }: Any) => String(type).split(".").at(-1));
  const other = kinds.find((kind) => !["Transformer", "Pooling", "Normalize"].includes(kind));
  if (other)
    throw new Error(
      `loadBert: ${folder}: modules.json: expected Transformer, Pooling and Normalize, got ${other}`,
    );
  const longest =
    readJson(folder, "sentence_bert_config.json")?.max_seq_length ??
    readJson(folder, "tokenizer_config.json")?.model_max_length ??
    blockSize;
  const normalise = modules === undefined || kinds.includes("Normalize");
  return { maxTokens: Math.min(longest, blockSize), pooling: readPooling(folder), normalise };
}

/** By its name since version 6; before, each way of pooling had a switch of its own. */
function readPooling(folder: string): Pooling {
  const json = readJson(folder, "1_Pooling/config.json") ?? { pooling_mode: "mean" };
  const switches: Record<string, string> = {
    pooling_mode_mean_tokens: "mean",
    pooling_mode_cls_token: "cls",
  };
  const on = Object.keys(json).filter((key) => key.startsWith("pooling_mode_") && json[key]);
  const mode = json.pooling_mode ?? on.map((key) => switches[key] ?? key).join(", ");
  if (mode === "mean" || mode === "cls") return mode;
  throw new Error(
    `loadBert: ${folder}: 1_Pooling/config.json: expected mean or cls alone, got ${mode}`,
  );
}
