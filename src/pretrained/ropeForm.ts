/**
 * How rotary positions are said in files: `rope_parameters` in config.json (before transformers 5
 * `rope_theta` and `rope_scaling`), and in GGUF the metadata `rope.*` with the tensor
 * rope_freqs.weight, in which llama.cpp's converter has worked LLaMA 3's scaling out pair by pair.
 */
import type { TensorData } from "../checkpoint";
import type { GgufEntry } from "../gguf";
import { type GPTConfig, headsOf } from "../gpt";
import { type RopeScaling, ropeFactors, type YarnScaling } from "../ops";

// biome-ignore lint/suspicious/noExplicitAny: a file from elsewhere; every use is checked
export type Json = Record<string, any>;
/** Refuses by name. */
export type Expect = (key: string, allowed: readonly unknown[], got: unknown) => void;

type Rope = Pick<GPTConfig, "ropeBase" | "ropeScaling">;

/** θ of the rotary positions, and how it is scaled, from a config.json. */
export function readRope(file: Json, fallback: number, expect: Expect): Rope {
  const rope: Json = file.rope_parameters ?? file.rope_scaling ?? {};
  const type = rope.rope_type ?? rope.type ?? "default";
  expect("rope_type", ["default", "linear", "dynamic", "llama3", "yarn"], type);
  const part = rope.partial_rotary_factor ?? file.partial_rotary_factor ?? 1;
  expect("partial_rotary_factor", [1], part);
  return {
    ropeBase: rope.rope_theta ?? file.rope_theta ?? fallback,
    ...(type === "default" ? {} : { ropeScaling: readScaling(type, rope, file) }),
  };
}

/** Values are checked with the whole configuration, by `validateGPTConfig`. */
function readScaling(
  type: Exclude<RopeScaling["type"], "pairs">,
  rope: Json,
  file: Json,
): RopeScaling {
  const { factor } = rope;
  if (type === "linear") return { type, factor };
  if (type === "dynamic") return { type, factor, originalBlockSize: file.max_position_embeddings };
  const originalBlockSize =
    file.original_max_position_embeddings ??
    rope.original_max_position_embeddings ??
    file.max_position_embeddings;
  if (type === "yarn") {
    const whole = factor ?? file.max_position_embeddings / originalBlockSize;
    return { type, factor: whole, originalBlockSize, ...readYarn({ ...rope, factor: whole }) };
  }
  return {
    ...{ type, factor, originalBlockSize },
    lowFreqFactor: rope.low_freq_factor,
    highFreqFactor: rope.high_freq_factor,
  };
}

/**
 * What YaRN has beside the factor. `mscale` and `mscale_all_dim` (DeepSeek's) are two numbers whose
 * quotient is the attention factor, as in transformers' `_compute_yarn_parameters`.
 * @throws for `truncate: false`, which is not computed here
 */
function readYarn(rope: Json): Partial<YarnScaling> {
  const { beta_fast, beta_slow, attention_factor, mscale, mscale_all_dim, truncate = true } = rope;
  if (truncate !== true)
    throw new Error(`rope_parameters: truncate: expected true, got ${JSON.stringify(truncate)}`);
  const scaled = (m: number) => (rope.factor <= 1 ? 1 : 0.1 * m * Math.log(rope.factor) + 1);
  const quotient = mscale && mscale_all_dim && scaled(mscale) / scaled(mscale_all_dim);
  const attentionFactor = attention_factor ?? quotient;
  return {
    ...(beta_fast ? { betaFast: beta_fast } : {}),
    ...(beta_slow ? { betaSlow: beta_slow } : {}),
    ...(attentionFactor ? { attentionFactor } : {}),
  };
}

/**
 * `rope_parameters` of a config.json.
 * @throws where transformers has no such scaling
 */
export function writeRope(config: GPTConfig): object {
  const { ropeBase = 1e4, ropeScaling: scaling, blockSize } = config;
  const base = { rope_theta: ropeBase };
  if (scaling === undefined) return { rope_type: "default", ...base };
  if (scaling.type === "pairs")
    throw new Error(
      "savePretrained: expected a model that transformers has, got one whose rotary positions are " +
        "scaled pair by pair, as in a GGUF file",
    );
  const { type, factor } = scaling;
  if (type === "linear") return { rope_type: type, factor, ...base };
  if (type === "dynamic" && scaling.originalBlockSize !== blockSize)
    throw new Error(
      "savePretrained: expected the original length of dynamic scaling to be blockSize " +
        `(transformers takes max_position_embeddings), got ${scaling.originalBlockSize}`,
    );
  if (type === "dynamic") return { rope_type: type, factor, ...base };
  const original = { original_max_position_embeddings: scaling.originalBlockSize };
  if (type === "yarn")
    return { rope_type: type, factor, ...writeYarn(scaling), ...original, ...base };
  return {
    ...{ rope_type: type, factor, low_freq_factor: scaling.lowFreqFactor },
    high_freq_factor: scaling.highFreqFactor,
    ...original,
    ...base,
  };
}

const writeYarn = ({ betaFast, betaSlow, attentionFactor }: YarnScaling): object => ({
  ...(betaFast === undefined ? {} : { beta_fast: betaFast }),
  ...(betaSlow === undefined ? {} : { beta_slow: betaSlow }),
  ...(attentionFactor === undefined ? {} : { attention_factor: attentionFactor }),
});

/** The tensor of a GGUF file that holds each pair's divisor. */
export const ropeFactorsName = "rope_freqs.weight";

/**
 * The scaling in a GGUF file.
 * @param get a value of the metadata, by its name without the architecture
 * @param refuse throws, and names the key
 * @param factors the numbers of rope_freqs.weight, where the file has it
 */
export function readGgufScaling(
  get: (key: string) => unknown,
  refuse: (key: string, expected: string, got: unknown) => never,
  factors?: ArrayLike<number>,
): RopeScaling | undefined {
  const type = get("rope.scaling.type") ?? (get("rope.scale_linear") ? "linear" : "none");
  const pairs = Array.from(factors ?? []);
  const isScaled = pairs.some((factor) => factor !== 1);
  if (type === "none") return isScaled ? { type: "pairs", factors: pairs } : undefined;
  if (type !== "linear") return refuse("rope.scaling.type", "none or linear", type);
  if (isScaled) return refuse("rope.scaling.type", `none beside ${ropeFactorsName}`, type);
  const factor = get("rope.scaling.factor") ?? get("rope.scale_linear");
  if (typeof factor !== "number") return refuse("rope.scaling.factor", "one number", factor);
  return { type, factor };
}

/** What a GGUF file says of the scaling: entries of its metadata, and a tensor. */
export function writeGgufScaling(config: GPTConfig): {
  entries: GgufEntry[];
  tensors: Record<string, TensorData>;
} {
  const { ropeBase, ropeScaling: scaling } = config;
  if (scaling === undefined) return { entries: [], tensors: {} };
  if (scaling.type === "linear")
    return {
      entries: [
        ["llama.rope.scaling.type", "string", "linear"],
        ["llama.rope.scaling.factor", "f32", scaling.factor],
      ],
      tensors: {},
    };
  const data = Float32Array.from(ropeFactors(headsOf(config).D, ropeBase, scaling));
  return { entries: [], tensors: { [ropeFactorsName]: { shape: [data.length], data } } };
}
