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
      name: "punctuation gone too",
      told: /Commas are gone/,
      answer: leaksBy(({ instruction, input }) =>
        [instruction, input].map((text) => normal(text.replace(/[.,?]/g, " "))).join("\n"),
      ),
    },
    {
      name: "blanks alone are spaces",
      told: /Tabs and line breaks/,
      answer: leaksBy(({ instruction, input }) =>
        [instruction, input]
          .map((text) => text.trim().toLowerCase().replace(/ +/g, " "))
          .join("\n"),
      ),
    },
    {
      name: "instruction and input apart",
      told: /looked up apart/,
      answer: (train: right.Example[], test: right.Example[]) => {
        const [asked, given] = (["instruction", "input"] as const).map(
          (part) => new Set(test.map((one) => normal(one[part]))),
        );
        return train.flatMap(({ instruction, input }, i) =>
          asked.has(normal(instruction)) && given.has(normal(input)) ? [i] : [],
        );
      },
    },
    {
      name: "sorted as texts",
      told: /sorted as texts/,
      answer: (train: right.Example[], test: right.Example[]) =>
        right.findLeaks(train, test).sort(),
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
      name: "empty messages left out",
      told: /empty message is a message/,
      answer: (messages: Rendered[0], prompt: boolean) =>
        right.renderConversation(
          messages.filter(({ content }) => content),
          prompt,
        ),
    },
    {
      name: "marks taken out of the content",
      told: /marks included/,
      answer: (messages: Rendered[0], prompt: boolean) =>
        right.renderConversation(
          messages.map(({ role, content }) => ({
            ...{ role, content: content.replace(/<\|[a-z]+\|>/g, "") },
          })),
          prompt,
        ),
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
      name: "an unfinished answer not learnt",
      told: /as far as it goes/,
      answer: (ids: number[], marks: Marks) =>
        right.lossMask(ids, marks).map((x, i) => (ids.indexOf(marks.end, i) < 0 ? 0 : x)),
    },
    {
      name: "every second turn",
      told: /whoever speaks/,
      answer: (ids: number[], { assistant, end }: Marks) =>
        ids.map((id, i) => {
          const turn = ids.slice(0, i).filter((before) => before === end).length;
          return turn % 2 === 1 && id !== assistant ? 1 : 0;
        }),
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
      name: "an id of 0 taken for none",
      told: /id 0 is taken for no id/,
      answer: (conversations: right.Conversation[], options: Row) => {
        const row = right.packedRow(conversations, options);
        return { ...row, targets: row.targets.map((id) => id || options.pad) };
      },
    },
    {
      name: "no target where nothing is learnt",
      told: /each place has its target/,
      answer: (conversations: right.Conversation[], options: Row) => {
        const row = right.packedRow(conversations, options);
        return { ...row, targets: row.targets.map((id, t) => (row.mask[t] ? id : options.pad)) };
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
      name: "numbers, not true and false",
      told: /dtype bool/,
      answer: (segments: tf.Tensor2D) =>
        tf.tidy(() => tf.cast(right.visibleMask(segments), "float32")),
    },
    {
      name: "padding that sees nothing",
      told: /padding sees nothing/,
      answer: (segments: tf.Tensor2D) =>
        tf.tidy(() => {
          const real = tf.expandDims(tf.greater(segments, 0), 2);
          return tf.logicalAnd(right.visibleMask(segments), real) as tf.Tensor3D;
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
      name: "divided by the rows",
      told: /number of rows/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => {
          const loss = tf.mul(right.answerLoss(logits, targets, mask), tf.sum(mask));
          return tf.div(loss, logits.shape[0]) as tf.Scalar;
        }),
    },
    {
      name: "the mask on the logits",
      told: /mask multiplies the logits/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => {
          const masked = tf.mul(logits, tf.expandDims(mask, 2)) as tf.Tensor3D;
          const all = right.answerLoss(masked, targets, tf.onesLike(mask));
          return tf.div(all, tf.mean(mask)) as tf.Scalar;
        }),
    },
    {
      name: "an ε in the logarithm",
      told: /needs no ε/,
      answer: (...[logits, targets, mask]: Loss) =>
        tf.tidy(() => {
          const hot = tf.oneHot(targets, logits.shape[2]);
          const p = tf.sum(tf.mul(tf.softmax(logits), hot), -1);
          const losses = tf.neg(tf.log(tf.add(p, 1e-8)));
          return tf.div(tf.sum(tf.mul(losses, mask)), tf.sum(mask)) as tf.Scalar;
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
