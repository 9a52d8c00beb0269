// What a GPT is made from: the family, the sizes, and how positions enter. One record describes a
// model from the first parameter to the checkpoint's metadata.
import { type RopeScaling, wrongRopeScaling } from "../ops";
import { type PositionKind, positionKinds } from "../position";
import { type InitStd, type ModelSizes, wrongSizes, wrongWhole } from "../transformer";

/**
 * A model of this kind; what the design of a block leaves open is GPT-2's. Learned positions have
 * embeddings for 0 … blockSize − 1 only; with other kinds the model also takes longer sequences.
 */
export interface GPTConfig extends ModelSizes, LlamaChoices {
  /**
   * "gpt2" (if absent): blocks of llm/transformer under GPT-2's names · "llama": RMS norm, rotary
   * positions, SwiGLU, grouped queries, under LLaMA's names (./llama).
   */
  family?: "gpt2" | "llama";
  nLayer: number;
  /** How the model knows where a token stands (llm/position); "learned", as GPT-2, if absent. */
  position?: PositionKind;
  /**
   * false gives the head a matrix of its own; true if absent: the head is the token embedding again.
   */
  tied?: boolean;
  /** An RMS norm over the token embeddings, before the first block. GPT-2's family only. */
  embeddingNorm?: boolean;
  /**
   * How many positions a short convolution over the embeddings sees, the own one included, so that the
   * first block knows the last few tokens; none if absent. GPT-2's family only, in a causal pass
   * without a KV cache.
   */
  embeddingConv?: number;
  /**
   * Every layer mixes the first layer's values into its own (Zhou et al., 2024; llm/transformer's
   * valueResidual). GPT-2's family only.
   */
  valueResidual?: boolean;
  /**
   * Before every block but the first, x ← a · x + b · x₀ with the embeddings x₀; a and b are learnt, 1
   * and 0 at first (from modded-nanogpt, Jordan et al., 2024). GPT-2's family only.
   */
  embeddingSkip?: boolean;
  /** true: what writes into the residual stream, and an untied head, begins at 0. GPT-2's only. */
  zeroOutput?: boolean;
  /**
   * Standard deviations of fresh weights, 0.02 (GPT-2's) if absent: of the embeddings, and of what
   * reads from the residual stream. GPT-2's family only.
   */
  initStd?: InitStd;
  /** c: logits are squashed to c · tanh(logit / c), as in Gemma 2; not at all if absent. */
  logitCap?: number;
  /** With position "t5": from this distance on all share the last bucket; 128, as T5, if absent. */
  relativeMaxDistance?: number;
}

/** What can be chosen in the family "llama" only. */
export interface LlamaChoices {
  /** Heads for keys and values; divides nHead, and is nHead if absent. */
  nKvHead?: number;
  /** D: width of a head; nEmbd / nHead if absent. */
  headWidth?: number;
  /** F: width inside the feed-forward network; 8/3 · nEmbd, rounded, if absent. */
  nInner?: number;
  /** ε of the RMS norms; 1e-5 if absent. */
  normEps?: number;
  /** θ of the rotary positions; 10,000 if absent. */
  ropeBase?: number;
  /** How the rotary positions are slowed down for longer texts; not at all if absent. */
  ropeScaling?: RopeScaling;
  /** Biases of queries, keys and values ("qkv", as in Qwen2), or of all four projections. */
  attentionBias?: "qkv" | "all";
  /** How many positions may be seen, the own one included; all before it if absent. Mistral's. */
  window?: number;
  /**
   * `count` networks in place of one, of which `perToken` compute each token (llm/moe). In training,
   * `balance` times the mean of the layers' balance losses is added to the gradient; 0 if absent.
   * The loss that is returned does not have it, so that models with and without compare.
   */
  experts?: { count: number; perToken: number; balance?: number };
}

/** The choices of the family "llama", none of which a GPT-2 can have. */
const llamaChoices = {
  ...{ nKvHead: true, headWidth: true, nInner: true, normEps: true, ropeBase: true },
  ropeScaling: true,
  ...{ attentionBias: true, window: true, experts: true },
} satisfies Record<keyof LlamaChoices, true>;

/** What says how many heads there are and how wide. */
export type HeadSizes = Pick<GPTConfig, "nHead" | "nKvHead" | "nEmbd" | "headWidth">;

/** H heads of queries, K of keys and values, and the width D of each. */
export function headsOf({ nHead: H, nKvHead: K = H, nEmbd, headWidth: D = nEmbd / H }: HeadSizes) {
  return { H, K, D };
}

/** F of the family "llama": two thirds of 4C unless the configuration says it. */
export const innerWidth = ({ nEmbd: C, nInner = Math.round((8 * C) / 3) }: GPTConfig): number =>
  nInner;

/**
 * Gives `config` back if a model can be made of it.
 * @throws with everything that is wrong, in one message
 */
export function validateGPTConfig(config: GPTConfig): GPTConfig {
  const { family = "gpt2", position = "learned" } = config ?? {};
  const wrong =
    family === "llama"
      ? wrongLlama(config)
      : wrongSizes(config, { depths: ["nLayer"], position, positions: positionKinds });
  if (family !== "llama") {
    if (family !== "gpt2") wrong.push(`family gpt2 or llama, got ${JSON.stringify(family)}`);
    for (const key of Object.keys(llamaChoices))
      if (config?.[key as keyof LlamaChoices] !== undefined)
        wrong.push(
          `no ${key} in the family gpt2, got ${JSON.stringify(config[key as keyof LlamaChoices])}`,
        );
  }
  const conv = config?.embeddingConv;
  if (conv !== undefined && !(Number.isInteger(conv) && conv >= 2 && conv <= 8))
    wrong.push(`embeddingConv from 2 to 8, got ${conv}`);
  const cap = config?.logitCap;
  if (cap !== undefined && !(cap > 0)) wrong.push(`logitCap above 0, got ${cap}`);
  for (const [key, std] of Object.entries(config?.initStd ?? {}))
    if (!(["embeddings", "matrices"].includes(key) && std > 0))
      wrong.push(`initStd with embeddings and matrices above 0, got ${key} ${std}`);
  const far = config?.relativeMaxDistance ?? 128;
  if (!(Number.isInteger(far) && far > 16))
    wrong.push(`relativeMaxDistance a whole number of 17 or more, got ${far}`);
  if (wrong.length > 0) throw new Error(`validateGPTConfig: expected ${wrong.join("; ")}`);
  return config;
}

function wrongScaling(config: GPTConfig): string[] {
  const { ropeScaling: scaling } = config;
  if (scaling === undefined) return [];
  const wrong = wrongRopeScaling(scaling).map((what) => `ropeScaling with ${what}`);
  const pairs = headsOf(config).D / 2;
  if (wrong.length === 0 && scaling.type === "pairs" && scaling.factors.length !== pairs)
    return [`ropeScaling with ${pairs} factors, got ${scaling.factors.length}`];
  return wrong;
}

/** Parts of the family "gpt2" that GPT-2 itself has not got. */
export const addedParts = [
  ...(["qkNorm", "shortConv", "embeddingNorm", "embeddingSkip", "embeddingConv"] as const),
  ...(["valueResidual", "logitCap"] as const),
] as const;

/** What is wrong with a configuration of the family "llama". */
function wrongLlama(config: GPTConfig): string[] {
  const { position = "rope", bias, headWidth, nKvHead, experts, attentionBias } = config;
  const positions = ["rope"];
  const wrong = wrongSizes(config, { depths: ["nLayer"], headWidth, position, positions });
  const given = (["nKvHead", "headWidth", "nInner", "window"] as const).filter(
    (key) => config[key] !== undefined,
  );
  wrong.push(...wrongWhole(config, given, 1));
  const elsewhere = [
    ...(["norm", "normPlacement", "residual", "activation", "normGain", "shortConv"] as const),
    ...(["embeddingNorm", "zeroOutput", "initStd", "valueResidual"] as const),
    ...(["embeddingSkip", "embeddingConv"] as const),
  ];
  for (const key of elsewhere)
    if (config[key] !== undefined) wrong.push(`no ${key} in the family llama, got ${config[key]}`);
  if (bias)
    wrong.push("bias false in the family llama (attentionBias says which it has), got true");
  if (nKvHead !== undefined && config.nHead % nKvHead !== 0)
    wrong.push(`nHead divisible by nKvHead, got nHead ${config.nHead} and nKvHead ${nKvHead}`);
  if (attentionBias !== undefined && !["qkv", "all"].includes(attentionBias))
    wrong.push(`attentionBias qkv or all, got ${JSON.stringify(attentionBias)}`);
  for (const key of ["normEps", "ropeBase"] as const)
    if (config[key] !== undefined && !(config[key] > 0))
      wrong.push(`${key} above 0, got ${config[key]}`);
  wrong.push(...wrongScaling(config));
  if (experts) {
    wrong.push(...wrongWhole(experts, ["count", "perToken"], 1));
    if (experts.perToken > experts.count)
      wrong.push(`at most ${experts.count} experts per token, got ${experts.perToken}`);
    if (experts.balance !== undefined && !(experts.balance >= 0))
      wrong.push(`a balance of experts ≥ 0, got ${experts.balance}`);
  }
  return wrong;
}
