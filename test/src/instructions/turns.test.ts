// Conversations of several turns, and the control whose answers have changed places.
import {
  drawDialogue,
  drawInstructions,
  followUps,
  instructionKinds,
  isHeldOutQuestion,
  isRightAnswer,
  leakedKinds,
  toMessages,
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

  test("ask in training for the words of no number that is held out", () => {
    const drawn = (part: "train" | "any") =>
      Array.from({ length: 1500 }, (_, i) => {
        const options = { kinds: ["larger"], languages: ["en" as const], part };
        const [, { content: number }, ask] = drawDialogue({
          ...options,
          rng: new Random(9).fork(i),
        });
        const asksForWords = followUps[0].asks.en.includes(ask.content);
        const question = { language: "en" as const, instruction: "", input: number };
        return asksForWords && isHeldOutQuestion("number-to-words", question);
      }).filter(Boolean).length;
    expect(drawn("any")).toBeGreaterThan(20);
    expect(drawn("train")).toBe(0);
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

test("a kind that is kept for the test is found in training by its instruction", () => {
  const kept = [
    { kind: "reverse", language: "en" as const, instruction: "Reverse the list." },
    { kind: "reverse", language: "en" as const, instruction: "Write the words in reverse order." },
    { kind: "feeling", language: "zh" as const, instruction: "这是正面还是负面？" },
  ];
  const user = (content: string) => ({ role: "user" as const, content });
  const clean = [
    [user("Add.\n1 + 2"), { role: "assistant" as const, content: "Reverse the list." }],
    [user("Write the words.\nReverse the list.")],
  ];
  expect(leakedKinds(clean, kept)).toEqual([]);
  const spoilt = [
    ...clean,
    [...clean[0], user(" reverse  the list.\ncat, dog")],
    [user("Write the words in reverse order.\npen, cup")],
  ];
  const found = { kind: "reverse", language: "en", turns: 2 };
  expect(leakedKinds(spoilt, kept)).toEqual([
    { ...found, example: " reverse  the list.\ncat, dog" },
  ]);
});

test("the mistake of the first longer run is found: both languages of every kind", () => {
  const kinds = ["feeling", "larger"];
  const kept = drawInstructions(20, { kinds: ["feeling"], languages: ["zh"], rng: new Random(5) });
  const dialogues = (languages: ("en" | "zh")[]) =>
    Array.from({ length: 40 }, (_, i) =>
      drawDialogue({ kinds, languages, part: "train", rng: new Random(6).fork(i) }),
    );
  expect(leakedKinds(dialogues(["en"]), kept)).toEqual([]);
  const [leak, ...more] = leakedKinds(dialogues(["en", "zh"]), kept);
  expect(more).toEqual([]);
  expect(leak).toMatchObject({ kind: "feeling", language: "zh" });
  expect(leak.turns).toBeGreaterThan(5);
  expect(leakedKinds(kept.map(toMessages), kept)[0].turns).toBe(20);
});
