// What is removed from a conversation, in which order, and what never is.

import fc from "fast-check";
import { compacting, compactMessages, countMessages, LEFT_OUT } from "llm/agents";
import type { Message } from "llm/chat";
import { expect, test } from "vitest";

const m = (role: Message["role"], content: string): Message => ({ role, content });
const conversation: Message[] = [
  m("system", "s"),
  m("user", "q1"),
  m("assistant", "c1"),
  m("tool", "r1 r1 r1 r1"),
  m("assistant", "a1"),
  m("user", "q2"),
  m("assistant", "a2"),
  m("user", "q3"),
  m("assistant", "c3"),
  m("tool", "r3 r3 r3 r3 r3 r3"),
  m("assistant", "c4"),
  m("tool", "r4 r4"),
];
const count = (messages: readonly Message[]) => countMessages(messages);
const kept = (most: number) => compactMessages(conversation, { most, count });
const shown = (most: number) => kept(most).messages.map(({ content }) => content.slice(0, 10));

test("nothing is removed where everything fits", () => {
  expect(kept(count(conversation))).toEqual({
    messages: conversation,
    removed: { steps: 0, results: 0, turns: 0 },
  });
});

test("first the steps of answered turns, then old results, then turns", () => {
  const all = count(conversation);
  expect(shown(all - 1)).toEqual([
    "s",
    "q1",
    "a1",
    "q2",
    "a2",
    "q3",
    "c3",
    "r3 r3 r3 r",
    "c4",
    "r4 r4",
  ]);
  const steps = 5 + 8; // c1 and r1 with what is around them
  expect(shown(all - steps - 1)).toEqual([
    "s",
    "q1",
    "a1",
    "q2",
    "a2",
    "q3",
    "c3",
    LEFT_OUT,
    "c4",
    "r4 r4",
  ]);
  expect(shown(45)).toEqual(["s", "q2", "a2", "q3", "c3", LEFT_OUT, "c4", "r4 r4"]);
  expect(kept(45).removed).toEqual({ steps: 2, results: 1, turns: 1 });
  // what the system says, the open question and the last result stay whatever happens
  expect(shown(1)).toEqual(["s", "q3", "c3", LEFT_OUT, "c4", "r4 r4"]);
});

test("for any conversation: it fits or is as short as it gets, and calls keep their results", () => {
  const turn = fc.record({
    steps: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 }),
    isAnswered: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 5 }), fc.nat(200), (turns, most) => {
      const messages = turns.flatMap(({ steps, isAnswered }, i): Message[] => [
        m("user", `question ${i}`),
        ...steps.flatMap((n, k) => [
          m("assistant", `call ${i}.${k}`),
          m("tool", "result ".repeat(n).trim()),
        ]),
        ...(isAnswered || i < turns.length - 1 ? [m("assistant", `answer ${i}`)] : []),
      ]);
      const before = structuredClone(messages);
      const { messages: after, removed } = compactMessages(messages, { most, count });
      expect(messages).toEqual(before);
      expect(count(after)).toBeLessThanOrEqual(count(messages));
      const last = messages.map(({ role }) => role).lastIndexOf("user");
      expect(after).toContainEqual(messages[last]);
      if (count(after) > most) expect(after.filter(({ role }) => role === "user")).toHaveLength(1);
      for (const [i, { role }] of after.entries())
        if (role === "tool") expect(["assistant", "tool"]).toContain(after[i - 1].role);
      if (removed.turns > 0)
        expect(
          after.slice(
            0,
            after.findLastIndex(({ role }) => role === "user"),
          ),
        ).not.toContainEqual(expect.objectContaining({ role: "tool" }));
    }),
    { numRuns: 300, seed: 26 },
  );
});

test("as an agent takes it", () => {
  expect(compacting({ most: 1, count })(conversation)).toEqual(kept(1).messages);
});
