// Multiple choice by likelihood: the model writes nothing; it is asked which option it finds most
// probable after the question. A sum of logarithms falls with every token, so long options lose;
// dividing by the length (as "acc_norm" of EleutherAI's lm-evaluation-harness does; here by the
// bytes), or subtracting what the option costs without the question (Holtzman et al., Surface Form
// Competition, 2021), are the usual remedies.
import { softmax } from "../sampling";
import type { Tokenizer } from "../tokenizer";
import type { Scorer } from "./perplexity";

/** One option, as a model finds it. */
export interface OptionScore {
  /** ln p(option | question), summed over its tokens. */
  logProb: number;
  /** ln p(option | a neutral beginning). */
  alone: number;
  /** UTF-8 bytes of the option. */
  bytes: number;
}

/** sum: ln p · perByte: ln p / bytes · gain: ln p − ln p alone. */
export type ChoiceRule = "sum" | "perByte" | "gain";

const scoreOf: Record<ChoiceRule, (option: OptionScore) => number> = {
  sum: ({ logProb }) => logProb,
  perByte: ({ logProb, bytes }) => logProb / bytes,
  gain: ({ logProb, alone }) => logProb - alone,
};

/**
 * The probability of each option, where one of them has to be chosen: the softmax of their scores.
 * @throws if there is no option
 */
export function choiceProbabilities(
  options: readonly OptionScore[],
  rule: ChoiceRule = "perByte",
): number[] {
  if (options.length === 0)
    throw new Error("choiceProbabilities: expected at least one option, got none");
  return Array.from(softmax(options.map(scoreOf[rule])));
}

/** The number of the largest value; the first of equal ones. */
export const indexOfLargest = (x: readonly number[]): number => x.indexOf(Math.max(...x));

/**
 * Asks a model about the options of a question.
 * @param context what stands before an option, such as "Question: …\nAnswer:"
 * @param neutral what stands before it where the question is left out
 */
export function scoreOptions(
  scorer: Scorer,
  tokenizer: Pick<Tokenizer, "encode">,
  context: string,
  options: readonly string[],
  { neutral = "Answer:" }: { neutral?: string } = {},
): OptionScore[] {
  const after = (before: string, option: string) => {
    const ids = tokenizer.encode(before);
    const own = tokenizer.encode(` ${option}`);
    const logProbs = scorer([...ids, ...own]);
    return logProbs.slice(-own.length).reduce((sum, p) => sum + p, 0);
  };
  return options.map((option) => ({
    logProb: after(context, option),
    alone: after(neutral, option),
    bytes: new TextEncoder().encode(option).length,
  }));
}
