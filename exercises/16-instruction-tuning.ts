// Lesson 16 (instruction tuning). Replace each `notDoneYet(…)` with your answer, save, and run the
// check in the notebook (or `npm run check 16`). `visibleMask` and `answerLoss` work with tensors: put
// their code into `return tf.tidy(() => { … });`. The others are plain TypeScript.
//
// Letters: B rows, T places of a row, V vocabulary.

import { notDoneYet } from "llm/course/exercise";
// biome-ignore lint/style/useImportType: your answers will call the functions of tf
import { tf } from "llm/engine";

/** An example as Alpaca's files have it. */
export interface Example {
  instruction: string;
  input: string;
  output: string;
}

/** One turn of a conversation. */
export interface Message {
  role: "user" | "assistant";
  content: string;
}

/** A conversation as ids; `learnt` is 1 where an id is learnt, else 0, and 0 at the first id. */
export interface Conversation {
  ids: number[];
  learnt: number[];
}

/**
 * Which training examples ask a question of the test set.
 *
 * Two examples ask the same question if their instructions are equal and their inputs are equal.
 * Upper and lower case, spaces at both ends and the number of spaces between words make no
 * difference (`\s+` matches any run of white space). The answers play no part: a leaked question
 * with another answer is still a leak.
 *
 * @param train examples to learn from
 * @param test examples that must not be known
 * @returns the indices into `train`, ascending
 * @example train [{ "Add.", "1 + 2" }, { "add. ", "3 + 4" }], test [{ "Add.", "3  + 4" }] → [1]
 * @points 2 @minutes 10 @difficulty 2
 */
export function findLeaks(train: Example[], test: Example[]): number[] {
  return notDoneYet("findLeaks", train, test);
}

/**
 * A conversation in the form of the chat template of this lesson:
 *
 *     <|user|>question<|end|><|assistant|>answer<|end|>…
 *
 * Each message is its role as a mark, its content as it is, and the mark <|end|>; nothing stands
 * between messages. With a generation prompt, the mark <|assistant|> follows, and the text ends there.
 *
 * @param messages any number of turns, also none
 * @param addGenerationPrompt whether the model is to answer next
 * @returns the text
 * @example [user "2 + 2"], true → "<|user|>2 + 2<|end|><|assistant|>"
 * @points 1 @minutes 5 @difficulty 1
 */
export function renderConversation(messages: Message[], addGenerationPrompt: boolean): string {
  return notDoneYet("renderConversation", messages, addGenerationPrompt);
}

/**
 * Which ids of a conversation are learnt: what the assistant says, and the mark that ends it.
 *
 * Not learnt are the mark <|assistant|> itself (it is given), and everything of the user's, the
 * mark <|end|> of the user included. An answer without its end is learnt as far as it goes.
 *
 * @param ids one or more turns, as `renderConversation` gives them, in ids
 * @param marks the ids of <|assistant|> and <|end|>
 * @returns 1 where an id is learnt, 0 elsewhere; as long as `ids`
 * @example user is 1, assistant 2, end 3: ids [1, 7, 3, 2, 8, 9, 3] → [0, 0, 0, 0, 1, 1, 1]
 * @points 3 @minutes 15 @difficulty 3
 */
export function lossMask(
  ids: number[],
  { assistant, end }: { assistant: number; end: number },
): number[] {
  return notDoneYet("lossMask", ids, assistant, end);
}

/**
 * Several conversations in one row of T places, with everything that training needs. At each place t:
 *
 *     ids[t]       the conversations one after another, then `pad`
 *     targets[t]   the next id of the same conversation; `pad` at its last id, and in the padding
 *     mask[t]      1 if the target is learnt (`learnt` of the next id), else 0
 *     segments[t]  1 in the first conversation, 2 in the second, …, 0 in the padding
 *
 * @param conversations none or more; together at most T ids
 * @param options `length` T, `pad` the id that fills the row
 * @returns four lists of T numbers
 * @example [{ ids: [1, 7, 8], learnt: [0, 1, 1] }], length 4, pad 0 → ids [1, 7, 8, 0],
 *   targets [7, 8, 0, 0], mask [1, 1, 0, 0], segments [1, 1, 1, 0]
 * @points 3 @minutes 15 @difficulty 3
 */
export function packedRow(
  conversations: Conversation[],
  { length, pad }: { length: number; pad: number },
): { ids: number[]; targets: number[]; mask: number[]; segments: number[] } {
  return notDoneYet("packedRow", conversations, length, pad);
}

/**
 * What each place of packed rows may attend to: itself and earlier places of its own conversation.
 *
 *     visible[b, i, j] = segments[b, i] = segments[b, j]  and  j ≤ i
 *
 * @param segments (B, T) int32, as in `packedRow`; for padding (0) the same rule holds
 * @returns (B, T, T) bool; i is the place that looks, j the one that is looked at
 * @example segments [[1, 1, 2]] → [[[1, 0, 0], [1, 1, 0], [0, 0, 1]]]
 * @points 2 @minutes 10 @difficulty 3
 */
export function visibleMask(segments: tf.Tensor2D): tf.Tensor3D {
  return notDoneYet("visibleMask", segments);
}

/**
 * The loss of instruction tuning: the mean of −ln p(target) over the learnt places of the whole batch,
 *
 *     loss = −Σ mask[b, t] · logSoftmax(logits[b, t])[targets[b, t]] / Σ mask
 *
 * @param logits (B, T, V); the logits at place t are about targets[t]
 * @param targets (B, T) int32, already moved by one place, as in `packedRow`
 * @param mask (B, T): 1 or 0, at least one 1; a row may have none
 * @returns scalar, in nats per learnt id
 * @example all logits equal, V = 8 → ln 8 = 2.08, whatever the mask
 * @points 3 @minutes 12 @difficulty 3
 */
export function answerLoss(
  logits: tf.Tensor3D,
  targets: tf.Tensor2D,
  mask: tf.Tensor2D,
): tf.Scalar {
  return notDoneYet("answerLoss", logits, targets, mask);
}
