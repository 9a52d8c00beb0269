// What each objective makes of a text: published examples, and slow definitions.
import fc from "fast-check";
import { tf, useEngine } from "llm/engine";
import {
  batchOf,
  blankInfillingExample,
  blankPositions,
  blankRow,
  blankTokens,
  causalExample,
  corruptSpans,
  diffusionExample,
  examplesOf,
  glmSpans,
  maskedExample,
  maskTokens,
  objectiveNames,
  prefixMask,
  rowLength,
  spanCorruptionExample,
  spreadTimes,
  t5Spans,
  WINDOW,
} from "llm/objectives";
import { Random } from "llm/random";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
});

const tokens = blankTokens(50);
const drawText = (rng: Random, T: number) => Array.from({ length: T }, () => rng.integer(50));
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe("prefixMask", () => {
  test("is the causal mask with 0, open with T, and in between the figure of GLM's paper", () => {
    expect(prefixMask(3, 0)).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [1, 1, 1],
    ]);
    expect(prefixMask(2, 2)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(prefixMask(4, 2)).toEqual([
      [1, 1, 0, 0],
      [1, 1, 0, 0],
      [1, 1, 1, 0],
      [1, 1, 1, 1],
    ]);
    expect(() => prefixMask(3, 4)).toThrow(/prefix from 0 to 3/);
  });

  test("batches have the same mask, and nothing sees padding before it", () => {
    const examples = [
      { ...causalExample([1, 2, 3, 4]), prefix: 2 },
      causalExample([5, 6, 7, 8, 9]),
    ];
    const batch = batchOf(examples, tokens.pad, 6);
    const mask = batch.mask.arraySync();
    expect(mask.map(([rows]) => rows)).toEqual([prefixMask(6, 2), prefixMask(6, 0)]);
    expect(batch.ids.arraySync()[0]).toEqual([1, 2, 3, tokens.pad, tokens.pad, tokens.pad]);
    expect(batch.weights.arraySync()[0].slice(3)).toEqual([0, 0, 0]);
    tf.dispose(batch);
    expect(() => batchOf(examples, tokens.pad, 3)).toThrow(/at most 3 tokens, got 4/);
  });
});

describe("masked language modelling", () => {
  test("80 % [MASK], 10 % random, 10 % unchanged, of 15 % of the positions", () => {
    const rng = new Random(1);
    const count = { mask: 0, other: 0, same: 0, chosen: 0 };
    for (let n = 0; n < 2000; n++) {
      const text = drawText(rng, 40);
      const { ids, targets, weights } = maskedExample(text, tokens, rng);
      expect(targets).toEqual(text);
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      ids.forEach((id, i) => {
        if (weights[i] === 0) expect(id).toBe(text[i]);
        else {
          count.chosen++;
          count[id === tokens.mask ? "mask" : id === text[i] ? "same" : "other"]++;
        }
      });
    }
    expect(count.chosen).toBe(2000 * 6);
    expect(count.mask / count.chosen).toBeCloseTo(0.8, 1.5);
    // A random token is the right one once in 50.
    expect(count.other / count.chosen).toBeCloseTo(0.1 * 0.98, 1.5);
    expect(count.same / count.chosen).toBeCloseTo(0.1 * 1.02, 1.5);
  });

  test("maskTokens takes each branch and leaves its argument alone", () => {
    const ids = [1, 2, 3, 4];
    const read = maskTokens(ids, [0, 2, 3], [0.79, 0.8, 0.9], [7, 8, 9], 50);
    expect(read).toEqual([50, 2, 8, 4]);
    expect(ids).toEqual([1, 2, 3, 4]);
  });
});

describe("span corruption", () => {
  test("gives the example of the T5 paper", () => {
    const words = "Thank you for inviting me to your party last week".split(" ");
    const sentinels = [100, 101, 102];
    const { inputs, targets } = corruptSpans(
      words.map((_, i) => i),
      [
        [2, 4],
        [8, 9],
      ],
      sentinels,
    );
    const show = (ids: number[]) => ids.map((id) => words[id] ?? `<${id - 100}>`).join(" ");
    expect(show(inputs)).toBe("Thank you <0> me to your party <1> week");
    expect(show(targets)).toBe("<0> for inviting <1> last <2>");
  });

  test("can be undone, and hides about 15 % in spans of 3", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 8, max: 64 }), (seed, T) => {
        const rng = new Random(seed);
        const text = drawText(rng, T);
        const spans = t5Spans(T, rng);
        const hidden = spans.reduce((sum, [a, b]) => sum + b - a, 0);
        expect(hidden).toBe(Math.max(1, Math.round(0.15 * T)));
        expect(spans.length).toBe(Math.max(1, Math.round(hidden / 3)));
        expect(spans[0][0]).toBeGreaterThan(0);
        const { inputs, targets } = corruptSpans(text, spans, tokens.sentinels);
        const parts = new Map<number, number[]>();
        let at = -1;
        for (const id of targets) {
          if (tokens.sentinels.includes(id)) parts.set(id, []);
          else parts.get(at)?.push(id);
          if (tokens.sentinels.includes(id)) at = id;
        }
        expect(inputs.flatMap((id) => parts.get(id) ?? [id])).toEqual(text);
      }),
    );
  });

  test("the row counts every token of the targets but the first, which is given", () => {
    const example = spanCorruptionExample(drawText(new Random(3), WINDOW), tokens, new Random(4));
    const counted = example.targets.filter((_, i) => example.weights[i] > 0);
    expect(counted.at(-1)).toBe(tokens.sentinels[3]);
    expect(counted.length).toBe(13);
    expect(example.prefix).toBe(example.ids.indexOf(tokens.sentinels[0], example.prefix));
    expect(() => corruptSpans([1, 2, 3], [[0, 2]], [9])).toThrow(/2 sentinels, got 1/);
    expect(() => corruptSpans([1, 2, 3], [[0, 1], [1, 2]], [7, 8, 9])).toThrow(/do not touch/); // biome-ignore format: short
  });
});

describe("blank infilling", () => {
  test("gives the figure of the GLM paper", () => {
    // x1 … x6, hidden are x3 and x5 x6, the second is written first.
    const text = [1, 2, 3, 4, 5, 6];
    const { mask: M, start: S, end: E, pad } = tokens;
    const row = blankRow(
      text,
      [
        [2, 3],
        [4, 6],
      ],
      [1, 0],
      tokens,
    );
    expect(row.ids).toEqual([1, 2, M, 4, M, S, 5, 6, S, 3]);
    expect(row.positions.map((p) => p + 1)).toEqual([1, 2, 3, 4, 5, 5, 5, 5, 3, 3]);
    expect(row.blankPositions).toEqual([0, 0, 0, 0, 0, 1, 2, 3, 1, 2]);
    expect(row.targets).toEqual([pad, pad, pad, pad, pad, 5, 6, E, 3, E]);
    expect(row.weights.map((w) => (w > 0 ? 1 : 0))).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(row.prefix).toBe(5);
  });

  test("spans hide 15 %, do not touch, and may be anywhere", () => {
    let [first, last] = [0, 0];
    for (let seed = 0; seed < 400; seed++) {
      const spans = glmSpans(64, new Random(seed));
      expect(spans.reduce((sum, [a, b]) => sum + b - a, 0)).toBe(10);
      spans.forEach(([start], k) => {
        if (k > 0) expect(start).toBeGreaterThan(spans[k - 1][1]);
      });
      if (spans[0][0] === 0) first++;
      if (spans[spans.length - 1][1] === 64) last++;
    }
    expect(first).toBeGreaterThan(5);
    expect(last).toBeGreaterThan(5);
  });

  test("positions of the first kind are those of part A, whatever the order", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const rng = new Random(seed);
        const text = drawText(rng, 30);
        const { ids, positions, prefix } = blankInfillingExample(text, tokens, rng);
        const { positions: again } = blankPositions(30, [], []);
        expect(again).toEqual(Array.from({ length: 30 }, (_, i) => i));
        const masks = new Set(ids.slice(0, prefix).flatMap((id, i) => (id === tokens.mask ? [i] : []))); // biome-ignore format: one thought
        for (const p of positions.slice(prefix)) expect(masks.has(p)).toBe(true);
      }),
    );
  });
});

describe("masked diffusion", () => {
  test("its loss weights 1/(t·T) make every row count alike on average", () => {
    const rng = new Random(5);
    for (const t of [0.1, 0.5, 0.9]) {
      let sum = 0;
      for (let n = 0; n < 500; n++) {
        const { weights, ids } = diffusionExample(drawText(rng, 64), tokens, rng, { t });
        weights.forEach((w, i) => {
          expect(w).toBeCloseTo(ids[i] === tokens.mask ? 1 / (64 * t) : 0, 6);
          sum += w / 500;
        });
      }
      expect(sum).toBeCloseTo(1, 1);
    }
  });

  test("times are spread over the whole of 0 to 1 in every batch", () => {
    const times = spreadTimes(8, new Random(2)).sort((a, b) => a - b);
    times.slice(1).forEach((t, i) => {
      expect(t - times[i]).toBeCloseTo(1 / 8, 2);
    });
  });
});

test("rows of every objective fit into the length they are filled up to", () => {
  const rng = new Random(9);
  for (const name of objectiveNames)
    for (let n = 0; n < 200; n++)
      for (const { ids, positions, blankPositions, targets, weights } of examplesOf(
        name,
        [drawText(rng, WINDOW)],
        tokens,
        rng,
      )) {
        expect(ids.length).toBeLessThanOrEqual(rowLength(name, WINDOW));
        for (const list of [positions, blankPositions, targets, weights])
          expect(list.length).toBe(ids.length);
      }
});
