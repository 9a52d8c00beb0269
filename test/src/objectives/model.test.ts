// The model all objectives share, scoring, filling and the probe.

import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptHidden, gptLoss } from "llm/gpt";
import {
  batchOf,
  blanksOf,
  causalExample,
  createObjectiveModel,
  diffusionRow,
  fillBlanks,
  fitLogistic,
  initObjectiveModel,
  layoutOf,
  logProbabilities,
  meanHidden,
  type ObjectiveModel,
  objectiveHidden,
  objectiveLogits,
  objectiveLoss,
  objectiveNames,
  objectiveTask,
  probeAccuracy,
  speechPieces,
  unmaskStep,
} from "llm/objectives";
import { disposeParams } from "llm/params";
import { Random } from "llm/random";
import { Trainer } from "llm/train";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
});

const size = { nLayer: 2, nHead: 2, nEmbd: 8 };
const text = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
const modelOf = (name: ObjectiveModel["name"]) => {
  const model = createObjectiveModel(name, 10, { ...size, seed: 3 });
  // Larger weights, so that what a position sees shows in the numbers.
  for (const p of Object.values(model.params)) if (p.rank > 1) p.assign(tf.mul(p, 10));
  return model;
};

describe("the model", () => {
  test("under a causal mask is a GPT: hidden states and loss", () => {
    const { params, config, tokens } = modelOf("causal");
    const name = "transformer.wpe_blank.weight";
    params[name].assign(tf.zerosLike(params[name]));
    const batch = batchOf([causalExample(text)], tokens.pad);
    const gpt: GPTConfig = config;
    const ours = objectiveHidden(params, config, batch).dataSync();
    const theirs = gptHidden(params, gpt, batch.ids).dataSync();
    ours.forEach((x, i) => {
      expect(x).toBeCloseTo(theirs[i], 4);
    });
    const loss = objectiveLoss(params, config, batch).dataSync()[0];
    expect(loss).toBeCloseTo(gptLoss(params, gpt, batch.ids, batch.targets).dataSync()[0], 4);
    disposeParams(params);
  });

  test("its loss is the weighted sum of surprises, averaged over rows", () => {
    const { params, config, tokens } = modelOf("diffusion");
    const hidden = text.map((_, i) => i % 3 === 0);
    const rows = [
      diffusionRow(text, hidden, 0.25, tokens),
      diffusionRow(text, hidden, 0.5, tokens),
    ];
    const batch = batchOf(rows, tokens.pad);
    const loss = objectiveLoss(params, config, batch).dataSync()[0];
    const logs = tf.logSoftmax(objectiveLogits(params, config, batch)).arraySync() as number[][];
    const surprise = text.reduce((sum, id, i) => sum - (hidden[i] ? logs[i][id] : 0), 0);
    expect(loss).toBeCloseTo((surprise / 12 / 0.25 + surprise / 12 / 0.5) / 2, 4);
    disposeParams(params);
  });

  test("refuses other positions, and rows that are too long", () => {
    const { config, params, tokens } = modelOf("causal");
    expect(() => initObjectiveModel({ ...config, position: "learned" }, { seed: 1 })).toThrow(
      /position "rope"/,
    );
    const batch = batchOf([causalExample(new Array(90).fill(1))], tokens.pad);
    expect(() => objectiveHidden(params, config, batch)).toThrow(/at most 78, got 89/);
    disposeParams(params);
  });
});

describe("scoring", () => {
  test("is a probability: over all fillings it adds up to 1", () => {
    for (const name of objectiveNames) {
      const model = modelOf(name);
      const asked = Array.from({ length: 100 }, (_, n) => {
        const filled = [...text];
        [filled[4], filled[5]] = [Math.floor(n / 10), n % 10];
        return { text: filled, spans: [[4, 6]] as [number, number][] };
      });
      const logs = logProbabilities(model, asked);
      const sum = logs.reduce((total, log) => total + Math.exp(log), 0);
      expect(sum, name).toBeCloseTo(1, 3);
      expect(Math.max(...logs) - Math.min(...logs), name).toBeGreaterThan(0.5);
      disposeParams(model.params);
    }
  });

  test("a causal model sees the right side only when what follows counts too", () => {
    const model = modelOf("causal");
    const spans: [number, number][] = [[4, 6]];
    const other = [...text.slice(0, 8), 7, ...text.slice(9)];
    const ask = (andAfter: boolean) =>
      logProbabilities(model, [text, other].map((t) => ({ text: t, spans })), { andAfter }); // biome-ignore format: short
    const [a, b] = ask(false);
    expect(a).toBeCloseTo(b, 5);
    const [c, d] = ask(true);
    expect(Math.abs(c - d)).toBeGreaterThan(0.01);
    disposeParams(model.params);
  });

  test("the others see both sides", () => {
    for (const name of objectiveNames.slice(1)) {
      const model = modelOf(name);
      const other = [...text.slice(0, 8), 7, ...text.slice(9)];
      const [a, b] = logProbabilities(
        model,
        [text, other].map((t) => ({ text: t, spans: [[4, 6]] as [number, number][] })),
      );
      expect(Math.abs(a - b), name).toBeGreaterThan(0.001);
      disposeParams(model.params);
    }
  });
});

describe("filling", () => {
  test("uncovers everything, one token per step or several, and changes nothing else", () => {
    for (const name of objectiveNames) {
      const model = modelOf(name);
      const M = model.tokens.mask;
      const ids = [3, 1, M, M, 5, 9, 2, M, M, M, 5, 8];
      const steps = fillBlanks(model, ids);
      expect(steps.length, name).toBe(6);
      const last = steps[5];
      expect(last).not.toContain(M);
      ids.forEach((id, i) => {
        if (id === M) expect(last[i]).toBeLessThan(10);
        else expect(last[i]).toBe(id);
      });
      const two = fillBlanks(model, ids, { steps: 2 });
      expect(two.length).toBe(name === "masked" || name === "diffusion" ? 3 : 6);
      const drawn = () =>
        fillBlanks(model, ids, { temperature: 1, order: "random", rng: new Random(4) });
      expect(drawn()).toEqual(drawn());
      disposeParams(model.params);
    }
    const model = modelOf("masked");
    expect(() => fillBlanks(model, text, { temperature: 1 })).toThrow(/rng/);
    disposeParams(model.params);
  });

  test("each token is the likeliest where the layout says it is predicted", () => {
    for (const name of objectiveNames) {
      const model = modelOf(name);
      const M = model.tokens.mask;
      const ids = [3, 1, 4, 1, M, 9, 2, 6, 5, 3, 5, 8];
      const [, filled] = fillBlanks(model, ids);
      const candidates = Array.from({ length: 10 }, (_, id) => ids.map((x) => (x === M ? id : x)));
      const logs = logProbabilities(
        model,
        candidates.map((t) => ({ text: t, spans: [[4, 5]] as [number, number][] })),
      );
      expect(logs.indexOf(Math.max(...logs)), name).toBe(filled[4]);
      disposeParams(model.params);
    }
  });

  test("unmaskStep takes the surest of the hidden, the first of equals", () => {
    const ids = [9, 2, 9, 9];
    const p = [
      [0.6, 0.4],
      [1, 0],
      [0.2, 0.8],
      [0.8, 0.2],
    ];
    expect(unmaskStep(ids, p, 9, 1)).toEqual([9, 2, 1, 9]);
    expect(unmaskStep(ids, p, 9, 2)).toEqual([9, 2, 1, 0]);
    expect(unmaskStep(ids, p, 9, 7)).toEqual([0, 2, 1, 0]);
    expect(ids).toEqual([9, 2, 9, 9]);
  });

  test("blanks are found, and a causal model needs a token before the first", () => {
    expect(blanksOf([9, 9, 1, 9], 9)).toEqual([
      [0, 2],
      [3, 4],
    ]);
    const { tokens, params } = modelOf("causal");
    expect(() => layoutOf("causal", [1, 2], [[0, 1]], tokens)).toThrow(/before the first blank/);
    disposeParams(params);
  });
});

test("every objective can be trained: its loss falls", async () => {
  const ids = Int32Array.from({ length: 2000 }, (_, i) => (i * i) % 10);
  for (const name of objectiveNames) {
    const model = createObjectiveModel(name, 10, { ...size, seed: 3 });
    const task = objectiveTask(model, { train: ids, val: ids, batchSize: 4, seed: 2 });
    const trainer = new Trainer({
      task,
      settings: { steps: 12, maxLr: 0.02, evalEvery: 12, evalLimit: 8 },
    });
    const before = (await task.evaluate(8, {} as never)).val;
    await trainer.run();
    const after = (await task.evaluate(8, {} as never)).val;
    expect(after, name).toBeLessThan(before - 0.1);
    trainer.dispose();
  }
});

describe("the probe", () => {
  test("finds a direction, and nothing where there is none", () => {
    const rng = new Random(8);
    const draw = (n: number, gap: number) => {
      const labels = Array.from({ length: n }, (_, i) => i % 2);
      const features = labels.map((y) =>
        Array.from({ length: 5 }, (_, d) => rng.normal() + (d === 2 ? gap * y : 0)),
      );
      return { features, labels };
    };
    expect(probeAccuracy(draw(400, 4), draw(400, 4))).toBeGreaterThan(0.93);
    expect(Math.abs(probeAccuracy(draw(400, 0), draw(400, 0)) - 0.5)).toBeLessThan(0.08);
    const classify = fitLogistic(draw(400, 4), 0.01);
    expect([classify([0, 0, -2, 0, 0]), classify([0, 0, 6, 0, 0])]).toEqual([0, 1]);
  });

  test("reads the causal model with a causal mask and the others with an open one", () => {
    for (const name of objectiveNames) {
      const model = modelOf(name);
      const other = [...text.slice(0, -1), 0];
      const [a, b] = meanHidden(model, [text, other], 2);
      const [c] = meanHidden(model, [text], 0);
      expect([a.length, c.length]).toEqual([8, 8]);
      // The last token changes its own state alone, or those of all: the difference of the means
      // over 12 positions is that of one position only in a causal model.
      const [d] = meanHidden(model, [text.slice(0, -1)], 2);
      const [e] = meanHidden(model, [other.slice(0, -1)], 2);
      expect(d).toEqual(e);
      expect(a).not.toEqual(b);
      disposeParams(model.params);
    }
  });

  test("pieces of speech and of narration, as many of each, without the marks", () => {
    const book = [
      'He went down to the ship in the early morning. "It is a long way to the sea," said he.',
      '"Where is the captain now, and where are all his men?" asked the mate of the ship.',
    ].join("\n");
    const pieces = speechPieces(book, 10);
    expect(pieces.length % 2).toBe(0);
    for (const { text: piece, label } of pieces) {
      expect(piece.length).toBe(10);
      expect(piece).not.toContain('"');
      const stretch = book.split(/["\n]/).findIndex((s) => s.includes(piece));
      expect([1, 4].includes(stretch) ? 1 : 0).toBe(label);
    }
  });
});
