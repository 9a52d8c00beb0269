/**
 * LoRAs as PEFT's folders: adapter_config.json and adapter_model.safetensors, which
 * `PeftModel.from_pretrained(model, folder)` opens (tested with peft 0.21.2), and the other way round.
 * In the file every name has "base_model.model." before it, and that is the only difference.
 *
 * Left out, and refused with the key that asks for it: other methods than LoRA, DoRA, biases and
 * whole modules that are trained along, different ranks or α for different layers.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "../checkpoint";
import { tf } from "../engine";
import { makeFolder, writeAtomically } from "../files";
import { fingerprint, type Params } from "../params";
import { expectLoraFits, isConv1d, type Lora, loraOf } from "./lora";

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";
const PREFIX = "base_model.model.";

export interface SaveLoraOptions {
  /** The model it was trained beside: a fingerprint of it goes into the file. */
  base: Params;
  /** What the model is called, such as "HuggingFaceTB/SmolLM2-135M-Instruct": for PEFT. */
  baseName?: string;
  /** How numbers are stored; a 16-bit type rounds them. */
  type?: "F32" | "F16" | "BF16";
}

/**
 * Writes a LoRA as PEFT does; files of that name are replaced when the new ones are whole.
 * @throws if it is not a LoRA of this model, its layers have different ranks, or a number is not
 *   finite; then nothing is written
 */
export async function saveLora(
  folder: string,
  lora: Lora,
  { base, baseName, type = "F32" }: SaveLoraOptions,
): Promise<void> {
  const where = `saveLora: ${folder}`;
  expectLoraFits(base, lora, where);
  const tensors: Record<string, TensorData> = {};
  for (const [name, tensor] of Object.entries(lora.params)) {
    const data = (await tensor.data()) as Float32Array;
    if (!data.every(Number.isFinite))
      throw new Error(`${where}: expected finite numbers in ${name}, got others`);
    tensors[PREFIX + name] = { shape: tensor.shape, data };
  }
  const ranks = [...new Set(lora.layers.map((layer) => rankOf(lora.params, layer)))];
  if (ranks.length > 1)
    throw new Error(`${where}: expected one rank for all layers, got ${ranks.join(" and ")}`);
  const config = configOf(lora, ranks[0], baseName ?? null);
  makeFolder(folder);
  const metadata = { format: "pt", base: fingerprint(base) };
  writeAtomically(join(folder, WEIGHTS), encodeSafetensors(tensors, metadata, type));
  writeAtomically(join(folder, CONFIG), [`${JSON.stringify(config, null, 2)}\n`]);
}

const rankOf = (params: Params<tf.Tensor>, layer: string) =>
  params[`${layer}.lora_A.weight`].shape[0];

function configOf({ alpha, layers }: Lora, r: number, baseName: string | null): object {
  const targets = [...new Set(layers.map((layer) => layer.split(".").at(-1)!))].sort();
  return {
    base_model_name_or_path: baseName,
    bias: "none",
    fan_in_fan_out: layers.some(isConv1d),
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: "LORA",
    r,
    target_modules: targets,
    task_type: "CAUSAL_LM",
    use_dora: false,
    use_rslora: false,
  };
}

export interface LoadLoraOptions {
  /**
   * false accepts a LoRA that was trained beside a model with other numbers, such as the same model
   * before it was quantized. If absent, the fingerprint in the file has to be the model's; files
   * that were not written here have none.
   */
  sameBase?: boolean;
}

/**
 * Reads a LoRA of PEFT's form for a model.
 * @returns a LoRA of its own; free it with `disposeAddition`
 * @throws if files are missing or damaged, it asks for something that is left out here, or it is
 *   the LoRA of another model; the model is never touched
 */
export function loadLora(
  folder: string,
  base: Params,
  { sameBase = true }: LoadLoraOptions = {},
): Lora {
  const where = `loadLora: ${folder}`;
  const { alpha, r } = readConfig(folder, where);
  const { tensors, metadata } = readWeights(join(folder, WEIGHTS), where);
  const params: Record<string, TensorData> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!name.startsWith(PREFIX) || !/\.lora_[AB]\.weight$/.test(name))
      throw new Error(`${where}: expected ${PREFIX}….lora_A.weight or lora_B.weight, got ${name}`);
    params[name.slice(PREFIX.length)] = tensor;
  }
  const layers = [
    ...new Set(Object.keys(params).map((n) => n.replace(/\.lora_[AB]\.weight$/, ""))),
  ];
  expectLoraFits(base, { params, layers }, where);
  const other = layers.find((layer) => params[`${layer}.lora_A.weight`].shape[0] !== r);
  if (other !== undefined)
    throw new Error(`${where}: expected the rank r = ${r} of ${CONFIG} in ${other}, got another`);
  if (sameBase && metadata.base !== undefined && metadata.base !== fingerprint(base))
    throw new Error(
      `${where}: expected the LoRA of this model, got one that was trained beside a model of the ` +
        "same shapes with other numbers (sameBase: false takes it all the same)",
    );
  const variables = Object.entries(params).map(([name, { data, shape }]) => [
    name,
    tf.tidy(() => tf.variable(tf.tensor(data, shape))),
  ]);
  return loraOf(Object.fromEntries(variables), alpha);
}

function readWeights(file: string, where: string) {
  if (!existsSync(file)) throw new Error(`${where}: expected ${WEIGHTS}, got no such file`);
  try {
    return decodeSafetensors(readFileSync(file));
  } catch (error) {
    throw new Error(`${where}: ${WEIGHTS}: ${(error as Error).message}`);
  }
}

/** What each key must be; one that a file does not have is as its default, which is allowed. */
const allowed: Record<string, (value: unknown) => boolean> = {
  bias: (value) => value === "none",
  use_dora: (value) => value === false,
  lora_bias: (value) => value === false,
  modules_to_save: (value) => value === null,
  rank_pattern: (value) => Object.keys(value ?? {}).length === 0,
  alpha_pattern: (value) => Object.keys(value ?? {}).length === 0,
};

function readConfig(folder: string, where: string): { alpha: number; r: number } {
  const file = join(folder, CONFIG);
  if (!existsSync(file)) throw new Error(`${where}: expected ${CONFIG}, got no such file`);
  let config: Record<string, unknown>;
  try {
    config = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${where}: ${CONFIG}: expected JSON, got ${(error as Error).message}`);
  }
  const refuse = (key: string, expected: string): never => {
    throw new Error(
      `${where}: ${CONFIG}: ${key}: expected ${expected}, got ${JSON.stringify(config?.[key])}`,
    );
  };
  if (config?.peft_type !== "LORA") refuse("peft_type", '"LORA"');
  for (const [key, isFine] of Object.entries(allowed))
    if (key in config && !isFine(config[key])) refuse(key, "none of that");
  const { r, lora_alpha: alpha } = config;
  if (!Number.isInteger(r) || (r as number) < 1) refuse("r", "a rank of 1 or more");
  if (!(typeof alpha === "number" && alpha > 0)) refuse("lora_alpha", "a number above 0");
  // rsLoRA (Kalajdzievski, 2023) scales by α/√r, which is our α/r with another α
  const scale = config.use_rslora === true ? Math.sqrt(r as number) : 1;
  return { alpha: (alpha as number) * scale, r: r as number };
}
