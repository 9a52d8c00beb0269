// Prompts with answers as rows of tensors, and which of their places are to be learnt.
//
// Letters: B texts, T places of a row, M places of a row that can be an answer's.
import { tf } from "../engine";

/** A prompt and its answer, as token ids; what ends the answer is its last. */
export interface PromptAnswer {
  prompt: number[];
  answer: number[];
}

/** Rows of texts, each with the places that are to be learnt. */
export type AnswerRows = {
  /** (B, T) int32 */
  ids: tf.Tensor2D;
  /** (B·M) int32: which of the B·T places come before a token of an answer. */
  places: tf.Tensor1D;
  /** (B·M) int32: that token. */
  targets: tf.Tensor1D;
  /** (B·M): 1, and 0 where an answer has fewer than M tokens. */
  weights: tf.Tensor1D;
};

/**
 * Texts as a batch; the caller disposes it.
 * @param options `length` T and `answerLength` M
 * @throws if a prompt or an answer is empty, or one is too long
 */
export function answerRows(
  texts: readonly PromptAnswer[],
  { length: T, answerLength: M }: { length: number; answerLength: number },
): AnswerRows {
  const B = texts.length;
  const ids = new Int32Array(B * T);
  const [places, targets, weights] = [0, 1, 2].map(() => new Int32Array(B * M));
  for (const [b, { prompt, answer }] of texts.entries()) {
    const said = `${prompt.length} and ${answer.length} in text ${b}`;
    if (prompt.length === 0 || answer.length === 0)
      throw new Error(`answerRows: expected prompts and answers of 1 id or more, got ${said}`);
    if (answer.length > M || prompt.length + answer.length > T)
      throw new Error(
        `answerRows: expected at most ${T} ids with an answer of at most ${M}, got ${said}`,
      );
    ids.set([...prompt, ...answer], b * T);
    for (const [i, id] of answer.entries()) {
      places[b * M + i] = b * T + prompt.length - 1 + i;
      targets[b * M + i] = id;
      weights[b * M + i] = 1;
    }
  }
  return {
    ids: tf.tensor2d(ids, [B, T], "int32"),
    places: tf.tensor1d(places, "int32"),
    targets: tf.tensor1d(targets, "int32"),
    weights: tf.tensor1d(Float32Array.from(weights)),
  };
}
