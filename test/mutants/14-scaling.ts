/** Plausible wrong answers to lesson 14 (scaling), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/14-scaling";

type Law = Parameters<typeof right.bestSize>[0];
type Share = Parameters<typeof right.feedForwardShare>;

export const mutants: Mutants<typeof import("../../solutions/14-scaling")> = {
  fitAboveFloor: [
    {
      name: "the irreducible loss is not subtracted",
      told: /E was not subtracted/,
      answer: (x: number[], y: number[]) => right.fitAboveFloor(x, y, 0),
    },
    {
      name: "the slope is not turned round",
      told: /sign turned/,
      answer: (x: number[], y: number[], E: number) => {
        const { A, alpha } = right.fitAboveFloor(x, y, E);
        return { A, alpha: -alpha };
      },
    },
    {
      name: "the intercept as A",
      told: /ln A/,
      answer: (x: number[], y: number[], E: number) => {
        const { A, alpha } = right.fitAboveFloor(x, y, E);
        return { A: Math.log(A), alpha };
      },
    },
    {
      name: "a line through the origin",
      told: /means have to be subtracted/,
      answer: (x: number[], y: number[], E: number) => {
        const [u, v] = [x.map(Math.log), y.map((loss) => Math.log(loss - E))];
        const slope =
          u.reduce((sum, value, i) => sum + value * v[i], 0) / u.reduce((sum, w) => sum + w * w, 0);
        return { A: 1, alpha: -slope };
      },
    },
  ],
  bestSize: [
    {
      name: "tokens without the 6",
      told: /the 6 is missing/,
      answer: (law: Law, flops: number, sizes: number[]) => {
        const { parameters, loss } = right.bestSize(law, flops, sizes);
        return { parameters, tokens: flops / parameters, loss };
      },
    },
    {
      name: "forward pass only",
      told: /forward pass alone/,
      answer: (law: Law, flops: number, sizes: number[]) => right.bestSize(law, flops * 3, sizes),
    },
    {
      name: "the last of equal ones",
      told: /first in the list/,
      answer: (law: Law, flops: number, sizes: number[]) =>
        right.bestSize(law, flops, [...sizes].reverse()),
    },
    {
      name: "always the largest size",
      told: /reads too few tokens/,
      answer: (law: Law, flops: number, sizes: number[]) =>
        right.bestSize(law, flops, [Math.max(...sizes)]),
    },
    {
      name: "a loss without E",
      told: /E is missing/,
      answer: (law: Law, flops: number, sizes: number[]) =>
        right.bestSize({ ...law, E: 0 }, flops, sizes),
    },
  ],
  ringSum: [
    {
      name: "only adds up, no copies",
      told: /second half/,
      answer: (rows: number[][]) => {
        const N = rows.length;
        const m = rows[0].length / N;
        const total = right.ringSum(rows).rows[0];
        const held = rows.map((row) => [...row]);
        for (let c = 0; c < N; c++)
          for (let k = 0; k < N; k++)
            for (let j = c * m; j < (c + 1) * m; j++) {
              const i = (c + 1 + k) % N; // chunk c starts at worker c + 1 and ends at worker c
              held[i][j] = Array.from({ length: k + 1 }, (_, s) => rows[(c + 1 + s) % N][j]).reduce(
                (a, b) => a + b,
              );
              if (k === N - 1) held[i][j] = total[j];
            }
        return { rows: held, sent: rows.map(() => (N - 1) * m) };
      },
    },
    {
      name: "whole rows to everybody",
      told: /one chunk/,
      answer: (rows: number[][]) => ({
        ...right.ringSum(rows),
        sent: rows.map((row) => (rows.length - 1) * row.length),
      }),
    },
    {
      name: "the mean in place of the sum",
      told: /mean/,
      answer: (rows: number[][]) => {
        const { rows: sums, sent } = right.ringSum(rows);
        return { rows: sums.map((row) => row.map((value) => value / rows.length)), sent };
      },
    },
    {
      name: "changes the rows it was given",
      told: /rows/,
      answer: (rows: number[][]) => {
        const result = right.ringSum(rows);
        for (const [i, row] of rows.entries()) row.splice(0, row.length, ...result.rows[i]);
        return { rows: result.rows, sent: result.sent };
      },
    },
  ],
  feedForwardShare: [
    {
      name: "relu after both products",
      told: /between the two products/,
      answer: (...[x, wIn, wOut, { rank, workers }]: Share) => {
        const [C, F] = wIn.shape;
        const width = F / workers;
        return tf.tidy(() =>
          tf.relu(
            tf.matMul(
              tf.matMul(x, tf.slice(wIn, [0, rank * width], [C, width])),
              tf.slice(wOut, [rank * width, 0], [width, C]),
            ),
          ),
        ) as tf.Tensor2D;
      },
    },
    {
      name: "the whole result, divided",
      told: /was divided/,
      answer: (...[x, wIn, wOut, { workers }]: Share) =>
        tf.tidy(() =>
          tf.div(right.feedForwardShare(x, wIn, wOut, { rank: 0, workers: 1 }), workers),
        ) as tf.Tensor2D,
    },
    {
      name: "always the first share",
      told: /share of worker 0/,
      answer: (...[x, wIn, wOut, { workers }]: Share) =>
        right.feedForwardShare(x, wIn, wOut, { rank: 0, workers }),
    },
    {
      name: "leaves tensors behind",
      told: /tidy/,
      answer: (...[x, wIn, wOut, { rank, workers }]: Share) => {
        const [C, F] = wIn.shape;
        const width = F / workers;
        const columns = tf.slice(wIn, [0, rank * width], [C, width]);
        const rows = tf.slice(wOut, [rank * width, 0], [width, C]);
        return tf.matMul(tf.relu(tf.matMul(x, columns)), rows) as tf.Tensor2D;
      },
    },
  ],
  gpipeTable: [
    {
      name: "backward in the order of forward",
      told: /last micro-batch first/,
      answer: (S: number, M: number) =>
        right
          .gpipeTable(S, M)
          .map((row) =>
            row.map((slot) => (slot[0] === "B" ? `B${M - 1 - Number(slot.slice(1))}` : slot)),
          ),
    },
    {
      name: "backward starts at stage 0",
      told: /starts at the last stage/,
      answer: (S: number, M: number) =>
        Array.from({ length: S }, (_, s) => {
          const slots = Array<string>(2 * (S + M - 1)).fill("");
          for (let m = 0; m < M; m++) {
            slots[s + m] = `F${m}`;
            slots[s + M + m] = `B${M - 1 - m}`;
          }
          return slots;
        }),
    },
    {
      name: "no backward pass",
      told: /missing/,
      answer: (S: number, M: number) =>
        right.gpipeTable(S, M).map((row) => row.map((slot) => (slot[0] === "B" ? "" : slot))),
    },
    {
      name: "idle slots left out",
      told: /idle ones included/,
      answer: (S: number, M: number) =>
        right.gpipeTable(S, M).map((row) => row.filter((slot) => slot !== "")),
    },
  ],
  zeroBytes: [
    {
      name: "everything is shared out in every stage",
      told: /stage 0 nothing/,
      answer: (P: number, N: number) => (16 * P) / N,
    },
    {
      name: "a stage shares out its own part only",
      told: /includes stage 1|stays shared out/,
      answer: (P: number, N: number, stage: number) => {
        const share = (one: number) => (stage === one ? 1 / N : 1);
        return P * (12 * share(1) + 2 * share(2) + 2 * share(3));
      },
    },
    {
      name: "parameters before the optimizer's state",
      told: /largest part/,
      answer: (P: number, N: number, stage: number) => {
        const share = (from: number) => (stage >= from ? 1 / N : 1);
        return P * (2 * share(1) + 2 * share(2) + 12 * share(3));
      },
    },
    {
      name: "two numbers of the optimizer forgotten",
      told: /not 4/,
      answer: (P: number, N: number, stage: number) =>
        right.zeroBytes(P, N, stage) - P * (8 / (stage >= 1 ? N : 1)),
    },
  ],
};
