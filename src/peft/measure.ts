// What an adapted model can do: its answers, and how probable it finds given ones.

import { answerLoss, answerRows, type PromptAnswer } from "../answers";
import { tf } from "../engine";
import type { GPTConfig } from "../gpt";
import { sampleBatch } from "../inference";
import type { Params } from "../params";
import { Random } from "../random";

export interface WriteAnswersOptions {
  /** The longest answer in tokens. */
  maxNewTokens: number;
  /** Tokens that end an answer; they are not part of what is returned. */
  stopIds: number[];
  /** How many are written at once. */
  rows?: number;
}

/**
 * The likeliest answers, token by token, to many prompts; those of about one length at once.
 * @param params of the adapted model, or of any
 * @returns the new ids of each, in the order of the prompts
 */
export async function writeAnswers(
  params: Params,
  config: GPTConfig,
  prompts: readonly number[][],
  { maxNewTokens, stopIds, rows = 32 }: WriteAnswersOptions,
): Promise<number[][]> {
  const order = prompts.map((_, i) => i).sort((i, j) => prompts[i].length - prompts[j].length);
  const answers: number[][] = [];
  const ends = new Set(stopIds);
  for (let start = 0; start < order.length; start += rows) {
    const own = order.slice(start, start + rows);
    const rngs = own.map(() => new Random(0)); // nothing is drawn at temperature 0
    const texts = await sampleBatch(
      params,
      config,
      own.map((i) => prompts[i]),
      { maxNewTokens, rngs, stopIds, temperature: 0 },
    );
    for (const [k, i] of own.entries())
      answers[i] = texts[k].ids.slice(prompts[i].length).filter((id) => !ends.has(id));
  }
  return answers;
}

/**
 * Mean −ln p of given answers, in nats per token.
 * @param params of the adapted model, or of any
 */
export async function meanAnswerLoss(
  params: Params,
  config: GPTConfig,
  texts: readonly PromptAnswer[],
  { batchSize = 8 }: { batchSize?: number } = {},
): Promise<number> {
  let [sum, tokens] = [0, 0];
  for (let start = 0; start < texts.length; start += batchSize) {
    const chunk = texts.slice(start, start + batchSize);
    const length = Math.max(...chunk.map(({ prompt, answer }) => prompt.length + answer.length));
    const answerLength = Math.max(...chunk.map(({ answer }) => answer.length));
    const rows = answerRows(chunk, { length, answerLength });
    const mean = tf.tidy(() => answerLoss(params, config, rows));
    const n = chunk.reduce((n, { answer }) => n + answer.length, 0);
    sum += (await mean.data())[0] * n;
    tokens += n;
    tf.dispose([rows, mean]);
  }
  return sum / tokens;
}
