// The calculator of lesson 19 (reasoning): its texts, its answers, its verifiers, and learning.
import { tf, useEngine } from "llm/engine";
import { disposeParams } from "llm/params";
import {
  answerSums,
  calculator,
  calculatorTokenizer,
  firstWrongStep,
  initCalculator,
  learnTraces,
  learnVerifier,
  reinforce,
  rightSum,
  someSums,
  sumTrace,
  verifierPairs,
  written,
} from "llm/reasoning";
import { groupAdvantages, isHeldOutSum } from "llm/rlhf";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
});

const textOf = (ids: number[]) => calculatorTokenizer.decode(ids);

describe("texts", () => {
  it("a sum is answered at once or by a chain", () => {
    const chain = sumTrace([3, 8, 5, 7, 6], "chain");
    expect(textOf(chain.prompt)).toBe("38576=");
    expect(textOf(chain.answer)).toBe("31639$");
    expect(textOf(sumTrace([3, 8, 5, 7, 6], "direct").answer)).toBe("9$");
    expect(written(chain.answer)).toBe("31639");
  });

  it("the longest text just fits", () => {
    const { prompt, answer } = sumTrace(someSums(1, { seed: 1, part: "train" })[0], "chain");
    expect(prompt).toHaveLength(calculator.promptLength);
    expect(answer).toHaveLength(calculator.maxNewTokens);
  });

  it("sums are of the part that was asked for, and always the same", () => {
    const held = someSums(20, { seed: 3, part: "held out" });
    expect(held.every(isHeldOutSum)).toBe(true);
    expect(someSums(20, { seed: 3, part: "train" }).some(isHeldOutSum)).toBe(false);
    expect(someSums(20, { seed: 3, part: "held out" })).toEqual(held);
  });
});

describe("verifiers", () => {
  it.each([
    ["38576=", "31639", -1],
    ["38576=", "31638", 4],
    ["38576=", "31539", 2],
    ["38576=", "41639", 0],
    ["38576=", "9", 0],
    ["38576=", "3163", 4],
    ["38576=", "316399", 5],
    ["38576=", "3=639", 1],
    ["38576=", "", 0],
  ])("%s%s: the first wrong step is %i", (question, answer, step) => {
    expect(firstWrongStep(question, answer)).toBe(step);
  });

  it("the rule pays for the right end that the model has ended itself", () => {
    const prompt = calculatorTokenizer.encode("38576=");
    const paid = (answer: string) =>
      rightSum([{ prompt, answer: calculatorTokenizer.encode(answer) }])[0];
    const answers = ["9$", "31639$", "00009$", "31639", "31638$", "9=$", "$"];
    expect(answers.map(paid)).toEqual([1, 1, 1, 0, 0, 0, 0]);
  });
});

it("learning, answering, judging and reinforcing leave no tensor behind", async () => {
  const before = tf.memory().numTensors;
  const fresh = initCalculator({ seed: 1, nEmbd: 16 });
  const start = await learnTraces(fresh, { traces: "direct", seed: 2, steps: 6, batchSize: 8 });
  const sums = someSums(4, { seed: 5, part: "held out" });
  const answered = await answerSums(start, sums, { each: 4, seed: 6 });
  expect(answered.map(({ numbers }) => numbers)).toEqual(sums);
  for (const { texts, values, right } of answered)
    expect([texts, values, right].map((list) => list.length)).toEqual([4, 4, 4]);
  expect(await answerSums(start, sums, { each: 4, seed: 6 })).toEqual(answered);

  const judged = answered.map((one) => ({ ...one, right: [false, true, false, false] }));
  const pairs = verifierPairs([...judged, ...judged]);
  expect(pairs).toHaveLength(8);
  expect(pairs[0].chosen).toEqual(answered[0].texts[1].answer);
  expect(pairs[0].rejected).toEqual(answered[0].texts[0].answer);
  expect(verifierPairs(answered.map((one) => ({ ...one, right: Array(4).fill(true) })))).toEqual(
    [],
  );
  const verifier = await learnVerifier(start, { pairs, seed: 1, steps: 2, batchSize: 4, rows: 4 });
  expect(await verifier.score(answered[0].texts)).toHaveLength(4);
  verifier.dispose();

  const rewards: number[] = [];
  let own = 0;
  const after = await reinforce(start, {
    ...{ seed: 1, steps: 2, promptsPerRollout: 2, groupSize: 2 },
    reward: (texts) => texts.map((_, i) => i % 2),
    onRollout: ({ reward }) => rewards.push(reward),
    parts: {
      groupAdvantages: (...given) => {
        own++;
        return groupAdvantages(...given);
      },
    },
  });
  expect(rewards).toEqual([0.5, 0.5]);
  expect(own).toBe(2);
  for (const { params } of [after, start, fresh]) disposeParams(params);
  expect(tf.memory().numTensors).toBe(before);
}, 60_000);
