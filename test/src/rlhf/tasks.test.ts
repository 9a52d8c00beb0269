// The tasks: what is counted and what is not, runs that go on after a kill, rewards that are no
// numbers, the reference that stays as it is.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clearInterrupt, requestInterrupt, tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import {
  dpoTask,
  grpoTask,
  type Pair,
  type PPOOptions,
  ppoTask,
  type Reward,
  rewardScorer,
  rewardTask,
  rowLogProbs,
  standardised,
  type Text,
  TextReader,
  textRows,
} from "llm/rlhf";
import { type AnyTask, Trainer } from "llm/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const config: GPTConfig = {
  ...{ vocabSize: 7, blockSize: 12, nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0, bias: false },
  family: "llama",
};
const STOP = 6;
let params: Params;
let folder: string;
const model = () => ({ params, config });
beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
  params = initGPT(config, { seed: 4 });
  folder = mkdtempSync(join(tmpdir(), "llm-rlhf-"));
});
afterAll(() => {
  disposeParams(params);
  rmSync(folder, { recursive: true });
});

const texts: Text[] = [
  { prompt: [1, 2, 3], answer: [4, 5] },
  { prompt: [2], answer: [3, 3, 1, 6] },
  { prompt: [5, 0], answer: [6] },
];

/** ln p of each id of an answer, text by text, from the model's logits. */
function slowLogProbs(params: Params, { prompt, answer }: Text): number[] {
  return tf.tidy(() => {
    const ids = [...prompt, ...answer];
    const logits = gptLogits(params, config, tf.tensor2d([ids], [1, ids.length], "int32"));
    const rows = (logits.arraySync() as number[][][])[0];
    return answer.map((id, t) => {
      const row = rows[prompt.length - 1 + t];
      return row[id] - Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
    });
  });
}

describe("rows", () => {
  it("count the answers, and neither prompt nor padding", () => {
    const rows = textRows(texts, 6);
    expect(rows.ids.arraySync()[0]).toEqual([1, 2, 3, 4, 5, 0]);
    expect(rows.targets.arraySync()[0]).toEqual([2, 3, 4, 5, 0, 0]);
    expect(rows.mask.arraySync()).toEqual([
      [0, 0, 1, 1, 0, 0],
      [1, 1, 1, 1, 0, 0],
      [0, 1, 0, 0, 0, 0],
    ]);
    expect(rows.last.arraySync()[1]).toEqual([0, 0, 0, 0, 1, 0]);
    tf.dispose(rows);
  });

  it("refuse a text that is empty or too long", () => {
    expect(() => textRows([{ prompt: [1], answer: [] }], 4)).toThrow("got 1 and 0");
    expect(() => textRows([{ prompt: [], answer: [1] }], 4)).toThrow("got 0 and 1");
    expect(() => textRows(texts, 4)).toThrow("at most 4 ids, got 5 in text 0");
  });

  it("are read as one text after the other is", async () => {
    const before = tf.memory().numTensors;
    const reader = new TextReader(params, config, { rows: 2, length: 7 });
    const read = await reader.logProbs(texts); // three texts, two at once
    reader.dispose();
    for (const [b, text] of texts.entries())
      for (const [t, expected] of slowLogProbs(params, text).entries())
        expect(read[b][t]).toBeCloseTo(expected, 5);
    expect(read.map((row) => row.length)).toEqual([2, 4, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("a temperature divides the logits", () => {
    tf.tidy(() => {
      const rows = textRows(texts, 6);
      const cold = rowLogProbs(params, config, rows, { temperature: 0.5 });
      const logits = tf.mul(gptLogits(params, config, rows.ids), 2) as tf.Tensor3D;
      const expected = tf.sum(
        tf.mul(tf.logSoftmax(logits), tf.oneHot(rows.targets, config.vocabSize)),
        -1,
      );
      expect(tf.max(tf.abs(tf.sub(cold, expected))).dataSync()[0]).toBeLessThan(1e-5);
    });
  });
});

/** How many 3s an answer has, less its length: easy to learn. */
const threes: Reward = (texts) =>
  texts.map(({ answer }) => answer.filter((id) => id === 3).length - 0.1 * answer.length);

const common = (): Omit<PPOOptions, "beta" | "parts"> => ({
  model: model(),
  prompts: (rng) => Array.from({ length: 1 + rng.integer(3) }, () => rng.integer(6)),
  heldOut: [[1], [2, 3], [4, 5, 0]],
  reward: threes,
  ...{ promptsPerRollout: 4, promptLength: 3, maxNewTokens: 5, stopIds: [STOP], seed: 9 },
});
const ppo = (more: Partial<PPOOptions> = {}) => ppoTask({ ...common(), beta: 0.1, ...more });
const grpo = (more: object = {}) => grpoTask({ ...common(), groupSize: 2, ...more });

const copies = (params: Params) =>
  Object.fromEntries(Object.entries(params).map(([name, p]) => [name, Array.from(p.dataSync())]));

async function train(task: AnyTask, steps: number, more: object = {}) {
  const trainer = new Trainer({
    task,
    settings: { steps, maxLr: 0.01, evalEvery: steps, ...more },
  });
  const result = await trainer.run();
  return { trainer, ...result, losses: result.history.steps.map(({ loss }) => loss) };
}

describe.each([
  ["PPO", () => ppo({ epochs: 2, minibatches: 2 })],
  ["GRPO with a KL term", () => grpo({ beta: 0.1, epochs: 2, minibatches: 2 })],
] as const)("%s", (name, make) => {
  it("goes on after a kill in the middle of a rollout to the same losses", async () => {
    const whole = await train(make(), 10);
    whole.trainer.dispose();
    const dir = join(folder, name);
    const settings = { steps: 10, maxLr: 0.01, evalEvery: 10, checkpointEvery: 3 };
    const first = new Trainer({ task: make(), settings, dir });
    await first.run({ steps: 6 }); // rollouts are of 4 steps each
    first.dispose();
    const resumed = Trainer.resume(dir, { task: make });
    const { history } = await resumed.run();
    resumed.dispose();
    expect(history.steps.map(({ loss }) => loss)).toEqual(whole.losses);
  });

  it("earns more, leaves the reference as it is, and leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const reference = copies(params);
    const { trainer, history } = await train(make(), 60);
    const [start, end] = [history.evals[0].metrics, history.evals.at(-1)?.metrics ?? {}];
    expect(end.reward).toBeGreaterThan(start.reward + 0.5);
    expect(Math.abs(start.kl)).toBeLessThan(1e-4);
    expect(end.kl).toBeGreaterThan(0.1);
    expect(copies(params)).toEqual(reference);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("a reward that is NaN is an error that shows the text, and the policy is as it was", async () => {
    let rollouts = 0;
    const task = make();
    task.dispose();
    const bad: Reward = (texts) =>
      texts.map((_, i) => (rollouts === 2 && i === 1 ? Number.NaN : 1 + (i % 2)));
    const options = { reward: bad, onRollout: () => rollouts++ };
    const broken = name === "PPO" ? ppo(options) : grpo({ ...options, beta: 0.1 });
    const dir = join(folder, `${name} NaN`);
    const settings = { steps: 5, maxLr: 0.01, evalEvery: 5, checkpointEvery: 1 };
    const trainer = new Trainer({ task: broken, settings, dir });
    await expect(trainer.run()).rejects.toThrow(/expected rewards that are finite.*got NaN for/);
    expect(trainer.step).toBe(2);
    const kept = copies(broken.params);
    trainer.dispose();
    rollouts = 0;
    const again = Trainer.resume(dir, {
      task: () => (name === "PPO" ? ppo() : grpo({ beta: 0.1 })),
    });
    expect(again.step).toBe(2);
    expect(copies(again.task.params)).toEqual(kept);
    again.dispose();
  });

  it("is not resumed against another reference or with other numbers", async () => {
    const dir = join(folder, `${name} other`);
    const trainer = new Trainer({ task: make(), settings: { steps: 4, maxLr: 0.01 }, dir });
    await trainer.run({ steps: 1 });
    trainer.dispose();
    const other = () => (name === "PPO" ? ppo({ beta: 0.2 }) : grpo({ beta: 0.2 }));
    expect(() => Trainer.resume(dir, { task: other })).toThrow("it has changed");
  });

  it("stops politely while it writes", async () => {
    const trainer = new Trainer({ task: make(), settings: { steps: 8, maxLr: 0.01 } });
    await trainer.run({ steps: 4 });
    requestInterrupt();
    const { stopped, step } = await trainer.run();
    clearInterrupt();
    expect([stopped, step]).toEqual(["interrupted", 4]);
    trainer.dispose();
  });
});

describe("GRPO", () => {
  it("begins at a loss of 0: ratios are 1 and advantages have mean 0", async () => {
    const task = grpo();
    const batch = await task.batch(0);
    const loss = tf.tidy(() => task.loss(task.params, batch).dataSync()[0]);
    expect(Math.abs(loss)).toBeLessThan(1e-6);
    // Padding and prompts have no advantage.
    const outside = tf.tidy(() => tf.sum(tf.mul(batch.advantages, tf.sub(1, batch.mask))));
    expect(outside.dataSync()[0]).toBe(0);
    tf.dispose([batch, outside]);
    task.dispose();
  });

  it("has nothing to learn where all rewards are equal", async () => {
    const records: number[] = [];
    const task = grpo({
      reward: (texts: Text[]) => texts.map(() => 1),
      onRollout: ({ equalGroups }: { equalGroups: number }) => records.push(equalGroups),
    });
    const { trainer, history } = await train(task, 2);
    expect(history.steps.map(({ norm }) => norm)).toEqual([0, 0]);
    expect(records).toEqual([1, 1]);
    trainer.dispose();
  });

  it("what the policy drew has the probabilities that its loss computes", async () => {
    const task = grpo({ temperature: 0.7 });
    const batch = await task.batch(0);
    const gap = tf.tidy(() => {
      const now = rowLogProbs(task.params, config, batch, { temperature: 0.7 });
      return tf.max(tf.abs(tf.mul(tf.sub(now, batch.old), batch.mask))).dataSync()[0];
    });
    expect(gap).toBeLessThan(1e-5);
    tf.dispose(batch);
    task.dispose();
  });

  it("says what is wrong with its options", () => {
    expect(() => grpo({ groupSize: 1 })).toThrow("groups of 2 answers");
    expect(() => grpo({ minibatches: 3 })).toThrow("minibatches to divide 8 texts, got 3");
    expect(() => grpo({ maxNewTokens: 10 })).toThrow("within blockSize = 12, got 3 + 10");
    expect(() => ppo({ beta: -1 })).toThrow("beta of 0 or more");
  });
});

describe("preferences", () => {
  /** More 3s are preferred. */
  const pairs = (seed: number, n: number): Pair[] =>
    Array.from({ length: n }, (_, i) => {
      const rng = new Random(seed).fork(i);
      const draw = (p: number) =>
        Array.from({ length: 4 }, () => (rng.uniform() < p ? 3 : rng.integer(6)));
      return { prompt: [1, rng.integer(6)], chosen: draw(0.7), rejected: draw(0) };
    });
  const options = () => ({
    model: model(),
    ...{ pairs: pairs(1, 40), heldOut: pairs(2, 30) },
    ...{ batchSize: 8, length: 6, seed: 3 },
  });

  it("a reward model learns them and scores texts", async () => {
    const before = tf.memory().numTensors;
    const { trainer, metrics } = await train(rewardTask(options()), 40);
    expect(metrics.accuracy).toBeGreaterThan(0.85);
    const score = rewardScorer(trainer.task.params, config, { rows: 2, length: 6 });
    const scale = await standardised(score, [...texts, { prompt: [1], answer: [3, 3, 3, 3] }]);
    const scores = await scale([...texts, { prompt: [1], answer: [3, 3, 3, 3] }]);
    expect(scores.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 5);
    expect(Math.max(...scores)).toBe(scores[3]);
    await expect(standardised(score, [texts[0]])).rejects.toThrow("expected different scores");
    score.dispose();
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("DPO starts at ln 2 and learns them", async () => {
    const before = tf.memory().numTensors;
    const task = await dpoTask({ ...options(), beta: 0.5 });
    const { trainer, history } = await train(task, 40);
    expect(history.evals[0].metrics.val).toBeCloseTo(Math.LN2, 5);
    expect(history.evals[0].metrics.accuracy).toBeLessThan(1);
    expect(history.evals.at(-1)?.metrics.accuracy).toBeGreaterThan(0.85);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
