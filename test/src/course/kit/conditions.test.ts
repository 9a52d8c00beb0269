// What tells wrong calls from right ones: lists without elements, keys of data.
import { conditionOf } from "llm/course/kit/conditions";
import type { Observation } from "llm/course/kit/observe";
import { usualCause } from "llm/course/kit/told";
import type { ExerciseSource } from "llm/course/source";
import { tf, useEngine } from "llm/engine";
import { beforeAll, expect, test } from "vitest";

const said = (parameters: string[], wrong: unknown[][], right: unknown[][]) => {
  const observed = (list: unknown[][]) => list.map((args) => ({ args }) as Observation);
  const source = { parameters } as ExerciseSource;
  const [bad, good] = [observed(wrong), observed(right)];
  const all = [...bad, ...good];
  return conditionOf({ all, wrong: bad, right: good, source, reference: () => 0 });
};
/** A list whose elements have names of their own, xs[0], xs[1]: tensors. */
const list = (n: number) => Array.from({ length: n }, (_, i) => tf.tensor1d([i + 2, 5]));

beforeAll(() => useEngine({ prefer: "js", quiet: true }));

test("an empty list is empty: the list is not left out where it has elements", () => {
  const [wrong, right] = [
    [[[]], [[]]],
    [[list(1)], [list(2)], [list(3)]],
  ];
  expect(said(["tuned"], wrong, right)).toBe("It is wrong exactly where `tuned` is empty.");
});

test("an element that is not there makes the list short", () => {
  const [wrong, right] = [
    [[list(2)], [list(3)]],
    [[list(1)], [list(1)], [list(1)]],
  ];
  expect(said(["xs"], wrong, right)).toBe("It is right only where `xs` has fewer than 2 elements.");
});

test("an option that is left out is said to be, a key of data is not", () => {
  const option = (value?: number) => [{ bias: value, other: 2 }];
  expect(said([""], [option(), option()], [option(3), option(4), option(5)])).toBe(
    "It is wrong exactly where `bias` is left out.",
  );
  const data = (...keys: string[]) => [Object.fromEntries(keys.map((key) => [key, [3, 4]]))];
  const [q, inner] = ["layers.0.q", "layers.0.q.inner"];
  expect(said(["shapes"], [data(q, inner), data(q, inner)], [data(q), data(q), data(q)])).toBe(
    undefined,
  );
});

test("two matrices of which one is transposed", () => {
  const cause = (shapes: string) => {
    const text = `Operands could not be broadcast together with shapes ${shapes}.`;
    return usualCause(new Error(text), text);
  };
  expect(cause("4,5 and 5,4")).toMatch(/if one of them were transposed/);
  expect(cause("4,5 and 5,3")).toMatch(/sizes must be equal/);
  expect(cause("2,4,5 and 5,4,2")).toMatch(/sizes must be equal/);
});
