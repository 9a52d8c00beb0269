// The LLaMA family of llm/gpt against transformers (test/fixtures/llamaModels.json): LLaMA, Qwen2,
// Qwen3, Mistral and Mixtral, and what makes them different.
import { tf, useEngine } from "llm/engine";
import {
  countParamsByPart,
  type GPTConfig,
  gptHidden,
  gptLogits,
  gptLoss,
  gptShapes,
  initGPT,
  repeatHeads,
  slidingMask,
  validateGPTConfig,
} from "llm/gpt";
import { balanceLoss, type Routing } from "llm/moe";
import { disposeParams } from "llm/params";
import { beforeAll, describe, expect, test } from "vitest";
import {
  difference,
  engines,
  fixture,
  lossAndGradients,
  type Recorded,
  tensor,
  variables,
} from "./reference";

interface Model {
  params: Record<string, Recorded>;
  hiddenStates: Recorded[];
  attentions: Recorded[];
  logits: Recorded;
  loss: number;
  grads: Record<string, Recorded>;
  balanceLoss?: number;
}
const recorded = fixture<{ ids: Recorded; targets: Recorded; models: Record<string, Model> }>(
  "llamaModels",
);

const sizes: GPTConfig = {
  ...{ family: "llama", vocabSize: 13, blockSize: 32, nLayer: 2, nHead: 4, nKvHead: 2, nEmbd: 8 },
  ...{ nInner: 12, dropout: 0, bias: false, normEps: 1e-6, tied: false },
};
const configs: Record<string, GPTConfig> = {
  llama: { ...sizes, tied: true },
  llamaBiased: { ...sizes, attentionBias: "all", normEps: 1e-3 },
  qwen2: { ...sizes, attentionBias: "qkv" },
  qwen3: { ...sizes, qkNorm: true, headWidth: 4, ropeBase: 500 },
  mistral: { ...sizes, window: 3 },
  mixtral: { ...sizes, normEps: 1e-5, ropeBase: 1e6, experts: { count: 3, perToken: 2 } },
};

describe.each(engines)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
  });

  describe.each(Object.keys(configs))("%s", (name) => {
    const config = configs[name];
    const model = recorded.models[name];
    const ids = () => tensor<tf.Tensor2D>(recorded.ids, "int32");

    test("has transformers' names and shapes", () => {
      const theirs = Object.entries(model.params).map(([key, { shape }]) => [key, shape]);
      expect(Object.entries(gptShapes(config)).sort()).toEqual(theirs.sort());
    });

    test("gives its hidden states, attention weights and logits", () => {
      const params = variables(model.params);
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const onHidden = (i: number, h: tf.Tensor) =>
          expect(difference(h, model.hiddenStates[i])).toBeLessThan(1e-4);
        const onAttention = (i: number, w: tf.Tensor) =>
          expect(difference(w, model.attentions[i])).toBeLessThan(1e-4);
        const logits = gptLogits(params, config, ids(), {
          onAttention,
          onHidden: (i, h) => i < config.nLayer && onHidden(i, h),
        });
        expect(difference(logits, model.logits)).toBeLessThan(1e-4);
        onHidden(config.nLayer, gptHidden(params, config, ids()));
      });
      expect(tf.memory().numTensors).toBe(before);
      disposeParams(params);
    });

    test("gives its loss and every gradient", () => {
      const params = variables(model.params);
      const targets = tensor<tf.Tensor2D>(recorded.targets, "int32");
      const { value, grads } = lossAndGradients(
        () => gptLoss(params, config, ids(), targets),
        params,
      );
      expect(value.dataSync()[0]).toBeCloseTo(model.loss, 4);
      for (const key of Object.keys(params))
        expect(difference(grads[key], model.grads[key]), key).toBeLessThan(1e-3);
      disposeParams(params);
    });
  });

  test("the experts' balance loss is transformers'", () => {
    const { mixtral } = recorded.models;
    const params = variables(mixtral.params);
    const seen: Pick<Routing, "probabilities" | "chosen">[] = [];
    const onRouting = (_: number, { probabilities, chosen }: Routing) =>
      seen.push({ probabilities: tf.keep(probabilities.clone()), chosen: tf.keep(chosen.clone()) });
    tf.tidy(() => {
      gptLogits(params, configs.mixtral, tensor<tf.Tensor2D>(recorded.ids, "int32"), { onRouting });
      expect(seen.length).toBe(2);
      const all = (part: "probabilities" | "chosen") =>
        tf.concat(seen.map((routing) => routing[part]));
      const loss = balanceLoss({ probabilities: all("probabilities"), chosen: all("chosen") });
      expect(loss.dataSync()[0]).toBeCloseTo(mixtral.balanceLoss!, 4);
    });
    disposeParams(params);
  });
});

test("repeatHeads gives each head to its group of queries", () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 1, 2]); // two heads: [1, 2] and [3, 4]
  expect(Array.from(repeatHeads(x, 2).dataSync())).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
  expect(repeatHeads(x, 1)).toBe(x);
});

test("slidingMask sees the own position and the window − 1 before it", () => {
  const rows = slidingMask(4, 2)
    .arraySync()
    .map((row) => row.map(Number).join(""));
  expect(rows).toEqual(["1000", "1100", "0110", "0011"]);
  expect(slidingMask(3).arraySync()).toEqual(slidingMask(3, 9).arraySync());
});

test("fresh parameters: SwiGLU two thirds of 4C wide, shares of the parts", () => {
  const config: GPTConfig = { ...configs.llama, nInner: undefined };
  expect(gptShapes(config)["model.layers.0.mlp.up_proj.weight"]).toEqual([21, 8]);
  const params = initGPT(config, { seed: 1 });
  const parts = countParamsByPart(params);
  const { total, ...others } = parts;
  expect(Object.values(others).reduce((a, b) => a + b)).toBe(total);
  expect(parts).not.toHaveProperty("head"); // tied
  expect(parts).toMatchObject({ tokenEmbedding: 104, positionEmbedding: 0 });
  disposeParams(params);
});

test.each<[string, Partial<GPTConfig>, string]>([
  ["nKvHead", { nKvHead: 3 }, "nHead divisible by nKvHead, got nHead 4 and nKvHead 3"],
  ["bias", { bias: true }, "bias false in the family llama"],
  ["position", { position: "alibi" }, "position to be one of rope"],
  ["norm", { norm: "layerNorm" }, "no norm in the family llama"],
  ["experts", { experts: { count: 2, perToken: 3 } }, "at most 2 experts per token, got 3"],
  ["headWidth", { headWidth: 3 }, "an even headWidth for rope, got 3"],
  ["nEmbd", { headWidth: 4, nEmbd: undefined }, "nEmbd a whole number of 1 or more"],
  ["width", { nEmbd: 12 }, "an even width of a head for rope, got nEmbd 12 / nHead 4 = 3"],
  ["window", { window: 0 }, "window a whole number of 1 or more, got 0"],
  ["ropeBase", { ropeBase: -1 }, "ropeBase above 0, got -1"],
  ["attentionBias", { attentionBias: "q" as "qkv" }, 'attentionBias qkv or all, got "q"'],
  ["family", { family: "bert" as "gpt2" }, 'family gpt2 or llama, got "bert"'],
  ["gpt2", { family: "gpt2", nKvHead: 2 }, "no nKvHead in the family gpt2, got 2"],
])("a configuration that makes no sense is refused: %s", (_, change, message) => {
  expect(() => validateGPTConfig({ ...sizes, ...change })).toThrow(message);
});
