// A GPT divided among processes, by its matrices or by its layers: loss and gradients are those of
// the whole model, with the number of messages that the papers say.
import { type EngineName, tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLoss, gptShapes, initGPT } from "llm/gpt";
import {
  Group,
  layersOfStage,
  shardGPT,
  stageParams,
  tensorParallelLoss,
  type Workers,
} from "llm/parallel";
import { disposeParams, type Grads, lossAndGrads } from "llm/params";
import { Random } from "llm/random";
import { beforeAll, describe, expect, it } from "vitest";
import { workersOfTests } from "./processes";

await useEngine({ prefer: (process.env.LLM_ENGINE ?? "wasm") as EngineName, quiet: true });
const start = workersOfTests();

const sizes = { vocabSize: 19, blockSize: 8, nEmbd: 12, dropout: 0 };
const rng = new Random(8);
const rows = () =>
  Array.from({ length: 6 }, () => Array.from({ length: 7 }, () => rng.integer(19)));
const batch = { ids: rows(), targets: rows() };
const tensors = () => ({
  ids: tf.tensor2d(batch.ids, [6, 7], "int32"),
  targets: tf.tensor2d(batch.targets, [6, 7], "int32"),
});
/** What a worker gets: how the model is made, and the batch. */
const orders = (config: GPTConfig) => ({ config, ...batch });

/** Loss and gradients of the whole model, here. */
function whole(config: GPTConfig) {
  const params = initGPT(config, { seed: 1 });
  const { ids, targets } = tensors();
  const result = lossAndGrads(params, () => gptLoss(params, config, ids, targets));
  tf.dispose([ids, targets]);
  disposeParams(params);
  return { loss: result.loss.dataSync()[0], grads: result.grads };
}

/** The largest difference between gradients that came from a worker and those expected. */
function worst(actual: Record<string, Float32Array>, expected: Grads): number {
  let largest = 0;
  for (const [name, numbers] of Object.entries(actual)) {
    const right = expected[name].dataSync();
    expect(numbers.length, name).toBe(right.length);
    numbers.forEach((x, i) => {
      largest = Math.max(largest, Math.abs(x - right[i]));
    });
  }
  return largest;
}

let two: Workers;
let three: Workers;
beforeAll(async () => {
  two = await start(2);
  three = await start(3);
}, 120_000);

/** Loss and gradients of this rank's part, and how many messages they took. */
async function byTensors(workers: Workers, config: GPTConfig) {
  return await workers.run(({ group, llm }, { config, ids, targets }) => {
    const { tf } = llm("engine");
    const { shardGPT, tensorParallelLoss } = llm("parallel");
    const full = llm("gpt").initGPT(config, { seed: 1 });
    const parts = shardGPT(full, config, group);
    const params: Record<string, unknown> = {};
    for (const name in parts) params[name] = tf.variable(parts[name]);
    const batch = {
      ids: tf.tensor2d(ids, null, "int32"),
      targets: tf.tensor2d(targets, null, "int32"),
    };
    tensorParallelLoss(group, params, config, batch);
    const forward = group.traffic.messages;
    const before = tf.memory().numTensors;
    const { loss, grads } = llm("params").lossAndGrads(params, () =>
      tensorParallelLoss(group, params, config, batch),
    );
    const left = tf.memory().numTensors - before - Object.keys(grads).length - 1;
    const numbers: Record<string, Float32Array> = {};
    for (const name in grads) numbers[name] = grads[name].dataSync().slice();
    const both = group.traffic.messages - forward;
    return { loss: loss.dataSync()[0], grads: numbers, forward, both, left };
  }, orders(config));
}

describe("tensor parallelism", () => {
  it.each([
    [2, { ...sizes, nLayer: 2, nHead: 4, bias: true }],
    [3, { ...sizes, nLayer: 1, nHead: 3, bias: false }],
  ])("over %i workers: loss, gradients, messages", async (size, config) => {
    const results = await byTensors(size === 2 ? two : three, config);
    const { loss, grads } = whole(config);
    const reduction = 2 * (size - 1); // messages of an all-reduce
    for (const [rank, result] of results.entries()) {
      expect(Math.abs(result.loss - loss)).toBeLessThan(1e-6);
      const expected = shardGPT(grads, config, { rank, size });
      expect(Object.keys(result.grads)).toEqual(Object.keys(gptShapes(config)));
      expect(worst(result.grads, expected)).toBeLessThan(1e-6);
      expect(result.forward).toBe(2 * config.nLayer * reduction);
      expect(result.both).toBe(4 * config.nLayer * reduction);
      expect(result.left).toBe(0);
      tf.dispose(expected);
    }
    tf.dispose(grads);
  });

  it("divides heads and hidden units and nothing else, and all parts together are the model", () => {
    const config = { ...sizes, nLayer: 1, nHead: 4, bias: true };
    const params = initGPT(config, { seed: 2 });
    const [a, b] = [0, 1].map((rank) => shardGPT(params, config, { rank, size: 2 }));
    const block = "transformer.h.0.";
    expect(a[`${block}attn.c_attn.weight`].shape).toEqual([12, 18]);
    expect(a[`${block}attn.c_attn.bias`].shape).toEqual([18]);
    expect(a[`${block}attn.c_proj.weight`].shape).toEqual([6, 12]);
    expect(a[`${block}attn.c_proj.bias`].shape).toEqual([12]);
    expect(a[`${block}mlp.c_fc.weight`].shape).toEqual([12, 24]);
    expect(a[`${block}mlp.c_proj.weight`].shape).toEqual([24, 12]);
    const joined = tf.concat(
      [0, 1, 2].flatMap((third) =>
        [a, b].map((part) => tf.split(part[`${block}attn.c_attn.weight`], 3, -1)[third]),
      ),
      -1,
    );
    expect(joined.arraySync()).toEqual(params[`${block}attn.c_attn.weight`].arraySync());
    tf.dispose([joined, a, b]);
    disposeParams(params);
  });

  it("is refused where heads cannot be divided, or the model is another one", () => {
    const config = { ...sizes, nLayer: 1, nHead: 3, bias: true };
    const params = initGPT(config, { seed: 2 });
    expect(() => shardGPT(params, config, { rank: 0, size: 2 })).toThrow(
      "shardGPT: expected a GPT-2 with heads for 2 workers alike, got 3 heads",
    );
    const own = { ...config, norm: "rmsNorm" as const };
    expect(() => tensorParallelLoss(new Group(0, 1), params, own, tensors())).toThrow(
      /tensorParallelLoss: expected a GPT-2 with learned positions/,
    );
    disposeParams(params);
  });
});

/** What each stage has after one step with three micro-batches. */
async function byStages(workers: Workers, config: GPTConfig, kind: "gpipe" | "1f1b") {
  return await workers.run(
    ({ group, llm }, { config, ids, targets, kind }) => {
      const { tf } = llm("engine");
      const { pipelineStep, stageParams } = llm("parallel");
      const params = stageParams(llm("gpt").initGPT(config, { seed: 1 }), config, group);
      const micros = [0, 2, 4].map((from) => ({
        ids: ids.slice(from, from + 2),
        targets: targets.slice(from, from + 2),
      }));
      const before = tf.memory().numTensors;
      const { loss, grads, timeline } = pipelineStep(group, params, config, micros, { kind });
      const left = tf.memory().numTensors - before - Object.keys(grads).length;
      const numbers: Record<string, Float32Array> = {};
      for (const name in grads) numbers[name] = grads[name].dataSync().slice();
      return { loss, grads: numbers, timeline, left };
    },
    { ...orders(config), kind },
  );
}

describe("pipeline parallelism", () => {
  it.each([
    [2, "gpipe", 2],
    [2, "1f1b", 3],
    [3, "gpipe", 3],
    [3, "1f1b", 4],
  ] as const)("over %i stages, %s, %i layers: loss and gradients", async (size, kind, nLayer) => {
    const config = { ...sizes, nLayer, nHead: 2, bias: true };
    const results = await byStages(size === 2 ? two : three, config, kind);
    const { loss, grads } = whole(config);
    const seen = new Set<string>();
    for (const [stage, result] of results.entries()) {
      if (stage < size - 1) expect(result.loss).toBeUndefined();
      else expect(Math.abs(result.loss - loss)).toBeLessThan(1e-6);
      expect(worst(result.grads, grads)).toBeLessThan(1e-6);
      expect(result.left).toBe(0);
      for (const name in result.grads) seen.add(name);
      expect(result.timeline).toHaveLength(6);
      for (const { start, end } of result.timeline) expect(end).toBeGreaterThanOrEqual(start);
    }
    expect([...seen].sort()).toEqual(Object.keys(grads).sort());
    tf.dispose(grads);
  });

  it("each parameter is on one stage, and the embedding on the first and the last", () => {
    const config = { ...sizes, nLayer: 5, nHead: 2, bias: true };
    const params = initGPT(config, { seed: 2 });
    const stages = [0, 1, 2].map((rank) =>
      Object.keys(stageParams(params, config, { rank, size: 3 })),
    );
    const count = (name: string) => stages.filter((names) => names.includes(name)).length;
    for (const name in params) expect(count(name)).toBe(name === "transformer.wte.weight" ? 2 : 1);
    expect([0, 1, 2].map((stage) => layersOfStage(stage, 3, config))).toEqual([
      [0, 1],
      [1, 3],
      [3, 5],
    ]);
    disposeParams(params);
  });
});
