// Tree search against trees whose order is written down, and the game of 24 against a solver that
// tries everything with floating-point numbers.
import { existsSync } from "node:fs";
import { useEngine } from "llm/engine";
import { openRun, write } from "llm/languageModel";
import {
  fractionText,
  gameSteps,
  is24,
  nearness,
  recordedCalculator,
  searchChain,
  startGame,
  treeSearch,
} from "llm/prompting";
import { Random } from "llm/random";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => useEngine({ quiet: true }));

//        a (goal: f)
//     b 2     c 3
//   d 1 e 0   f 1 g 4
const tree: Record<string, string[]> = { a: ["b", "c"], b: ["d", "e"], c: ["f", "g"] };
const values: Record<string, number> = { b: 2, c: 3, d: 1, e: 0, f: 1, g: 4 };
const options = {
  propose: (state: string) => tree[state] ?? [],
  value: (state: string) => values[state],
  isGoal: (state: string) => state === "f",
};

test("breadth first keeps the best of each depth, and stops at its budget", async () => {
  const wide = await treeSearch("a", { ...options, order: "breadth", width: 2, budget: 9 });
  expect(wide).toMatchObject({ found: "f", expanded: ["a", "c", "b"] });
  expect(wide.proposed.map(({ state }) => state).join("")).toBe("bcfgde");
  const missed = await treeSearch("a", {
    ...{ ...options, isGoal: (state: string) => state === "d" },
    ...{ order: "breadth", width: 1, budget: 9 },
  });
  expect(missed.found).toBeUndefined();
  expect(missed.expanded.join("")).toBe("acg");
  const stopped = await treeSearch("a", { ...options, order: "breadth", width: 2, budget: 1 });
  expect(stopped.found).toBeUndefined();
  expect(stopped.expanded.join("")).toBe("a");
});

test("depth first goes on from the best and comes back; a threshold cuts", async () => {
  const looked = { ...options, isGoal: (state: string) => state === "e" };
  const all = await treeSearch("a", { ...looked, order: "depth", width: 2, budget: 9 });
  expect(all.found).toBe("e");
  expect(all.expanded.join("")).toBe("acgfb");
  const cut = await treeSearch("a", {
    ...looked,
    order: "depth",
    width: 2,
    budget: 9,
    threshold: 3,
  });
  expect(cut.found).toBeUndefined();
  expect(cut.expanded.join("")).toBe("acg");
  const narrow = await treeSearch("a", { ...looked, order: "depth", width: 1, budget: 9 });
  expect(narrow.expanded.join("")).toBe("acg");
  await expect(treeSearch("a", { ...looked, order: "depth", width: 0, budget: 9 })).rejects.toThrow(
    "expected a width of 1 or more, got 0",
  );
});

/** Whether numbers can make 24: every pair, every sign, by floating point. */
function canMake24(numbers: number[]): boolean {
  if (numbers.length === 1) return Math.abs(numbers[0] - 24) < 1e-9;
  return numbers.some((a, i) =>
    numbers.some((b, j) => {
      if (i === j) return false;
      const rest = numbers.filter((_, k) => k !== i && k !== j);
      const made = [a + b, a - b, a * b, ...(Math.abs(b) > 1e-12 ? [a / b] : [])];
      return made.some((one) => canMake24([...rest, one]));
    }),
  );
}

test("the game of 24: whatever can be made is found, and nothing else", async () => {
  const rng = new Random(24);
  const hands = [
    [4, 9, 10, 13],
    [3, 3, 8, 8],
    [1, 1, 1, 1],
  ];
  for (let i = 0; i < 12; i++) hands.push(Array.from({ length: 4 }, () => 1 + rng.integer(13)));
  for (const hand of hands) {
    const { found } = await treeSearch(startGame(hand), {
      ...{ propose: gameSteps, value: () => 0, isGoal: is24, order: "breadth" },
      ...{ width: 1e6, budget: 1e6 },
    });
    expect(found !== undefined, hand.join(" ")).toBe(canMake24(hand));
  }
});

test("its steps keep fractions exact, and a search by nearness needs few of them", async () => {
  const { found } = await treeSearch(startGame([3, 3, 8, 8]), {
    ...{ propose: gameSteps, value: () => 0, isGoal: is24, order: "breadth" },
    ...{ width: 1e6, budget: 1e6 },
  });
  expect(found?.steps).toEqual(["8 ÷ 3 = 8/3", "3 − 8/3 = 1/3", "8 ÷ 1/3 = 24"]);
  expect(gameSteps(startGame([2, 2])).map(({ steps }) => steps[0])).toEqual(
    ["2 + 2 = 4", "2 × 2 = 4", "2 − 2 = 0", "2 ÷ 2 = 1"].filter((step) => step !== "2 × 2 = 4"),
  );
  expect(gameSteps(startGame([5, 0])).some(({ steps }) => steps[0].includes("÷ 0"))).toBe(false);
  expect(fractionText([-8, 3])).toBe("-8/3");
  expect(nearness(startGame([20, 4]))).toBe(-0);
  expect(nearness(startGame([23]))).toBe(-1);
  const near = await treeSearch(startGame([4, 9, 10, 13]), {
    ...{ propose: gameSteps, value: nearness, isGoal: is24, order: "breadth" },
    ...{ width: 10, budget: 100 },
  });
  expect(near.found).toBeDefined();
  expect(near.expanded.length).toBe(1 + 10 + 10);
});

test("a chain of width 1 is the greedy text, whatever the value", async () => {
  expect(existsSync(recordedCalculator())).toBe(true);
  const model = await openRun(recordedCalculator());
  for (const question of ["38576123=", "99999999=", "10203040="]) {
    const { text } = await write(model, { prompt: question, temperature: 0, maxTokens: 8 });
    const own = await searchChain(model, question, { width: 1, value: "own", rng: new Random(1) });
    expect(own).toEqual({ answer: text, tokens: 8 });
    const ruled = await searchChain(model, question, {
      width: 4,
      value: "rule",
      rng: new Random(1),
    });
    const digits = Array.from(question.slice(0, -1), Number);
    expect(ruled.answer.at(-1)).toBe(String(digits.reduce((a, b) => a + b, 0) % 10));
    expect(ruled.tokens).toBeLessThanOrEqual(1 + 3 + 4 * 6);
  }
});
