// Best-of-n, votes, preferences and sums against slow specifications.
import { Random } from "llm/random";
import {
  bestOfN,
  bestOfNKL,
  countReview,
  drawNumbers,
  drawReview,
  finalNumber,
  isHeldOutSum,
  majority,
  passAtK,
  praiseReward,
  preferencePairs,
  prefersFirst,
  reviewPrompt,
  reviewText,
  sumChain,
  sumDirect,
  sumQuestion,
  sumReward,
  truePraise,
} from "llm/rlhf";
import { CharTokenizer } from "llm/tokenizer";
import { describe, expect, it } from "vitest";

/** All ways to choose k of the numbers 0 … n − 1. */
function subsets(n: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]];
  return Array.from({ length: Math.max(0, n - from) }, (_, i) => from + i).flatMap((first) =>
    subsets(n, k - 1, first + 1).map((rest) => [first, ...rest]),
  );
}
const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe("best-of-n", () => {
  const proxies = [0.3, -1, 2, 2, 0.3, 5];
  const values = [1, 2, 3, 7, 5, -4];

  it.each([1, 2, 3, 6])("is the mean over all choices of %i answers", (n) => {
    const slow = subsets(6, n).map((chosen) => {
      const best = Math.max(...chosen.map((i) => proxies[i]));
      return mean(chosen.filter((i) => proxies[i] === best).map((i) => values[i]));
    });
    // Equal proxies share their value in all choices alike only if the choice is symmetric in them.
    expect(bestOfN(proxies, n, values)).toBeCloseTo(mean(slow), 10);
  });

  it("of one is the mean, and of all the best", () => {
    expect(bestOfN(values, 1)).toBeCloseTo(mean(values), 10);
    expect(bestOfN(values, 6)).toBe(7);
    expect(() => bestOfN(values, 7)).toThrow("bestOfN: expected n from 1 to 6");
  });

  it("its KL divergence, and pass@k", () => {
    expect([1, 2].map(bestOfNKL)).toEqual([0, Math.log(2) - 0.5]);
    const right = [true, false, false, true, false];
    for (const k of [1, 2, 3, 4]) {
      const slow = subsets(5, k).map((chosen) => (chosen.some((i) => right[i]) ? 1 : 0));
      expect(passAtK(5, 2, k)).toBeCloseTo(mean(slow), 10);
    }
    expect(() => passAtK(3, 4, 1)).toThrow("passAtK");
  });
});

it("a vote takes the most frequent answer, the first of equals, and counts no abstention", () => {
  expect(majority([null, 4, 5, 5, null, null])).toBe(5);
  expect(majority([7, 8, 8, 7])).toBe(7);
  expect(majority([null])).toBe(null);
});

describe("preferences", () => {
  const judged = [
    { prompt: [1], answer: [2], reward: 0 },
    { prompt: [1], answer: [3], reward: 1 },
    { prompt: [2], answer: [4], reward: 1 },
    { prompt: [2], answer: [5], reward: 1 },
    { prompt: [2], answer: [5], reward: 3 },
    { prompt: [2], answer: [5], reward: 2 },
  ];
  it("without noise the better one is chosen, and ties make no pair", () => {
    const pairs = preferencePairs(judged, { noise: 0, rng: new Random(1) });
    expect(pairs).toEqual([{ prompt: [1], chosen: [3], rejected: [2] }]);
    const others = [judged[0], judged[2]];
    expect(() => preferencePairs(others, { noise: 0, rng: new Random(1) })).toThrow("same prompt");
  });
  it("with noise as often as Bradley and Terry say", () => {
    const rng = new Random(2);
    const share = mean(
      Array.from({ length: 4000 }, () => (prefersFirst(2, 1, { noise: 0.5, rng }) ? 1 : 0)),
    );
    expect(Math.abs(share - 1 / (1 + Math.exp(-2)))).toBeLessThan(0.02);
    expect(() => prefersFirst(Number.NaN, 1, { noise: 1, rng })).toThrow("finite rewards");
  });
});

describe("sums", () => {
  it("are asked, answered in a chain or at once, and checked", () => {
    const numbers = [23, 45, 17];
    expect(sumQuestion(numbers)).toBe("23 + 45 + 17 =");
    expect([sumChain(numbers), sumDirect(numbers)]).toEqual([" 68 + 17 = 85", " 85"]);
    expect(sumChain([1, 2, 3, 4])).toBe(" 3 + 3 + 4 = 6 + 4 = 10");
    expect([" 68 + 17 = 85", " 85", " 68 + 17 =", "", " 8 5"].map(finalNumber)).toEqual([
      85,
      85,
      null,
      null,
      null,
    ]);
  });

  it("a right answer that was ended gets 1, all others 0", () => {
    const tokenizer = CharTokenizer.train("0123456789 +=.");
    const [stop] = tokenizer.encode(".");
    const reward = sumReward(tokenizer, [stop]);
    const prompt = tokenizer.encode("2 + 3 =");
    const answers = [" 5.", " 5", " 6.", " 2 + 3 = 5.", "."].map((a) => tokenizer.encode(a));
    expect(reward(answers.map((answer) => ({ prompt, answer })))).toEqual([1, 0, 0, 1, 0]);
  });

  it("one in ten is held out, in every order of its numbers", () => {
    const rng = new Random(3);
    const drawn = Array.from({ length: 3000 }, () => [1, 2, 3].map(() => rng.integer(100)));
    expect(Math.abs(mean(drawn.map((n) => (isHeldOutSum(n) ? 1 : 0))) - 0.1)).toBeLessThan(0.02);
    for (const [a, b, c] of drawn.slice(0, 50))
      expect(isHeldOutSum([c, a, b])).toBe(isHeldOutSum([a, b, c]));
    const held = drawNumbers(rng, { terms: 2, part: "held out" });
    expect(isHeldOutSum(held)).toBe(true);
    expect(isHeldOutSum(drawNumbers(rng, { terms: 2, part: "train" }))).toBe(false);
  });
});

describe("the friendly review", () => {
  it("counts different praise, less praise said again and blame", () => {
    expect(countReview("The soup was good. The GOOD train was lovely, good, bad.")).toEqual({
      ...{ different: 2, repeated: 2, blame: 1 },
    });
    expect(praiseReward(" good. The room was lovely. The train was awful.")).toBe(1);
    expect(praiseReward(" good good good good")).toBe(-2);
    expect(praiseReward(" green")).toBe(0);
  });

  it("reviews to learn from say no opinion twice, and are as often praise as blame", () => {
    const counts = Array.from({ length: 500 }, (_, i) => {
      const review = drawReview(new Random(1).fork(i));
      expect(review).toMatch(/^(The \w+ was \w+\.( |$)){2,5}$/);
      return countReview(review);
    });
    expect(counts.every(({ repeated }) => repeated === 0)).toBe(true);
    const [praise, blame] = [
      mean(counts.map(({ different }) => different)),
      mean(counts.map(({ blame }) => blame)),
    ];
    expect(Math.abs(praise - blame)).toBeLessThan(0.3);
  });

  it("a prompt is its first three words", () => {
    const spaced = CharTokenizer.train("The abcdefghijklmnopqrstuvwxyz.|");
    const [stopId] = spaced.encode("|");
    const rng = new Random(5);
    const { prompt, answer } = reviewText(spaced, rng, { stopId });
    expect(spaced.decode(prompt)).toMatch(/^The \w+ was$/);
    expect(spaced.decode(answer)).toMatch(/^ \w+\..*\|$/);
    expect(spaced.decode(reviewPrompt(spaced, rng))).toMatch(/^The \w+ was$/);
    expect(truePraise(spaced)([{ prompt, answer: spaced.encode(" great. bad") }])).toEqual([0]);
  });
});
