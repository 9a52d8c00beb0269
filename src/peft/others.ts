// The two older methods, as records to train: adapters (Houlsby et al., 2019) and prefix tuning (Li &
// Liang, 2021). What they compute is llm/transformer's `bottleneck.ts` and `prefix.ts`.
import { tf } from "../engine";
import { type GPTConfig, gptHidden, groupedAttention } from "../gpt";
import type { Params } from "../params";
import { Random, randomNormal } from "../random";
import { bottleneckNames, prefixNames } from "../transformer";
import type { Addition } from "./method";

/** What stands before the names of a layer's two sublayers: attention, feed-forward network. */
const sublayers = ({ family }: GPTConfig, layer: number): [attention: string, mlp: string] =>
  family === "llama"
    ? [`model.layers.${layer}.self_attn`, `model.layers.${layer}.mlp`]
    : [`transformer.h.${layer}.attn`, `transformer.h.${layer}.mlp`];

/**
 * Fresh adapters behind both sublayers of every block. The second layer of each is 0, so the adapted
 * model begins as the model itself; the first is N(0, 0.02²). The paper draws both near 0.
 * @param options.width m, the narrow width inside
 * @throws if the width is no whole number of 1 or more
 */
export function initAdapters(
  config: GPTConfig,
  { width: m }: { width: number },
  { seed }: { seed: number },
): Addition {
  if (!Number.isInteger(m) || m < 1)
    throw new Error(`initAdapters: expected a width of 1 or more, got ${m}`);
  const { nEmbd: C, nLayer } = config;
  const rng = new Random(seed);
  const params: Params = {};
  for (let layer = 0; layer < nLayer; layer++)
    for (const sublayer of sublayers(config, layer)) {
      const [down, up] = bottleneckNames(sublayer);
      tf.tidy(() => {
        const drawn = randomNormal([m, C], { rng: rng.fork(down), std: 0.02 });
        params[`${down}.weight`] = tf.variable(drawn);
        params[`${down}.bias`] = tf.variable(tf.zeros([m]));
        params[`${up}.weight`] = tf.variable(tf.zeros([C, m]));
        params[`${up}.bias`] = tf.variable(tf.zeros([C]));
      });
    }
  return { params, constants: {} };
}

/**
 * A prefix for every attention layer, with the keys and values that the model has for a real text:
 * the adapted model begins as one that has this text always in view. Li & Liang found that
 * beginning with real words helps, most of all where there are few examples.
 * @param ids the text, P tokens
 * @throws if the text is empty
 */
export function initPrefix(
  base: Params,
  config: GPTConfig,
  { ids }: { ids: readonly number[] },
): Addition {
  if (ids.length === 0) throw new Error("initPrefix: expected a text of 1 token or more, got none");
  const params: Params = {};
  tf.tidy(() => {
    const row = tf.tensor2d([...ids], [1, ids.length], "int32");
    gptHidden(base, config, row, {
      mixHeads: (layer, q, k, v) => {
        const names = prefixNames(sublayers(config, layer)[0]);
        for (const [i, x] of [k, v].entries()) params[names[i]] = tf.variable(tf.squeeze(x, [0])); // (K, P, D)
        return groupedAttention(q, k, v, config.window);
      },
    });
  });
  return { params, constants: {} };
}
