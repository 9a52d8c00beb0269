// What becomes of a question, and files of questions.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cascade,
  type EvalQuestion,
  evaluateApplication,
  expectedCost,
  goodShare,
  handedOver,
  isAccepted,
  outcomeOf,
  outcomeShares,
  readQuestions,
} from "llm/capstone";
import { noUsage } from "llm/languageModel";
import { expect, test } from "vitest";

const question = (more: Partial<EvalQuestion>): EvalQuestion => ({
  ...{ split: "test", topic: "t", question: "q" },
  ...more,
});
const said = (text: string) => ({ text, isHandedOver: false, part: "p", usage: noUsage() });

test("which answers are accepted", () => {
  expect(isAccepted(question({ accept: ["4 euros", "four"] }), "It is FOUR euros.")).toBe(true);
  expect(isAccepted(question({ accept: ["4 euros"] }), "It is 5 euros.")).toBe(false);
  expect(isAccepted(question({ number: 84 }), "7 lamps cost 84 euros.")).toBe(true);
  expect(isAccepted(question({ number: 7 }), "7 lamps cost 84 euros.")).toBe(false);
  expect(isAccepted(question({ number: 84 }), "no idea")).toBe(false);
  expect(isAccepted(question({ accept: ["a"], never: ["best"] }), "a, the best")).toBe(false);
  expect(isAccepted(question({ accept: ["a"], mostWords: 2 }), "a b c")).toBe(false);
});

test("five outcomes", () => {
  const forPerson = question({ handOver: true });
  expect(outcomeOf(question({ accept: ["x"] }), said("x"))).toBe("right");
  expect(outcomeOf(question({ accept: ["x"] }), said("y"))).toBe("wrong");
  expect(outcomeOf(question({ accept: ["x"] }), handedOver())).toBe("needless");
  expect(outcomeOf(forPerson, handedOver())).toBe("handed");
  expect(outcomeOf(forPerson, said("x"))).toBe("missed");
});

test("shares, their interval and their cost", async () => {
  const echo = cascade("echo", [{ name: "echo", say: (text) => (text === "?" ? {} : { text }) }]);
  const questions = [
    question({ question: "x", accept: ["x"] }),
    question({ question: "y", accept: ["x"] }),
    question({ question: "?", accept: ["x"] }),
    question({ question: "?", handOver: true }),
  ];
  const { asked, name } = await evaluateApplication(echo, questions);
  expect(name).toBe("echo");
  const shares = outcomeShares(asked);
  expect(shares).toEqual({ right: 0.25, handed: 0.25, needless: 0.25, wrong: 0.25, missed: 0 });
  expect(expectedCost(shares, { handOver: 1, wrong: 5, missed: 20 }, 0.5)).toBeCloseTo(2.25, 12);
  // Wilson for 2 of 4 (R: prop.test without correction): 0.1500 to 0.8500
  const { value, low, high } = goodShare(asked);
  expect([value, low, high].map((x) => x.toFixed(4))).toEqual(["0.5000", "0.1500", "0.8500"]);
});

const fileOf = (text: string) => {
  const file = join(mkdtempSync(join(tmpdir(), "questions-")), "questions.jsonl");
  writeFileSync(file, text);
  return file;
};

test("a file of questions, and what is wrong in it, with its line", () => {
  const good = '{"split":"test","topic":"t","question":"q","accept":["a"]}';
  expect(readQuestions(fileOf(`${good}\n\n${good}\n`))).toHaveLength(2);
  const wrong: [string, RegExp][] = [
    ["{", /:2: expected JSON/],
    [good.replace("test", "train"), /:2: expected the split "choose" or "test", got "train"/],
    [good.replace('"t"', '""'), /:2: expected a topic and a question/],
    [good.replace(',"accept":["a"]', ""), /:2: expected accepted answers/],
    [good.replace("}", ',"handOver":true}'), /:2: .* and not both/],
  ];
  for (const [line, message] of wrong)
    expect(() => readQuestions(fileOf(`${good}\n${line}\n`))).toThrow(message);
});
