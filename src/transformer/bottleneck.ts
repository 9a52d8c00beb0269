// Adapters: Houlsby et al., 2019, "Parameter-Efficient Transfer Learning for NLP",
// arXiv:1902.00751, section 2.1. Behind each of a block's two sublayers, before its result is added
// to the residual stream, stands a small network of its own with a way around it:
//
//     h ← h + gelu(h · W_dᵀ + b_d) · W_uᵀ + b_u      W_d (m, C), W_u (C, m), m much less than C
//
// Unlike LoRA it is not linear, so it cannot be merged into the matrix before it: its cost stays.
// The paper leaves the nonlinearity open; here it is GELU. Left out: gains of the norms, which the
// paper trains as well.
import { tf } from "../engine";
import { gelu } from "../ops";
import type { Params } from "../params";
import { dense } from "./dense";

/** The names of an adapter's two layers; `sublayer` is what stands before, such as `…mlp`. */
export const bottleneckNames = (sublayer: string): [down: string, up: string] => [
  `${sublayer}.adapter.down_proj`,
  `${sublayer}.adapter.up_proj`,
];

/**
 * What the adapter behind a sublayer makes of its result; h itself where the record has none.
 * @param h (B, T, C)
 * @returns (B, T, C)
 */
export function bottleneck<T extends tf.Tensor>(
  h: T,
  params: Params<tf.Tensor>,
  sublayer: string,
): T {
  const [down, up] = bottleneckNames(sublayer);
  if (!(`${down}.weight` in params)) return h;
  return tf.tidy(() => {
    const narrow = gelu(dense(h, params, down)); // (B, T, m)
    return tf.add(h, dense(narrow, params, up)) as T;
  });
}
