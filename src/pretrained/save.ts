/**
 * Writing a model as a folder of Hugging Face's form, which transformers opens without a map:
 * `AutoModelForCausalLM.from_pretrained(folder)`. The folder is made beside its place and renamed
 * when it is whole, so that there is never half a model.
 */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  encodeSafetensors,
  expectTensors,
  indexFile,
  type TensorData,
  weightsFile,
} from "../checkpoint";
import type { tf } from "../engine";
import { makeFolder, writeAtomically } from "../files";
import { gptShapes } from "../gpt";
import type { Params } from "../params";
import { writeHuggingFace } from "../tokenizer";
import { writeConfig } from "./config";
import { expectVocabulary, type Pretrained } from "./load";

export interface SaveOptions {
  /** How numbers are stored; a 16-bit type rounds them. */
  type?: "F32" | "F16" | "BF16";
  /** The most bytes of weights in one file; Node reads no file of 2 GiB or more at once. */
  shardBytes?: number;
  /** Replaces a folder that is there, with all that is in it. */
  overwrite?: boolean;
}

const dtypes = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const;

/**
 * Writes a model as Hugging Face's libraries do.
 *
 * A GPT-2 without biases is written with biases of 0, which transformers' GPT-2 always has and
 * which change nothing. A dropout rate is written for GPT-2 only: LLaMA's family has none there.
 * @param folder a new or empty one, or with `overwrite` any
 * @param model what `loadPretrained` gives, or a model of the course's own; `modelType` is the first
 *   that fits unless given
 * @throws before anything is written, where transformers has no such model, a number is not finite,
 *   or the tokenizer has no form in its files
 */
export async function savePretrained(
  folder: string,
  model: Pick<Pretrained, "config"> &
    Partial<Omit<Pretrained, "params">> & { params: Params<tf.Tensor> },
  { type = "F32", shardBytes = 2e9, overwrite = false }: SaveOptions = {},
): Promise<void> {
  const where = `savePretrained: ${folder}`;
  const { config, params, tokenizer, chatTemplate, modelType, generation } = model;
  if (existsSync(folder) && readdirSync(folder).length > 0 && !overwrite)
    throw new Error(`${where}: expected a new or empty folder, got one with files in it`);
  const files: [name: string, content: Iterable<string | Uint8Array>][] = [];
  const json = (name: string, value: object) =>
    files.push([name, [`${JSON.stringify(value, null, 2)}\n`]]);
  json("config.json", writeConfig(config, { modelType, generation, dtype: dtypes[type] }));
  json("generation_config.json", generation ?? {});
  if (tokenizer) {
    expectVocabulary(tokenizer, config, where);
    json("tokenizer.json", writeHuggingFace(tokenizer));
    // the class that takes tokenizer.json as it is; the model's own may set parts of it anew
    json("tokenizer_config.json", { tokenizer_class: "PreTrainedTokenizerFast" });
  }
  if (chatTemplate !== undefined) files.push(["chat_template.jinja", [chatTemplate]]);
  expectTensors(gptShapes(config), params, where);
  const tensors = await numbersOf(params, type, where);
  if (config.family !== "llama" && !config.bias) addBiases(tensors, config);
  files.push(...weightFiles(tensors, type, shardBytes));
  writeFolder(folder, files);
}

async function numbersOf(
  params: Params<tf.Tensor>,
  type: "F32" | "F16" | "BF16",
  where: string,
): Promise<Record<string, TensorData>> {
  const tensors: Record<string, TensorData> = {};
  for (const [name, tensor] of Object.entries(params)) {
    const data = (await tensor.data()) as Float32Array;
    const largest = type === "F16" ? 65504 : Number.MAX_VALUE; // what is larger rounds to infinity
    if (!data.every((x) => Math.abs(x) <= largest))
      throw new Error(`${where}: ${name}: expected finite numbers as ${type}, got others`);
    tensors[name] = { shape: tensor.shape, data };
  }
  return tensors;
}

/** The biases that a model without them has as zeros. */
function addBiases(tensors: Record<string, TensorData>, config: Pretrained["config"]): void {
  for (const [name, shape] of Object.entries(gptShapes({ ...config, bias: true })))
    tensors[name] ??= { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
}

/** One file, or several with an index, named as transformers names them. */
function weightFiles(
  tensors: Record<string, TensorData>,
  type: "F32" | "F16" | "BF16",
  shardBytes: number,
): [name: string, content: Iterable<Uint8Array>][] {
  const sizeOf = (name: string) => tensors[name].data.length * (type === "F32" ? 4 : 2);
  const shards: string[][] = [[]];
  let bytes = 0;
  for (const name in tensors) {
    if (bytes > 0 && bytes + sizeOf(name) > shardBytes) {
      shards.push([]);
      bytes = 0;
    }
    shards.at(-1)!.push(name);
    bytes += sizeOf(name);
  }
  const content = (names: string[]) => {
    const own = Object.fromEntries(names.map((name) => [name, tensors[name]]));
    return encodeSafetensors(own, { format: "pt" }, type);
  };
  if (shards.length === 1) return [[weightsFile, content(shards[0])]];
  const five = (i: number) => String(i).padStart(5, "0");
  const nameOf = (i: number) => `model-${five(i + 1)}-of-${five(shards.length)}.safetensors`;
  const weight_map = Object.fromEntries(
    shards.flatMap((names, i) => names.map((name) => [name, nameOf(i)])),
  );
  const total_size = Object.keys(tensors).reduce((sum, name) => sum + sizeOf(name), 0);
  const index = JSON.stringify({ metadata: { total_size }, weight_map }, null, 2);
  return [
    ...shards.map((names, i): [string, Uint8Array[]] => [nameOf(i), content(names)]),
    [indexFile, [Buffer.from(`${index}\n`)]],
  ];
}

/** All files or none: a folder beside its place, renamed at the end. */
function writeFolder(folder: string, files: [string, Iterable<string | Uint8Array>][]): void {
  const place = resolve(folder);
  const beside = (end: string) => join(dirname(place), `.${basename(place)}.${end}`);
  const [part, old] = [beside("part"), beside("old")];
  for (const left of [part, old]) rmSync(left, { recursive: true, force: true });
  makeFolder(part);
  try {
    for (const [name, content] of files) writeAtomically(join(part, name), content);
    if (existsSync(place)) renameSync(place, old);
    renameSync(part, place);
  } finally {
    if (!existsSync(place) && existsSync(old)) renameSync(old, place);
    for (const left of [part, old]) rmSync(left, { recursive: true, force: true });
  }
}
