// What the kit must not say of a wrong answer: sentences that a few calls suggest and the rest refutes.
import { conditionOf } from "llm/course/kit/conditions";
import { diagnose } from "llm/course/kit/diagnose";
import type { Observation, Observed } from "llm/course/kit/observe";
import { patternOf, tendencyOf } from "llm/course/kit/patterns";
import { checkResult } from "llm/course/kit/result";
import type { Sweeper, Swept } from "llm/course/kit/sweep";
import { readFunctions } from "llm/course/source";
import { expect, it } from "vitest";

const pair = (actual: number, expected: number) => ({
  actual: { shape: [], data: [actual] },
  expected: { shape: [], data: [expected] },
  ...{ named: new Map(), given: new Map(), others: new Map() },
});
const sourceOf = (code: string) => readFunctions(`/** F. */\n${code}`)[0];

it("a reward of 1 for 0 went through no exponential function", () => {
  expect(patternOf([pair(1, 0), pair(1, 0)]) ?? "").not.toContain("function");
  expect(patternOf([pair(0, 1), pair(0, 1)]) ?? "").not.toContain("logarithm");
  expect(patternOf([pair(Math.exp(2), 2), pair(1, 0)])).toContain("the exponential function");
});

it("a 1 for 16 went through no tanh, and no cut", () => {
  expect(patternOf([pair(1, 16), pair(1, 12)]) ?? "").not.toMatch(/tanh|cut/);
  expect(patternOf([pair(Math.tanh(0.5), 0.5), pair(1, 16)])).toContain("tanh");
});

it("a property of an argument is told only if the other calls lack it, whole numbers or not", () => {
  const source = sourceOf("export function f(x: number[]): number { return x[0]; }");
  const call = (x: number[]) => ({ args: [x] }) as unknown as Observation;
  const told = (wrong: number[][], right: number[][]) =>
    conditionOf({ wrong: wrong.map(call), right: right.map(call), source } as unknown as Observed);
  const agreeing = [
    [-1, -2],
    [-3, -1],
    [-2, -2],
  ];
  expect(
    told(
      [
        [-0.5, 0.2],
        [-1.5, 2.5],
      ],
      agreeing,
    ),
  ).toBeUndefined();
  expect(
    told(
      [
        [0.5, 0.2],
        [1.5, 2.5],
      ],
      agreeing,
    ),
  ).toBe("It is right only where `x` holds negative numbers.");
});

it("where null is a result, a forgotten one is thought of", () => {
  const message = (declared: string) => {
    try {
      checkResult(undefined, sourceOf(`export function f(): ${declared} { return g(); }`));
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  expect(message("number | null")).toContain("return null");
  expect(message("number")).toMatch(/in front of the answer\?$/);
});

it("weights in the right proportion are no softmax of scores that are 1 times what they should be", () => {
  const weights = (actual: number[], expected: number[]) => ({
    ...pair(0, 0),
    actual: { shape: [actual.length], data: actual },
    expected: { shape: [expected.length], data: expected },
  });
  // of 0.4, 0.3, 0.2 and 0.1 three are left in place of two, and others in place of these
  const more = [
    weights([4 / 9, 3 / 9, 2 / 9, 0], [4 / 7, 3 / 7, 0, 0]),
    weights([0, 2 / 9, 3 / 9, 4 / 9], [0, 0, 3 / 7, 4 / 7]),
    weights([4 / 10, 3 / 10, 2 / 10, 1 / 10], [4 / 9, 3 / 9, 2 / 9, 0]),
  ];
  expect(patternOf(more) ?? "").not.toContain("1 times");
  expect(patternOf(more)).toContain("too many are left");
  const twice = [weights([0.8, 0.16, 0.04], [0.6, 0.26, 0.14])].map(({ expected, ...rest }) => {
    const scores = Array.from(rest.actual.data, (x) => Math.sqrt(x));
    const sum = scores.reduce((a, b) => a + b, 0);
    return { ...rest, expected: { ...expected, data: scores.map((x) => x / sum) } };
  });
  expect(patternOf([...twice, ...twice])).toContain("2 times");
});

it("a list of pairs has no diagonal, a matrix has one", () => {
  const last = (columns: number) => {
    const shape = [4, columns];
    const data = Array.from({ length: 4 * columns }, (_, i) => i + 1);
    // the place or places farthest from the diagonal
    const wrong = columns === 2 ? [6] : [3, 12];
    const actual = data.map((x, i) => (wrong.includes(i) ? x - 2.5 : x));
    const rest = { named: new Map(), given: new Map(), others: new Map() };
    const one = { actual: { shape, data: actual }, expected: { shape, data }, ...rest };
    return tendencyOf([one, one]) ?? "";
  };
  expect(last(2)).not.toContain("diagonal");
  expect(last(4)).toContain("diagonal");
});

it("a list that is too long is explained only by what makes it as long", async () => {
  const firstTwo = (words: string[]) => words.slice(0, 2);
  const all = (words: string[]) => [...words];
  const swept = {
    ...{ answer: all, reference: firstTwo, sweep: { cases: {} } },
    source: sourceOf("export function f(words: string[]): string[] { return words; }"),
  } as unknown as Swept;
  const lists = [["a", "b", "c"], ["d", "e", "f", "g"], ["h"]];
  const sweeper = { kinds: () => ["lists"], draw: (_: string, k: number) => [lists[k]] };
  const told = (name: string, answer: typeof all) =>
    diagnose(swept, sweeper as unknown as Sweeper, [], async () => [{ name, answer }]);
  expect((await told("nothing is left", () => [])) ?? "").not.toContain("as if");
  expect((await told("one is left out", (words) => words.slice(0, 1))) ?? "").not.toContain(
    "as if",
  );
  const right = await told("all are kept", (words) => words.slice());
  expect(right).toContain("It is as if all are kept");
  expect(right).not.toContain("is right.)");
});

it("where nothing is wrong by itself, or Infinity is expected, it is not NaN", () => {
  expect(tendencyOf([pair(-1, Number.POSITIVE_INFINITY)]) ?? "").not.toContain("NaN");
  expect(tendencyOf([pair(Number.NaN, Number.POSITIVE_INFINITY)])).toContain("NaN");
});

it("a rounded number went through rounding, not through what leaves it as it is", () => {
  const ceiled = [pair(2273, 2272.7), pair(1500, 1499.9)];
  expect(patternOf(ceiled) ?? "").not.toMatch(/relu|absolute|cut/);
  expect(patternOf([pair(2273, 2272.2), pair(1500, 1499.1)])).toContain("Math.ceil");
  const list = (data: number[]) => ({ shape: [data.length], data });
  const cut = { ...pair(0, 0), actual: list([0, 2, 1]), expected: list([-3, 2, 1]) };
  expect(patternOf([cut])).toContain("relu");
});

it("a list of names holds texts", () => {
  const source = sourceOf("export function f(x: number[]): string[] { return []; }");
  expect(() => checkResult([{ name: "a" }], source)).toThrow(/\[0\] is .* expected a string/);
  expect(() => checkResult(["a"], source)).not.toThrow();
});
