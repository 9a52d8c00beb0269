// What every counting model can be asked, and how well one predicts a text.
import { checkTokens } from "./check";

/** A model that gives the next token a probability from the last n − 1 tokens. */
export interface CountingModel {
  /** n: the model looks at n − 1 tokens. */
  readonly order: number;
  /** V */
  readonly vocabSize: number;
  /**
   * p(id | the first `end` tokens of `ids`); only the last n − 1 of them matter.
   * @param end how many tokens come before, from 0 on; all of `ids` if absent
   */
  probability(ids: ArrayLike<number>, id: number, end?: number): number;
}

/** The distribution of the next token: V probabilities, summing to 1. */
export function distribution(model: CountingModel, context: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: model.vocabSize }, (_, id) => model.probability(context, id));
}

/** Which tokens of a text are predicted. */
export interface Predicted {
  /** The first one, by default the second of the text: a GPT predicts no earlier. */
  from?: number;
  /** Only every n-th token, where all of them would take too long. */
  every?: number;
}

/**
 * The mean of −ln p(ids[i] | ids before it), in nats per token. Infinity where the model holds a
 * token that occurs for impossible.
 * @throws if nothing is left to predict, or an id is outside the vocabulary
 */
export function crossEntropy(
  model: CountingModel,
  ids: ArrayLike<number>,
  { from = 1, every = 1 }: Predicted = {},
): number {
  checkTokens(ids, model.vocabSize, from + 1, "crossEntropy", "ids");
  let sum = 0;
  let n = 0;
  for (let i = from; i < ids.length; i += every) {
    sum -= Math.log(model.probability(ids, ids[i], i));
    n++;
  }
  return sum / n;
}

/** @throws if `order` is not a whole number from 1 to 255, the depth that Counts can hold */
export function checkOrder(order: number, caller: string): void {
  if (!Number.isInteger(order) || order < 1 || order > 255)
    throw new Error(
      `${caller}: expected an order from 1 (no context) to 255 (254 tokens before), got ${order}`,
    );
}
