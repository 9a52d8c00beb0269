// Lesson 16 (instruction tuning), reference answers. Letters: B rows, T places of a row, V vocabulary.

import { tf } from "llm/engine";

export interface Example {
  instruction: string;
  input: string;
  output: string;
}

export interface Message {
  role: "user" | "assistant";
  content: string;
}

export interface Conversation {
  ids: number[];
  learnt: number[];
}

export function findLeaks(train: Example[], test: Example[]): number[] {
  const normal = (text: string) => text.trim().replace(/\s+/g, " ").toLowerCase();
  // A line break cannot be in the two parts any more, so it keeps them apart. No answer: a question
  // that is known leaks whatever the answer beside it says.
  const key = ({ instruction, input }: Example) => `${normal(instruction)}\n${normal(input)}`;
  const tested = new Set(test.map(key));
  return train.flatMap((example, i) => (tested.has(key(example)) ? [i] : []));
}

export function renderConversation(messages: Message[], addGenerationPrompt: boolean): string {
  const turns = messages.map(({ role, content }) => `<|${role}|>${content}<|end|>`);
  // The prompt ends behind the mark: what comes next is for the model to write.
  return turns.join("") + (addGenerationPrompt ? "<|assistant|>" : "");
}

export function lossMask(
  ids: number[],
  { assistant, end }: { assistant: number; end: number },
): number[] {
  let answering = false;
  return ids.map((id) => {
    const learnt = answering ? 1 : 0;
    // Only behind the mark is an answer; its end is still learnt, or the model never stops.
    if (id === assistant) answering = true;
    else if (id === end) answering = false;
    return learnt;
  });
}

export function packedRow(
  conversations: Conversation[],
  { length, pad }: { length: number; pad: number },
): { ids: number[]; targets: number[]; mask: number[]; segments: number[] } {
  const filled = (values: number[], value: number) =>
    Array.from({ length }, (_, t) => values[t] ?? value);
  // Each conversation is moved by itself: behind its last id comes nothing of the next one.
  return {
    ids: filled(
      conversations.flatMap(({ ids }) => ids),
      pad,
    ),
    targets: filled(
      conversations.flatMap(({ ids }) => [...ids.slice(1), pad]),
      pad,
    ),
    mask: filled(
      conversations.flatMap(({ learnt }) => [...learnt.slice(1), 0]),
      0,
    ),
    segments: filled(
      conversations.flatMap(({ ids }, s) => ids.map(() => s + 1)),
      0,
    ),
  };
}

export function visibleMask(segments: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const T = segments.shape[1];
    const same = tf.equal(tf.expandDims(segments, 2), tf.expandDims(segments, 1)); // (B, T, T)
    const place = tf.range(0, T, 1, "int32");
    const earlier = tf.greaterEqual(tf.expandDims(place, 1), tf.expandDims(place, 0)); // j ≤ i
    return tf.logicalAnd(same, earlier) as tf.Tensor3D;
  });
}

export function answerLoss(
  logits: tf.Tensor3D,
  targets: tf.Tensor2D,
  mask: tf.Tensor2D,
): tf.Scalar {
  return tf.tidy(() => {
    const V = logits.shape[2];
    const chosen = tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(targets, V)), -1); // (B, T)
    // One mean over the batch: every learnt id counts the same, in long answers and in short ones.
    return tf.neg(tf.div(tf.sum(tf.mul(chosen, mask)), tf.sum(mask)));
  });
}
