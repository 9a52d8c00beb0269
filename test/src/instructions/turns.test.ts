// Conversations of several turns, and the control whose answers have changed places.
import {
  drawDialogue,
  drawInstructions,
  followUps,
  instructionKinds,
  isRightAnswer,
  withShuffledAnswers,
} from "llm/instructions";
import { Random } from "llm/random";
import { describe, expect, test } from "vitest";

const isFollowUp = (text: string) =>
  followUps.some(({ asks }) => [...asks.en, ...asks.zh].includes(text));

describe("conversations", () => {
  const dialogues = Array.from({ length: 300 }, (_, i) =>
    drawDialogue({ turns: 3, rng: new Random(1).fork(i) }),
  );

  test("have user and assistant in turn, and a draw depends on its seed alone", () => {
    for (const messages of dialogues)
      expect(messages.map(({ role }) => role).join()).toBe(
        "user,assistant,user,assistant,user,assistant",
      );
    expect(drawDialogue({ turns: 3, rng: new Random(1).fork(7) })).toEqual(dialogues[7]);
    expect(drawDialogue({ turns: 1, rng: new Random(1) })).toHaveLength(2);
    expect(() => drawDialogue({ turns: 0, rng: new Random(1) })).toThrow(/1 turn or more, got 0/);
  });

  test("have follow-ups whose answers depend on the turn before", () => {
    const [words, more] = followUps;
    expect(words.answer("42", "en")).toBe("forty-two");
    expect(words.answer("42", "zh")).toBe("四十二");
    expect(words.answer("cat", "en")).toBeUndefined();
    expect(words.answer("142", "en")).toBeUndefined();
    expect(more.answer("99", "en")).toBe("100");
    const asked = dialogues.flatMap((messages) =>
      [2, 4].filter((i) => isFollowUp(messages[i].content)).map((i) => ({ messages, i })),
    );
    expect(asked.length).toBeGreaterThan(30);
    for (const { messages, i } of asked) {
      const { content } = messages[i];
      const follow = followUps.find(({ asks }) => [...asks.en, ...asks.zh].includes(content));
      const language = /[a-z]/i.test(content) ? "en" : "zh";
      expect(messages[i + 1].content).toBe(follow?.answer(messages[i - 1].content, language));
    }
  });

  test("keep to one language and to the kinds that are asked for", () => {
    const rng = new Random(2);
    for (let i = 0; i < 50; i++) {
      const texts = drawDialogue({ kinds: ["add", "subtract"], turns: 4, languages: ["zh"], rng });
      expect(texts.map(({ content }) => content).join("")).not.toMatch(/[a-z]/);
    }
  });
});

test("shuffled answers are all there, in the right kind and language, and mostly wrong", () => {
  const kinds = [...instructionKinds.keys()].filter((kind) => kind !== "contains");
  const examples = drawInstructions(400, { kinds, rng: new Random(3) });
  const shuffled = withShuffledAnswers(examples, new Random(4));
  const outputs = (list: typeof examples) =>
    list.map(({ kind, language, output }) => `${kind} ${language} ${output}`).sort();
  expect(outputs(shuffled)).toEqual(outputs(examples));
  expect(shuffled.map(({ instruction, input }) => [instruction, input])).toEqual(
    examples.map(({ instruction, input }) => [instruction, input]),
  );
  const right = shuffled.filter((example) => isRightAnswer(example, example.output)).length;
  expect(right / 400).toBeLessThan(0.2);
});
