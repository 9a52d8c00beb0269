// The position-wise network of a block: two layers with an activation between them, applied to
// every position by itself. ReLU: Vaswani et al., 2017, §3.3. GELU: Hendrycks & Gimpel, 2016, as in
// GPT-2. Squared ReLU: So et al., 2021, "Primer". SwiGLU: Shazeer, 2020. Left out: experts (lesson
// 11, GPT).
import { tf } from "../engine";
import { gelu, swiglu } from "../ops";
import type { Params } from "../params";
import { conv1d } from "./dense";
import { hooked } from "./hooks";
import { type BlockDesign, type BlockOptions, dropNothing } from "./options";

/** The width inside: 4C, or 8C/3 for the three matrices of SwiGLU. */
export function feedForwardWidth(C: number, activation: BlockDesign["activation"]): number {
  return activation === "swiglu" ? Math.round((8 * C) / 3) : 4 * C;
}

/**
 * The network: f(x W₁ + b₁) W₂ + b₂ with f = gelu, relu or relu², or for SwiGLU
 * (silu(x W_g + b_g) · (x W₁ + b₁)) W₂ + b₂.
 * @param x (…, C)
 * @param params holds `c_fc` (C → F), `c_proj` (F → C) and, for SwiGLU, `c_gate` (C → F) under
 *   `prefix`
 * @returns (…, C)
 */
export function feedForward<T extends tf.Tensor>(
  x: T,
  params: Params<tf.Tensor>,
  prefix: string,
  { ops, activation = "gelu", dropout = dropNothing, hooks }: Omit<BlockOptions, "nHead"> = {},
): T {
  const layer = (h: tf.Tensor, name: string) => conv1d(h, params, prefix + name);
  return tf.tidy(() => {
    const gated = activation === "swiglu";
    const first = layer(x, "c_fc"); // (…, F)
    const wide = hooked(hooks, gated ? "mlp.hook_pre_linear" : "mlp.hook_pre", first);
    const bent = {
      gelu: () => (ops?.gelu ?? gelu)(wide),
      relu: () => tf.relu(wide),
      relu2: () => tf.square(tf.relu(wide)),
      swiglu: () => swiglu(hooked(hooks, "mlp.hook_pre", layer(x, "c_gate")), wide),
    }[activation]();
    return dropout(layer(hooked(hooks, "mlp.hook_post", bent), "c_proj")) as T; // (…, C)
  });
}
