/**
 * Models in Hugging Face's folders, as transformers' `save_pretrained` and the hub have them:
 * config.json, weights in one safetensors file or several, tokenizer.json (of GPT-2 also vocab.json
 * and merges.txt), generation_config.json and the chat template. Read are gpt2, llama, mistral,
 * qwen2, qwen3 and mixtral; what would be computed wrongly is refused by name. Weights of 16 bits
 * become float32. ./save writes such folders; GGUF files are read by ./gguf. Left out: pickled and
 * quantized weights, adapters.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expectTensors, readFolderJson, readFolderTensors, type TensorData } from "../checkpoint";
import { tf } from "../engine";
import { type GPTConfig, gptShapes } from "../gpt";
import type { Params } from "../params";
import { loadTokenizer, type Tokenizer } from "../tokenizer";
import { readConfig } from "./config";
import type { ModelType } from "./modelTypes";
import { isBuffer, renameTensors } from "./names";

/** A model with what belongs to it. */
export interface Pretrained {
  /** `model_type` of its config.json. */
  modelType: ModelType;
  config: GPTConfig;
  /** Variables; free them with `disposeParams`. */
  params: Params;
  /** Undefined where the folder has none. */
  tokenizer?: Tokenizer;
  /** How a conversation becomes one text: a template in Jinja, as `fillTemplate` takes it. */
  chatTemplate?: string;
  /**
   * How transformers would write with it, by its names: `eos_token_id`, `temperature` … From
   * generation_config.json, or the ids in config.json.
   */
  generation: Record<string, unknown>;
}

export interface LoadOptions {
  /** false leaves the tokenizer out, which may be one that this course cannot read. */
  tokenizer?: boolean;
}

/**
 * Reads a model from a folder of Hugging Face's form.
 * @throws where a file is missing or damaged, the model is of another architecture, or tensors are
 *   missing, of another shape or left over: then one error lists them
 * @example const { params, config, tokenizer } = loadPretrained("models/gpt2");
 */
export function loadPretrained(folder: string, { tokenizer = true }: LoadOptions = {}): Pretrained {
  const caller = "loadPretrained";
  const where = `${caller}: ${folder}`;
  if (!existsSync(folder)) throw new Error(`${where}: no such folder`);
  const json = readFolderJson(folder, "config.json", caller);
  if (json === undefined) throw new Error(`${where}: expected config.json, got no such file`);
  const { modelType, config } = readConfig(json, `${where}: config.json`);
  const read = tokenizer ? readTokenizer(folder, config, modelType) : undefined; // before the large files
  const { tensors } = readFolderTensors(folder, { caller, wanted: (name) => !isBuffer(name) });
  return {
    modelType,
    config,
    params: paramsOf(renameTensors(tensors, config, where), config, where),
    ...(read ? { tokenizer: read } : {}),
    ...readTemplate(folder),
    generation: readGeneration(folder, json as Record<string, unknown>),
  };
}

/** Variables of tensors that are all there, in the shapes of the model, and no others. */
export function paramsOf(
  tensors: Record<string, TensorData>,
  config: GPTConfig,
  where: string,
): Params {
  const shapes = gptShapes(config);
  expectTensors(shapes, tensors, where);
  const params: Params = {};
  for (const name in shapes)
    params[name] = tf.tidy(() => tf.variable(tf.tensor(tensors[name].data, shapes[name])));
  return params;
}

function readTokenizer(
  folder: string,
  config: GPTConfig,
  modelType: ModelType,
): Tokenizer | undefined {
  const has = (name: string) => existsSync(join(folder, name));
  const hasOld = has("vocab.json") && has("merges.txt") && modelType === "gpt2";
  if (!has("tokenizer.json") && !hasOld) return undefined;
  let tokenizer: Tokenizer;
  try {
    tokenizer = loadTokenizer(folder);
  } catch (error) {
    throw new Error(
      `loadPretrained: ${(error as Error).message}. With { tokenizer: false } the model is read ` +
        "without it",
    );
  }
  expectVocabulary(tokenizer, config, `loadPretrained: ${folder}`);
  return tokenizer;
}

/** @throws where the tokenizer has ids that the model has no embedding for */
export function expectVocabulary(tokenizer: Tokenizer, config: GPTConfig, where: string): void {
  if (tokenizer.vocabSize > config.vocabSize)
    throw new Error(
      `${where}: expected a tokenizer of at most ${config.vocabSize} tokens by the model, got ` +
        `${tokenizer.vocabSize}`,
    );
}

/** The template by itself, or in tokenizer_config.json; of several the one named "default". */
function readTemplate(folder: string): { chatTemplate?: string } {
  const file = join(folder, "chat_template.jinja");
  if (existsSync(file)) return { chatTemplate: readFileSync(file, "utf8") };
  const json = readFolderJson(folder, "tokenizer_config.json", "loadPretrained");
  const given = (json as { chat_template?: unknown } | undefined)?.chat_template;
  const named = Array.isArray(given) ? given.find(({ name }) => name === "default") : undefined;
  const template = named ? named.template : given;
  return typeof template === "string" ? { chatTemplate: template } : {};
}

function readGeneration(folder: string, config: Record<string, unknown>): Record<string, unknown> {
  const json = readFolderJson(folder, "generation_config.json", "loadPretrained");
  if (typeof json === "object" && json !== null) return json as Record<string, unknown>;
  const ids = ["bos_token_id", "eos_token_id", "pad_token_id"];
  const given = ids.filter((key) => config[key] !== undefined && config[key] !== null);
  return Object.fromEntries(given.map((key) => [key, config[key]]));
}
