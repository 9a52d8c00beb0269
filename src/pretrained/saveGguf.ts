/**
 * Writing a model of LLaMA's family as a GGUF file, which llama.cpp opens: matrices as F32, F16,
 * Q8_0 or Q4_0 and everything else as F32; names and the order of rows as llama.cpp has them (./ggufForm). The tokenizer comes out of another GGUF file
 * as it is there. Left out: other types of numbers, other architectures, experts, and tokenizers
 * of the course's own.
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
import { pairs, theirName } from "./ggufForm";
import type { Pretrained } from "./load";
import { writeGgufScaling } from "./ropeForm";

export interface SaveGgufOptions {
  /** The GGUF file whose tokenizer and ids of special tokens the new one has. */
  tokenizerFrom: string;
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
 * @throws where llama.cpp's architecture "llama" has no such model, the tokenizer has another number
 *   of tokens than the model, a number is not finite, or a matrix has no whole blocks of the type;
 *   nothing has been written then
 * @example
 * const model = loadGguf(small); // quantized
 * saveGguf("large.gguf", model, { tokenizerFrom: small });
 */
export function saveGguf(
  file: string,
  model: Pick<Pretrained, "config" | "chatTemplate"> & { params: Params<tf.Tensor> },
  { tokenizerFrom, name = "model", type = "F32" }: SaveGgufOptions,
): void {
  const where = `saveGguf: ${file}`;
  const { params, chatTemplate } = model;
  const config = validateGPTConfig(model.config);
  refuseOthers(config, where);
  const shapes = gptShapes(config);
  expectTensors(shapes, params, where);
  const tokenizer = tokenizerEntries(tokenizerFrom, config, where, chatTemplate);
  const { H, K } = headsOf(config);
  const tensors: GgufNumbers[] = Object.entries(shapes).map(([ours, shape]) => {
    const heads = { q: H, k: K }[/self_attn\.([qk])_proj/.exec(ours)?.[1] ?? ""];
    const data = () => {
      const numbers = params[ours].dataSync() as Float32Array;
      return heads ? pairs({ shape, data: numbers }, heads) : numbers;
    };
    return {
      ...{ name: theirName(ours) ?? ours, shape, data },
      type: shape.length === 2 ? type : "F32",
    };
  });
  const rope = writeGgufScaling(config);
  for (const [name, { shape, data }] of Object.entries(rope.tensors))
    tensors.push({ name, shape, data: () => data });
  const entries = [...entriesOf(config, name, type), ...rope.entries, ...tokenizer];
  try {
    writeAtomically(file, encodeGguf(entries, tensors));
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith("encodeGguf: ")
      ? new Error(message.replace("encodeGguf", where))
      : error;
  }
}

/** What the architecture "llama" cannot say, by its name. */
function refuseOthers(config: GPTConfig, where: string): void {
  const { family = "gpt2", experts, qkNorm, window, dropout } = config;
  const refuse = (key: string, expected: string, got: unknown): never => {
    throw new Error(`${where}: ${key}: expected ${expected}, got ${JSON.stringify(got)}`);
  };
  if (family !== "llama") refuse("family", '"llama"', family);
  if (experts) refuse("experts", "none", experts);
  if (qkNorm) refuse("qkNorm", "none", qkNorm);
  if (window !== undefined) refuse("window", "none", window);
  if (dropout > 0) refuse("dropout", "0, for the file cannot name it", dropout);
}

/** Sizes and choices. */
function entriesOf(config: GPTConfig, name: string, type: WrittenType): GgufEntry[] {
  const { normEps = 1e-5, ropeBase = 1e4, nEmbd: C } = config;
  const { H, K, D } = headsOf(config);
  const own: GgufEntry[] =
    D === C / H
      ? []
      : [
          ["llama.attention.key_length", "u32", D],
          ["llama.attention.value_length", "u32", D],
        ];
  return [
    ["general.architecture", "string", "llama"],
    ["general.type", "string", "model"],
    ["general.name", "string", name],
    ["general.file_type", "u32", FILE_TYPES[type]],
    ["general.quantization_version", "u32", QUANTIZATION_VERSION],
    ["llama.vocab_size", "u32", config.vocabSize],
    ["llama.context_length", "u32", config.blockSize],
    ["llama.embedding_length", "u32", C],
    ["llama.block_count", "u32", config.nLayer],
    ["llama.feed_forward_length", "u32", innerWidth(config)],
    ["llama.attention.head_count", "u32", H],
    ["llama.attention.head_count_kv", "u32", K],
    ...own,
    ["llama.attention.layer_norm_rms_epsilon", "f32", normEps],
    ["llama.rope.dimension_count", "u32", D],
    ["llama.rope.freq_base", "f32", ropeBase],
  ];
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
