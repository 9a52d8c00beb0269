// Fine-tuning as tasks of the trainer: what is frozen stays, a killed run goes on to the same
// losses, a classifier survives its file, and what cannot be learnt is refused in a sentence.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpointFile, saveCheckpoint } from "llm/checkpoint";
import { tf, useEngine } from "llm/engine";
import {
  type BaseModel,
  classificationTask,
  classify,
  classifyAll,
  continuedPretrainingTask,
  languageLoss,
  loadClassifier,
  saveClassifier,
  taggingTask,
  tagWords,
} from "llm/finetune";
import { initGPT } from "llm/gpt";
import { disposeParams } from "llm/params";
import { Random } from "llm/random";
import { CharTokenizer } from "llm/tokenizer";
import { type AnyTask, Diverged, Trainer } from "llm/train";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const tokenizer = CharTokenizer.train("abcdefghijklmnopqrstuvwxyz ABC.");
const config = {
  ...{ family: "llama" as const, vocabSize: tokenizer.vocabSize, blockSize: 16, nLayer: 2 },
  ...{ nHead: 2, nEmbd: 16, nInner: 24, dropout: 0, bias: false },
};
let base: BaseModel;
let folder: string;
beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
  base = { params: initGPT(config, { seed: 1 }), config, tokenizer };
  folder = mkdtempSync(join(tmpdir(), "llm-finetune-"));
});
afterAll(() => {
  disposeParams(base.params);
  rmSync(folder, { recursive: true });
});

/** The last letter says the label: a or b. */
const letters = (count: number, seed: number) => {
  const rng = new Random(seed);
  return Array.from({ length: count }, () => {
    const label = rng.integer(2) === 0 ? "a" : "b";
    const before = Array.from({ length: 2 + rng.integer(6) }, () => "cdefg"[rng.integer(5)]);
    return { text: `${before.join("")}${label}`, label };
  });
};
const task = (options: object = {}) =>
  classificationTask({
    ...{ base, examples: letters(64, 1), heldOut: letters(40, 2), batchSize: 8, seed: 3 },
    ...{ length: 12, ...options },
  });
const settings = { steps: 60, maxLr: 1e-2, evalEvery: 60, compile: false };
const trainerOf = <T extends AnyTask>(task: T, dir?: string, more: object = {}) =>
  new Trainer({ task, dir, settings: { ...settings, ...more } });

describe("a classifier", () => {
  test("learns, and only what is trained changes", async () => {
    const before = Object.fromEntries(
      Object.entries(base.params).map(([name, p]) => [name, Array.from(p.dataSync())]),
    );
    const trainer = trainerOf(task({ trained: 1 }));
    const trained = Object.keys(trainer.task.params);
    expect(trained).toContain("model.layers.1.mlp.up_proj.weight");
    expect(trained).not.toContain("model.layers.0.mlp.up_proj.weight");
    const { metrics } = await trainer.run();
    expect(metrics.accuracy).toBeGreaterThan(0.9);
    for (const [name, values] of Object.entries(before))
      expect(Array.from(base.params[name].dataSync())).toEqual(values);
    const { model } = trainer.task;
    expect(model.params["model.layers.0.mlp.up_proj.weight"]).toBe(
      base.params["model.layers.0.mlp.up_proj.weight"],
    );
    trainer.dispose();
  });

  test("does not learn where the answer cannot be seen: the first token, causal", async () => {
    const trainer = trainerOf(task({ pool: "first" }));
    const { metrics } = await trainer.run();
    expect(metrics.accuracy).toBeLessThan(0.7);
    trainer.dispose();
  });

  test("survives its file, and one line uses it", async () => {
    const trainer = trainerOf(task());
    await trainer.run();
    const { model } = trainer.task;
    const texts = letters(10, 5).map(({ text }) => text);
    const said = classifyAll(model, texts);
    await saveClassifier(join(folder, "model"), model, { step: 60 });
    const loaded = loadClassifier(join(folder, "model"));
    expect(loaded.config).toEqual(model.config);
    expect(classifyAll(loaded, texts)).toEqual(said);
    const { label, probabilities } = classify(loaded, "ccca");
    expect(label).toBe("a");
    expect(probabilities.a + probabilities.b).toBeCloseTo(1, 5);
    expect(() => classify(loaded, " ")).toThrow("a text with something in it");
    expect(() => tagWords(loaded, [["a"]])).toThrow("a model that tags words");
    await saveClassifier(join(folder, "half"), model, { type: "F16" });
    const half = loadClassifier(join(folder, "half", checkpointFile));
    expect(classifyAll(half, texts).map((one) => one.label)).toEqual(said.map((one) => one.label));
    trainer.dispose();
    for (const one of [loaded, half]) disposeParams(one.params);
  });

  test("a run that was stopped goes on to the same losses; another base model is refused", async () => {
    const whole = trainerOf(task({ trained: 1 }));
    const { history } = await whole.run();
    const dir = join(folder, "run");
    const first = trainerOf(task({ trained: 1 }), dir);
    await first.run({ steps: 20 });
    first.dispose();
    const second = Trainer.resume(dir, { task: () => task({ trained: 1 }) });
    const rest = await second.run();
    expect(rest.history.steps.map(({ loss }) => loss)).toEqual(
      history.steps.map(({ loss }) => loss),
    );
    second.dispose();
    whole.dispose();
    const other = { ...base, params: initGPT(config, { seed: 2 }) };
    expect(() => Trainer.resume(dir, { task: () => task({ trained: 1, base: other }) })).toThrow(
      "it has changed",
    );
    expect(() => Trainer.resume(dir, { task: () => task() })).toThrow("of another model");
    disposeParams(other.params);
  });

  test("a run that diverges says so, and keeps its last checkpoint", async () => {
    const dir = join(folder, "diverged");
    const trainer = trainerOf(task(), dir, { maxLr: 1e30, clip: 0, checkpointEvery: 1 });
    await expect(trainer.run()).rejects.toThrow(Diverged);
    trainer.dispose();
    const again = Trainer.resume(dir, { task: () => task() });
    expect(again.step).toBeGreaterThanOrEqual(0);
    again.dispose();
  });

  test("no tensor is left behind", async () => {
    const before = tf.memory().numTensors;
    const trainer = trainerOf(task({ trained: "none" }), undefined, { steps: 3, evalEvery: 3 });
    await trainer.run();
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("words are tagged, whatever stands before them", async () => {
  const rng = new Random(4);
  const sentences = (count: number) =>
    Array.from({ length: count }, () => {
      const words = Array.from({ length: 3 }, () => ["ab", "cd", "Ab", "Cd"][rng.integer(4)]);
      return { words, tags: words.map((word) => (/^[A-C]/.test(word) ? "B-X" : "O")) };
    });
  const task = taggingTask({
    ...{ base, examples: sentences(40), heldOut: sentences(20), batchSize: 8, seed: 1 },
    ...{ length: 12 },
  });
  const trainer = trainerOf(task);
  const { metrics } = await trainer.run();
  expect(metrics.f1).toBeGreaterThan(0.9);
  expect(tagWords(task.model, [["ab", "Cd"], ["Ab"]])).toEqual([["O", "B-X"], ["B-X"]]);
  expect(() => classify(task.model, "ab")).toThrow("a model that labels texts");
  expect(() => tagWords(task.model, [Array(9).fill("ab")])).toThrow("1 to 12 tokens, got 26");
  trainer.dispose();
});

describe("what is refused", () => {
  test("an empty text, an empty label, an unknown one, one label, no examples", () => {
    const some = letters(8, 1);
    const refused = (options: object) => () => task(options).dispose();
    expect(refused({ examples: [...some, { text: " ", label: "a" }] })).toThrow(
      'expected a text with something in it, got " "',
    );
    expect(refused({ examples: [...some, { text: "c", label: "" }] })).toThrow(
      'expected one of the labels , a, b, got ""',
    );
    expect(refused({ heldOut: [{ text: "c", label: "z" }] })).toThrow('labels a, b, got "z"');
    expect(refused({ examples: some.filter(({ label }) => label === "a") })).toThrow("two or more");
    expect(refused({ heldOut: [] })).toThrow("to measure with, got 64 and 0");
    expect(refused({ length: 99 })).toThrow("a length from 1 to 16, got 99");
    expect(refused({ trained: 5 })).toThrow("from 0 to 2, got 5");
    expect(refused({ batchSize: 0 })).toThrow("batchSize");
    const bad = [{ words: ["ab"], tags: ["O", "O"] }];
    expect(() =>
      taggingTask({
        ...{ base, heldOut: bad, batchSize: 1, seed: 1, length: 12 },
        examples: [{ words: ["ab", "c"], tags: ["O", "B-X"] }],
      }),
    ).toThrow("a tag for each of 1 words, got 2");
  });

  test("a checkpoint of something else", async () => {
    const dir = join(folder, "gpt");
    const info = { step: 1, kind: "gpt", model: config, tokenizer: tokenizer.toJSON() };
    mkdirSync(dir);
    await saveCheckpoint(dir, { params: base.params }, info);
    expect(() => loadClassifier(dir)).toThrow('of kind "classifier"');
    expect(() => loadClassifier(join(folder, "nowhere"))).toThrow("no checkpoint");
  });
});

test("going on with pretraining begins with the base model and leaves it alone", async () => {
  const text = "abc abd abe. ".repeat(60);
  const ids = tokenizer.encodeText(text);
  const before = languageLoss(base.params, config, ids);
  const task = continuedPretrainingTask({ base, text, seed: 1, batchSize: 4, length: 16 });
  expect(languageLoss(task.params, config, ids)).toBeCloseTo(before, 6);
  const trainer = trainerOf(task, undefined, { steps: 20, evalEvery: 20 });
  await trainer.run();
  expect(languageLoss(task.params, config, ids)).toBeLessThan(before - 0.5);
  expect(languageLoss(base.params, config, ids)).toBe(before);
  trainer.dispose();
});
