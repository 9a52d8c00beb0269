/**
 * Models in GGUF files, the format of llama.cpp, with their tokenizer and chat template. Read is the
 * architectures "llama" (LLaMA, Mistral, SmolLM …) and "qwen3" (qkNorm); quantized weights become
 * float32.
 *
 * Names and the order of rows are llama.cpp's (./ggufForm); ./saveGguf writes such files. Left out:
 * other architectures, experts, YaRN.
 */
import { expectTensors } from "../checkpoint";
import { tf } from "../engine";
import {
  dequantize,
  type Gguf,
  type GgufValue,
  readGguf,
  readGgufBytes,
  readGgufTensor,
} from "../gguf";
import { type GPTConfig, gptShapes, headsOf, validateGPTConfig } from "../gpt";
import type { Params } from "../params";
import { readGgufTokenizer } from "../tokenizer";
import { ourName, pairedHeads, rowOfHalves } from "./ggufForm";
import { expectVocabulary, type Pretrained } from "./load";
import { readGgufScaling, ropeFactorsName } from "./ropeForm";

/** A model in a GGUF file; it always has a tokenizer. */
export type LoadedGguf = Pretrained & Required<Pick<Pretrained, "tokenizer">>;

/**
 * Reads a model from a GGUF file.
 * @throws where the file is damaged, the model is of another architecture or has parts that this
 *   course does not compute, or tensors are missing, of another shape or left over
 * @example
 * const { params, config, tokenizer } = loadGguf("models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
 */
export function loadGguf(file: string): LoadedGguf {
  const { weights, ...model } = openGguf(file);
  const params: Params = {};
  for (const name in gptShapes(model.config)) {
    const { shape, floats } = weights(name);
    params[name] = tf.tidy(() => tf.variable(tf.tensor(floats(), shape)));
  }
  return { ...model, params };
}

/** One matrix or vector of a GGUF file as its bytes, with our name and the order of our rows. */
export interface GgufWeights {
  /** ggml's number of its type (`typeOf` of llm/gguf). */
  type: number;
  shape: number[];
  /** The bytes of row n of a matrix, or of number n of a vector of floats. */
  row: (n: number) => Uint8Array;
  /** All numbers, row after row. */
  floats: () => Float32Array;
}

/** A model in a GGUF file whose weights are read one by one, as they are. */
export type OpenedGguf = Omit<LoadedGguf, "params"> & { weights: (name: string) => GgufWeights };

/**
 * Reads everything of a model but its weights, which can be had one by one under our names, without
 * being unpacked.
 * @throws as `loadGguf` does
 */
export function openGguf(file: string): OpenedGguf {
  const where = `loadGguf: ${file}`;
  const gguf = readGguf(file);
  const config = readGgufConfig(gguf, where);
  const tokenizer = readGgufTokenizer(file, gguf.metadata);
  expectVocabulary(tokenizer, config, where);
  const template = gguf.metadata.get("tokenizer.chat_template");
  return {
    modelType: config.qkNorm ? "qwen3" : "llama",
    config,
    tokenizer,
    ...(typeof template === "string" ? { chatTemplate: template } : {}),
    generation: readIds(gguf.metadata),
    weights: weightsOf(gguf, config, where),
  };
}

/** Sizes and choices, from the metadata and from which tensors there are. */
function readGgufConfig(gguf: Gguf, where: string): GPTConfig {
  const { metadata, tensors } = gguf;
  const refuse = (key: string, expected: string, got: unknown): never => {
    throw new Error(`${where}: ${key}: expected ${expected}, got ${String(got)}`);
  };
  const architecture = metadata.get("general.architecture");
  if (architecture !== "llama" && architecture !== "qwen3")
    refuse("general.architecture", "llama or qwen3", architecture);
  const get = (key: string) => metadata.get(`${architecture}.${key}`);
  const number = (key: string, fallback?: number): number => {
    const value = get(key) ?? fallback;
    return typeof value === "number"
      ? value
      : refuse(`${architecture}.${key}`, "one number", value);
  };
  const [H, C] = [number("attention.head_count"), number("embedding_length")];
  const D = number("attention.key_length", C / H);
  for (const key of ["attention.value_length", "rope.dimension_count"])
    if (number(key, D) !== D)
      refuse(`${architecture}.${key}`, `${D} as the width of a head`, get(key));
  for (const key of ["expert_count", "attention.sliding_window"])
    if (number(key, 0) !== 0) refuse(`${architecture}.${key}`, "none", get(key));
  const scaling = readGgufScaling(
    get,
    (key, expected, got) => refuse(`${architecture}.${key}`, expected, got),
    tensors.has(ropeFactorsName) ? readGgufTensor(gguf, ropeFactorsName).data : undefined,
  );
  const [biases, all] = ["q", "output"].map((name) => tensors.has(`blk.0.attn_${name}.bias`));
  const config: GPTConfig = {
    family: "llama",
    vocabSize: tensors.get("token_embd.weight")?.shape[0] ?? number("vocab_size"),
    blockSize: number("context_length"),
    nLayer: number("block_count"),
    nHead: H,
    nKvHead: number("attention.head_count_kv", H),
    nEmbd: C,
    ...(D === C / H ? {} : { headWidth: D }),
    nInner: number("feed_forward_length"),
    dropout: 0,
    bias: false,
    normEps: number("attention.layer_norm_rms_epsilon"),
    ropeBase: number("rope.freq_base", 1e4),
    ...(scaling ? { ropeScaling: scaling } : {}),
    ...(architecture === "qwen3" ? { qkNorm: true } : {}),
    ...(biases ? { attentionBias: all ? "all" : "qkv" } : {}),
    tied: !tensors.has("output.weight"),
  };
  try {
    return validateGPTConfig(config);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message.replace("validateGPTConfig: ", "")}`);
  }
}

/** The weights of a file by our names. @throws where some are missing, left over or of another shape */
function weightsOf(gguf: Gguf, config: GPTConfig, where: string): OpenedGguf["weights"] {
  const names = [...gguf.tensors.keys()].filter((name) => name !== ropeFactorsName);
  const byName = new Map(names.map((name) => [ourName(name), name]));
  const found = names.map((name) => [ourName(name), gguf.tensors.get(name)!] as const);
  expectTensors(gptShapes(config), Object.fromEntries(found), where);
  const all = { ...headsOf(config), qkNorm: config.qkNorm };
  return (name) => {
    const { shape, type, bytes } = readGgufBytes(gguf, byName.get(name)!);
    const heads = pairedHeads(name, all);
    const size = bytes.length / shape[0];
    const place = heads ? rowOfHalves(shape[0] / heads) : (n: number) => n;
    const row = (n: number) => bytes.subarray(place(n) * size, (place(n) + 1) * size);
    const inOrder = () => {
      const ordered = new Uint8Array(bytes.length);
      for (let n = 0; n < shape[0]; n++) ordered.set(row(n), n * size);
      return ordered;
    };
    return { type, shape, row, floats: () => dequantize(type, heads ? inOrder() : bytes) };
  };
}

/** The ids of special tokens, under transformers' names. */
function readIds(metadata: Map<string, GgufValue>): Record<string, unknown> {
  const names = { bos: "bos_token_id", eos: "eos_token_id", padding: "pad_token_id" };
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, ours]) => {
      const id = metadata.get(`tokenizer.ggml.${name}_token_id`);
      return id === undefined ? [] : [[ours, id]];
    }),
  );
}
