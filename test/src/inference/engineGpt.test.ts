// The engine and speculative decoding on real GPTs: the texts are those of `generate`, which knows
// neither blocks nor steps.
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, initGPT } from "llm/gpt";
import {
  BlockPool,
  type GenerationRequest,
  generate,
  InferenceEngine,
  LookupDraft,
  ModelDraft,
  speculate,
} from "llm/inference";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { PagedGPT } from "llm/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const gpt2: GPTConfig = {
  ...{ vocabSize: 29, blockSize: 40, nLayer: 3, nHead: 2, nEmbd: 12, dropout: 0, bias: true },
};
const llama: GPTConfig = {
  ...{ ...gpt2, family: "llama", bias: false, nHead: 4, nKvHead: 2, headWidth: 6, window: 9 },
};
const models = { "GPT-2's family": gpt2, "LLaMA's family with a window": llama };

describe.each(Object.entries(models))("%s", (_, config) => {
  let params: Params;
  let model: PagedGPT;
  beforeAll(async () => {
    await useEngine({ prefer: "wasm", quiet: true });
    params = initGPT(config, { seed: 1 });
    for (const variable of Object.values(params))
      tf.tidy(() => variable.rank === 2 && variable.assign(variable.mul(6)));
    model = await PagedGPT.fromParams(params, config, {
      ...{ engine: "wasm", blockTokens: 4, cacheTokens: 64 },
    });
  });
  afterAll(() => {
    model.close();
    disposeParams(params);
  });
  const alone = ({ ids, seed = 0, maxNewTokens, ...request }: GenerationRequest) => {
    const { temperature, topK, topP, repetitionPenalty } = request;
    const options = { temperature, topK, topP, repetitionPenalty, maxNewTokens };
    return generate(params, config, ids, { ...options, rng: new Random(seed) });
  };

  test("many texts at once are those that are written one by one", async () => {
    const rng = new Random(3);
    const requests = Array.from({ length: 9 }, (_, seed): GenerationRequest => {
      const ids = [1, 2, 3, 4, ...Array.from({ length: (3 * seed) % 7 }, () => rng.integer(29))];
      const decoding = [{ temperature: 0 }, { topK: 5 }, { topP: 0.8, repetitionPenalty: 1.3 }];
      return { ids, maxNewTokens: 24, seed, ...decoding[seed % 3] };
    });
    const engine = new InferenceEngine(model, { tokenBudget: 11 });
    const texts = requests.map((request) => engine.submit(request));
    await engine.run();
    for (const [i, request] of requests.entries())
      expect(texts[i].finished!.ids, `text ${i}`).toEqual(await alone(request));
    expect(engine.stats().cachedTokens).toBeGreaterThan(0);
    expect(engine.stats().preemptions).toBeGreaterThan(0);
    expect(engine.stats().blocks.used).toBe(0);
  });

  test("samples of one prompt: the first is the text alone, and all differ", async () => {
    const engine = new InferenceEngine(model);
    const request = { ids: [5, 6, 7, 8, 9, 10], maxNewTokens: 12, seed: 4 };
    const samples = engine.submitSamples(request, 3);
    await engine.run();
    const ids = samples.map(({ finished }) => finished!.ids);
    expect(ids[0]).toEqual(await alone(request));
    expect(new Set(ids.map(String)).size).toBe(3);
    expect(engine.stats().blocks.copies).toBe(2);
  });

  test.each([
    ["its own first layer", (model: PagedGPT) => new ModelDraft(model.firstLayers(1))],
    ["all of its layers", (model: PagedGPT) => new ModelDraft(model.firstLayers(3))],
    ["prompt look-up", () => new LookupDraft()],
  ])("speculative decoding writes the greedy text; the draft is %s", async (name, draftOf) => {
    const pool = new BlockPool(model);
    for (const ids of [[1, 2, 3, 1, 2], [7]]) {
      const text = await speculate(model, ids, {
        ...{ draft: draftOf(model), maxNewTokens: 30, temperature: 0, rng: new Random(1), pool },
      });
      expect(text.ids).toEqual(await alone({ ids, maxNewTokens: 30, temperature: 0 }));
      expect(text.accepted).toBeGreaterThan(0);
      if (name === "all of its layers") expect(text.accepted).toBe(text.proposed);
    }
    expect(pool.stats().used).toBe(0);
  });
});
