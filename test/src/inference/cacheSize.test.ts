// The size of a cache: published figures, and what the parts of the count add up to.
import { kvCacheBytes } from "llm/gpt";
import { type CacheConfig, cacheSize } from "llm/inference";
import { expect, test } from "vitest";

test("32,768 tokens in one configuration, four ways to keep them", () => {
  // Raschka's figures for a model of LLaMA's 7B size: 17.2, 4.3, 3.1 and 0.8 GB in bfloat16
  const base: CacheConfig = { nLayer: 32, nEmbd: 4096, nHead: 32 };
  const window = { window: 1024, windowLayers: 5 };
  const gigabytes = (config: CacheConfig) =>
    (cacheSize(config, { tokens: 32_768, dtype: "bfloat16" }).total / 1e9).toFixed(1);
  expect(gigabytes(base)).toBe("17.2");
  expect(gigabytes({ ...base, nKvHead: 8 })).toBe("4.3");
  expect(gigabytes({ ...base, ...window })).toBe("3.1");
  expect(gigabytes({ ...base, ...window, nKvHead: 8 })).toBe("0.8");
});

test("DeepSeek-V2's latent: 9/2 · D numbers for each token and layer", () => {
  // section 2.1.4, table 1: 128 heads of 128, a latent of 512, a rotary key of 64, 60 layers
  const heads = { nLayer: 60, nEmbd: 5120, nHead: 128, headWidth: 128 };
  const mla = { ...heads, latent: { width: 512, ropeWidth: 64 } };
  const perToken = (config: CacheConfig) =>
    cacheSize(config, { tokens: 1, dtype: "int8" }).perToken;
  expect(perToken(mla)).toBe((9 / 2) * 128 * 60);
  expect(perToken(heads)).toBe(2 * 128 * 128 * 60);
  expect(perToken({ ...heads, nKvHead: 1 })).toBe(2 * 128 * 60);
  // "equal to GQA with only 2.25 groups"
  expect(perToken(mla) / perToken({ ...heads, nKvHead: 1 })).toBe(2.25);
});

test("SmolLM2-135M, and every number of a cache as kvCacheBytes counts it", () => {
  const smol = { nLayer: 30, nEmbd: 576, nHead: 9, nKvHead: 3 };
  expect(cacheSize(smol, { tokens: 1, dtype: "float32" }).perToken).toBe(46_080);
  for (const [dtype, bytes] of [
    ...[["float32", 4] as const, ["float16", 2] as const],
    ...[["int8", 1] as const, ["int4", 0.5] as const],
  ])
    expect(cacheSize(smol, { tokens: 2048, dtype })).toEqual({
      perLayer: 2 * 3 * 64 * bytes,
      perToken: 2 * 3 * 64 * bytes * 30,
      total: kvCacheBytes(smol, { tokens: 2048, bytes }),
    });
});

test("windows: which layers have one, and texts shorter than it", () => {
  const one = { nLayer: 7, nEmbd: 8, nHead: 1, window: 10 };
  const total = (more: Partial<CacheConfig>, tokens: number) =>
    cacheSize({ ...one, ...more }, { tokens, dtype: "int8" }).total / 16;
  expect(total({}, 100)).toBe(7 * 10);
  expect(total({ windowLayers: 2 }, 100)).toBe(5 * 10 + 2 * 100); // layers 3 and 6 of 7
  expect(total({ windowLayers: 9 }, 100)).toBe(7 * 10);
  expect(total({ windowLayers: 2 }, 4)).toBe(7 * 4);
});

test("what makes no sense is an error", () => {
  const config = { nLayer: 2, nEmbd: 8, nHead: 2 };
  expect(() => cacheSize({ ...config, nLayer: 0 }, { tokens: 1 })).toThrow(
    "cacheSize: expected nLayer of 1 or more, got 0",
  );
  expect(() => cacheSize(config, { tokens: 1, dtype: "int2" as "int4" })).toThrow("got int2");
  expect(() => cacheSize({ ...config, windowLayers: 5 }, { tokens: 1 })).toThrow("a window with");
});
