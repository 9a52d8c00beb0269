// A calculator that is a GPT (lesson 19, reasoning): the last digit of a sum of digits, answered at
// once or by a chain of thought (Wei et al., 2022) of the last digits on the way.
//
//     direct   38576=    9$
//     chain    38576=    31639$     3,  3 + 8 → 1,  1 + 5 → 6,  6 + 7 → 3,  3 + 6 → 9
//
// The chain begins with a copy of the first digit: then each of its characters is made from the one
// before it and from a digit that is always equally far away. (Without that copy the same model
// learnt nothing in 600 steps.) One step of the chain is a table of 100 facts; all steps at once are
// a function of which fewer than all digits show nothing. A vocabulary of 12 characters and short
// rows make a step of reinforcement learning on 256 texts cheap: a head of 2,048 tokens is most of
// what the base model costs. Which sums are held out is decided in llm/rlhf. Left out: carries.
import type { PromptAnswer } from "../answers";
import { type GPTConfig, initGPT } from "../gpt";
import type { Params } from "../params";
import { Random } from "../random";
import { drawNumbers } from "../rlhf";
import { CharTokenizer } from "../tokenizer";

/** How an answer is written. */
export type Trace = "direct" | "chain";

const END = "$";

/** Digits, the sign that ends a question, and the mark that ends an answer. */
export const calculatorTokenizer = CharTokenizer.train(`0123456789=${END}`);

/** What all parts of the lesson share: the sums, and sizes in characters. */
export const calculator = {
  ...{ terms: 8, largest: 9, promptLength: 9, maxNewTokens: 9, length: 18 },
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

/** The last digit of a sum. */
export const lastDigit = (digits: readonly number[]): number =>
  digits.reduce((a, b) => a + b, 0) % 10;

/** "38576=" as ids. */
export const sumPrompt = (digits: readonly number[]): number[] =>
  calculatorTokenizer.encode(`${digits.join("")}=`);

/** A sum with its answer as it should be written, as ids. */
export function sumTrace(digits: readonly number[], trace: Trace): PromptAnswer {
  const steps = digits.map((_, i) => lastDigit(digits.slice(0, i + 1)));
  const answer = trace === "direct" ? `${lastDigit(digits)}` : steps.join("");
  return { prompt: sumPrompt(digits), answer: calculatorTokenizer.encode(`${answer}${END}`) };
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
