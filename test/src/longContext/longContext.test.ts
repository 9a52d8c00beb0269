// The stretched model's configurations, losses by position against the whole pass, and the needle
// texts, counted by hand.
import { tf, useEngine } from "llm/engine";
import { gptLoss } from "llm/gpt";
import { sinkAttention } from "llm/inference";
import {
  attentionShares,
  createNeedleModel,
  createRopeConfig,
  createRopeGPT,
  firstTokenShare,
  inStretches,
  KEYS,
  lossByPosition,
  needlesFound,
  needleText,
  pairToken,
  recallText,
  stretched,
  trainNeedleModel,
} from "llm/longContext";
import { ropeFrequencies } from "llm/ops";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

describe("a stretched model", () => {
  const config = createRopeConfig(9);
  let params: Params;
  beforeAll(() => {
    params = createRopeGPT({ vocabSize: 9, seed: 1 }).params;
  });
  const slowest = (way: "plain" | "linear" | "ntk" | "yarn", factor: number) => {
    const { ropeBase, ropeScaling } = stretched(config, way, factor);
    return ropeFrequencies(16, ropeBase, ropeScaling);
  };

  it("turns its slowest pair more slowly by the factor, whichever way, and its quickest by its own", () => {
    const plain = slowest("plain", 4);
    for (const way of ["linear", "ntk", "yarn"] as const)
      expect(plain[7] / slowest(way, 4)[7]).toBeCloseTo(4, 6);
    expect(["linear", "ntk", "yarn"].map((w) => slowest(w as "ntk", 4)[0])).toEqual([0.25, 1, 1]);
  });

  it("is as it was with a factor of 1", () => {
    const numbers = (way: "plain" | "linear" | "ntk" | "yarn") => {
      const { ropeBase, ropeScaling } = stretched(config, way, 1);
      return ropeFrequencies(16, ropeBase, ropeScaling);
    };
    for (const way of ["linear", "ntk", "yarn"] as const)
      expect(numbers(way)).toEqual(numbers("plain"));
  });

  it("has a loss at each position whose mean is the loss of the pass", () => {
    const rng = new Random(2);
    const ids = Array.from({ length: 151 }, () => rng.integer(9));
    const losses = lossByPosition({ config, params }, ids);
    expect(losses).toHaveLength(150);
    const whole = tf.tidy(() => {
      const row = (list: number[]) => tf.tensor2d([list], [1, 150], "int32");
      return gptLoss(params, config, row(ids.slice(0, 150)), row(ids.slice(1))).dataSync()[0];
    });
    expect(losses.reduce((a, b) => a + b) / 150).toBeCloseTo(whole, 5);
    const options = sinkAttention(config, 150, { sinks: 0, window: 3 });
    expect(lossByPosition({ config, params }, ids, options)[0]).toBeCloseTo(losses[0], 5);
    expect(() => lossByPosition({ config, params }, [1])).toThrow("2 tokens or more, got 1");
  });

  it("is summed up in stretches", () => {
    expect(
      inStretches(
        [
          [1, 3, 5, 7, 100],
          [3, 5, 7, 9, 100],
        ],
        2,
      ),
    ).toEqual([3, 7]);
  });

  it("shares attention with the first token: a fresh one nearly evenly", () => {
    const shares = firstTokenShare({ config, params }, [1, 2, 3, 4, 5, 6, 7, 8], 7);
    expect(shares).toHaveLength(3);
    for (const share of shares) expect(share).toBeCloseTo(1 / 8, 1);
  });

  it("shares attention with the position before, and all positions together get all of it", () => {
    const ids = [1, 2, 3, 4, 5, 6];
    const of = (from: number, keyOf: (i: number) => number) =>
      attentionShares({ config, params }, ids, from, keyOf);
    const each = ids.map((_, key) => of(5, () => key)); // of position 5
    for (const [layer, heads] of each[0].entries())
      for (const head of heads.keys())
        expect(each.reduce((sum, one) => sum + one[layer][head], 0)).toBeCloseTo(1, 5);
    const before = of(4, (i) => i - 1); // the mean of 3 seen from 4, and 4 seen from 5
    expect(of(5, (i) => i - 1)).toEqual(each[4]);
    const ofFour = attentionShares({ config, params }, ids.slice(0, 5), 4, () => 3);
    expect(before[1][2]).toBeCloseTo((ofFour[1][2] + each[4][1][2]) / 2, 5);
  });

  it("of an unknown way is refused", () => {
    expect(() => stretched(config, "longer" as never, 2)).toThrow(
      "stretched: expected one of plain",
    );
    disposeParams(params);
  });
});

describe("needles", () => {
  it("in training texts: every question is for a pair before it, and its value follows", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { ids, asked } = recallText(64, new Random(seed));
      expect([ids.length, asked.length]).toEqual([65, 64]);
      for (let i = 0; i < 64; i++) {
        const isQuestion = ids[i] < KEYS;
        expect(asked[i]).toBe(isQuestion ? 1 : 0);
        if (!isQuestion) continue;
        const pair = pairToken(ids[i], ids[i + 1] - KEYS);
        expect(ids.slice(0, i)).toContain(pair);
      }
    }
  });

  it.each([
    [64, 0],
    [64, 1],
    [40, 0.5],
    [9, 0.3],
  ])("in a text of %i at depth %f stand once, and are asked for at the end", (length, depth) => {
    for (let seed = 0; seed < 20; seed++) {
      const { ids, value } = needleText({ length, depth, others: 2 }, new Random(seed));
      const key = ids[length - 1];
      expect(ids).toHaveLength(length);
      expect(ids[Math.round(depth * (length - 2))]).toBe(pairToken(key, value - KEYS));
      const pairs = ids.filter((id) => id >= 2 * KEYS && id < 2 * KEYS + KEYS * KEYS);
      expect(pairs).toHaveLength(3);
      expect(new Set(pairs.map((id) => Math.floor((id - 2 * KEYS) / KEYS))).size).toBe(3);
    }
  });

  it("are not found by a fresh model more often than by chance, nor without a needle", async () => {
    const model = createNeedleModel(1);
    const found = needlesFound(model, { length: 32, depth: 0.5, count: 64, seed: 1 });
    expect(found).toBeLessThan(20);
    await trainNeedleModel(model, { seed: 1, steps: 2, tokensPerStep: 128 });
    const options = { length: 32, depth: 0.5, count: 8, seed: 1, without: true };
    expect(needlesFound(model, options)).toBeLessThan(8);
    disposeParams(model.params);
  });
});
