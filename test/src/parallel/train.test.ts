// Training on several processes: the losses and the parameters are those of one process that
// accumulates as many batches; a worker that is killed in the middle of a step ends the run, which
// then resumes to the losses of one that was not disturbed; ZeRO keeps a share and gives the same.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCheckpoint } from "llm/checkpoint";
import { type EngineName, tf, useEngine } from "llm/engine";
import { adamw, clipByGlobalNorm } from "llm/optim";
import {
  averageGrads,
  Group,
  trainParallel,
  WorkerLost,
  type Workers,
  type WorkerTools,
  zeroStage1,
} from "llm/parallel";
import { type GPTTaskOptions, gptTask, type PretrainSettings } from "llm/pretrain";
import { type StepRecord, Trainer } from "llm/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workersOfTests } from "./processes";

await useEngine({ prefer: (process.env.LLM_ENGINE ?? "wasm") as EngineName, quiet: true });
const start = workersOfTests();
const folder = mkdtempSync(join(tmpdir(), "llm-parallel-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const words = ["call", "me", "ishmael", "some", "years", "ago", "whale"];
const text = Array.from({ length: 600 }, (_, i) => words[(i * i + (i >> 2)) % 7]).join(" ");
const settings: PretrainSettings = {
  ...{ seed: 3, steps: 10, accumulate: 2, maxLr: 5e-3, minLr: 5e-4, warmupSteps: 2 },
  ...{ beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, clip: 0.5, compile: false },
  ...{ evalEvery: 5, evalLimit: 8, checkpointEvery: 3, batchSize: 3, sampleLength: 5 },
  model: { blockSize: 12, nLayer: 2, nHead: 2, nEmbd: 16, dropout: 0, bias: true },
};
const task = ({ llm }: Pick<WorkerTools, "llm">, args: GPTTaskOptions) =>
  llm("pretrain").gptTask(args);
const args = { text, settings };
const lossesOf = ({ steps }: { steps: StepRecord[] }) => steps.map(({ loss }) => loss);
const normsOf = ({ steps }: { steps: StepRecord[] }) => steps.map(({ norm }) => norm);

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-6) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(tolerance);
}

/** One process that adds up so many batches before each update. */
async function alone(accumulate: number, dir?: string, steps?: number) {
  const own = { ...settings, accumulate };
  const trainer = new Trainer({ task: gptTask({ text, settings: own }), settings: own, dir });
  const { history, metrics } = await trainer.run({ steps });
  const params = Object.entries(trainer.task.params).map(([name, p]) => [name, p.dataSync()]);
  trainer.dispose();
  return { history, metrics, params: Object.fromEntries(params) as Record<string, Float32Array> };
}

async function resumeAlone(dir: string) {
  const trainer = Trainer.resume(dir, { task: () => gptTask(args) });
  const result = await trainer.run();
  trainer.dispose();
  return result;
}

let two: Workers;
let one: Awaited<ReturnType<typeof alone>>;
beforeAll(async () => {
  two = await start(2);
  one = await alone(2);
}, 120_000);

function expectSameParams(dir: string) {
  const { params } = loadCheckpoint(dir);
  expect(Object.keys(params).sort()).toEqual(Object.keys(one.params).sort());
  for (const name in params) expectNear(params[name].data, one.params[name]);
}

describe("two workers", () => {
  it("train as one process that accumulates two batches: losses, norms, parameters, text", async () => {
    const dir = join(folder, "two");
    const seen: number[] = [];
    const run = await trainParallel({
      ...{ workers: two, task, args, settings, dir },
      onStep: ({ step }) => seen.push(step),
    });
    expectNear(lossesOf(run.history), lossesOf(one.history));
    expectNear(normsOf(run.history), normsOf(one.history));
    expect(run.stopped).toBe("done");
    expect(run.metrics.val).toBeCloseTo(one.metrics.val, 6);
    expect(run.history.evals.map(({ sample }) => sample)).toEqual(
      one.history.evals.map(({ sample }) => sample),
    );
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expectSameParams(dir);
    // Without the other half of the batches it would be another run.
    expect(lossesOf((await alone(1)).history)[9]).not.toBeCloseTo(lossesOf(one.history)[9], 3);
  });

  it("send two gradients' chunks a step each, and a few numbers", async () => {
    const { workers, history } = await trainParallel({ workers: two, task, args, settings });
    const n = Object.values(one.params).reduce((sum, { length }) => sum + length, 0);
    const steps = history.steps.length;
    for (const { rank, traffic, stateBytes } of workers) {
      expect(stateBytes).toBe(4 * (2 * n + 1));
      // The gradients: n numbers a step. Once: rank 0's parameters, moments, step. The losses: one.
      const once = rank === 0 ? n + (2 * n + 1) + 1 : 0;
      expect(traffic.bytes).toBeGreaterThanOrEqual(4 * (steps * n + once));
      expect(traffic.bytes).toBeLessThanOrEqual(4 * (steps * (n + 3) + once));
    }
  });

  it("accumulate too: two batches each are four", async () => {
    const four = await alone(4);
    const own = { ...settings, accumulate: 4 };
    const run = await trainParallel({ workers: two, task, args, settings: own });
    expectNear(lossesOf(run.history), lossesOf(four.history));
    expectNear(normsOf(run.history), normsOf(four.history));
  });

  it("go on with a run that one process began, and one process with theirs", async () => {
    for (const first of ["one", "two"]) {
      const dir = join(folder, `begun by ${first}`);
      if (first === "one") await alone(2, dir, 4);
      else {
        const workers = await start(2);
        await trainParallel({
          ...{ workers, task, args, settings, dir },
          onStep: ({ step }) => step === 5 && process.kill(workers.pids[1], "SIGKILL"),
        }).catch(() => {});
      }
      const rest =
        first === "one"
          ? await trainParallel({ workers: two, task, args, settings, dir, resume: true })
          : await resumeAlone(dir);
      expectNear(lossesOf(rest.history), lossesOf(one.history));
      expectSameParams(dir);
    }
  });

  it("drop out what one process drops", async () => {
    const own = { ...settings, steps: 3, model: { ...settings.model, dropout: 0.3 } };
    const trainer = new Trainer({ task: gptTask({ text, settings: own }), settings: own });
    const { history } = await trainer.run();
    trainer.dispose();
    const dropping = { text, settings: own };
    const run = await trainParallel({ workers: two, task, args: dropping, settings: own });
    expectNear(lossesOf(run.history), lossesOf(history));
  });

  it("need batches that can be divided among them", async () => {
    const own = { ...settings, accumulate: 3 };
    const run = trainParallel({ workers: 2, task, args, settings: own });
    await expect(run).rejects.toThrow(
      "trainParallel: expected accumulate to be a multiple of 2 workers, got 3",
    );
  });
});

it("three workers train as one that accumulates three batches, to 1e-6", async () => {
  const three = await alone(3);
  const own = { ...settings, accumulate: undefined }; // one batch for each
  const run = await trainParallel({ workers: await start(3), task, args, settings: own });
  expectNear(lossesOf(run.history), lossesOf(three.history));
  expectNear(normsOf(run.history), normsOf(three.history));
});

describe("ZeRO, stage 1", () => {
  it("gives the same run, and each worker keeps its share of the optimizer's memory", async () => {
    const run = await trainParallel({ workers: two, task, args, settings, zero: 1 });
    expectNear(lossesOf(run.history), lossesOf(one.history));
    expectNear(normsOf(run.history), normsOf(one.history));
    const n = Object.values(one.params).reduce((sum, { length }) => sum + length, 0);
    const [first, second] = run.workers.map(({ stateBytes }) => stateBytes / 4 - 1);
    expect(first + second).toBe(2 * n);
    expect(Math.abs(first - second)).toBeLessThanOrEqual(2);
  });

  it("with a group of one is the optimizer itself, and frees what it makes", () => {
    const shapes = { a: [3, 4], b: [5], c: [2, 2] };
    const make = (scale: number) =>
      Object.entries(shapes).map(([name, shape], k) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const numbers = Array.from({ length: size }, (_, i) => Math.sin(i + 3 * k) * scale);
        return [name, tf.tensor(numbers, shape)] as const;
      });
    const paramsOf = () =>
      Object.fromEntries(make(1).map(([name, x]) => [name, tf.tidy(() => tf.variable(x))]));
    const [plain, shared] = [paramsOf(), paramsOf()];
    const inner = adamw({ weightDecay: 0.3 });
    const { clip, optimizer } = zeroStage1(new Group(0, 1), inner);
    const [state, share] = [inner.init(plain), optimizer.init(shared)];
    const before = tf.memory().numTensors;
    for (let step = 0; step < 3; step++)
      tf.tidy(() => {
        const grads = Object.fromEntries(make(0.7 + step));
        const expected = clipByGlobalNorm(grads, 1);
        inner.step(plain, expected.grads, state, 0.01);
        const own = clip(grads, 1);
        optimizer.step(shared, own.grads, share, 0.01);
        expect(own.norm.dataSync()[0]).toBeCloseTo(expected.norm.dataSync()[0], 5);
      });
    expect(tf.memory().numTensors).toBe(before);
    for (const name in shapes)
      expectNear(shared[name as "a"].dataSync(), plain[name as "a"].dataSync());
  });

  it("is refused with a folder: no worker has all that a checkpoint needs", async () => {
    const run = trainParallel({ ...{ workers: 2, task, args, settings }, zero: 1, dir: folder });
    await expect(run).rejects.toThrow(/trainParallel: expected no folder with zero: 1/);
  });
});

describe("a worker that is killed in the middle of a step", () => {
  it.each([1, 0])("rank %i: the error names it and the step; the run resumes", async (victim) => {
    const dir = join(folder, `killed-${victim}`);
    const workers = await start(2);
    const run = trainParallel({
      ...{ workers, task, args, settings, dir },
      onStep: ({ step }) => step === 5 && process.kill(workers.pids[victim], "SIGKILL"),
    });
    const error = await run.catch((error) => error);
    expect(error).toBeInstanceOf(WorkerLost);
    expect(error).toMatchObject({ rank: victim, signal: "SIGKILL" });
    expect(error.at).toMatch(/^step ([5-9]|10)$/);
    expect(error.message).toContain(`${dir} keeps the last checkpoint: resume the run from there`);
    expect(loadCheckpoint(dir).step).toBeLessThan(10);
    const rest = await trainParallel({ workers: two, task, args, settings, dir, resume: true });
    expect(rest.step).toBe(10);
    expectNear(lossesOf(rest.history), lossesOf(one.history));
    expectSameParams(dir);
    const log = readFileSync(join(dir, "log.jsonl"), "utf8").trim().split("\n");
    expect(log.filter((line) => "loss" in JSON.parse(line))).toHaveLength(10);
    expect(existsSync(join(dir, "run.lock"))).toBe(false);
  });
});

it("averaged gradients of a group of one are the gradients", () => {
  const grads = { w: tf.tensor2d([[1, 2]]), b: tf.tensor1d([3]) };
  const mean = averageGrads(new Group(0, 1), grads);
  expect(mean.w.arraySync()).toEqual([[1, 2]]);
  expect(mean.b.arraySync()).toEqual([3]);
  tf.dispose([grads, mean]);
});
