// The counts of llm/gpt against what is measured: published sizes, tensors that exist, products
// that a pass makes, buffers of a KV cache.
import { tf, useEngine } from "llm/engine";
import {
  countParameters,
  forwardFlops,
  type GPTConfig,
  gptLogits,
  initGPT,
  kvCacheBytes,
  trainingBytes,
} from "llm/gpt";
import { CachedGPT } from "llm/inference";
import { countParams, disposeParams } from "llm/params";
import { measureFlops } from "llm/scaling";
import { beforeAll, expect, test } from "vitest";

const gpt2: GPTConfig = {
  ...{ vocabSize: 19, blockSize: 12, nLayer: 2, nHead: 3, nEmbd: 12, dropout: 0, bias: true },
};
const llama: GPTConfig = {
  ...{ ...gpt2, family: "llama", bias: false, nHead: 4, nKvHead: 2, headWidth: 6, nInner: 20 },
};
const configs: [string, GPTConfig][] = [
  ["GPT-2", gpt2],
  ["LLaMA, tied", llama],
  ["LLaMA, untied", { ...llama, tied: false }],
  ["experts", { ...llama, experts: { count: 4, perToken: 2 } }],
];

beforeAll(async () => {
  await useEngine({ prefer: "js", quiet: true }); // its kernels have shapes that can be read
});

test.each(configs)(
  "%s: parameters, operations and cache are those of a real model",
  async (_, config) => {
    const params = initGPT(config, { seed: 1 });
    expect(countParameters(config).total).toBe(countParams(params));
    expect(trainingBytes(config).total).toBe(16 * countParams(params));

    const [B, T] = [2, 7];
    const ids = tf.tensor2d(
      Array.from({ length: B * T }, (_, i) => i % 19),
      [B, T],
      "int32",
    );
    const measured = await measureFlops(() => gptLogits(params, config, ids));
    expect(measured).toBeCloseTo(forwardFlops(config, { B, T }), 3);

    const before = tf.memory().numBytes;
    const cache = new CachedGPT(params, config);
    expect(tf.memory().numBytes - before).toBe(kvCacheBytes(config, { tokens: config.blockSize }));
    cache.dispose();
    disposeParams(params);
  },
);

test("published sizes", () => {
  const common = { dropout: 0, bias: true };
  const small = { vocabSize: 50257, blockSize: 1024, nLayer: 12, nHead: 12, nEmbd: 768 };
  expect(countParameters({ ...small, ...common }).total).toBe(124_439_808); // GPT-2, the smallest
  const smol: GPTConfig = {
    ...{ family: "llama", vocabSize: 49152, blockSize: 8192, nLayer: 30, nHead: 9, nKvHead: 3 },
    ...{ nEmbd: 576, nInner: 1536, dropout: 0, bias: false },
  };
  expect(countParameters(smol).total).toBe(134_515_008); // SmolLM2-135M
  const mixtral: GPTConfig = {
    ...{ family: "llama", vocabSize: 32000, blockSize: 32768, nLayer: 32, nHead: 32, nKvHead: 8 },
    ...{ nEmbd: 4096, nInner: 14336, tied: false, experts: { count: 8, perToken: 2 } },
    ...{ dropout: 0, bias: false },
  };
  const { total, active } = countParameters(mixtral);
  expect([total, active].map((n) => (n / 1e9).toFixed(1))).toEqual(["46.7", "12.9"]); // the paper
  // LLaMA 2 7B in float16, 4,096 tokens: 2 GiB for all heads
  const llama2: GPTConfig = {
    ...{ family: "llama", vocabSize: 32000, blockSize: 4096, nLayer: 32, nHead: 32, nEmbd: 4096 },
    ...{ nInner: 11008, tied: false, dropout: 0, bias: false },
  };
  expect(kvCacheBytes(llama2, { tokens: 4096, bytes: 2 })).toBe(2 ** 31);
  expect(countParameters(llama2).total).toBe(6_738_415_616);
});
