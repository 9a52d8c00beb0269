// What is measured of a model with experts.
import { tf, useEngine } from "llm/engine";
import { effectiveExperts, expertUsage, type GPTConfig, initGPT } from "llm/gpt";
import { disposeParams } from "llm/params";
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
});

const config: GPTConfig = {
  ...{ family: "llama", vocabSize: 11, blockSize: 8, nLayer: 2, nHead: 2, nEmbd: 8 },
  ...{ nInner: 6, dropout: 0, bias: false, experts: { count: 3, perToken: 2 } },
};

test("shares of choices sum to 1 in each layer, and a router decides them", () => {
  const params = initGPT(config, { seed: 1 });
  const ids = tf.tensor2d([[1, 2, 3, 4, 5]], [1, 5], "int32");
  const usage = expertUsage(params, config, ids);
  expect(usage).toHaveLength(2);
  for (const row of usage) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  const router = params["model.layers.1.block_sparse_moe.gate.weight"];
  router.assign(tf.zerosLike(router)); // all equal: the first two are taken
  expect(expertUsage(params, config, ids)[1].map((x) => x.toFixed(3))).toEqual([
    ...["0.500", "0.500", "0.000"],
  ]);
  disposeParams(params);
});

test("a model without experts is refused, and so is a negative balance", () => {
  const { experts, ...dense } = config;
  const ids = tf.tensor2d([[1]], [1, 1], "int32");
  expect(() => expertUsage({}, dense, ids)).toThrow("a configuration with experts");
  const wrong = { ...config, experts: { ...experts!, balance: -1 } };
  expect(() => initGPT(wrong, { seed: 1 })).toThrow("balance of experts ≥ 0, got -1");
});

test("effective experts", () => {
  expect(effectiveExperts([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(4, 9);
  expect(effectiveExperts([0, 1, 0])).toBe(1);
  expect(effectiveExperts([0.5, 0.5, 0])).toBeCloseTo(2, 9);
});
