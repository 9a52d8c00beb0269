/**
 * config.json ↔ GPTConfig: a model's sizes and choices as Hugging Face's transformers names them.
 * Reading, whatever this course would compute otherwise is refused with its key; keys that change no
 * number (initialisation, caches, losses) are left alone. What a file does not say has transformers'
 * default (version 5.24). How rotary positions are said is in ./ropeForm.
 */
import { type GPTConfig, headsOf, innerWidth, validateGPTConfig } from "../gpt";
import { llamaKinds, type ModelType, modelTypeOf, modelTypes } from "./modelTypes";
import { type Expect, type Json, readRope, writeRope } from "./ropeForm";

const shown = (value: unknown) => JSON.stringify(value) ?? "nothing";

/**
 * The configuration in a config.json.
 * @param json the file, parsed
 * @param where begins the message of an error
 * @throws for another kind of model, or one that would be computed wrongly; the message says which
 *   key
 */
export function readConfig(
  json: unknown,
  where: string,
): { modelType: ModelType; config: GPTConfig } {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new Error(`${where}: expected an object, got ${shown(json)}`);
  const file = json as Json;
  const expect: Expect = (key, allowed, got) => {
    if (!allowed.includes(got))
      throw new Error(
        `${where}: ${key}: expected ${allowed.map(shown).join(" or ")}, got ${shown(got)}`,
      );
  };
  expect("model_type", modelTypes, file.model_type);
  if (file.quantization_config)
    throw new Error(`${where}: quantization_config: expected none, got quantized weights`);
  const modelType = file.model_type as ModelType;
  const config = modelType === "gpt2" ? readGpt2(file, expect) : readLlama(file, modelType, expect);
  try {
    return { modelType, config: validateGPTConfig(config) };
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message.replace("validateGPTConfig: ", "")}`);
  }
}

/** Formulas that differ by no more than rounding: GELU's approximation by tanh. */
const geluByTanh = ["gelu_new", "gelu_pytorch_tanh", "gelu_fast"];

function readGpt2(file: Json, expect: Expect): GPTConfig {
  const activation = file.activation_function ?? "gelu_new";
  expect("activation_function", [...geluByTanh, "relu"], activation);
  expect("layer_norm_epsilon", [1e-5], file.layer_norm_epsilon ?? 1e-5);
  expect("n_inner", [null, 4 * file.n_embd], file.n_inner ?? null);
  expect("scale_attn_weights", [true], file.scale_attn_weights ?? true);
  for (const key of ["scale_attn_by_inverse_layer_idx", "add_cross_attention"])
    expect(key, [false], file[key] ?? false);
  expect("tie_word_embeddings", [true], file.tie_word_embeddings ?? true);
  return {
    vocabSize: file.vocab_size,
    blockSize: file.n_positions,
    nLayer: file.n_layer,
    nHead: file.n_head,
    nEmbd: file.n_embd,
    dropout: file.resid_pdrop ?? 0.1,
    bias: true,
    ...(activation === "relu" ? { activation } : {}),
  };
}

function readLlama(file: Json, type: keyof typeof llamaKinds, expect: Expect): GPTConfig {
  const { must, defaults } = llamaKinds[type];
  expect("hidden_act", ["silu"], file.hidden_act ?? "silu");
  expect("mlp_bias", [false], file.mlp_bias ?? false);
  const [C, H] = [file.hidden_size, file.num_attention_heads];
  const width = file.head_dim ?? defaults.headWidth ?? C / H;
  const { num_key_value_heads: kvHeads = defaults.kvHeads } = file; // null: as many as heads
  const window = readWindow(file, type, expect);
  const experts = { count: file.num_local_experts ?? 8, perToken: file.num_experts_per_tok ?? 2 };
  const biased = file.attention_bias && (type === "llama" || type === "qwen3");
  return {
    family: "llama",
    vocabSize: file.vocab_size,
    blockSize: file.max_position_embeddings,
    nLayer: file.num_hidden_layers,
    nHead: H,
    nKvHead: kvHeads ?? H,
    nEmbd: C,
    ...(width === C / H ? {} : { headWidth: width }),
    nInner: file.intermediate_size,
    dropout: 0,
    bias: false,
    normEps: file.rms_norm_eps ?? defaults.normEps,
    ...readRope(file, defaults.ropeBase, expect),
    ...(must.includes("qkNorm") ? { qkNorm: true } : {}),
    ...(must.includes("qkvBias")
      ? { attentionBias: "qkv" }
      : biased
        ? { attentionBias: "all" }
        : {}),
    ...(window === undefined ? {} : { window }),
    ...(must.includes("experts") ? { experts } : {}),
    tied: file.tie_word_embeddings ?? false,
  };
}

/** How far attention sees; undefined where it sees all. Layers that differ are refused. */
function readWindow(file: Json, type: ModelType, expect: Expect): number | undefined {
  if (type === "llama") return undefined;
  const isQwen = type === "qwen2" || type === "qwen3";
  const size = file.sliding_window === undefined ? 4096 : (file.sliding_window ?? undefined);
  if (!isQwen) return type === "mixtral" && file.sliding_window === undefined ? undefined : size;
  if (!file.use_sliding_window || size === undefined) return undefined;
  const first = file.max_window_layers ?? 28; // the layers from there on have it
  const layers = Array.from({ length: file.num_hidden_layers }, (_, i) =>
    i >= first ? "sliding_attention" : "full_attention",
  );
  const kinds = new Set<unknown>(file.layer_types ?? layers);
  if (kinds.size > 1) expect("layer_types", ["one kind for all layers"], [...kinds].join(" and "));
  return kinds.has("sliding_attention") ? size : undefined;
}

/** What else a config.json says. */
export interface ConfigFileOptions {
  /** The kind to write; by default the first that fits. */
  modelType?: ModelType;
  /** `bos_token_id` and the like. */
  generation?: Record<string, unknown>;
  /** How the weights are stored. */
  dtype: "float32" | "float16" | "bfloat16";
}

/**
 * A configuration as config.json.
 * @throws where transformers has no such model
 */
export function writeConfig(
  config: GPTConfig,
  { modelType: wanted, generation = {}, dtype }: ConfigFileOptions,
): Record<string, unknown> {
  const type = modelTypeOf(validateGPTConfig(config), wanted);
  const ids = ["bos_token_id", "eos_token_id", "pad_token_id"];
  return {
    architectures: [type === "gpt2" ? "GPT2LMHeadModel" : llamaKinds[type].architecture],
    model_type: type,
    ...(type === "gpt2" ? writeGpt2(config) : writeLlama(config, type)),
    dtype,
    // null and not left out: the defaults are ids of other vocabularies
    ...Object.fromEntries(ids.map((key) => [key, generation[key] ?? null])),
    use_cache: true,
  };
}

function writeGpt2(config: GPTConfig): object {
  const { vocabSize, blockSize, nLayer, nHead, nEmbd, dropout, activation } = config;
  return {
    ...{ vocab_size: vocabSize, n_positions: blockSize, n_layer: nLayer, n_head: nHead },
    ...{ n_embd: nEmbd, n_inner: null, layer_norm_epsilon: 1e-5 },
    activation_function: activation === "relu" ? "relu" : "gelu_new",
    ...{ resid_pdrop: dropout, embd_pdrop: dropout, attn_pdrop: dropout },
    tie_word_embeddings: true,
  };
}

function writeLlama(config: GPTConfig, type: keyof typeof llamaKinds): object {
  const { vocabSize, blockSize, nLayer, nEmbd: C, window, experts } = config;
  const { normEps = 1e-5, attentionBias, tied = true } = config;
  const { H, K, D } = headsOf(config);
  const isQwen = type === "qwen2" || type === "qwen3";
  const layers = new Array(nLayer).fill(window ? "sliding_attention" : "full_attention");
  return {
    ...{ vocab_size: vocabSize, hidden_size: C, intermediate_size: innerWidth(config) },
    ...{ num_hidden_layers: nLayer, num_attention_heads: H, num_key_value_heads: K },
    ...(type === "qwen2" && D === C / H ? {} : { head_dim: D }),
    ...{ hidden_act: "silu", max_position_embeddings: blockSize, rms_norm_eps: normEps },
    rope_parameters: writeRope(config),
    tie_word_embeddings: tied,
    attention_dropout: 0,
    ...(type === "llama" ? { attention_bias: attentionBias === "all", mlp_bias: false } : {}),
    ...(type === "qwen3" ? { attention_bias: attentionBias === "all" } : {}),
    ...(type === "mistral" || type === "mixtral" ? { sliding_window: window ?? null } : {}),
    ...(isQwen
      ? {
          ...{ use_sliding_window: window !== undefined, sliding_window: window ?? null },
          ...{ max_window_layers: window ? 0 : nLayer, layer_types: layers },
        }
      : {}),
    ...(experts ? { num_local_experts: experts.count, num_experts_per_tok: experts.perToken } : {}),
  };
}
