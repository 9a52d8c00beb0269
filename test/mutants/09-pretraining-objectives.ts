/** Plausible wrong answers to lesson 09 (pretraining objectives), and what each must be told. */

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/09-pretraining-objectives";

type Spans = [number, number][];

const masked =
  (visible: (i: number, j: number, prefix: number, T: number) => boolean) =>
  (T: number, prefix: number): number[][] =>
    Array.from({ length: T }, (_, i) =>
      Array.from({ length: T }, (_, j) => (visible(i, j, prefix, T) ? 1 : 0)),
    );

const replaced =
  (read: (draw: number, id: number, random: number, mask: number) => number) =>
  (ids: number[], chosen: number[], draws: number[], randomIds: number[], mask: number) => {
    const copy = [...ids];
    chosen.forEach((position, k) => {
      copy[position] = read(draws[k], ids[position], randomIds[k], mask);
    });
    return copy;
  };

const lossOf =
  (row: (sum: number, t: number, T: number, hidden: number) => number, mean = true) =>
  (surprise: number[][], hidden: boolean[][], t: number[]): number => {
    const rows = surprise.map((values, b) => {
      const counted = values.filter((_, i) => hidden[b][i]);
      const sum = counted.reduce((x, y) => x + y, 0);
      return row(sum, t[b], values.length, counted.length);
    });
    return rows.reduce((x, y) => x + y, 0) / (mean ? rows.length : 1);
  };

export const mutants: Mutants<typeof import("../../solutions/09-pretraining-objectives")> = {
  prefixMask: [
    {
      name: "causal only",
      told: /prefix is ignored/,
      answer: masked((i, j) => j <= i),
    },
    {
      name: "upside down",
      told: /wrong way round/,
      answer: masked((i, j, prefix) => j < prefix || j >= i),
    },
    {
      name: "both conditions needed",
      told: /either/,
      answer: masked((i, j, prefix) => j < prefix && j <= i),
    },
    {
      name: "prefix one too long",
      told: /one position too many/,
      answer: masked((i, j, prefix) => j <= prefix || j <= i),
    },
    {
      name: "prefix sees everything",
      told: /rows of the prefix/,
      answer: masked((i, j, prefix) => i < prefix || j <= i),
    },
  ],
  maskTokens: [
    {
      name: "always [MASK]",
      told: /always \[MASK\]/,
      answer: replaced((_, __, ___, mask) => mask),
    },
    {
      name: "random and unchanged swapped",
      told: /swapped/,
      answer: replaced((draw, id, random, mask) => (draw < 0.8 ? mask : draw < 0.9 ? id : random)),
    },
    {
      name: "never unchanged",
      told: /stays as it is/,
      answer: replaced((draw, _, random, mask) => (draw < 0.8 ? mask : random)),
    },
    {
      name: "draws indexed by position",
      told: /k-th chosen/,
      answer: (ids: number[], chosen: number[], draws: number[], random: number[], mask: number) =>
        ids.map((id, i) => {
          if (!chosen.includes(i)) return id;
          return draws[i] < 0.8 ? mask : draws[i] < 0.9 ? random[i] : id;
        }),
    },
  ],
  corruptSpans: [
    {
      name: "no last sentinel",
      told: /one more sentinel/,
      answer: (ids: number[], spans: Spans, sentinels: number[]) => {
        const { inputs, targets } = right.corruptSpans(ids, spans, sentinels);
        return { inputs, targets: targets.slice(0, -1) };
      },
    },
    {
      name: "one sentinel for each token",
      told: /one sentinel for the whole span/,
      answer: (ids: number[], spans: Spans, sentinels: number[]) => ({
        inputs: ids.map((id, i) => {
          const k = spans.findIndex(([a, b]) => i >= a && i < b);
          return k < 0 ? id : sentinels[k];
        }),
        targets: right.corruptSpans(ids, spans, sentinels).targets,
      }),
    },
    {
      name: "the same sentinel everywhere",
      told: /sentinel of its own/,
      answer: (ids: number[], spans: Spans, sentinels: number[]) =>
        right.corruptSpans(ids, spans, sentinels.map(() => sentinels[0])), // biome-ignore format: short
    },
    {
      name: "end included",
      told: /not including/,
      answer: (ids: number[], spans: Spans, sentinels: number[]) => {
        const { inputs } = right.corruptSpans(ids, spans, sentinels);
        const targets = spans.flatMap(([a, b], k) => [sentinels[k], ...ids.slice(a, b + 1)]);
        return { inputs, targets: [...targets, sentinels[spans.length]] };
      },
    },
    {
      name: "sentinel behind the span in the targets",
      told: /before the tokens/,
      answer: (ids: number[], spans: Spans, sentinels: number[]) => ({
        inputs: right.corruptSpans(ids, spans, sentinels).inputs,
        targets: [
          ...spans.flatMap(([a, b], k) => [...ids.slice(a, b), sentinels[k]]),
          sentinels[spans.length],
        ],
      }),
    },
  ],
  blankPositions: [
    {
      name: "places in the text",
      told: /places in the text/,
      answer: (T: number, spans: Spans, order: number[]) => {
        const { positions, blankPositions } = right.blankPositions(T, spans, order);
        const partA = blankPositions.indexOf(1);
        const own = order.flatMap((k) =>
          new Array<number>(spans[k][1] - spans[k][0] + 1).fill(spans[k][0]),
        );
        return { positions: [...positions.slice(0, Math.max(0, partA)), ...own], blankPositions };
      },
    },
    {
      name: "positions go on behind part A",
      told: /go on counting/,
      answer: (T: number, spans: Spans, order: number[]) => {
        const { blankPositions } = right.blankPositions(T, spans, order);
        return { positions: blankPositions.map((_, i) => i), blankPositions };
      },
    },
    {
      name: "order ignored",
      told: /order/,
      answer: (T: number, spans: Spans) =>
        right.blankPositions(T, spans, spans.map((_, k) => k)), // biome-ignore format: short
    },
    {
      name: "counts within a blank from 0",
      told: /from 1/,
      answer: (T: number, spans: Spans, order: number[]) => {
        const { positions, blankPositions } = right.blankPositions(T, spans, order);
        return { positions, blankPositions: blankPositions.map((p) => Math.max(0, p - 1)) };
      },
    },
    {
      name: "no place for [START]",
      told: /\[START\]/,
      answer: (T: number, spans: Spans, order: number[]) => {
        const { positions, blankPositions } = right.blankPositions(T, spans, order);
        const keep = (_: number, i: number) => blankPositions[i] !== 1;
        const less = (p: number) => Math.max(0, p - 1);
        return {
          positions: positions.filter(keep),
          blankPositions: blankPositions.filter(keep).map(less),
        };
      },
    },
  ],
  diffusionLoss: [
    {
      name: "without 1/t",
      told: /1\/t is missing/,
      answer: lossOf((sum, _, T) => sum / T),
    },
    {
      name: "mean over the hidden tokens",
      told: /number of hidden/,
      answer: lossOf((sum, t, _, hidden) => (hidden === 0 ? 0 : sum / hidden / t)),
    },
    {
      name: "counts visible tokens too",
      told: /visible tokens/,
      answer: (surprise: number[][], hidden: boolean[][], t: number[]) =>
        right.diffusionLoss(
          surprise,
          hidden.map((row) => row.map(() => true)),
          t,
        ),
    },
    {
      name: "sum over the texts",
      told: /mean over the texts/,
      answer: lossOf((sum, t, T) => sum / (t * T), false),
    },
    {
      name: "multiplied by t",
      told: /divided by t/,
      answer: lossOf((sum, t, T) => (sum * t) / T),
    },
  ],
  unmaskStep: [
    {
      name: "uncovers everything",
      told: /stay hidden/,
      answer: (ids: number[], p: number[][], mask: number) =>
        right.unmaskStep(ids, p, mask, ids.length),
    },
    {
      name: "from left to right",
      told: /left to right/,
      answer: (ids: number[], p: number[][], mask: number, count: number) => {
        const places = ids.flatMap((id, i) => (id === mask ? [i] : [])).slice(0, count);
        return ids.map((id, i) => (places.includes(i) ? p[i].indexOf(Math.max(...p[i])) : id));
      },
    },
    {
      name: "the least sure first",
      told: /least sure/,
      answer: (ids: number[], p: number[][], mask: number, count: number) => {
        const hidden = ids.flatMap((id, i) => (id === mask ? [i] : []));
        hidden.sort((a, b) => Math.max(...p[a]) - Math.max(...p[b]));
        const some = hidden.slice(0, count);
        return ids.map((id, i) => (some.includes(i) ? p[i].indexOf(Math.max(...p[i])) : id));
      },
    },
    {
      name: "overwrites visible tokens",
      told: /not hidden/,
      answer: (ids: number[], p: number[][], _: number, count: number) => {
        const all = ids.map((_, i) => i).sort((a, b) => Math.max(...p[b]) - Math.max(...p[a]));
        const some = all.slice(0, count);
        return ids.map((id, i) => (some.includes(i) ? p[i].indexOf(Math.max(...p[i])) : id));
      },
    },
  ],
};
