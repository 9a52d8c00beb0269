// The calculator against JavaScript's own arithmetic, on random expressions; what is refused; and that
// nothing is ever run.

import fc from "fast-check";
import { calculate, calculatorTool, shownNumber } from "llm/agents";
import { runTool } from "llm/tools";
import { expect, test } from "vitest";

const number = fc.oneof(
  fc.integer({ min: 0, max: 99 }).map(String),
  fc.constantFrom("0.5", "2.25", "10.", ".5"),
);
const expression = fc.letrec<{ all: string; binary: string; group: string; minus: string }>(
  (tie) => ({
    all: fc.oneof({ depthSize: "small" }, number, tie("binary"), tie("group"), tie("minus")),
    binary: fc
      .tuple(tie("all"), fc.constantFrom(" + ", "-", " * ", " / ", "%"), tie("all"))
      .map((parts) => parts.join("")),
    group: tie("all").map((one) => `(${one})`),
    minus: tie("all").map((one) => `(- (${one}))`),
  }),
).all;

test("it gives what JavaScript gives", () => {
  fc.assert(
    fc.property(expression, (text) => {
      const value: number = new Function(`return (${text.replace(/(\d)\.(?!\d)/g, "$1.0")})`)();
      if (Number.isFinite(value)) expect(calculate(text)).toBe(value);
      else expect(() => calculate(text)).toThrow();
    }),
    { numRuns: 500, seed: 26 },
  );
});

test.each([
  ["2 + 3 * 4", 14],
  ["(2 + 3) * 4", 20],
  ["10 - 4 - 3", 3],
  ["100 / 5 / 2", 10],
  ["7 % 4 * 2", 6],
  ["2^3^2", 512],
  ["-2^2", -4],
  ["2^-1", 0.5],
  ["--3", 3],
  ["2 × 3 − 8 ÷ 4", 4],
  [" 1\n+\t1 ", 2],
])("%s = %d", (text, value) => {
  expect(calculate(text)).toBe(value);
});

test.each([
  ["", /got the end at character 0/],
  ["2 +", /got the end at character 3/],
  ["2 3", /an operation or the end, got 3 at character 2/],
  ["(2", /a bracket that closes/],
  ["2)", /got \)/],
  ["process.exit()", /a number or a bracket, got p/],
  ["1e3", /got e/],
  ["1 / 0", /a divisor other than 0/],
  ["1 % (2 - 2)", /a divisor other than 0/],
  ["9^9^9", /finite/],
  ["(".repeat(60), /at most 50 signs and brackets/],
  ["1+".repeat(300), /at most 400 characters/],
])("%s is refused", (text, message) => {
  expect(() => calculate(text)).toThrow(message);
});

test("as a tool it shows 12 digits and says what is wrong", async () => {
  const call = (expression: unknown) =>
    runTool([calculatorTool], { name: "calculator", arguments: { expression } });
  expect((await call("0.1 + 0.2")).text).toBe("0.3");
  expect((await call("1 / 3")).text).toBe("0.333333333333");
  expect(await call("two")).toMatchObject({ isError: true });
  expect(await call(2)).toMatchObject({ isError: true });
  expect(shownNumber(1e21)).toBe("1e+21");
});
