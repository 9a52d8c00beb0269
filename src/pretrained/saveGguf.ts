/**
 * Writing a model of LLaMA's family as a GGUF file, which llama.cpp opens: matrices as F32, F16,
 * Q8_0 or Q4_0 and everything else as F32; names and the order of rows as llama.cpp has them
 * (./ggufForm). A model with qkNorm is one of the architecture "qwen3", any other of "llama". The
 * tokenizer is the model's own, or comes out of another GGUF file as it is there. Left out: other types
 * of numbers, other architectures, experts.
 */
import { expectTensors } from "../checkpoint";
import type { tf } from "../engine";
import { writeAtomically } from "../files";
import {
  encodeGguf,
  type GgufEntry,
  type GgufNumbers,
  type GgufValue,
  readGgufMetadata,
  type WrittenType,
} from "../gguf";
import { type GPTConfig, gptShapes, headsOf, innerWidth, validateGPTConfig } from "../gpt";
import type { Params } from "../params";
import { writeGgufTokenizer } from "../tokenizer";
import { type GgufArchitecture, pairedHeads, pairs, theirName } from "./ggufForm";
import type { Pretrained } from "./load";
import { writeGgufScaling } from "./ropeForm";

export interface SaveGgufOptions {
  /** A GGUF file whose tokenizer and ids of special tokens the new one has; the model's if absent. */
  tokenizerFrom?: string;
  /** `general.name`: what programs show; "model" if absent. */
  name?: string;
  /**
   * The type of the matrices. F32 (if absent) takes 4 bytes for each parameter, F16 2, Q8_0 1.06,
   * Q4_0 0.56; norms and biases are small and stay F32.
   */
  type?: WrittenType;
}

/** The file's type as llama.cpp counts it, in `general.file_type`. */
const FILE_TYPES: Record<WrittenType, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7 };
/** How blocks are laid out, in `general.quantization_version`. */
const QUANTIZATION_VERSION = 2;

/**
 * Writes a model for llama.cpp. Of an F32 file `loadGguf` reads back the numbers bit for bit.
 * @param file where it goes; a file that is there is replaced when the new one is whole
 * @param model what `loadGguf` or `loadPretrained` gives, or one of the course's own; a chat template
 *   takes the place of the one in `tokenizerFrom`
 * @throws where llama.cpp's architectures "llama" and "qwen3" have no such model, the tokenizer has another number
 *   of tokens than the model, a number is not finite, or a matrix has no whole blocks of the type;
 *   nothing has been written then
 * @example
 * const model = loadGguf(small); // quantized
 * saveGguf("large.gguf", model, { tokenizerFrom: small });
 */
export function saveGguf(
  file: string,
  model: Pick<Pretrained, "config" | "chatTemplate" | "tokenizer"> &
    Partial<Pick<Pretrained, "generation">> & { params: Params<tf.Tensor> },
  { tokenizerFrom, name = "model", type = "F32" }: SaveGgufOptions = {},
): void {
  const where = `saveGguf: ${file}`;
  const { params } = model;
  const config = validateGPTConfig(model.config);
  const architecture = architectureOf(config, where);
  const shapes = gptShapes(config);
  expectTensors(shapes, params, where);
  const tokenizer =
    tokenizerFrom === undefined
      ? ownTokenizer(model, where)
      : tokenizerEntries(tokenizerFrom, config, where, model.chatTemplate);
  const heads = { ...headsOf(config), qkNorm: config.qkNorm };
  const tensors: GgufNumbers[] = Object.entries(shapes).map(([ours, shape]) => {
    const paired = pairedHeads(ours, heads);
    const data = () => {
      const numbers = params[ours].dataSync() as Float32Array;
      return paired ? pairs({ shape, data: numbers }, paired) : numbers;
    };
    return {
      ...{ name: theirName(ours) ?? ours, shape, data },
      type: shape.length === 2 ? type : "F32",
    };
  });
  const rope = writeGgufScaling(config);
  for (const [name, { shape, data }] of Object.entries(rope.tensors))
    tensors.push({ name, shape, data: () => data });
  const entries = [...entriesOf(config, architecture, name, type), ...rope.entries, ...tokenizer];
  try {
    writeAtomically(file, encodeGguf(entries, tensors));
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith("encodeGguf: ")
      ? new Error(message.replace("encodeGguf", where))
      : error;
  }
}

/** llama.cpp's architecture for a model. @throws by name for what it cannot say */
function architectureOf(config: GPTConfig, where: string): GgufArchitecture {
  const { family = "gpt2", experts, qkNorm, window, dropout } = config;
  const { attentionBias, ropeScaling } = config;
  const refuse = (key: string, expected: string, got: unknown): never => {
    throw new Error(`${where}: ${key}: expected ${expected}, got ${JSON.stringify(got)}`);
  };
  if (family !== "llama") refuse("family", '"llama"', family);
  if (experts) refuse("experts", "none", experts);
  if (qkNorm && attentionBias) refuse("attentionBias", "none beside qkNorm", attentionBias);
  if (qkNorm && ropeScaling) refuse("ropeScaling", "none beside qkNorm", ropeScaling);
  if (ropeScaling?.type === "dynamic" || ropeScaling?.type === "yarn")
    refuse("ropeScaling", "what divisors of each pair can say", ropeScaling.type);
  if (window !== undefined) refuse("window", "none", window);
  if (dropout > 0) refuse("dropout", "0, for the file cannot name it", dropout);
  return qkNorm ? "qwen3" : "llama";
}

/** Sizes and choices. */
function entriesOf(
  config: GPTConfig,
  architecture: GgufArchitecture,
  name: string,
  type: WrittenType,
): GgufEntry[] {
  const { normEps = 1e-5, ropeBase = 1e4, nEmbd: C } = config;
  const { H, K, D } = headsOf(config);
  const own: GgufEntry[] =
    D === C / H && architecture === "llama"
      ? []
      : [
          [`${architecture}.attention.key_length`, "u32", D],
          [`${architecture}.attention.value_length`, "u32", D],
        ];
  return [
    ["general.architecture", "string", architecture],
    ["general.type", "string", "model"],
    ["general.name", "string", name],
    ["general.file_type", "u32", FILE_TYPES[type]],
    ["general.quantization_version", "u32", QUANTIZATION_VERSION],
    [`${architecture}.vocab_size`, "u32", config.vocabSize],
    [`${architecture}.context_length`, "u32", config.blockSize],
    [`${architecture}.embedding_length`, "u32", C],
    [`${architecture}.block_count`, "u32", config.nLayer],
    [`${architecture}.feed_forward_length`, "u32", innerWidth(config)],
    [`${architecture}.attention.head_count`, "u32", H],
    [`${architecture}.attention.head_count_kv`, "u32", K],
    ...own,
    [`${architecture}.attention.layer_norm_rms_epsilon`, "f32", normEps],
    [`${architecture}.rope.dimension_count`, "u32", D],
    [`${architecture}.rope.freq_base`, "f32", ropeBase],
  ];
}

/** The model's own tokenizer, with its chat template. */
function ownTokenizer(
  {
    tokenizer,
    generation,
    chatTemplate,
    config,
  }: Pick<Pretrained, "config" | "chatTemplate" | "tokenizer"> &
    Partial<Pick<Pretrained, "generation">>,
  where: string,
): GgufEntry[] {
  if (!tokenizer) throw new Error(`${where}: expected a tokenizer or tokenizerFrom, got neither`);
  const entries = writeGgufTokenizer(tokenizer, generation, config.vocabSize);
  if (chatTemplate === undefined) return entries;
  return [...entries, ["tokenizer.chat_template", "string", chatTemplate]];
}

/** All that a file says of its tokenizer, its chat template perhaps replaced. */
function tokenizerEntries(
  from: string,
  { vocabSize }: GPTConfig,
  where: string,
  chatTemplate: string | undefined,
): GgufEntry[] {
  const metadata = readGgufMetadata(from);
  const tokens = metadata.get("tokenizer.ggml.tokens");
  const count = Array.isArray(tokens) ? tokens.length : 0;
  if (count !== vocabSize)
    throw new Error(`${where}: ${from}: expected ${vocabSize} tokens, got ${count}`);
  const template = "tokenizer.chat_template";
  if (chatTemplate !== undefined) metadata.set(template, chatTemplate);
  const keys = [...metadata.keys()].filter((key) => key.startsWith("tokenizer."));
  return keys.map((key) => typed(key, metadata.get(key)!, where));
}

/** A value with its type, which `readGgufMetadata` does not keep. */
function typed(key: string, value: GgufValue, where: string): GgufEntry {
  if (typeof value === "string") return [key, "string", value];
  if (typeof value === "boolean") return [key, "bool", value];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0)
    return [key, "u32", value];
  if (Array.isArray(value)) {
    if (value.every((x) => typeof x === "string")) return [key, "strings", value];
    const lists = { "tokenizer.ggml.scores": "f32s", "tokenizer.ggml.token_type": "i32s" } as const;
    const type = lists[key as keyof typeof lists];
    if (type && value.every((x) => typeof x === "number")) return [key, type, value];
  }
  throw new Error(
    `${where}: ${key}: expected a text, an id, tokens, types or scores, got another value`,
  );
}
