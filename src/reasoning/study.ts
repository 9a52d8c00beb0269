// The steps of lesson 19 (reasoning), for its page and for the command that records its runs: learning
// from written traces, answering every sum several times, and learning from rewards that a rule
// checks (GRPO).
import { answerTask, type PromptAnswer } from "../answers";
import { cloneParams } from "../params";
import { Random } from "../random";
import {
  drawNumbers,
  type GRPOOptions,
  grpoTask,
  PolicyWriter,
  type Reward,
  type WrittenText,
} from "../rlhf";
import { Trainer } from "../train";
import {
  type Calculator,
  calculator,
  calculatorTokenizer,
  lastDigit,
  someSums,
  sumPrompt,
  sumTrace,
  type Trace,
} from "./calculator";

const { terms, largest, length, promptLength, maxNewTokens, stopIds } = calculator;

/** What an answer ends with, before its end mark; null where it has no mark, or nothing before it. */
function endOf({ answer }: PromptAnswer): number | null {
  const found = /(\d)\$$/.exec(calculatorTokenizer.decode(answer));
  return found ? Number(found[1]) : null;
}

const digitsOf = (prompt: readonly number[]) =>
  Array.from(calculatorTokenizer.decode(prompt)).slice(0, -1).map(Number);

/** 1 where an answer ends with the right digit and its end mark, else 0. */
export const rightSum = (texts: readonly PromptAnswer[]): number[] =>
  texts.map((text) => (endOf(text) === lastDigit(digitsOf(text.prompt)) ? 1 : 0));

/**
 * Supervised learning from traces; a copy of the calculator is trained, which the caller disposes.
 * @param options.traces the rule's traces of sums for training, fresh ones at every step ("mixed":
 *   direct answers and chains, equally often); or a list of traces, of which each batch is drawn
 */
export async function learnTraces(
  start: Calculator,
  options: {
    traces: Trace | "mixed" | readonly PromptAnswer[];
    seed: number;
    steps: number;
    /** Ends as soon as the held-out loss is so small, in nats per character; 0 if absent: never. */
    stopAt?: number;
    batchSize?: number;
    maxLr?: number;
  },
): Promise<Calculator & { val: number; steps: number }> {
  const { traces, seed, steps, stopAt = 0, batchSize = 64, maxLr = 3e-3 } = options;
  const kinds: Trace[] = ["chain", "direct"];
  const draw = (rng: Random): PromptAnswer => {
    if (typeof traces !== "string") return traces[rng.integer(traces.length)];
    const trace = traces === "mixed" ? kinds[rng.integer(2)] : traces;
    return sumTrace(drawNumbers(rng, { terms, largest, part: "train" }), trace);
  };
  const held = someSums(64, { seed: 0, part: "held out" });
  const trace = traces === "direct" ? "direct" : "chain";
  const task = answerTask({
    ...{ model: start, draw, heldOut: held.map((numbers) => sumTrace(numbers, trace)) },
    ...{ batchSize, length, answerLength: maxNewTokens, seed },
  });
  const evalEvery = stopAt > 0 ? 20 : steps;
  const warmupSteps = Math.min(20, Math.ceil(steps / 4));
  const settings = { steps, seed, maxLr, minLr: maxLr / 10, warmupSteps, evalEvery };
  const trainer = new Trainer({ task, settings });
  let [val, done] = [Number.POSITIVE_INFINITY, 0];
  while (done < steps && val > stopAt) {
    ({ val } = (await trainer.run({ steps: evalEvery })).metrics);
    done = Math.min(steps, done + evalEvery);
  }
  const params = cloneParams(task.params);
  trainer.dispose();
  return { ...start, params, val, steps: done };
}

/** A sum with the answers that were written to it. */
export interface AnsweredSum {
  numbers: number[];
  texts: WrittenText[];
  /** The digit that each answer ends with; null where there is none, or it was cut. */
  values: (number | null)[];
  /** Whether that is right. */
  right: boolean[];
}

/**
 * Answers sums, each of them `each` times.
 * @param options.temperature 1; 0 always takes the likeliest character
 */
export async function answerSums(
  { params, config, tokenizer }: Calculator,
  sums: readonly number[][],
  options: { each: number; seed: number; temperature?: number; rows?: number },
): Promise<AnsweredSum[]> {
  const { each, seed, temperature = 1, rows = Math.min(256, sums.length * each) } = options;
  const model = { params, config, tokenizer };
  const sizes = { promptLength, maxNewTokens, stopIds, temperature };
  const compiled = sums.length * each > 2 * rows ? undefined : false;
  const writer = new PolicyWriter({ model, ...sizes, compiled }, params, rows);
  const prompts = sums.flatMap((numbers) => Array<number[]>(each).fill(sumPrompt(numbers)));
  const texts = await writer.write(prompts, new Random(seed).fork("answers"));
  writer.dispose();
  return sums.map((numbers, i) => {
    const own = texts.slice(i * each, (i + 1) * each);
    const values = own.map(endOf);
    const truth = lastDigit(numbers);
    return { numbers, texts: own, values, right: values.map((value) => value === truth) };
  });
}

/** What a run of GRPO may choose; the rest is the lesson's. */
export type Choices = Pick<
  GRPOOptions,
  "beta" | "clip" | "std" | "level" | "epochs" | "minibatches" | "onRollout" | "parts"
> & {
  seed: number;
  steps: number;
  maxLr?: number;
  /** ε of Adam; 1e-8, as usual, if absent. */
  eps?: number;
  /** 32 sums with 8 answers each. */
  promptsPerRollout?: number;
  groupSize?: number;
  reward?: Reward;
  /** Draws the numbers of a sum; those for training if absent. */
  draw?: (rng: Random) => number[];
};

/** The task of a run of GRPO, for a trainer of one's own. */
export function sumTask(start: Calculator, choices: Choices) {
  const { steps: _, maxLr: __, eps: ___, draw: given, ...rest } = choices;
  const { reward = rightSum as Reward, promptsPerRollout = 32, groupSize = 8 } = choices;
  const draw = given ?? ((rng: Random) => drawNumbers(rng, { terms, largest, part: "train" }));
  return grpoTask({
    ...rest,
    ...{ model: start, promptLength, maxNewTokens, stopIds, reward, promptsPerRollout, groupSize },
    prompts: (rng) => sumPrompt(draw(rng)),
    heldOut: someSums(promptsPerRollout * groupSize, { seed: 1, part: "held out" }).map(sumPrompt),
  });
}

/** Learning from rewards; a copy of the calculator is trained, which the caller disposes. */
export async function reinforce(start: Calculator, choices: Choices): Promise<Calculator> {
  const { seed, steps, maxLr = 5e-5, eps } = choices;
  const task = sumTask(start, choices);
  const settings = { steps, seed, maxLr, eps, warmupSteps: Math.min(5, steps), evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  await trainer.run();
  const params = cloneParams(task.params);
  trainer.dispose();
  return { ...start, params };
}
