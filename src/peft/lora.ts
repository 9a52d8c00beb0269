// LoRA as something that is made, merged and taken out again: Hu et al., 2021, arXiv:2106.09685.
// What it computes inside a layer is llm/transformer's `lora.ts`; files are in ./files, arithmetic
// with several is in ./combine.
import { tf } from "../engine";
import type { Params } from "../params";
import { Random } from "../random";
import { LORA_ALPHA, loraNames } from "../transformer";
import type { Addition } from "./method";

export interface LoraOptions {
  /** r: how wide the path beside each matrix is. */
  r: number;
  /** α: the path's result is multiplied by α / r. 2r if absent, as many recipes have it. */
  alpha?: number;
  /**
   * Which matrices get one: the last parts of their layers' names, such as "q_proj". If absent, all
   * matrices of the blocks, which PEFT calls "all-linear".
   */
  targets?: readonly string[];
}

/** A LoRA: A (r, in) and B (out, r) of each adapted layer under PEFT's names, and α. */
export interface Lora extends Addition {
  alpha: number;
  /** The adapted layers, such as `model.layers.0.self_attn.q_proj`. */
  layers: string[];
}

/** Whether a layer's weight is stored as GPT-2 stores it, (in, out): PEFT's `fan_in_fan_out`. */
export const isConv1d = (layer: string): boolean =>
  /(^|\.)(c_attn|q_attn|c_proj|c_fc|c_gate)$/.test(layer);

/** in and out of a layer's matrix. */
export function widthsOf(base: Params<tf.Tensor>, layer: string): [width: number, out: number] {
  const [rows, columns] = base[`${layer}.weight`].shape;
  return isConv1d(layer) ? [rows, columns] : [columns, rows];
}

/** The layers whose matrices a block multiplies by. */
export function linearLayers(base: Params<tf.Tensor>): string[] {
  return Object.keys(base)
    .filter((name) => /\.(h|layers|layer)\.\d+\..*\.weight$/.test(name) && base[name].rank === 2)
    .map((name) => name.slice(0, -".weight".length));
}

/**
 * The layers that are meant by `targets`.
 * @throws where one of them names no layer, with the names that there are
 */
export function targetLayers(base: Params<tf.Tensor>, targets?: readonly string[]): string[] {
  const all = linearLayers(base);
  if (targets === undefined) return all;
  const isTarget = (layer: string, target: string) =>
    layer === target || layer.endsWith(`.${target}`);
  const unknown = targets.find((target) => !all.some((layer) => isTarget(layer, target)));
  if (unknown !== undefined || targets.length === 0) {
    const names = [...new Set(all.map((layer) => layer.split(".").at(-1)))];
    throw new Error(
      `targetLayers: expected targets out of ${names.join(", ")}, got ${unknown ?? "none"}`,
    );
  }
  return all.filter((layer) => targets.some((target) => isTarget(layer, target)));
}

/**
 * A fresh LoRA. A is uniform in ±1/√in, as PEFT draws it, and B is 0: the adapted model begins as
 * the model itself, and its first gradient reaches B alone.
 * @throws if r or α make no sense, or a target names no layer
 */
export function initLora(
  base: Params<tf.Tensor>,
  { r, alpha = 2 * r, targets }: LoraOptions,
  { seed }: { seed: number },
): Lora {
  if (!Number.isInteger(r) || r < 1)
    throw new Error(`initLora: expected a rank r of 1 or more, got ${r}`);
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new Error(`initLora: expected alpha above 0, got ${alpha}`);
  const layers = targetLayers(base, targets);
  const rng = new Random(seed);
  const params: Params = {};
  for (const layer of layers) {
    const [width, out] = widthsOf(base, layer);
    const [a, b] = loraNames(layer);
    const draws = rng.fork(a);
    const values = Float32Array.from(
      { length: r * width },
      () => (2 * draws.uniform() - 1) / Math.sqrt(width),
    );
    params[a] = tf.tidy(() => tf.variable(tf.tensor2d(values, [r, width])));
    params[b] = tf.tidy(() => tf.variable(tf.zeros([out, r])));
  }
  return loraOf(params, alpha);
}

/** A LoRA of tensors that are there; they become its own. */
export function loraOf(params: Params, alpha: number): Lora {
  const layers = Object.keys(params).flatMap(
    (name) => /^(.*)\.lora_A\.weight$/.exec(name)?.[1] ?? [],
  );
  const constants = { [LORA_ALPHA]: tf.tidy(() => tf.variable(tf.scalar(alpha), false)) };
  return { params, constants, alpha, layers };
}

/**
 * What a LoRA adds to a layer's matrix: ΔW = α/r · B · A.
 * @returns in the layout of the matrix, (out, in), or (in, out) in GPT-2; the caller disposes it
 */
export function loraDelta({ params, alpha }: Pick<Lora, "params" | "alpha">, layer: string) {
  const [a, b] = loraNames(layer).map((name) => params[name] as tf.Tensor as tf.Tensor2D);
  return tf.tidy(() => {
    const delta = tf.mul<tf.Tensor2D>(tf.matMul(b, a), alpha / a.shape[0]); // (out, in)
    return isConv1d(layer) ? tf.transpose(delta) : delta;
  });
}

/**
 * Adds a LoRA to the matrices themselves, W ← W + α/r · B · A: the model then has what the LoRA
 * taught it, and costs what it cost before.
 * @param base changed in place
 * @throws before anything is changed, if the LoRA is not of this model
 */
export function mergeLora(base: Params, lora: Lora): void {
  addDeltas(base, lora, 1);
}

/**
 * Takes a merged LoRA out again: W ← W − α/r · B · A, which is the old W up to rounding.
 * @param base changed in place
 * @throws before anything is changed, if the LoRA is not of this model
 */
export function unmergeLora(base: Params, lora: Lora): void {
  addDeltas(base, lora, -1);
}

function addDeltas(base: Params, lora: Lora, sign: 1 | -1): void {
  expectLoraFits(base, lora, "mergeLora");
  for (const layer of lora.layers)
    tf.tidy(() => {
      const weight = base[`${layer}.weight`];
      const delta = loraDelta(lora, layer);
      weight.assign(sign === 1 ? tf.add(weight, delta) : tf.sub(weight, delta));
    });
}

/**
 * Everything that keeps a LoRA from being one of this model, as one error.
 * @param where begins the message
 * @throws with the layers that the model has not got, and those of other widths
 */
export function expectLoraFits(
  base: Params<tf.Tensor>,
  { params, layers }: { params: Record<string, { shape: number[] }>; layers: readonly string[] },
  where: string,
): void {
  const wrong = layers.flatMap((layer) => {
    const [a, b] = loraNames(layer).map((name) => params[name]?.shape);
    if (!(`${layer}.weight` in base)) return [`${layer}, which the model has not got`];
    const [width, out] = widthsOf(base, layer);
    const fits =
      a?.length === 2 && b?.length === 2 && a[1] === width && b[0] === out && a[0] === b[1];
    if (fits) return [];
    return [`${layer} with A [${a}] and B [${b}] instead of [r, ${width}] and [${out}, r]`];
  });
  if (wrong.length === 0 && layers.length > 0) return;
  const more = wrong.length > 3 ? `, and ${wrong.length - 3} more` : "";
  const what = layers.length === 0 ? "no matrix at all" : wrong.slice(0, 3).join("; ") + more;
  throw new Error(`${where}: expected a LoRA of this model, got one of ${what}`);
}
