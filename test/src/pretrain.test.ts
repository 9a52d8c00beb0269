// Pretraining runs of earlier versions go on and load; any tokenizer feeds a GPT.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { loadCheckpoint, saveCheckpoint } from "llm/checkpoint";
import { tf, useEngine } from "llm/engine";
import { generate } from "llm/inference";
import { disposeParams } from "llm/params";
import { loadGPT, presets, pretrain, resumePretraining } from "llm/pretrain";
import { Random } from "llm/random";
import { CharTokenizer, type Tokenizer, tokenizerFromJSON } from "llm/tokenizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(__dirname, "../..");
let folder: string;
beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
  folder = mkdtempSync(join(tmpdir(), "llm-pretrain-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const text = "the quick brown fox jumps over the lazy dog. ".repeat(20);
const tiny = {
  ...presets.smoke,
  model: { blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0, bias: false },
  ...{ steps: 6, batchSize: 4, warmupSteps: 2, evalEvery: 3, evalLimit: 4, sampleLength: 5 },
};

describe("what the first version wrote", () => {
  it("a run of it goes on to the losses that it would have had", async () => {
    const dir = join(folder, "first-run"); // 7 of 12 steps, made by the version before tasks
    cpSync(join(root, "test/fixtures/first-run"), dir, { recursive: true });
    const expected = JSON.parse(readFileSync(join(dir, "expected.json"), "utf8"));
    const trainer = resumePretraining(dir, { text });
    const { history } = await trainer.run();
    trainer.dispose();
    expect(history.steps.map(({ loss }) => loss)).toEqual(expected.losses);
    expect(history.evals.map(({ metrics }) => metrics.val)).toEqual(expected.vals);
    expect(history.evals.map(({ metrics }) => metrics.windows)).toEqual([4, 4, 11]);
    expect(loadCheckpoint(dir)).toMatchObject({
      kind: "gpt",
      step: 12,
      settings: { evalLimit: 4 },
    });
  });

  it("the GPT that comes with the course loads and writes", async () => {
    const before = tf.memory().numTensors;
    const { params, config, tokenizer, step } = loadGPT(join(root, "datasets/moby-dick-gpt"));
    expect([step, config.nEmbd, tokenizer.vocabSize]).toEqual([6500, 160, 77]);
    const ids = tokenizer.encode("Call me");
    const written = await generate(params, config, ids, { maxNewTokens: 3, rng: new Random(1) });
    expect(tokenizer.decode(written)).toMatch(/^Call me.{3}$/s);
    disposeParams(params);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("a checkpoint from elsewhere", () => {
  /** A run of two steps whose checkpoint then says something else. */
  async function altered(
    name: string,
    change: (info: Record<string, never>) => object,
  ): Promise<string> {
    const dir = join(folder, name);
    const trainer = pretrain({ text, settings: tiny, dir });
    await trainer.run({ steps: 2 });
    trainer.dispose();
    const { params, optimizer, file: _, task: __, ...info } = loadCheckpoint(dir);
    const tensors = (record: typeof params) =>
      Object.fromEntries(
        Object.entries(record).map(([n, { data, shape }]) => [n, tf.tensor(data, shape)]),
      );
    const [p, o] = [tensors(params), tensors(optimizer)];
    await saveCheckpoint(dir, { params: p, optimizer: o }, {
      ...info,
      ...change(info as never),
    } as never);
    tf.dispose([p, o]);
    rmSync(join(dir, "config.json"));
    return dir;
  }
  const { model } = tiny;
  it.each([
    ["a billion layers", { nLayer: 1e9 }, /expected tensors for 1000000000 layers/],
    ["a wide stream", { nEmbd: 30_000 }, /expected shape \[\d+,30000\]/],
    ["a long context", { blockSize: 2e8 }, /expected shape \[200000000,8\]/],
    ["half a layer", { nLayer: 0.5 }, /nLayer a whole number/],
  ])("that speaks of %s is refused before anything is allocated", async (name, wrong, message) => {
    const dir = await altered(name, ({ model: saved }) => ({
      model: { ...(saved as object), ...wrong },
      settings: { ...tiny, model: { ...model, ...wrong } },
    }));
    const [before, started] = [tf.memory().numBytes, performance.now()];
    expect(() => loadGPT(dir)).toThrow(message);
    expect(() => resumePretraining(dir, { text })).toThrow(message);
    expect(tf.memory().numBytes).toBe(before);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("does not make us open what is no text file, or is too long", async () => {
    const large = join(folder, "large.txt");
    writeFileSync(large, "a".repeat(100_000));
    for (const [file, message] of [
      ["/dev/zero", /is no ordinary file/],
      [large, /is longer than a text of 900 characters/],
    ] as const) {
      if (!existsSync(file)) continue;
      const dir = await altered(`files-${file.length}`, ({ data }) => ({
        data: { ...(data as object), files: [file] },
      }));
      expect(() => resumePretraining(dir)).toThrow(message);
    }
  });

  it("that is a model only cannot go on, and says so", () => {
    expect(() => resumePretraining(join(root, "datasets/moby-dick-gpt"))).toThrow(
      /holds a trained model, but no run that could go on/,
    );
  });
});

/** Pairs of letters: shorter than characters, with another type. */
class PairTokenizer implements Tokenizer {
  readonly vocabSize = 27 * 27;
  private readonly letters = " abcdefghijklmnopqrstuvwxyz";
  encode(text: string): number[] {
    return Array.from(this.encodeText(text));
  }
  encodeText(text: string): Int32Array {
    const clean = text.replace(/[^a-z]/g, " ").padEnd(Math.ceil(text.length / 2) * 2);
    return Int32Array.from(
      { length: clean.length / 2 },
      (_, i) => this.letters.indexOf(clean[2 * i]) * 27 + this.letters.indexOf(clean[2 * i + 1]),
    );
  }
  decode(ids: ArrayLike<number>): string {
    return Array.from(ids, (id) => this.letters[Math.floor(id / 27)] + this.letters[id % 27]).join(
      "",
    );
  }
  toJSON() {
    return { type: "pairs" };
  }
}

describe("tokenizers", () => {
  it("one of another kind feeds the GPT, and the checkpoint keeps it", async () => {
    const dir = join(folder, "pairs");
    const trainer = pretrain({ text, settings: tiny, tokenizer: new PairTokenizer(), dir });
    const { metrics } = await trainer.run();
    expect(trainer.task.config.vocabSize).toBe(729);
    expect(metrics.val).toBeGreaterThan(0);
    expect(trainer.task.tokensPerCharacter).toBeCloseTo(0.5, 5);
    trainer.dispose();
    expect(loadCheckpoint(dir).tokenizer).toEqual({ type: "pairs" });
    expect(() => loadGPT(dir)).toThrow(
      'expected a type among bpe, char, unigram, word, wordpiece, got "pairs"',
    );
  });

  it("are read back by their type", () => {
    const json = CharTokenizer.train("abc").toJSON();
    expect(tokenizerFromJSON(JSON.parse(JSON.stringify(json))).encode("cab")).toEqual([2, 0, 1]);
    for (const wrong of [null, 5, {}, { type: "toString" }, { type: "char" }])
      expect(() => tokenizerFromJSON(wrong)).toThrow(/fromJSON: expected/i);
  });

  it("a run resumed takes its own tokenizer, not one of the text", async () => {
    const dir = join(folder, "own");
    const wider = CharTokenizer.train(`${text}XYZ`);
    const first = pretrain({ text, settings: tiny, tokenizer: wider, dir });
    await first.run({ steps: 2 });
    first.dispose();
    const second = resumePretraining(dir, { text });
    expect(second.task.tokenizer.vocabSize).toBe(wider.vocabSize);
    await second.run();
    second.dispose();
    expect(existsSync(join(dir, "report.html"))).toBe(true);
  });
});
