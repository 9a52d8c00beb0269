// The kinds of models that config.json names and that llm/gpt computes: what each must have and
// what it may have besides. LLaMA's family is one model with choices; Hugging Face has a class for
// each usual choice.
import { addedParts, type GPTConfig } from "../gpt";

/** `model_type` in config.json. */
export type ModelType = "gpt2" | "llama" | "mistral" | "qwen2" | "qwen3" | "mixtral";

/** What can be chosen in LLaMA's family and is not found in all kinds. */
type Choice = "experts" | "qkNorm" | "qkvBias" | "allBias" | "window";

interface Kind {
  /** The name of the class in transformers. */
  architecture: string;
  must: readonly Choice[];
  may: readonly Choice[];
  /** What transformers takes where config.json does not say it. */
  defaults: { ropeBase: number; normEps: number; kvHeads?: number; headWidth?: number };
}

const usual = { ropeBase: 1e4, normEps: 1e-6 };

/** LLaMA's family, in the order in which a kind is looked for. */
export const llamaKinds: Record<Exclude<ModelType, "gpt2">, Kind> = {
  llama: { architecture: "LlamaForCausalLM", must: [], may: ["allBias"], defaults: usual },
  mistral: {
    ...{ architecture: "MistralForCausalLM", must: [], may: ["window"] },
    defaults: { ...usual, kvHeads: 8 },
  },
  qwen2: {
    ...{ architecture: "Qwen2ForCausalLM", must: ["qkvBias"], may: ["window"] },
    defaults: { ...usual, kvHeads: 32 },
  },
  qwen3: {
    ...{ architecture: "Qwen3ForCausalLM", must: ["qkNorm"], may: ["allBias", "window"] },
    defaults: { ...usual, kvHeads: 32, headWidth: 128 },
  },
  mixtral: {
    ...{ architecture: "MixtralForCausalLM", must: ["experts"], may: ["window"] },
    defaults: { ropeBase: 1e6, normEps: 1e-5, kvHeads: 8 },
  },
};

export const modelTypes = ["gpt2", ...Object.keys(llamaKinds)] as ModelType[];

/**
 * The kind of model that Hugging Face has for a configuration.
 * @param wanted this kind, where the configuration fits it
 * @throws where there is none; the message says what no kind has
 */
export function modelTypeOf(config: GPTConfig, wanted?: ModelType): ModelType {
  const none = (what: string) =>
    new Error(`savePretrained: expected a model that transformers has, got ${what}`);
  if (config.family !== "llama") {
    const { position = "learned", norm = "layerNorm", normPlacement = "pre" } = config;
    const { residual = true, activation = "gelu" } = config;
    const given = { position, norm, normPlacement, residual };
    const gpt2s = { position: "learned", norm: "layerNorm", normPlacement: "pre", residual: true };
    for (const [key, value] of Object.entries(given))
      if (value !== gpt2s[key as keyof typeof gpt2s]) throw none(`a GPT-2 with ${key} ${value}`);
    const other = addedParts.find((key) => config[key]);
    if (other) throw none(`a GPT-2 with ${other}`);
    for (const key of ["normGain", "tied"] as const)
      if (config[key] === false) throw none(`a GPT-2 with ${key} false`);
    if (activation !== "gelu" && activation !== "relu")
      throw none(`a GPT-2 with activation ${activation}`);
    if (wanted !== undefined && wanted !== "gpt2") throw none(`a GPT-2 to be saved as ${wanted}`);
    return "gpt2";
  }
  const { experts, qkNorm, attentionBias, window } = config;
  const has = (
    [
      ["experts", experts],
      ["qkNorm", qkNorm],
      ["qkvBias", attentionBias === "qkv"],
      ["allBias", attentionBias === "all"],
      ["window", window],
    ] as [Choice, unknown][]
  ).flatMap(([choice, value]) => (value ? choice : []));
  const fits = ({ must, may }: Kind) =>
    must.every((choice) => has.includes(choice)) &&
    has.every((choice) => must.includes(choice) || may.includes(choice));
  const names = Object.keys(llamaKinds) as (keyof typeof llamaKinds)[];
  const found = names.find((name) => (wanted ?? name) === name && fits(llamaKinds[name]));
  if (found) return found;
  throw none(
    `one with ${has.join(", ") || "none of them"}${wanted ? ` to be saved as ${wanted}` : ""}`,
  );
}
