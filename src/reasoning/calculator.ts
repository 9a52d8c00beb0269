// A calculator that is a GPT (lesson 19, reasoning): sums in characters, answered at once or by a
// chain of thought (Wei et al., 2022) in which each step adds the first two numbers.
//
//     direct   3+8+5+7+6=    29$
//     chain    3+8+5+7+6=    11+5+7+6=16+7+6=23+6=29$
//
// A vocabulary of 13 characters makes the head tiny, so that a step of reinforcement learning on 256
// texts takes a second: the base model's head of 2,048 tokens is most of its cost. The sums
// themselves, and which are held out, are those of llm/rlhf. Left out: other operations, brackets,
// numbers of different lengths.
import type { PromptAnswer } from "../answers";
import { type GPTConfig, initGPT } from "../gpt";
import type { Params } from "../params";
import { Random } from "../random";
import { drawNumbers, sumChain, sumDirect, sumQuestion } from "../rlhf";
import { CharTokenizer } from "../tokenizer";

/** How an answer is written. */
export type Trace = "direct" | "chain";

const END = "$";

/** Digits, plus, equals, and the mark that ends an answer. */
export const calculatorTokenizer = CharTokenizer.train(`0123456789+=${END}`);

/** What all parts of the lesson share: the sums, and sizes in characters. */
export const calculator = {
  ...{ terms: 5, largest: 9, promptLength: 10, maxNewTokens: 24, length: 34 },
  stopIds: calculatorTokenizer.encode(END),
};

/** A GPT that has learnt to calculate, or is going to. */
export interface Calculator {
  params: Params;
  config: GPTConfig;
  tokenizer: CharTokenizer;
}

/**
 * A fresh calculator of LLaMA's family; the caller disposes its parameters.
 * @param options.nEmbd C; 64 gives 0.1 million parameters with two layers
 */
export function initCalculator({
  seed,
  nLayer = 2,
  nEmbd = 64,
}: {
  seed: number;
  nLayer?: number;
  nEmbd?: number;
}): Calculator {
  const config: GPTConfig = {
    ...{ family: "llama", vocabSize: calculatorTokenizer.vocabSize, nLayer, nHead: 4, nEmbd },
    ...{ blockSize: calculator.length, dropout: 0, bias: false },
  };
  return { params: initGPT(config, { seed }), config, tokenizer: calculatorTokenizer };
}

const compact = (text: string): number[] => calculatorTokenizer.encode(text.replaceAll(" ", ""));

/** "3+8+5+7+6=" as ids. */
export const sumPrompt = (numbers: readonly number[]): number[] => compact(sumQuestion(numbers));

/** A sum with its answer as it should be written, as ids. */
export function sumTrace(numbers: readonly number[], trace: Trace): PromptAnswer {
  const answer = trace === "direct" ? sumDirect(numbers) : sumChain(numbers);
  return { prompt: sumPrompt(numbers), answer: compact(`${answer}${END}`) };
}

/** `count` sums of one part, always the same for a seed. */
export function someSums(
  count: number,
  { seed, part }: { seed: number; part: "train" | "held out" },
): number[][] {
  const { terms, largest } = calculator;
  const rng = new Random(seed).fork(part);
  return Array.from({ length: count }, (_, i) =>
    drawNumbers(rng.fork(i), { terms, largest, part }),
  );
}

/** An answer as text, without the mark that ends it. */
export const written = (ids: readonly number[]): string =>
  calculatorTokenizer.decode(ids).replace(END, "");
