// Who says that an answer is right? A rule that reads the steps of a chain, or a model that has learnt
// to judge answers (Cobbe et al., 2021, "Training Verifiers"): here the reward model of llm/rlhf, from
// pairs of a right and a wrong answer to the same sum. Left out: judging each step by a model
// ("process supervision", Lightman et al., 2023).
import { type Pair, type Reward, rewardScorer, rewardTask } from "../rlhf";
import { Trainer } from "../train";
import { type Calculator, calculator } from "./calculator";
import type { AnsweredSum } from "./study";

/**
 * The first step of a chain that is not the last digit of (the step before it + the next digit).
 * @param question "38576="
 * @param answer "31639"
 * @returns the number of the step, from 0; −1 if all are right and none is missing or too many
 */
export function firstWrongStep(question: string, answer: string): number {
  const digits = Array.from(question.replace(/=$/, ""), Number);
  const steps = Array.from(answer, Number);
  for (let i = 0; i < Math.max(steps.length, digits.length); i++)
    // a step that is missing is undefined, and a character that is no digit NaN
    if (steps[i] !== ((steps[i - 1] ?? 0) + digits[i]) % 10) return i;
  return -1;
}

/** A pair for each sum that was answered both rightly and wrongly, of its first such answers. */
export function verifierPairs(answered: readonly AnsweredSum[]): Pair[] {
  return answered.flatMap(({ texts, right }) => {
    const [good, bad] = [true, false].map((wanted) => texts[right.indexOf(wanted)]);
    return good && bad ? [{ prompt: good.prompt, chosen: good.answer, rejected: bad.answer }] : [];
  });
}

/** A model's judgement of answers: higher is better. */
export interface Verifier {
  score: Reward;
  /** Share of the held-out pairs in which the right answer gets more. */
  accuracy: number;
  dispose(): void;
}

/** Trains a copy of a calculator to judge; the last eighth of the pairs is held out. */
export async function learnVerifier(
  start: Calculator,
  options: {
    pairs: readonly Pair[];
    seed: number;
    steps: number;
    batchSize?: number;
    rows?: number;
  },
): Promise<Verifier> {
  const { pairs, seed, steps, batchSize = 32, rows = 256 } = options;
  const cut = Math.floor((pairs.length * 7) / 8);
  const { length } = calculator;
  const parts = { pairs: pairs.slice(0, cut), heldOut: pairs.slice(cut) };
  const task = rewardTask({ model: start, ...parts, batchSize, length, seed });
  const warmupSteps = Math.min(20, Math.ceil(steps / 4));
  const settings = { steps, seed, maxLr: 1e-3, minLr: 1e-4, warmupSteps, evalEvery: steps };
  const trainer = new Trainer({ task, settings });
  const { metrics } = await trainer.run();
  const score = rewardScorer(task.params, start.config, { rows, length });
  return {
    ...{ score, accuracy: metrics.accuracy },
    dispose: () => {
      score.dispose();
      trainer.dispose();
    },
  };
}
