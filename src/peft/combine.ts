// Several LoRAs of one model made into one. Task arithmetic (Ilharco et al., 2023, "Editing Models
// with Task Arithmetic", arXiv:2212.04089) adds and subtracts what fine-tunings have changed:
//
//     ΔW = Σᵢ wᵢ · αᵢ/rᵢ · Bᵢ · Aᵢ
//
// Two ways are in use, and they are not the same. "cat" puts the narrow paths side by side, so its
// rank is the sum of the ranks and the sum above is exact. "linear" averages the matrices A and B
// themselves and keeps the rank; of the product of the two sums only some terms are wanted, the
// others (B₁ · A₂ and B₂ · A₁) are an accident. Both give PEFT's numbers (`add_weighted_adapter`,
// version 0.21). Left out: SVD, TIES and DARE.
import { tf } from "../engine";
import type { Params } from "../params";
import { loraNames } from "../transformer";
import { type Lora, loraOf } from "./lora";

export type CombineMethod = "cat" | "linear";

/**
 * A weighted sum of LoRAs as a new one.
 * @param weights one for each; below 0 takes away what that one has learnt
 * @param method "cat": the exact sum · "linear": the rank stays, but only an approximation
 * @returns a LoRA with α = r; free it with `disposeAddition`
 * @throws if numbers of LoRAs and weights differ, they adapt other layers, or for "linear" the ranks
 *   are not the same
 */
export function combineLoras(
  loras: readonly Lora[],
  weights: readonly number[],
  method: CombineMethod = "cat",
): Lora {
  const refuse = (expected: string, got: string): never => {
    throw new Error(`combineLoras: expected ${expected}, got ${got}`);
  };
  if (loras.length === 0 || loras.length !== weights.length)
    refuse("one weight for each LoRA", `${weights.length} for ${loras.length}`);
  if (!weights.every(Number.isFinite)) refuse("finite weights", weights.join(", "));
  const [first] = loras;
  const listed = ({ layers }: Lora) => [...layers].sort().join(" ");
  if (loras.some((lora) => listed(lora) !== listed(first)))
    refuse("LoRAs of the same layers", loras.map(({ layers }) => layers.length).join(" and "));
  const params: Params = {};
  for (const layer of first.layers) {
    const [a, b] = loraNames(layer);
    const ranks = loras.map((lora) => lora.params[a].shape[0]);
    if (method === "linear" && ranks.some((r) => r !== ranks[0]))
      refuse("LoRAs of one rank for linear", ranks.join(" and "));
    const scales = loras.map(({ alpha }, i) => (weights[i] * alpha) / ranks[i]);
    const all = (name: string) =>
      loras.map((lora) => lora.params[name] as tf.Tensor as tf.Tensor2D);
    const combined = tf.tidy(() =>
      (method === "cat" ? sideBySide : averaged)(all(a), all(b), scales).map((x) => tf.variable(x)),
    );
    [params[a], params[b]] = combined;
  }
  const [r] = params[loraNames(first.layers[0])[0]].shape;
  return loraOf(params, r); // α / r = 1: the scales are in the matrices
}

type Combine = (a: tf.Tensor2D[], b: tf.Tensor2D[], scales: number[]) => [tf.Tensor, tf.Tensor];

/** [s₁A₁; s₂A₂; …] and [B₁ B₂ …]: their product is Σ sᵢ Bᵢ Aᵢ. */
const sideBySide: Combine = (a, b, scales) => [
  tf.concat(
    a.map((x, i) => tf.mul<tf.Tensor2D>(x, scales[i])),
    0,
  ),
  tf.concat(b, 1),
];

/** Σ ±√|sᵢ| Aᵢ and Σ √|sᵢ| Bᵢ, the sign of sᵢ in A alone. */
const averaged: Combine = (a, b, scales) => {
  const roots = scales.map((s) => Math.sqrt(Math.abs(s)));
  const sum = (list: tf.Tensor2D[], factors: number[]) =>
    tf.addN(list.map((x, i) => tf.mul(x, factors[i])));
  return [
    sum(
      a,
      roots.map((root, i) => root * Math.sign(scales[i])),
    ),
    sum(b, roots),
  ];
};
