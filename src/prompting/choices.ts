// Multiple choice by likelihood, asked of any model that takes a form: how probable each choice is as
// the answer to a prompt; and the calibration of Zhao et al. ("Calibrate Before Use", 2021), which
// divides out what a prompt makes probable before there is a question. `scoreOptions` of lesson 13
// (evaluation) does the same with a scorer, and reads everything again for each choice; here what is
// common is read once. Left out: dividing by the length, also in lesson 13 (evaluation).
import { literalRegex } from "../grammar";
import {
  type LanguageModel,
  sumUsage,
  type TokenLogprob,
  type Usage,
  write,
} from "../languageModel";
import { softmax } from "../sampling";

/** The choices of one prompt. */
export interface ScoredChoices {
  /** ln p of each choice after the prompt, summed over its tokens. */
  logProbs: number[];
  usage: Usage;
}

/**
 * How probable each choice is after each prompt. The model is made to write the choice by a form that
 * allows nothing else, and tells ln p of each token as if there were no form: so the prompt is read
 * once for all choices. A text that is forced may be cut into other tokens than the tokenizer cuts;
 * where their number differs, the prompt is read once more with the choice behind it.
 * @param choices as they would be written, with the space before them: " positive"
 * @returns one for each prompt
 * @throws if there are no choices, or one is empty
 */
export async function scoreChoices(
  model: LanguageModel,
  prompts: readonly string[],
  choices: readonly string[],
): Promise<ScoredChoices[]> {
  if (choices.length === 0 || choices.includes(""))
    throw new Error(`scoreChoices: expected choices, got ${JSON.stringify(choices)}`);
  const pairs = prompts.flatMap((prompt) => choices.map((choice) => ({ prompt, choice })));
  const texts = await Promise.all(pairs.map((pair) => scoreChoice(model, pair)));
  return prompts.map((_, i) => {
    const own = texts.slice(i * choices.length, (i + 1) * choices.length);
    return {
      logProbs: own.map(({ logProb }) => logProb),
      usage: sumUsage(own.map(({ usage }) => usage)),
    };
  });
}

async function scoreChoice(
  model: LanguageModel,
  { prompt, choice }: { prompt: string; choice: string },
): Promise<{ logProb: number; usage: Usage }> {
  const sum = (tokens: readonly TokenLogprob[]) =>
    tokens.reduce((total, { logprob = 0 }) => total + logprob, 0);
  const maxTokens = choice.length * 4 + 1; // a character has at most four bytes
  const form = { regex: literalRegex(choice) };
  const forced = await write(model, { prompt, temperature: 0, logprobs: 0, form, maxTokens });
  const before = model.countTokens(prompt);
  if (forced.tokens.length === model.countTokens(prompt + choice) - before)
    return { logProb: sum(forced.tokens), usage: forced.usage };
  const whole = { prompt: prompt + choice, logprobs: 0, promptLogprobs: true, maxTokens: 1 };
  const read = await write(model, whole);
  const usage = sumUsage([forced.usage, read.usage]);
  return { logProb: sum(read.promptTokens.slice(before)), usage };
}

/**
 * Probabilities of choices without what the prompt prefers by itself:
 *
 *     p ∝ p(choice | question) / p(choice | neutral)
 *
 * With diag(1 / p_neutral) as W and b = 0 this is Zhao et al.'s softmax(W p + b) before its softmax;
 * the choice with the largest number is the same.
 * @param logProbs ln p of each choice after the question
 * @param neutral ln p of each choice after a question without content, such as "N/A"
 * @returns numbers that add up to 1
 */
export function calibrated(logProbs: readonly number[], neutral: readonly number[]): number[] {
  if (logProbs.length !== neutral.length)
    throw new Error(
      `calibrated: expected ${logProbs.length} neutral numbers, got ${neutral.length}`,
    );
  return Array.from(softmax(logProbs.map((logProb, i) => logProb - neutral[i])));
}

/**
 * What a prompt prefers by itself: the mean of the probabilities of the choices after several neutral
 * questions, as logarithms; for each question the probabilities are made to add up to 1 first.
 * @param neutral ln p, one row for each neutral question
 */
export function neutralLogProbs(neutral: readonly (readonly number[])[]): number[] {
  const rows = neutral.map((logProbs) => softmax(logProbs));
  return neutral[0].map((_, i) =>
    Math.log(rows.reduce((sum, row) => sum + row[i], 0) / rows.length),
  );
}
