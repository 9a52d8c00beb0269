// The trainer: it learns, it resumes to the same losses, it stops politely, it fails in words, it
// leaks nothing.
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpointFile, loadCheckpoint } from "llm/checkpoint";
import { clearInterrupt, requestInterrupt, tf, useEngine } from "llm/engine";
import { gptLoss } from "llm/gpt";
import { clear } from "llm/ops";
import { adamw, clipByGlobalNorm, warmupCosine } from "llm/optim";
import { type PretrainSettings, presets, pretrain, resumePretraining } from "llm/pretrain";
import { Random } from "llm/random";
import type { Trainer } from "llm/train";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

beforeAll(async () => {
  await useEngine({ quiet: true });
});
let dir: string;
const made: string[] = [];
beforeEach(() => {
  clearInterrupt();
  dir = join(mkdtempSync(join(tmpdir(), "llm-train-")), "run");
  made.push(join(dir, ".."));
});
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** Words in random order: a bigram can learn much of it, a small GPT more. */
const text = (() => {
  const rng = new Random(1);
  const words = ["whale", "ship", "sea", "ahab", "<boat>"];
  return Array.from({ length: 1000 }, () => words[rng.integer(words.length)]).join(" ");
})();

const tiny: PretrainSettings = {
  ...presets.smoke,
  model: { blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0, bias: false },
  steps: 12,
  batchSize: 4,
  maxLr: 1e-2,
  minLr: 1e-3,
  warmupSteps: 2,
  evalEvery: 6,
  evalLimit: 4,
  checkpointEvery: 4,
  sampleLength: 5,
};
async function train(
  settings: Partial<PretrainSettings> = {},
  more: Partial<Parameters<typeof pretrain>[0]> = {},
  steps?: number,
) {
  const trainer = pretrain({ text, settings: { ...tiny, ...settings }, ...more });
  try {
    return await trainer.run({ steps });
  } finally {
    trainer.dispose();
  }
}
/** The same, with the baselines of the text. */
async function trainAndKeep(settings: Partial<PretrainSettings>) {
  const trainer = pretrain({ text, settings: { ...tiny, ...settings } });
  const result = await trainer.run().finally(() => trainer.dispose());
  return { result, baselines: trainer.task.baselines };
}
const losses = ({ history }: { history: Trainer["history"] }) => ({
  steps: history.steps.map(({ ms: _, ...record }) => record),
  evals: history.evals,
});
const log = () =>
  readFileSync(join(dir, "log.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("Trainer", () => {
  it("starts at the uniform loss and ends below the bigram", async () => {
    const { result, baselines } = await trainAndKeep({
      steps: 300,
      evalEvery: 300,
      batchSize: 16,
      sampleLength: 40,
      maxLr: 3e-2,
    });
    const { evals } = result.history;
    const [first, last] = evals.map(({ metrics }) => metrics.val);
    expect(last).toBe(result.metrics.val);
    expect(Math.abs(first - baselines.uniform)).toBeLessThan(0.02);
    expect(last).toBeLessThan(baselines.bigram);
    expect(evals.map(({ step, whole }) => [step, whole])).toEqual([
      [0, false],
      [300, true],
    ]);
    expect(evals[1].sample).toHaveLength(41);
    expect(result).toMatchObject({ step: 300, stopped: "done" });
  });

  it.each([
    ["plainly", {}],
    [
      "with dropout and accumulation",
      { accumulate: 2, model: { ...tiny.model, dropout: 0.3, bias: true } },
    ],
  ])("resumes to the losses of an uninterrupted run, %s", async (_, settings) => {
    const whole = losses(await train(settings));
    await train(settings, { dir }, 7);
    rmSync(join(dir, "report.html"));
    for (const steps of [2, undefined]) {
      const trainer = resumePretraining(dir, { text });
      const result = await trainer.run({ steps });
      if (steps === undefined) {
        expect(losses(result)).toEqual(whole);
        expect(result.stopped).toBe("done");
      } else expect(result).toMatchObject({ step: 9, stopped: "paused" });
      trainer.dispose();
    }
    const lines = log();
    expect(lines.filter((line) => "loss" in line).map((line) => line.step)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    expect(lines.filter((line) => "metrics" in line).map((line) => line.step)).toEqual([0, 6, 12]);
    expect(JSON.parse(readFileSync(join(dir, "config.json"), "utf8")).settings.steps).toBe(12);
  });

  it("after a kill the log's later lines go, a torn one too", async () => {
    const whole = losses(await train());
    await train({}, { dir }, 5); // checkpoint of step 5
    writeFileSync(
      join(dir, "log.jsonl"),
      readFileSync(join(dir, "log.jsonl"), "utf8") + '{"step":6,"loss":9}\n{"st',
    );
    const trainer = resumePretraining(dir, { text });
    expect(losses(await trainer.run())).toEqual(whole);
    trainer.dispose();
    expect(log()).toHaveLength(12 + 3);
  });

  it("stops after the step when interrupted, saves, and can go on", async () => {
    const whole = losses(await train());
    const trainer = pretrain({ text, settings: tiny, dir });
    const result = await trainer.run({
      onStep: ({ step }) => {
        if (step === 3) requestInterrupt();
      },
    });
    trainer.dispose();
    expect(result).toMatchObject({ step: 3, stopped: "interrupted" });
    expect(loadCheckpoint(dir).step).toBe(3);
    clearInterrupt();
    const again = resumePretraining(dir, { text });
    expect(losses(await again.run())).toEqual(whole);
    again.dispose();
  });

  it("runs the parts it is given, and the model's clear operations give the same losses", async () => {
    const parts = {
      getBatch: vi.fn((ids: Int32Array, starts: number[], T: number) => ({
        inputs: starts.map((s) => ids.subarray(s, s + T)),
        targets: starts.map((s) => ids.subarray(s + 1, s + T + 1)),
      })),
      loss: vi.fn(gptLoss),
      schedule: vi.fn(warmupCosine),
      clip: vi.fn(clipByGlobalNorm),
    };
    const optimizer = adamw(tiny);
    const step = vi.spyOn(optimizer, "step");
    const attention = vi.fn(clear.causalSelfAttention);
    const [plain, own] = [
      await train(),
      await train({}, { ...parts, optimizer, ops: { attention } }),
    ];
    for (const part of [...Object.values(parts), step, attention])
      expect(part.mock.calls.length).toBeGreaterThanOrEqual(12);
    own.history.steps.forEach((record, i) => {
      expect(record.loss).toBeCloseTo(plain.history.steps[i].loss, 4);
    });
  });

  it("says that the loss is no number any more, and keeps the last good checkpoint", async () => {
    let calls = 0;
    const loss: typeof gptLoss = (...args) => {
      calls++;
      return calls > 20 ? tf.mul(gptLoss(...args), Number.NaN) : gptLoss(...args);
    };
    await expect(train({ steps: 40, evalEvery: 100 }, { dir, loss })).rejects.toThrow(
      /expected finite numbers at step \d+, got loss NaN, .*learning rate.*last good checkpoint in .* is kept/s,
    );
    const { step, params } = loadCheckpoint(dir);
    expect(step).toBeGreaterThan(0);
    for (const { data } of Object.values(params)) expect(data.every(Number.isFinite)).toBe(true);
  });

  it("a learning rate beyond reason ends in words too", async () => {
    await expect(train({ maxLr: 1e38, minLr: 1e38, warmupSteps: 0 }, { dir })).rejects.toThrow(
      /not a number|NaN/,
    );
    expect(loadCheckpoint(dir).step).toBe(0);
  });

  it.each([
    ["a text of one character", { text: "a".repeat(500) }, /at least 2 different tokens, got 1/],
    [
      "a short text",
      { text: "too short" },
      /text is shorter than one block: of its 9 tokens the last 1 /,
    ],
    [
      "a wrong number",
      { settings: { ...tiny, batchSize: 0 } },
      /expected batchSize to be a whole number ≥ 1, got 0/,
    ],
    [
      "a wrong model",
      { settings: { ...tiny, model: { ...tiny.model, nHead: 3 } } },
      /nEmbd divisible by nHead/,
    ],
  ])("refuses %s", (_, options, message) => {
    const before = tf.memory().numTensors;
    expect(() => pretrain({ text, settings: tiny, ...options })).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses a folder with another run, a resume without one, and another text", async () => {
    await train({}, { dir }, 1);
    expect(() => pretrain({ text, settings: tiny, dir })).toThrow("already holds a run");
    expect(() => resumePretraining(join(dir, "no"), { text })).toThrow("no checkpoint in");
    expect(() => resumePretraining(dir, { text: text.replace("sea", "see") })).toThrow(
      "is not the text",
    );
    expect(() => resumePretraining(dir, { text: `${text}!` })).toThrow("is not the text");
  });

  it.skipIf(!existsSync("/dev/full"))(
    "a disk that is full: the error says so, the last good checkpoint serves",
    async () => {
      await train({}, { dir }, 5);
      symlinkSync("/dev/full", join(dir, `${checkpointFile}.tmp`));
      const trainer = resumePretraining(dir, { text });
      await expect(trainer.run()).rejects.toThrow(/disk is full/);
      trainer.dispose();
      const again = resumePretraining(dir, { text });
      expect(again.step).toBe(5);
      rmSync(join(dir, "log.jsonl"));
      symlinkSync("/dev/full", join(dir, "log.jsonl"));
      await expect(again.run()).rejects.toThrow(/cannot write .*log\.jsonl: the disk is full/);
      again.dispose();
      expect(loadCheckpoint(dir).step).toBe(5);
    },
  );

  it("one trainer at a time works in a folder; the lock of a dead process is taken over", async () => {
    const first = pretrain({ text, settings: tiny, dir });
    let second: unknown;
    await first.run({
      steps: 2,
      onStep: () => {
        try {
          resumePretraining(dir, { text });
        } catch (error) {
          second = error;
        }
      },
    });
    expect((second as Error).message).toMatch(
      /another trainer is at work in .*run \(process \d+\)/,
    );
    first.dispose();
    expect(existsSync(join(dir, "run.lock"))).toBe(false);
    for (const owner of ["999999999\n", "nonsense", ""]) {
      writeFileSync(join(dir, "run.lock"), owner);
      const trainer = resumePretraining(dir, { text });
      await trainer.run({ steps: 1 });
      trainer.dispose();
      expect(existsSync(join(dir, "run.lock"))).toBe(false);
    }
  });

  it("a folder that is deleted under a run is told at once", async () => {
    let steps = 0;
    const deleting = train({ steps: 100, checkpointEvery: 100 }, { dir }, 50);
    const trainer = pretrain({
      text,
      settings: { ...tiny, steps: 100, checkpointEvery: 100 },
      dir: `${dir}-2`,
    });
    await expect(
      trainer.run({
        onStep: ({ step }) => {
          steps = step;
          if (step === 3) rmSync(`${dir}-2`, { recursive: true });
        },
      }),
    ).rejects.toThrow(/cannot write .*log\.jsonl: it was deleted while the run went on/);
    expect(steps).toBe(3);
    trainer.dispose();
    await deleting;
  });

  it("goes on where the log holds lines that are no records", async () => {
    const whole = losses(await train());
    await train({}, { dir }, 5);
    const log = join(dir, "log.jsonl");
    const odd = [
      "null",
      "5",
      '"x"',
      "[]",
      '{"step":2,"metrics":{"val":"<b>"}}',
      '{"step":"3","loss":1}',
    ];
    writeFileSync(log, `${odd.join("\n")}\n${readFileSync(log, "utf8")}`);
    const trainer = resumePretraining(dir, { text });
    expect(losses(await trainer.run())).toEqual(whole);
    trainer.dispose();
  });

  it("settings changed by hand in config.json are told, and the file is left alone", async () => {
    await train({}, { dir }, 5);
    const config = join(dir, "config.json");
    const changed = readFileSync(config, "utf8").replace('"maxLr": 0.01', '"maxLr": 0.5');
    writeFileSync(config, changed);
    expect(() => resumePretraining(dir, { text })).toThrow(
      /config\.json in .* says maxLr 0\.5, the run's checkpoint 0\.01/,
    );
    expect(readFileSync(config, "utf8")).toBe(changed);
    rmSync(config);
    resumePretraining(dir, { text }).dispose();
  });

  it("stops in the middle of an evaluation, saved, and does the evaluation when it goes on", async () => {
    const whole = losses(await train());
    const trainer = pretrain({ text, settings: tiny, dir });
    const seen: number[] = [];
    const result = await trainer.run({
      onEvaluating: (done, total) => {
        seen.push(done / total);
        if (trainer.step === 12) requestInterrupt();
      },
    });
    trainer.dispose();
    expect(result).toMatchObject({ step: 12, stopped: "interrupted" });
    expect(loadCheckpoint(dir).step).toBe(12);
    expect(result.history.evals.map(({ step }) => step)).toEqual([0, 6]);
    expect(Math.max(...seen)).toBeLessThanOrEqual(1);
    clearInterrupt();
    const again = resumePretraining(dir, { text });
    const finished = await again.run();
    again.dispose();
    expect(finished.stopped).toBe("done");
    expect(losses(finished)).toEqual(whole);
    expect(readFileSync(join(dir, "report.html"), "utf8")).toContain("after 12 steps");
  });

  it("writes a report that needs nothing else, with the samples escaped", async () => {
    await train({ sampleLength: 60, steps: 40 }, { dir });
    const html = readFileSync(join(dir, "report.html"), "utf8");
    expect(html.replaceAll("http://www.w3.org/", "")).not.toMatch(
      /<script|https?:|src=|NaN|undefined/,
    );
    expect(html).toContain("bigram");
    expect(html).toContain("<path");
    expect(html).not.toContain("<boat>");
  });

  it("1,000 steps leave the number of tensors and the memory where they were", async () => {
    const trainer = pretrain({
      text,
      settings: { ...tiny, steps: 1400, evalEvery: 200, checkpointEvery: 200 },
      dir,
    });
    await trainer.run({ steps: 400 });
    const [tensors, rss] = [tf.memory().numTensors, process.memoryUsage.rss()];
    await trainer.run({ steps: 1000 });
    expect(tf.memory().numTensors).toBe(tensors);
    expect((process.memoryUsage.rss() - rss) / 2 ** 20, "MiB").toBeLessThan(40);
    trainer.dispose();
  });

  it("dispose frees all of it", async () => {
    const before = tf.memory().numTensors;
    await train({ steps: 3 });
    expect(tf.memory().numTensors).toBe(before);
  });
});
