// Additions of all kinds in the model, in the KV cache and in the trainer.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerTask, type PromptAnswer } from "llm/answers";
import { loadCheckpoint } from "llm/checkpoint";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { CachedGPT, sampleBatch } from "llm/inference";
import {
  countParams,
  disposeParams,
  fingerprint,
  freezeParams,
  isFrozen,
  type Params,
} from "llm/params";
import {
  type Addition,
  adapted,
  disposeAddition,
  initAdapters,
  initLora,
  initPrefix,
  meanAnswerLoss,
  trainingCost,
  writeAnswers,
} from "llm/peft";
import { Random, randomNormal } from "llm/random";
import { Trainer } from "llm/train";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engines } from "../reference";

const configs: Record<string, GPTConfig> = {
  llama: {
    ...{ family: "llama", vocabSize: 13, blockSize: 24, nLayer: 2, nHead: 4, nKvHead: 2 },
    ...{ nEmbd: 16, nInner: 20, dropout: 0, bias: false, qkNorm: true },
  },
  window: {
    ...{ family: "llama", vocabSize: 13, blockSize: 24, nLayer: 2, nHead: 2, window: 3 },
    ...{ nEmbd: 16, dropout: 0, bias: false },
  },
  gpt2: { vocabSize: 13, blockSize: 24, nLayer: 2, nHead: 2, nEmbd: 16, dropout: 0, bias: true },
};
const makers: Record<string, (params: Params, config: GPTConfig) => Addition> = {
  lora: (params) => initLora(params, { r: 2 }, { seed: 3 }),
  adapters: (_, config) => initAdapters(config, { width: 3 }, { seed: 3 }),
  prefix: (params, config) => initPrefix(params, config, { ids: [1, 7, 2] }),
};
/** An addition that changes something: all its tensors are random. */
function shaken(addition: Addition): Addition {
  const rng = new Random(9);
  for (const [name, tensor] of Object.entries(addition.params))
    tf.tidy(() => tensor.assign(randomNormal(tensor.shape, { rng: rng.fork(name), std: 0.5 })));
  return addition;
}
const scratch = mkdtempSync(join(tmpdir(), "llm-peft-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

describe.each(engines)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
  });

  const cases = Object.keys(configs).flatMap((c) =>
    Object.keys(makers).map((m) => [c, m] as const),
  );
  describe.each(cases)("%s with %s", (family, kind) => {
    const config = configs[family];
    const open = () => {
      const params = initGPT(config, { seed: 5 });
      for (const p of Object.values(params)) tf.tidy(() => p.assign(tf.mul(p, 5)));
      const addition = shaken(makers[kind](params, config));
      const close = () => {
        disposeAddition(addition);
        disposeParams(params);
      };
      return { params, addition, all: adapted(params, addition), close };
    };

    test("what it does is not nothing, and is causal", () => {
      const { params, all, close } = open();
      const ids = [3, 1, 4, 1, 5, 9];
      const other = [...ids.slice(0, 5), 0];
      const logits = (p: Params, row: number[]) =>
        tf.tidy(() => gptLogits(p, config, tf.tensor2d([row], undefined, "int32")).dataSync());
      expect(apart(logits(all, ids), logits(params, ids))).toBeGreaterThan(0.01);
      const seen = 5 * config.vocabSize;
      expect(logits(all, other).slice(0, seen)).toEqual(logits(all, ids).slice(0, seen));
      close();
    });

    test("the KV cache gives the logits of a pass over the whole text", async () => {
      const { all, close } = open();
      const text = [3, 1, 4, 1, 5, 9, 2, 6];
      const cached = new CachedGPT(all, config);
      let last = await cached.begin(text.slice(0, 3));
      for (const id of text.slice(3, 6)) last = await cached.next(id);
      last = await cached.continueTo(text); // two tokens at once
      const whole = tf.tidy(() =>
        gptLogits(all, config, tf.tensor2d([text], undefined, "int32")).dataSync(),
      );
      expect(apart(last, whole.slice(-config.vocabSize))).toBeLessThan(1e-4);
      cached.dispose();
      close();
    });

    test("many texts at once are the texts alone", async () => {
      const { all, close } = open();
      const prompts = [[3, 1, 4], [2, 7], [5]];
      const options = { maxNewTokens: 6, stopIds: [] };
      const write = async (some: number[][]) => writeAnswers(all, config, some, options);
      const together = await write(prompts);
      for (const [i, prompt] of prompts.entries())
        expect(together[i]).toEqual((await write([prompt]))[0]);
      const rngs = prompts.map((_, i) => new Random(i));
      const drawn = await sampleBatch(all, config, prompts, { maxNewTokens: 4, rngs });
      expect(drawn.map(({ ids }) => ids.length)).toEqual([7, 6, 5]);
      close();
    });
  });

  test("adapters begin as the model itself", () => {
    for (const config of Object.values(configs)) {
      const params = initGPT(config, { seed: 5 });
      const addition = initAdapters(config, { width: 3 }, { seed: 1 });
      tf.tidy(() => {
        const ids = tf.tensor2d([[1, 2, 3]], undefined, "int32");
        const [a, b] = [params, adapted(params, addition)].map((p) => gptLogits(p, config, ids));
        expect(apart(a.dataSync(), b.dataSync())).toBe(0);
      });
      disposeAddition(addition);
      disposeParams(params);
    }
  });

  test("without positions, a prefix made of a text does what the text before the prompt does", () => {
    // With positions it does not: its keys have the positions 0 … P − 1, as the prompt's first ones.
    const config: GPTConfig = { ...configs.gpt2, position: "none" };
    const params = initGPT(config, { seed: 5 });
    for (const p of Object.values(params)) tf.tidy(() => p.assign(tf.mul(p, 5)));
    const addition = initPrefix(params, config, { ids: [1, 7, 2] });
    tf.tidy(() => {
      const read = (p: Params, ids: number[]) =>
        gptLogits(p, config, tf.tensor2d([ids], undefined, "int32")).dataSync();
      const before = read(params, [1, 7, 2, 5, 9, 3]).slice(3 * config.vocabSize);
      expect(apart(read(adapted(params, addition), [5, 9, 3]), before)).toBeLessThan(1e-4);
    });
    disposeAddition(addition);
    disposeParams(params);
  });

  describe("the task", () => {
    const config = configs.llama;
    /** Copies the second token of the prompt, then ends with 12. */
    const draw = (rng: Random): PromptAnswer => {
      const prompt = [11, rng.integer(10), 10];
      const answer = rng.uniform() < 0.5 ? [prompt[1], 12] : [prompt[1], prompt[1], 12];
      return { prompt, answer };
    };
    const heldOut = Array.from({ length: 5 }, (_, i) => draw(new Random(100 + i)));
    const shape = { batchSize: 4, length: 8, answerLength: 4 };
    const taskOf = (params: Params, addition: Addition) => {
      const model = { params: adapted(params, addition), config };
      return answerTask({ model, trained: addition.params, draw, heldOut, ...shape, seed: 1 });
    };

    test.each(Object.keys(makers))(
      "%s learns by the trainer; the model stays as it is",
      async (kind) => {
        const params = initGPT(config, { seed: 5 });
        for (const p of Object.values(params)) tf.tidy(() => p.assign(tf.mul(p, 5)));
        const known = fingerprint(params);
        const addition = makers[kind](params, config);
        const before = tf.memory().numTensors;
        const task = taskOf(params, addition);
        expect(Object.values(params).every(isFrozen)).toBe(true);
        const trainer = new Trainer({
          task,
          settings: { steps: 60, maxLr: kind === "prefix" ? 0.3 : 2e-2, evalEvery: 60 },
        });
        const { history } = await trainer.run();
        const losses = history.steps.map(({ loss }) => loss);
        const mean = (list: number[]) => list.reduce((a, b) => a + b) / list.length;
        expect(mean(losses.slice(-10))).toBeLessThan(0.9 * mean(losses.slice(0, 10)));
        const all = adapted(params, addition);
        expect(history.evals.at(-1)?.metrics.val).toBeCloseTo(
          await meanAnswerLoss(all, config, heldOut, { batchSize: 2 }),
          4,
        );
        trainer.dispose();
        expect(fingerprint(params)).toBe(known);
        expect(Object.values(params).some(isFrozen)).toBe(false);
        expect(tf.memory().numTensors).toBe(before);
        disposeAddition(addition);
        disposeParams(params);
      },
    );

    test("a run goes on where it was, and its checkpoint has the addition alone", async () => {
      const params = initGPT(config, { seed: 5 });
      const losses = async (dir: string, parts: number[]) => {
        const all: number[] = [];
        for (const [i, steps] of parts.entries()) {
          const addition = initLora(params, { r: 2 }, { seed: 3 });
          const settings = { steps: 6, maxLr: 1e-2, checkpointEvery: 2 };
          const trainer =
            i === 0
              ? new Trainer({ task: taskOf(params, addition), settings, dir })
              : Trainer.resume(dir, { task: () => taskOf(params, addition) });
          const { history } = await trainer.run({ steps });
          if (i === parts.length - 1) all.push(...history.steps.map(({ loss }) => loss));
          trainer.dispose();
          disposeAddition(addition);
        }
        return all;
      };
      const whole = join(scratch, `${engine}-whole`);
      const twice = join(scratch, `${engine}-twice`);
      expect(await losses(twice, [4, 2])).toEqual(await losses(whole, [6]));
      expect(Object.keys(loadCheckpoint(whole).params).every((n) => n.includes("lora_"))).toBe(
        true,
      );
      const other = initGPT(config, { seed: 6 });
      const addition = initLora(other, { r: 2 }, { seed: 3 });
      expect(() => Trainer.resume(whole, { task: () => taskOf(other, addition) })).toThrow(
        /is not the data that/,
      );
      disposeAddition(addition);
      disposeParams(other);
      disposeParams(params);
    });

    test("costs are counted", () => {
      const params = initGPT(config, { seed: 5 });
      const lora = initLora(params, { r: 2, targets: ["q_proj", "v_proj"] }, { seed: 3 });
      // q: 2·(16 + 16), v: 2·(16 + 8), in two layers
      expect(trainingCost(params, lora.params)).toEqual({
        trained: 224,
        share: 224 / (countParams(params) + 224),
        optimizerBytes: 2688,
        fileBytes: 896,
      });
      expect(trainingCost(params, params).share).toBe(1);
      freezeParams(params, false);
      disposeAddition(lora);
      disposeParams(params);
    });
  });
});
