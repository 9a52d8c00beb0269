// A fine-tuned model in use: labels of texts, tags of words; and as a file, which holds the whole
// model, its labels and its tokenizer, so that one line of TypeScript is enough:
//
//     const model = loadClassifier("runs/spam/model");
//     classify(model, "Win a free cruise now!").label // "spam"
import { statSync } from "node:fs";
import {
  assignTensors,
  expectShapes,
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
} from "../checkpoint";
import { tf } from "../engine";
import { makeFolder } from "../files";
import { type GPTConfig, gptShapes, initGPT, validateGPTConfig } from "../gpt";
import type { FloatType } from "../numbers";
import { disposeParams, type Params } from "../params";
import { specialTokenId, type Tokenizer, tokenizerFromJSON } from "../tokenizer";
import { wordTokens } from "./bio";
import { initHead, type LabelConfig, type LabelRow, labelBatch, labelLogits } from "./model";

/** A pretrained model, as `loadGPT` and `loadBaseModel` give it. */
export interface BaseModel {
  params: Params;
  config: GPTConfig;
  tokenizer: Tokenizer;
}

/** A model with its head; whoever loads it frees it with `disposeParams(model.params)`. */
export interface Classifier {
  /** The GPT's and the head's. */
  params: Params;
  config: LabelConfig;
  tokenizer: Tokenizer;
}

/** What is known about a text. */
export interface Classified {
  label: string;
  /** By label; they sum to 1. */
  probabilities: Record<string, number>;
}

/** What can be chosen about a model with labels. */
export type LabelChoices = Partial<Pick<LabelConfig, "length" | "pool" | "causal" | "mask">>;

/** The configuration for a base model: 64 tokens, the last token, causal, with mask, if not said. */
export function labelConfig(
  { config: gpt, tokenizer }: Pick<BaseModel, "config" | "tokenizer">,
  task: LabelConfig["task"],
  labels: readonly string[],
  {
    length = Math.min(64, gpt.blockSize),
    pool = "last",
    causal = true,
    mask = true,
  }: LabelChoices = {},
): LabelConfig {
  if (new Set(labels).size < 2 || new Set(labels).size < labels.length)
    throw new Error(
      `labelConfig: expected two or more different labels, got ${labels.join(", ") || "none"}`,
    );
  if (!(Number.isInteger(length) && length >= 1 && length <= gpt.blockSize))
    throw new Error(`labelConfig: expected a length from 1 to ${gpt.blockSize}, got ${length}`);
  const padId = specialTokenId(tokenizer, "<|pad|>") ?? 0;
  return { gpt, task, labels: [...labels], length, pool, causal, mask, padId };
}

/** A text as a row; what is too long loses its end. @throws if it is empty */
export function textRow(tokenizer: Tokenizer, config: LabelConfig, text: string): LabelRow {
  const ids = text.trim() === "" ? [] : tokenizer.encode(text).slice(0, config.length);
  if (ids.length === 0)
    throw new Error(`classify: expected a text with something in it, got ${JSON.stringify(text)}`);
  return { ids };
}

/** A sentence as a row. @throws if it has no words, or more tokens than the model reads */
export function wordsRow(
  tokenizer: Tokenizer,
  config: LabelConfig,
  words: readonly string[],
): LabelRow {
  const { ids, at } = wordTokens(tokenizer, words, config.pool === "first" ? "first" : "last");
  if (ids.length === 0 || ids.length > config.length)
    throw new Error(
      `tagWords: expected a sentence of 1 to ${config.length} tokens, got ${ids.length}`,
    );
  return { ids, at };
}

const ROWS = 32;

/** The probabilities of all labels, row by row: (B or B·T, L) as lists. */
export function labelProbabilities(
  { params, config }: Pick<Classifier, "params" | "config">,
  rows: readonly LabelRow[],
): number[][] {
  const all: number[][] = [];
  for (let from = 0; from < rows.length; from += ROWS)
    tf.tidy(() => {
      const batch = labelBatch(config, rows.slice(from, from + ROWS));
      const p = tf.softmax(labelLogits(params, config, batch));
      for (const row of p.arraySync() as number[][]) all.push(row);
    });
  return all;
}

const largest = (p: readonly number[]): number => p.indexOf(Math.max(...p));

/**
 * The labels of texts.
 * @throws for a text that is empty, or a model that tags words
 */
export function classifyAll(model: Classifier, texts: readonly string[]): Classified[] {
  const { tokenizer, config } = model;
  if (config.task !== "classify")
    throw new Error("classify: expected a model that labels texts, got one that tags words");
  const rows = texts.map((text) => textRow(tokenizer, config, text));
  return labelProbabilities(model, rows).map((p) => ({
    label: config.labels[largest(p)],
    probabilities: Object.fromEntries(config.labels.map((label, i) => [label, p[i]])),
  }));
}

/** The label of one text. */
export const classify = (model: Classifier, text: string): Classified =>
  classifyAll(model, [text])[0];

/**
 * The tags of sentences that are cut into words.
 * @throws for a sentence that is too long, or a model that labels texts
 */
export function tagWords(model: Classifier, sentences: readonly (readonly string[])[]): string[][] {
  const { tokenizer, config } = model;
  if (config.task !== "tag")
    throw new Error("tagWords: expected a model that tags words, got one that labels texts");
  const rows = sentences.map((words) => wordsRow(tokenizer, config, words));
  const p = labelProbabilities(model, rows);
  return rows.map(({ at = [] }, b) =>
    at.map((t) => config.labels[largest(p[b * config.length + t])]),
  );
}

const KIND = "classifier";

/**
 * Writes a model into a folder, as `checkpoint.safetensors`.
 * @param options `type`: F16 for a file of half the size; `step` and `settings` of its training
 */
export async function saveClassifier(
  dir: string,
  { params, config, tokenizer }: Classifier,
  { type = "F32", step = 0, settings }: { type?: FloatType; step?: number; settings?: object } = {},
): Promise<void> {
  makeFolder(dir);
  const info = { step, kind: KIND, model: config, tokenizer: tokenizer.toJSON(), settings };
  await saveCheckpoint(dir, { params }, info, { type });
}

/**
 * Reads what `saveClassifier` has written.
 * @param path the folder, or the file
 * @throws for a file that is damaged, or a checkpoint of something else
 */
export function loadClassifier(path: string): Classifier {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  const checkpoint = isFile ? readCheckpoint(path) : loadCheckpoint(path);
  const { kind, file } = checkpoint;
  if (kind !== KIND)
    throw new Error(`loadClassifier: expected a model of kind "${KIND}" in ${file}, got "${kind}"`);
  const said = checkpoint.model as LabelConfig;
  const gpt = validateGPTConfig(said.gpt);
  if (gpt.nLayer > Object.keys(checkpoint.params).length)
    throw new Error(
      `loadClassifier: expected tensors for ${gpt.nLayer} layers in ${file}, got fewer`,
    );
  const head = {
    "score.weight": [said.labels.length, gpt.nEmbd],
    "score.bias": [said.labels.length],
  };
  expectShapes({ ...gptShapes(gpt), ...head }, checkpoint.params, file);
  const tokenizer = tokenizerFromJSON(checkpoint.tokenizer as never);
  const config = { ...said, gpt };
  const params = { ...initGPT(gpt, { seed: 0 }), ...initHead(config, { seed: 0 }) };
  try {
    assignTensors(params, checkpoint.params, file);
  } catch (error) {
    disposeParams(params);
    throw error;
  }
  return { params, config, tokenizer };
}
