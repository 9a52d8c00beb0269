// The parameters of a GPT: one flat record of variables under the names and layouts of Hugging
// Face's GPT2LMHeadModel, so that its checkpoints load without a map.
import { tf } from "../engine";
import { countParams, type Params } from "../params";
import { Random, randomNormal } from "../random";
import { type GPTConfig, validateGPTConfig } from "./config";
import { RELATIVE_BIAS } from "./positions";

/** How many different distances T5 tells apart. */
const RELATIVE_BUCKETS = 32;

/**
 * The name and shape of every parameter, in Hugging Face's order. Linear weights are (in, out), as
 * its Conv1D.
 * @throws if the configuration is impossible
 */
export function gptShapes(config: GPTConfig): Record<string, number[]> {
  const { vocabSize: V, blockSize, nLayer, nHead, nEmbd: C, bias } = validateGPTConfig(config);
  const { position = "learned" } = config;
  const shapes: Record<string, number[]> = {};
  const layer = (name: string, shape: number[]) => {
    shapes[`transformer.${name}.weight`] = shape;
    if (bias) shapes[`transformer.${name}.bias`] = shape.slice(-1);
  };
  shapes["transformer.wte.weight"] = [V, C];
  if (position === "learned") shapes["transformer.wpe.weight"] = [blockSize, C];
  if (position === "t5") shapes[`${RELATIVE_BIAS}.weight`] = [RELATIVE_BUCKETS, nHead];
  for (let i = 0; i < nLayer; i++) {
    layer(`h.${i}.ln_1`, [C]);
    layer(`h.${i}.attn.c_attn`, [C, 3 * C]);
    layer(`h.${i}.attn.c_proj`, [C, C]);
    layer(`h.${i}.ln_2`, [C]);
    layer(`h.${i}.mlp.c_fc`, [C, 4 * C]);
    layer(`h.${i}.mlp.c_proj`, [4 * C, C]);
  }
  layer("ln_f", [C]);
  return shapes;
}

/**
 * Fresh parameters: weights N(0, 0.02²), as in GPT-1 and in Hugging Face's GPT-2; those that write
 * into the residual stream (`c_proj`) 0.02/√(2·nLayer), so that its variance does not grow with
 * depth (the factor is from GPT-2, §2.3); gains 1, biases 0.
 * Each tensor has its own random stream, so one does not depend on which others there are.
 * @returns variables; free them with `disposeParams`
 * @throws if the configuration is impossible
 */
export function initGPT(config: GPTConfig, { seed }: { seed: number }): Params {
  const shapes = gptShapes(config);
  const rng = new Random(seed);
  const params: Params = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const std = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(2 * config.nLayer) : 0.02;
    params[name] = tf.tidy(() => {
      if (shape.length === 1)
        return tf.variable(name.endsWith(".bias") ? tf.zeros(shape) : tf.ones(shape));
      return tf.variable(randomNormal(shape, { rng: rng.fork(name), std }));
    });
  }
  return params;
}

/** How many numbers each part of the model has. nanoGPT's figure leaves out `positionEmbedding`. */
export function countParamsByPart(params: Params) {
  const sum = (part: RegExp) => {
    const names = Object.keys(params).filter((name) => part.test(name));
    return names.reduce((total, name) => total + params[name].size, 0);
  };
  return {
    tokenEmbedding: sum(/\.wte\./),
    positionEmbedding: sum(/\.wpe\.|\.relative_attention_bias\./),
    attention: sum(/\.attn\./),
    feedForward: sum(/\.mlp\./),
    layerNorm: sum(/\.ln_/),
    total: countParams(params),
  };
}
