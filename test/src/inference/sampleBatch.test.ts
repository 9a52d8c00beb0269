// Many texts at once are the texts that are written one by one, on every engine that there is.
import { type EngineName, tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { generate, KVCache, sampleBatch } from "llm/inference";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const gpt2: GPTConfig = {
  ...{ vocabSize: 29, blockSize: 20, nLayer: 2, nHead: 2, nEmbd: 12, dropout: 0.1, bias: true },
};
const llama: GPTConfig = {
  ...{ ...gpt2, family: "llama", bias: false, nHead: 4, nKvHead: 2, headWidth: 6, window: 6 },
};

const here: EngineName[] = [];
for (const prefer of ["wasm", "js", "native"] as const)
  if ((await useEngine({ prefer, quiet: true })).name === prefer) here.push(prefer);

const cases = here.flatMap((engine) => [
  { engine, name: "GPT-2's family", config: gpt2 },
  { engine, name: "LLaMA's family with a window", config: llama },
]);

describe.each(cases)("many texts on $engine: $name", ({ engine: prefer, config }) => {
  let params: Params;
  const rng = new Random(5);
  const prompts = [3, 1, 7, 3, 5].map((n) =>
    Array.from({ length: n }, () => rng.integer(config.vocabSize)),
  );
  const rngs = (seed: number) => prompts.map((_, b) => new Random(seed).fork("row", b));
  beforeAll(async () => {
    await useEngine({ prefer, quiet: true });
    params = initGPT(config, { seed: 1 });
    for (const variable of Object.values(params))
      tf.tidy(() => variable.rank === 2 && variable.assign(variable.mul(8)));
  });
  afterAll(() => disposeParams(params));

  const alone = (b: number, stopIds: number[], options: object) =>
    generate(params, config, prompts[b], {
      ...{ maxNewTokens: 11, rng: rngs(3)[b], ...options },
      stop: (ids) => stopIds.includes(ids[ids.length - 1]),
    });

  test.each([
    ["temperature 1", {}],
    ["a low temperature and the likeliest five", { temperature: 0.7, topK: 5 }],
    ["the likeliest alone", { temperature: 0 }],
  ])("are the texts of one prompt each: %s", async (_, options) => {
    for (const stopIds of [[], [2, 3, 4, 5]]) {
      const texts = await sampleBatch(params, config, prompts, {
        ...{ maxNewTokens: 11, rngs: rngs(3), stopIds, ...options },
      });
      for (const [b, text] of texts.entries()) {
        expect(text.ids).toEqual(await alone(b, stopIds, options));
        expect(text.logProbs).toHaveLength(text.ids.length - prompts[b].length);
        expect(text.stopped).toBe(stopIds.includes(text.ids[text.ids.length - 1]));
        if (!text.stopped) expect(text.logProbs).toHaveLength(11);
      }
    }
  });

  test("keep the log-probabilities that a pass over the whole text gives", async () => {
    for (const temperature of [1, 0.6]) {
      const options = { maxNewTokens: 9, rngs: rngs(8), temperature, topK: 12 };
      for (const [b, { ids, logProbs }] of (
        await sampleBatch(params, config, prompts, options)
      ).entries()) {
        const whole = tf.tidy(() => {
          const logits = gptLogits(params, config, tf.tensor2d(ids, [1, ids.length], "int32"));
          return tf.logSoftmax(tf.div(logits, temperature)).arraySync() as number[][][];
        })[0];
        for (const [i, logProb] of logProbs.entries()) {
          const at = prompts[b].length + i;
          expect(logProb).toBeCloseTo(whole[at - 1][ids[at]], 4);
        }
      }
    }
  });

  test("come from one memory again and again, also after a change of the parameters", async () => {
    const cache = new KVCache(params, config, { rows: 5, length: 20, compiled: true });
    const table = Object.values(params)[0];
    const before = tf.memory().numTensors;
    const seen = new Set<string>();
    for (const factor of [1, -0.5, -2]) {
      tf.tidy(() => table.assign(table.mul(factor)));
      const options = { maxNewTokens: 8, rngs: rngs(4) };
      const kept = await sampleBatch(params, config, prompts, { ...options, cache });
      const fresh = await sampleBatch(params, config, prompts, { ...options, rngs: rngs(4) });
      expect(kept.map(({ ids }) => ids)).toEqual(fresh.map(({ ids }) => ids));
      seen.add(JSON.stringify(kept.map(({ ids }) => ids)));
    }
    expect(seen.size).toBe(2); // the third set of parameters is the first again
    expect(tf.memory().numTensors).toBe(before);
    await expect(
      sampleBatch(params, config, prompts.slice(1), {
        ...{ maxNewTokens: 8, rngs: rngs(4).slice(1), cache },
      }),
    ).rejects.toThrow("KVCache: expected ids of shape [5, at most 20], got [4, 1]");
    cache.dispose();
  }, 60_000);
});

describe("what makes no sense is refused", () => {
  const [a, b] = [new Random(1), new Random(2)];
  const refused = async (prompts: number[][], options: object, message: string) => {
    await useEngine({ prefer: "js", quiet: true });
    const params = initGPT(gpt2, { seed: 1 });
    const all = { maxNewTokens: 3, rngs: [a, b], ...options };
    await expect(sampleBatch(params, gpt2, prompts, all)).rejects.toThrow(message);
    disposeParams(params);
  };

  test.each([
    [[[1], []], {}, "expected at least one token id in prompt 1, got none"],
    [[[1], [29]], {}, "sampleBatch: expected prompt 1 from 0 to 28, got 29 at position 0"],
    [[[1], [1, 2]], { maxNewTokens: 19 }, "within blockSize = 20, got 2 + 19 in prompt 1"],
    [[[1], [2]], { rngs: [a] }, "expected as many rngs as prompts, got 1 for 2"],
    [[[1], [2]], { maxNewTokens: -1 }, "expected maxNewTokens of 0 or more, got -1"],
    [[[1], [2]], { temperature: -1 }, "sampleBatch: expected a temperature of 0 or more, got -1"],
    [[[1], [2]], { topK: 0 }, "sampleBatch: expected topK of 1 or more, got 0"],
  ])("%j with %j", async (prompts, options, message) => refused(prompts, options, message));

  test("a model whose short convolutions need more than keys and values", async () => {
    await useEngine({ prefer: "js", quiet: true });
    const convolving: GPTConfig = { ...gpt2, shortConv: 3 };
    const params = initGPT(convolving, { seed: 1 });
    const message = "KVCache: expected a model without short convolutions";
    const before = tf.memory().numTensors;
    expect(() => new KVCache(params, convolving, { rows: 1, length: 9 })).toThrow(message);
    const all = { maxNewTokens: 3, rngs: [a] };
    await expect(sampleBatch(params, convolving, [[1]], all)).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
    disposeParams(params);
  });

  test("no prompts are no texts, and no new tokens the prompts", async () => {
    const params = initGPT(gpt2, { seed: 1 });
    expect(await sampleBatch(params, gpt2, [], { maxNewTokens: 3, rngs: [] })).toEqual([]);
    expect(
      await sampleBatch(params, gpt2, [[1, 2]], { maxNewTokens: 0, rngs: [new Random(1)] }),
    ).toEqual([{ ids: [1, 2], logProbs: [], stopped: false }]);
    disposeParams(params);
  });
});
