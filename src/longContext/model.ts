// The small model with rotary positions whose window is stretched: three layers of the family
// llama over characters, trained on windows of 64 as in lesson 07 (positions). A way of
// stretching changes nothing but the configuration: how fast pairs turn, and for YaRN the size
// of the scores.
import { type GPTConfig, headsOf, initGPT } from "../gpt";
import { type CharGPT, measureLengths, TRAINED } from "../longerTexts";
import { ntkBase } from "../ops";

/** How the angles of a text of `factor` times the trained length are worked out. */
export const stretchings = ["plain", "linear", "ntk", "yarn"] as const;
export type Stretching = (typeof stretchings)[number];

/** 3 layers, 4 heads, 64 wide, windows of 64 characters. */
export const createRopeConfig = (vocabSize: number): GPTConfig => ({
  ...{ family: "llama", vocabSize, nLayer: 3, nHead: 4, nEmbd: 64, blockSize: TRAINED },
  ...{ dropout: 0, bias: false },
});

/** A fresh model of these sizes. */
export function createRopeGPT({ vocabSize, seed }: { vocabSize: number; seed: number }): CharGPT {
  const config = createRopeConfig(vocabSize);
  return { config, params: initGPT(config, { seed }) };
}

/**
 * The same model for texts `factor` times as long as those of its training.
 * @param factor 1 or more; 1 is the model as it was trained, whatever the way
 * @throws for a way that is not known
 */
export function stretched(config: GPTConfig, way: Stretching, factor: number): GPTConfig {
  if (!stretchings.includes(way) || !(factor >= 1))
    throw new Error(
      `stretched: expected one of ${stretchings.join(", ")} and a factor of 1 or more, got ` +
        `${way} and ${factor}`,
    );
  const { blockSize, ropeBase = 10000 } = config;
  if (way === "linear") return { ...config, ropeScaling: { type: "linear", factor } };
  if (way === "ntk") return { ...config, ropeBase: ntkBase(ropeBase, headsOf(config).D, factor) };
  if (way === "yarn")
    return { ...config, ropeScaling: { type: "yarn", factor, originalBlockSize: blockSize } };
  return config;
}

/**
 * The loss of the same stretches' last 16 characters with windows of several lengths, stretched by
 * length / 64: what `measureLengths` of llm/longerTexts gives for each.
 */
export function measureStretched(
  { config, params }: CharGPT,
  ids: Int32Array,
  way: Stretching,
  { lengths, stretches }: { lengths: readonly number[]; stretches: number },
): number[][] {
  const longest = Math.max(...lengths);
  return lengths.flatMap((length) => {
    const model = { params, config: stretched(config, way, Math.max(1, length / TRAINED)) };
    return measureLengths(model, ids, { lengths: [length], stretches, longest });
  });
}
