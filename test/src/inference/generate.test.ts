import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { generate } from "llm/inference";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { sampleFromLogits } from "llm/sampling";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const interrupt = Symbol.for("llm.interrupt");
const setInterrupt = (on: boolean) => {
  (globalThis as Record<symbol, unknown>)[interrupt] = on;
};

/** How often each of the four tokens is drawn in 4,000 draws, as a share. */
function shares(
  logits: ArrayLike<number>,
  options: { temperature?: number; topK?: number },
): number[] {
  const rng = new Random(5);
  const counts = Array.from(logits, () => 0);
  for (let i = 0; i < 4000; i++) counts[sampleFromLogits(logits, { ...options, rng })]++;
  return counts.map((count) => count / 4000);
}

describe("sampleFromLogits", () => {
  const logits = [1, 2, 3, 4].map(Math.log); // probabilities 0.1 0.2 0.3 0.4

  it("draws from the softmax", () => {
    for (const [i, share] of shares(logits, {}).entries())
      expect(share).toBeCloseTo((i + 1) / 10, 1);
  });

  it("divides by the temperature", () => {
    const [, , , bold] = shares(logits, { temperature: 0.5 }); // squares: 1 4 9 16 of 30
    expect(bold).toBeCloseTo(16 / 30, 1);
    const [timid] = shares(logits, { temperature: 1000 });
    expect(timid).toBeCloseTo(0.25, 1);
  });

  it("takes the largest at temperature 0, the first of equals, whatever topK", () => {
    const rng = new Random(0);
    expect(sampleFromLogits([0, 3, 1, 3], { temperature: 0, rng })).toBe(1);
    expect(sampleFromLogits([0, 3, 1, 3], { temperature: 0, topK: 3, rng })).toBe(1);
    expect(sampleFromLogits([-Infinity, -1e30], { temperature: 0, rng })).toBe(1);
  });

  it("survives temperatures and logits that would overflow exp", () => {
    const rng = new Random(0);
    expect(sampleFromLogits([0, 1, -1], { temperature: 1e-12, rng })).toBe(1);
    expect(sampleFromLogits([1e30, 0], { rng })).toBe(0);
  });

  it("keeps only the topK likeliest", () => {
    const [p0, p1, p2, p3] = shares(logits, { topK: 2 });
    expect([p0, p1]).toEqual([0, 0]);
    expect(p2).toBeCloseTo(3 / 7, 1);
    expect(p3).toBeCloseTo(4 / 7, 1);
    expect(shares(logits, { topK: 1 })).toEqual([0, 0, 0, 1]);
    expect(shares(logits, { topK: 100 })[0]).toBeGreaterThan(0);
    expect(shares([1, 1, 0], { topK: 1 })[1]).toBeCloseTo(0.5, 1); // a tie with the k-th is kept
  });

  it("never draws what −∞ forbids", () => {
    expect(shares([0, -Infinity, 0], {})[1]).toBe(0);
    expect(shares([-Infinity, 0, -Infinity], { topK: 2 })).toEqual([0, 1, 0]);
  });

  it("says what is wrong", () => {
    const rng = new Random(0);
    expect(() => sampleFromLogits([0, Number.NaN], { rng })).toThrow("got NaN for token 1");
    expect(() => sampleFromLogits([Infinity], { rng })).toThrow("got Infinity for token 0");
    expect(() => sampleFromLogits([-Infinity, -Infinity], { rng })).toThrow(
      "expected one possible token",
    );
    expect(() => sampleFromLogits([], { rng })).toThrow("expected one possible token");
    for (const temperature of [-1, Number.NaN, Infinity]) {
      expect(() => sampleFromLogits([0], { temperature, rng })).toThrow(
        "a temperature of 0 or more",
      );
    }
    for (const topK of [0, -1, 1.5])
      expect(() => sampleFromLogits([0], { topK, rng })).toThrow("topK of 1 or more");
  });
});

describe("sample", () => {
  const config: GPTConfig = {
    vocabSize: 7,
    blockSize: 4,
    nLayer: 1,
    nHead: 2,
    nEmbd: 8,
    dropout: 0.5,
    bias: true,
  };
  let params: Params;
  beforeAll(async () => {
    await useEngine({ quiet: true });
    params = initGPT(config, { seed: 1 });
    const spread = params["transformer.wte.weight"]; // so that the tokens do not stay equally likely
    tf.tidy(() => spread.assign(spread.mul(40)));
  });
  afterAll(() => disposeParams(params));
  afterEach(() => setInterrupt(false));

  it("takes the likeliest next token at temperature 0, seeing at most blockSize tokens", async () => {
    const text = await generate(params, config, [1, 2, 3], {
      maxNewTokens: 6,
      temperature: 0,
      rng: new Random(0),
    });
    expect(text).toHaveLength(9);
    expect(text.slice(0, 3)).toEqual([1, 2, 3]);
    for (let t = 3; t < text.length; t++) {
      const context = text.slice(Math.max(0, t - 4), t);
      const likeliest = tf.tidy(() => {
        const logits = gptLogits(
          params,
          config,
          tf.tensor2d(context, [1, context.length], "int32"),
        );
        return logits
          .slice([0, context.length - 1, 0], [1, 1, 7])
          .flatten()
          .argMax()
          .arraySync();
      });
      expect(text[t]).toBe(likeliest);
    }
  });

  it("streams, stops when told, and is the same for the same seed", async () => {
    const streamed: number[] = [];
    const options = { maxNewTokens: 12, temperature: 1.5, topK: 5 };
    const text = await generate(params, config, [0], {
      ...options,
      rng: new Random(3),
      onToken: (id) => streamed.push(id),
    });
    expect(text).toEqual([0, ...streamed]);
    expect(await generate(params, config, [0], { ...options, rng: new Random(3) })).toEqual(text);
    const short = await generate(params, config, [0], {
      ...options,
      rng: new Random(3),
      stop: (ids) => ids.length === 5,
    });
    expect(short).toEqual(text.slice(0, 5));
  });

  it("leaves the prompt alone, and writes nothing for maxNewTokens 0", async () => {
    const prompt = [1, 2];
    expect(await generate(params, config, prompt, { maxNewTokens: 0, rng: new Random(0) })).toEqual(
      [1, 2],
    );
    await generate(params, config, prompt, { maxNewTokens: 2, rng: new Random(0) });
    expect(prompt).toEqual([1, 2]);
  });

  it("stops with what there is when interrupted", async () => {
    const onToken = () => setInterrupt(true);
    const text = await generate(params, config, [0, 1], {
      maxNewTokens: 50,
      rng: new Random(0),
      onToken,
    });
    expect(text).toHaveLength(3);
  });

  it("leaves no tensor behind, even when the listener throws", async () => {
    const before = tf.memory().numTensors;
    await generate(params, config, [0], { maxNewTokens: 6, rng: new Random(0) });
    const onToken = () => {
      throw new Error("no more");
    };
    await expect(
      generate(params, config, [0], { maxNewTokens: 6, rng: new Random(0), onToken }),
    ).rejects.toThrow("no more");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("says what is wrong", async () => {
    const rng = new Random(0);
    const run = (ids: number[], more = {}) =>
      generate(params, config, ids, { maxNewTokens: 1, rng, ...more });
    await expect(run([])).rejects.toThrow("at least one token id");
    await expect(run([1, 7])).rejects.toThrow("ids from 0 to 6, got 7");
    await expect(run([1.5])).rejects.toThrow("got 1.5");
    await expect(run([1], { maxNewTokens: -1 })).rejects.toThrow("maxNewTokens of 0 or more");
    await expect(run([1], { temperature: -1 })).rejects.toThrow("a temperature of 0 or more");
    await expect(run([1], { topK: 0 })).rejects.toThrow("topK of 1 or more");
  });
});
