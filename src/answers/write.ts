// Writing answers to many prompts with one model, and how probable it finds given ones.
import { tf } from "../engine";
import type { GPTConfig } from "../gpt";
import { sampleBatch } from "../inference";
import type { Params } from "../params";
import { Random } from "../random";
import { answerRows, type PromptAnswer } from "./rows";
import { answerLoss, meanPerToken } from "./task";

export interface WriteAnswersOptions {
  /** The longest answer in tokens. */
  maxNewTokens: number;
  /** Tokens that end an answer; they are not part of what is returned. */
  stopIds: number[];
  /** How many are written at once. */
  rows?: number;
  /** 0 (if absent) always takes the likeliest token. */
  temperature?: number;
  /** Each prompt has its own stream of random numbers, whatever is written beside it. */
  seed?: number;
}

/**
 * Answers to many prompts; those of about one length at once, because a batch costs what its longest
 * row costs.
 * @param params of the model, adapted or not
 * @returns the new ids of each, in the order of the prompts
 */
export async function writeAnswers(
  params: Params,
  config: GPTConfig,
  prompts: readonly number[][],
  { maxNewTokens, stopIds, rows = 32, temperature = 0, seed = 1 }: WriteAnswersOptions,
): Promise<number[][]> {
  const order = prompts.map((_, i) => i).sort((i, j) => prompts[i].length - prompts[j].length);
  const answers: number[][] = [];
  const ends = new Set(stopIds);
  for (let start = 0; start < order.length; start += rows) {
    const own = order.slice(start, start + rows);
    const rngs = own.map((i) => new Random(seed).fork(i));
    const some = own.map((i) => prompts[i]);
    const options = { maxNewTokens, rngs, stopIds, temperature };
    const texts = await sampleBatch(params, config, some, options);
    for (const [k, i] of own.entries())
      answers[i] = texts[k].ids.slice(prompts[i].length).filter((id) => !ends.has(id));
  }
  return answers;
}

/**
 * Mean −ln p of given answers, in nats per token.
 * @param params of the model, adapted or not
 */
export const meanAnswerLoss = (
  params: Params,
  config: GPTConfig,
  texts: readonly PromptAnswer[],
  { batchSize = 8 }: { batchSize?: number } = {},
): Promise<number> =>
  meanPerToken(texts, batchSize, (chunk) => {
    const length = Math.max(...chunk.map(({ prompt, answer }) => prompt.length + answer.length));
    const answerLength = Math.max(...chunk.map(({ answer }) => answer.length));
    const rows = answerRows(chunk, { length, answerLength });
    const mean = tf.tidy(() => answerLoss(params, config, rows));
    tf.dispose(rows);
    return mean;
  });
