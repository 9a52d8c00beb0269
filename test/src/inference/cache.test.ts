// Decoding with a KV cache gives the logits of the full forward pass, on every engine that there
// is.

import { type EngineName, tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { CachedGPT, generate } from "llm/inference";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { sampleFromLogits } from "llm/sampling";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const config: GPTConfig = {
  vocabSize: 23,
  blockSize: 12,
  nLayer: 3,
  nHead: 2,
  nEmbd: 16,
  dropout: 0.1,
  bias: true,
};
/** The other family, with fewer heads of keys than of queries. */
const llama: GPTConfig = {
  ...{ ...config, family: "llama", bias: false, nHead: 4, nKvHead: 2, headWidth: 6 },
  ...{ attentionBias: "qkv", qkNorm: true },
};

/** What the speedrun board's best recipe is made of, but for the zeros. */
const recipe: GPTConfig = {
  ...{ ...config, bias: false, norm: "rmsNorm", normGain: false, activation: "relu2" },
  ...{ position: "rope", qkNorm: true, shortConv: 3, tied: false, embeddingNorm: true },
  logitCap: 15,
};

/** The logits after `ids` by one pass over the last blockSize of them. */
function fullPass(params: Params, ids: number[], config: GPTConfig): number[] {
  const window = ids.slice(-config.blockSize);
  return tf.tidy(() => {
    const logits = gptLogits(params, config, tf.tensor2d(window, [1, window.length], "int32"));
    return Array.from(logits.slice([0, window.length - 1, 0], [1, 1, -1]).dataSync());
  });
}

function expectNear(actual: ArrayLike<number>, expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    expect(Math.abs(actual[i] - value)).toBeLessThan(1e-5);
}

const engines: EngineName[] = ["wasm", "js", "native"];
const here: EngineName[] = [];
for (const prefer of engines)
  if ((await useEngine({ prefer, quiet: true })).name === prefer) here.push(prefer);

const cases = here.flatMap((engine) => [
  { engine, name: "GPT-2's family", config },
  { engine, name: "LLaMA's family", config: llama },
  { engine, name: "a recipe of the board, which reads again", config: recipe },
  { engine, name: "LLaMA's family with a window", config: { ...llama, window: 5 } },
]);

describe.each(cases)("decoding on $engine: $name", ({ engine: prefer, config }) => {
  let params: Params;
  const rng = new Random(4);
  const text = Array.from({ length: 18 }, () => rng.integer(config.vocabSize));
  beforeAll(async () => {
    await useEngine({ prefer, quiet: true });
    params = initGPT(config, { seed: 1 });
    // larger than at the start of training, so that every part of the model shows in the logits
    for (const variable of Object.values(params))
      tf.tidy(() => variable.rank === 2 && variable.assign(variable.mul(8)));
    tf.tidy(() => {
      for (const [name, variable] of Object.entries(params))
        if (name.endsWith("bias")) variable.assign(variable.add(0.1));
    });
  });
  afterAll(() => disposeParams(params));

  test.each([false, true])(
    "every position has the logits of the full pass, past the end of the window too (compiled: %s)",
    async (compiled) => {
      const decoder = new CachedGPT(params, config, { compiled });
      for (const prompt of [1, 7, 12, 15]) {
        // one decoder for all: what it kept of the text before must not show
        expectNear(
          await decoder.begin(text.slice(0, prompt)),
          fullPass(params, text.slice(0, prompt), config),
        );
        for (let t = prompt; t < text.length; t++)
          expectNear(await decoder.next(text[t]), fullPass(params, text.slice(0, t + 1), config));
      }
      decoder.dispose();
    },
    60_000,
  );

  test("a text is continued: only what is new is read, whatever was there before", async () => {
    const decoder = new CachedGPT(params, config);
    const other = text.map((id) => (id + 1) % config.vocabSize);
    await decoder.begin(text.slice(0, 4));
    const texts = [
      text.slice(0, 9), // five tokens more
      text.slice(0, 9), // the same: its last token is read again
      [...text.slice(0, 3), ...other.slice(0, 5)], // another end, shorter
      text.slice(0, 6),
      other.slice(0, 7), // nothing in common
      other.slice(0, 12), // a full window
      other.slice(0, 5),
      other.slice(0, 15), // longer than a window
      other.slice(0, 11),
    ];
    for (const ids of texts) {
      expectNear(await decoder.continueTo(ids), fullPass(params, ids, config));
      if (ids.length < 11)
        expectNear(await decoder.next(text[0]), fullPass(params, [...ids, text[0]], config));
    }
    const options = { maxNewTokens: 4, temperature: 0, rng: new Random(1) };
    const kept = { ...options, model: decoder, keep: true };
    expect(await generate(params, config, text.slice(0, 6), kept)).toEqual(
      await generate(params, config, text.slice(0, 6), options),
    );
    decoder.dispose();
  });

  test("sample draws the tokens that it drew without a cache", async () => {
    const expected = text.slice(0, 3);
    const draw = new Random(9);
    for (let i = 0; i < 30; i++)
      expected.push(
        sampleFromLogits(fullPass(params, expected, config), {
          temperature: 0.9,
          topK: 9,
          rng: draw,
        }),
      );
    const options = { maxNewTokens: 30, temperature: 0.9, topK: 9 };
    expect(
      await generate(params, config, text.slice(0, 3), { ...options, rng: new Random(9) }),
    ).toEqual(expected);
  });

  test("sees new parameters at the next begin, and with them the plain pass's logits", async () => {
    const decoder = new CachedGPT(params, config);
    await decoder.begin(text.slice(0, 4));
    const table = Object.values(params)[0]; // the token embeddings
    tf.tidy(() => table.assign(table.mul(-0.5)));
    expectNear(await decoder.begin(text.slice(0, 4)), fullPass(params, text.slice(0, 4), config));
    expectNear(await decoder.next(text[4]), fullPass(params, text.slice(0, 5), config));
    tf.tidy(() => table.assign(table.mul(-2)));
    decoder.dispose();
  });

  test("200 tokens twice with one model: no tensor more", async () => {
    const long = { ...config, nLayer: 1, nEmbd: 8, blockSize: 180 };
    const larger = initGPT(long, { seed: 2 });
    const before = tf.memory().numTensors;
    const decoder = new CachedGPT(larger, long, { compiled: true });
    const write = () =>
      generate(larger, long, [1], { maxNewTokens: 200, rng: new Random(3), model: decoder });
    const first = await write();
    const between = tf.memory();
    expect(await write()).toEqual(first);
    expect(tf.memory().numTensors).toBe(between.numTensors);
    expect(tf.memory().numBytes).toBe(between.numBytes);
    decoder.dispose();
    expect(tf.memory().numTensors).toBe(before);
    disposeParams(larger);
  }, 60_000);

  test("errors leave nothing behind", async () => {
    const before = tf.memory().numTensors;
    const decoder = new CachedGPT(params, config);
    await expect(decoder.next(1)).rejects.toThrow("expected begin(ids) before next(id)");
    await expect(decoder.begin([])).rejects.toThrow("at least one token id");
    await decoder.begin([1]);
    await expect(decoder.next(23)).rejects.toThrow("from 0 to 22, got 23");
    expectNear(await decoder.next(2), fullPass(params, [1, 2], config)); // the wrong one was not added
    await expect(decoder.begin([1, -1])).rejects.toThrow("from 0 to 22, got -1");
    decoder.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
