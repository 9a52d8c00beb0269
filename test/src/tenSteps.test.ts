// `npm run verify:gpt2`: the test known from llm.c, proven on a tiny GPT-2 whose ten losses PyTorch
// has recorded (test/fixtures/tenSteps), because OpenAI's weights cannot come with the course.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Batch } from "llm/data";
import { tf, useEngine } from "llm/engine";
import type { GPTConfig } from "llm/gpt";
import { disposeParams } from "llm/params";
import { loadPretrained } from "llm/pretrained";
import { debugBatch, firstBatch, gpt2Losses, knownLossesOf, overfit, textOf } from "llm/tenSteps";
import { CharTokenizer, loadTokenizer } from "llm/tokenizer";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { engines, fixture, type Recorded } from "./reference";

const root = resolve(__dirname, "../..");
const recorded = fixture<{
  ids: Recorded;
  targets: Recorded;
  losses: number[];
  lossesAllDecayed: number[];
}>("tenSteps");
const tiny = new URL("../fixtures/tenSteps", import.meta.url).pathname;
const folders = mkdtempSync(join(tmpdir(), "ten-steps-"));
afterAll(() => rmSync(folders, { recursive: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(folders, "model-"));
  cpSync(tiny, folder, { recursive: true });
});
beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

const tinyText = join(tiny, "text.txt");
const values = ({ ids, targets }: Batch) =>
  [ids, targets].map((x) => ({ shape: x.shape, values: Array.from(x.dataSync()) }));
const worst = (a: number[], b: number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

describe.each(engines)("ten steps on %s", (engine) => {
  beforeAll(() => useEngine({ prefer: engine, quiet: true }));

  it("have PyTorch's losses, and are told apart from another weight decay", async () => {
    const before = tf.memory().numTensors;
    const { params, config, tokenizer } = loadPretrained(tiny);
    const known = knownLossesOf(tiny, config);
    const batch = firstBatch(tokenizer!, textOf(tinyText, known), known);
    const steps: number[] = [];
    const losses = await overfit(params, config, batch, {
      ...{ learningRate: known.learningRate, steps: 10 },
      onStep: (step) => steps.push(step),
    });
    expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(worst(losses, recorded.losses)).toBeLessThan(5e-5);
    expect(worst(losses, recorded.lossesAllDecayed)).toBeGreaterThan(known.tolerance);
    disposeParams(params);
    tf.dispose([batch.ids, batch.targets]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("the batch", () => {
  it("is the one that the recorder cut", () => {
    const batch = firstBatch(loadTokenizer(tiny), readFileSync(tinyText, "utf8"), gpt2Losses);
    expect(values(batch)).toEqual([recorded.ids, recorded.targets]);
  });

  it("begins as llm.c's does, with an end of text before every speech", () => {
    const text =
      "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.";
    const { ids } = firstBatch(loadTokenizer("gpt2"), text, { batchSize: 1, blockSize: 19 });
    const start = [50256, 5962, 22307, 25, 198, 8421, 356, 5120, 597, 2252, 11, 3285, 502, 2740];
    expect(Array.from(ids.dataSync())).toEqual([...start, 13, 628, 50256, 3237, 25]);
  });

  it("is refused where the text is short or the tokenizer knows no end of text", () => {
    const letters = CharTokenizer.train("<|endoftext|> abc");
    expect(() => firstBatch(letters, "abc", gpt2Losses)).toThrow(
      "expected a tokenizer with <|endoftext|> as one token, got none",
    );
    expect(() => firstBatch(loadTokenizer(tiny), "Call me", gpt2Losses)).toThrow(
      /expected at least 257 tokens of text, got \d+/,
    );
  });

  it("comes from llm.c's debug state as well", () => {
    const file = join(folder, "debug.bin");
    const header = new Int32Array(256);
    header.set([20240327, 2, 2, 3]);
    const numbers = [...header, ...[1, 2, 3, 4, 5, 6], ...[2, 3, 4, 5, 6, 7], 99];
    writeFileSync(file, Buffer.from(Int32Array.from(numbers).buffer));
    expect(values(debugBatch(file))).toEqual([
      { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] },
      { shape: [2, 3], values: [2, 3, 4, 5, 6, 7] },
    ]);
    expect(() => debugBatch(tinyText)).toThrow("expected llm.c's debug state of version 2");
    writeFileSync(file, Buffer.from(Int32Array.from(numbers.slice(0, 260)).buffer));
    expect(() => debugBatch(file)).toThrow("expected llm.c's debug state of version 2");
  });
});

describe("what is expected", () => {
  const gpt2 = { vocabSize: 50257, nLayer: 12, nEmbd: 768 } as GPTConfig;

  it("are GPT-2's losses only for a model of its size", () => {
    expect(knownLossesOf("/nowhere", gpt2)).toBe(gpt2Losses);
    expect(() => knownLossesOf("/nowhere", { ...gpt2, nLayer: 24 })).toThrow(
      "expected GPT-2 with 124M parameters",
    );
  });

  it.each([
    ["{", "a JSON file of losses"],
    ["null", "losses, a list of numbers, got undefined"],
    ['{"losses": [1, "2"]}', 'losses, a list of numbers, got [1,"2"]'],
    ['{"losses": [1], "batchSize": 0}', "batchSize to be a whole number ≥ 1, got 0"],
    ['{"losses": [1], "learningRate": "x"}', "learningRate to be a number above 0, got x"],
  ])("refuses a file with %s", (text, message) => {
    const file = join(folder, "losses.json");
    writeFileSync(file, text);
    expect(() => knownLossesOf(folder, gpt2, file)).toThrow(message);
  });

  it("belongs to Tiny Shakespeare and no other text", () => {
    vi.stubEnv("LLM_DATASETS", "");
    expect(() => textOf(undefined, gpt2Losses)).toThrow("as --data FILE, got neither");
    expect(() => textOf(tinyText, gpt2Losses)).toThrow('begins with "First Citizen:"');
    vi.unstubAllEnvs();
  });
});

describe("GPT-2's two files", () => {
  it("hold the same tokenizer as its tokenizer.json", () => {
    const { model } = JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8"));
    const merges = model.merges.map((m: string | string[]) => [m].flat().join(" "));
    const vocab = { ...model.vocab, "<|endoftext|>": Object.keys(model.vocab).length };
    rmSync(join(folder, "tokenizer.json"));
    writeFileSync(join(folder, "vocab.json"), JSON.stringify(vocab));
    writeFileSync(join(folder, "merges.txt"), `#version: 0.2\n${merges.join("\n")}\n`);
    const text = readFileSync(tinyText, "utf8").replaceAll("\n\n", "<|endoftext|>");
    const { params, tokenizer } = loadPretrained(folder);
    disposeParams(params);
    expect(tokenizer!.encode(text)).toEqual(loadTokenizer(tiny).encode(text));
    expect(loadTokenizer(folder).toJSON()).toEqual(tokenizer!.toJSON());
    writeFileSync(join(folder, "merges.txt"), "no such pair\n");
    expect(() => loadTokenizer(folder)).toThrow(/readVocabMerges: .*merge 0/);
  });
});

describe("npm run verify:gpt2", () => {
  beforeAll(() => {
    const build = spawnSync(process.execPath, [join(root, "tools/build.mjs")], {
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(build.stderr);
  }, 120_000);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, "dist/cli/verifyGpt2.js"), ...args], {
      encoding: "utf8",
      env: { ...process.env, LLM_ENGINE: "wasm", LLM_DATASETS: "" },
    });

  it("ends with 0 where the losses are right, and with 1 where one is not", () => {
    const right = run(folder, "--data", tinyText);
    expect([right.status, right.stderr]).toEqual([0, ""]);
    expect(right.stdout).toContain("✓ all within 0.0001");
    const losses = recorded.losses.map((loss, i) => loss + (i === 7 ? 3e-4 : 0));
    const known = JSON.parse(readFileSync(join(folder, "known-losses.json"), "utf8"));
    writeFileSync(join(folder, "other.json"), JSON.stringify({ ...known, losses }));
    const wrong = run(folder, "--data", tinyText, "--expect", join(folder, "other.json"));
    expect(wrong.status).toBe(1);
    expect(wrong.stdout).toContain("✗ off by up to 3.");
  });

  it("says in a sentence what is missing", () => {
    expect(run("/nowhere").stderr).toBe("verify:gpt2: loadPretrained: /nowhere: no such folder\n");
    expect(run(folder).stderr).toContain("expected Tiny Shakespeare");
    rmSync(join(folder, "known-losses.json"));
    expect(run(folder, "--data", tinyText).stderr).toContain("expected GPT-2 with 124M parameters");
    expect(run(folder, "--data", "a", "--debug", "b").status).toBe(2);
  });
});
