// Lesson 16 (instruction tuning): plausible wrong answers, each with the sentence it must be told.

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/16-instruction-tuning";

type Loss = Parameters<typeof right.answerLoss>;
type Marks = { assistant: number; end: number };
type Row = { length: number; pad: number };
type Rendered = Parameters<typeof right.renderConversation>;

const normal = (text: string) => text.trim().replace(/\s+/g, " ").toLowerCase();
/** Leaks by another idea of what makes two examples the same. */
const leaksBy =
  (key: (example: right.Example) => string) => (train: right.Example[], test: right.Example[]) => {
    const tested = new Set(test.map(key));
    return train.flatMap((example, i) => (tested.has(key(example)) ? [i] : []));
  };
const bothMasks = (segments: tf.Tensor2D) => {
  const T = segments.shape[1];
  const place = tf.range(0, T, 1, "int32");
  const [s, t] = [tf.expandDims(segments, 2), tf.expandDims(segments, 1)];
  const [i, j] = [tf.expandDims(place, 1), tf.expandDims(place, 0)];
  return { s, t, i, j, same: tf.equal(s, t) };
};

export const mutants: Mutants<typeof right> = {
  findLeaks: [
    {
      name: "the answers compared too",
      told: /answers are compared/,
      answer: leaksBy(
        ({ instruction, input, output }) => `${normal(instruction)}\n${normal(input)}\n${output}`,
      ),
    },
    {
      name: "the input alone",
      told: /input alone/,
      answer: leaksBy(({ input }) => normal(input)),
    },
    {
      name: "the instruction alone",
      told: /instruction alone/,
      answer: leaksBy(({ instruction }) => normal(instruction)),
    },
    {
      name: "compared letter by letter",
      told: /letter by letter/,
      answer: leaksBy(({ instruction, input }) => `${instruction}\n${input}`),
    },
    {
      name: "without any space",
      told: /All spaces are gone/,
      answer: leaksBy(({ instruction, input }) =>
        [instruction, input].map((text) => normal(text).replaceAll(" ", "")).join("\n"),
      ),
    },
    {
      name: "indices of the test set",
      told: /indices of the test set/,
      answer: (train: right.Example[], test: right.Example[]) => right.findLeaks(test, train),
    },
  ],
  renderConversation: [
    {
      name: "no end behind an answer",
      told: /never learn to stop/,
      answer: (messages: Rendered[0], prompt: boolean) =>
        messages
          .map(({ role, content }) =>
            role === "user" ? `<|user|>${content}<|end|>` : `<|assistant|>${content}`,
          )
          .join("") + (prompt ? "<|assistant|>" : ""),
    },
    {
      name: "the generation prompt always",
      told: /not asked for/,
      answer: (messages: Rendered[0]) => right.renderConversation(messages, true),
    },
    {
      name: "a line break between messages",
      told: /line break/,
      answer: (messages: Rendered[0], prompt: boolean) =>
        messages.map((one) => right.renderConversation([one], false)).join("\n") +
        (prompt ? "<|assistant|>" : ""),
    },
    {
      name: "a prompt that is finished",
      told: /already finished/,
      answer: (messages: Rendered[0], prompt: boolean) =>
        right.renderConversation(messages, prompt) + (prompt ? "<|end|>" : ""),
    },
    {
      name: "contents trimmed",
      told: /trimmed/,
      answer: (messages: Rendered[0], prompt: boolean) =>
        right.renderConversation(
          messages.map(({ role, content }) => ({ role, content: content.trim() })),
          prompt,
        ),
    },
  ],
  lossMask: [
    {
      name: "loss on the prompt",
      told: /Everything is learnt/,
      answer: (ids: number[]) => ids.map(() => 1),
    },
    {
      name: "the end not learnt",
      told: /never stops/,
      answer: (ids: number[], marks: Marks) =>
        right.lossMask(ids, marks).map((x, i) => (ids[i] === marks.end ? 0 : x)),
    },
    {
      name: "the mark learnt",
      told: /mark <\|assistant\|> is learnt/,
      answer: (ids: number[], marks: Marks) =>
        right.lossMask(ids, marks).map((x, i) => (ids[i] === marks.assistant ? 1 : x)),
    },
    {
      name: "shifted by one place",
      told: /shifted by one/,
      answer: (ids: number[], marks: Marks) => [...right.lossMask(ids, marks).slice(1), 0],
    },
    {
      name: "the last answer alone",
      told: /Only the last answer/,
      answer: (ids: number[], marks: Marks) => {
        const last = ids.lastIndexOf(marks.assistant);
        return right.lossMask(ids, marks).map((x, i) => (i > last ? x : 0));
      },
    },
    {
      name: "every end learnt",
      told: /the user's too/,
      answer: (ids: number[], marks: Marks) =>
        right.lossMask(ids, marks).map((x, i) => (ids[i] === marks.end ? 1 : x)),
    },
  ],
  packedRow: [
    {
      name: "targets that cross",
      told: /targets cross/,
      answer: (conversations: right.Conversation[], { length, pad }: Row) => {
        const row = right.packedRow(conversations, { length, pad });
        return { ...row, targets: [...row.ids.slice(1), pad] };
      },
    },
    {
      name: "a mask that is not moved",
      told: /moves with them/,
      answer: (conversations: right.Conversation[], { length, pad }: Row) => {
        const learnt = conversations.flatMap((one) => one.learnt);
        const mask = Array.from({ length }, (_, t) => learnt[t] ?? 0);
        return { ...right.packedRow(conversations, { length, pad }), mask };
      },
    },
    {
      name: "padding learnt",
      told: /padding is learnt/,
      answer: (conversations: right.Conversation[], options: Row) => {
        const row = right.packedRow(conversations, options);
        return { ...row, mask: row.mask.map((x, t) => (row.segments[t] === 0 ? 1 : x)) };
      },
    },
    {
      name: "one segment for the whole row",
      told: /one segment/,
      answer: (conversations: right.Conversation[], options: Row) => {
        const row = right.packedRow(conversations, options);
        return { ...row, segments: row.segments.map((s) => Math.min(s, 1)) };
      },
    },
    {
      name: "segments from 0",
      told: /begin at 1/,
      answer: (conversations: right.Conversation[], options: Row) => {
        const row = right.packedRow(conversations, options);
        return { ...row, segments: row.segments.map((s) => Math.max(0, s - 1)) };
      },
    },
    {
      name: "not filled",
      told: /too short/,
      answer: (conversations: right.Conversation[], options: Row) => {
        const row = right.packedRow(conversations, options);
        const size = conversations.flatMap(({ ids }) => ids).length;
        return { ...row, ids: row.ids.slice(0, size) };
      },
    },
  ],
  visibleMask: [
    {
      name: "attention across conversations",
      told: /conversations before its own/,
      answer: (segments: tf.Tensor2D) =>
        tf.tidy(() => {
          const { i, j, same } = bothMasks(segments);
          const all = tf.logicalOr(same, tf.logicalNot(same));
          return tf.logicalAnd(all, tf.greaterEqual(i, j)) as tf.Tensor3D;
        }),
    },
    {
      name: "no triangle",
      told: /triangle is missing/,
      answer: (segments: tf.Tensor2D) => tf.tidy(() => bothMasks(segments).same as tf.Tensor3D),
    },
    {
      name: "the triangle upside down",
      told: /upside down/,
      answer: (segments: tf.Tensor2D) =>
        tf.tidy(() => {
          const { i, j, same } = bothMasks(segments);
          return tf.logicalAnd(same, tf.lessEqual(i, j)) as tf.Tensor3D;
        }),
    },
    {
      name: "its own place hidden",
      told: /see itself/,
      answer: (segments: tf.Tensor2D) =>
        tf.tidy(() => {
          const { i, j, same } = bothMasks(segments);
          return tf.logicalAnd(same, tf.greater(i, j)) as tf.Tensor3D;
        }),
    },
    {
      name: "earlier conversations seen",
      told: /Earlier conversations/,
      answer: (segments: tf.Tensor2D) =>
        tf.tidy(() => {
          const { s, t, i, j } = bothMasks(segments);
          return tf.logicalAnd(tf.greaterEqual(s, t), tf.greaterEqual(i, j)) as tf.Tensor3D;
        }),
    },
  ],
  answerLoss: [
    {
      name: "loss on the prompt",
      told: /mask is not used/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => right.answerLoss(logits, targets, tf.onesLike(mask))),
    },
    {
      name: "divided by all places",
      told: /divided by all places/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => tf.mul(right.answerLoss(logits, targets, mask), tf.mean(mask)) as tf.Scalar),
    },
    {
      name: "a sum",
      told: /This is a sum/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => tf.mul(right.answerLoss(logits, targets, mask), tf.sum(mask)) as tf.Scalar),
    },
    {
      name: "a mean for each row",
      told: /Each row has its own mean/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => {
          const logProbs = tf.logSoftmax(logits);
          const chosen = tf.sum(tf.mul(logProbs, tf.oneHot(targets, logits.shape[2])), -1);
          const rows = tf.div(tf.sum(tf.mul(chosen, mask), 1), tf.sum(mask, 1));
          return tf.neg(tf.mean(rows)) as tf.Scalar;
        }),
    },
    {
      name: "without the minus",
      told: /minus/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => tf.neg(right.answerLoss(logits, targets, mask)) as tf.Scalar),
    },
    {
      name: "targets moved once more",
      told: /moved once more/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => {
          const [B, T] = targets.shape;
          const moved = tf.concat(
            [tf.slice(targets, [0, 1], [B, T - 1]), tf.zeros([B, 1], "int32")],
            1,
          );
          const kept = tf.concat([tf.slice(mask, [0, 0], [B, T - 1]), tf.zeros([B, 1])], 1);
          const loss = right.answerLoss(logits, moved as tf.Tensor2D, kept as tf.Tensor2D);
          return tf.div(tf.mul(loss, tf.sum(kept)), tf.sum(mask)) as tf.Scalar;
        }),
    },
  ],
};
