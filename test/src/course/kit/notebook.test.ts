// What the notebooks' recorded calls may ask of an answer.

import { packArguments } from "llm/course/calls";
import { askNotebooks } from "llm/course/kit/notebook";
import type { Swept } from "llm/course/kit/sweep";
import { readFunctions } from "llm/course/source";
import { expect, test } from "vitest";

const source = readFunctions(
  "/** F. */\nexport function f(x: number[], by: number[]): number[] { return x; }",
)[0];
const swept = (answer: (x: number[], by: number[]) => number[]) =>
  ({
    answer,
    reference: (x: number[], by: number[]) => x.map((one, i) => by[i % 5] * (one / by[i])),
    ...{ source, sweep: {}, watch: {} },
  }) as unknown as Swept;
const ask = (by: number[], answer: (x: number[], by: number[]) => number[], packing = {}) => {
  const args = packArguments([Array.from({ length: by.length }, () => 1), by], packing);
  return askNotebooks(swept(answer), [{ notebook: "none", cell: "c", exercise: "f", args }]);
};
const small = { most: 100, sample: 64 };

test("stand-ins that make the reference itself NaN ask nothing", async () => {
  const zeros = Array.from({ length: 300 }, () => 0); // 0 · (1 / 0)
  const other = (x: number[]) => x.map(() => 1);
  await expect(ask(zeros, other, small)).resolves.toBeUndefined();
  // The notebook's own arguments are asked as they are, and so are stand-ins that are in order.
  await expect(ask(zeros.slice(0, 10), other)).rejects.toThrow(/notebook asks it/);
  const twos = zeros.map(() => 2);
  await expect(ask(twos, (x) => x.map(() => 5), small)).rejects.toThrow(/stood in for here/);
  await expect(ask(twos, other, small)).resolves.toBeUndefined();
});

test("−Infinity is a proper result", async () => {
  const result = (by: number[]) => by.map(() => -Infinity);
  const given = {
    ...swept((_, by) => by.map(() => 0)),
    reference: (_: unknown, by: number[]) => result(by),
  };
  const args = packArguments([[1], Array.from({ length: 300 }, () => 2)], small);
  const call = { notebook: "none", cell: "c", exercise: "f", args };
  await expect(askNotebooks(given as Swept, [call])).rejects.toThrow(/notebook asks it/);
});
