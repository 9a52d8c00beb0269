// A prompt harness: every prompt on every question of every task, with several seeds, each answer
// judged by a rule; then accuracies with intervals, pairs compared on the same questions, tokens and
// money. Questions are resampled, not answers: the seeds of one question are no new questions. A
// `CachedModel` of llm/languageModel keeps answers between runs. Left out: several turns (lesson 26,
// agents).
import type { Message } from "../chat";
import { type Interval, meanInterval, signFlipTest } from "../evaluate";
import {
  costOf,
  type LanguageModel,
  type Prices,
  sumUsage,
  type TextOptions,
  type Usage,
  writeAll,
} from "../languageModel";
import { Random } from "../random";
import { isExactly } from "./answer";
import { scoreChoices } from "./choices";
import type { PromptTask } from "./tasks";
import type { PromptItem } from "./template";

/** Makes what the model is asked; the seed chooses and orders examples. */
export type PromptMaker = (
  task: PromptTask,
  item: PromptItem,
  seed: number,
) => { prompt: string } | { messages: readonly Message[] };

/** One answer. */
export interface Asked {
  task: string;
  prompt: string;
  seed: number;
  /** The question's number in its task. */
  item: number;
  /** What the model wrote, or the likeliest choice. */
  text: string;
  right: boolean;
  usage: Usage;
  /** ln p of each choice, where they were scored. */
  logProbs?: number[];
}

export interface HarnessOptions extends TextOptions {
  tasks: readonly PromptTask[];
  prompts: Readonly<Record<string, PromptMaker>>;
  /** [1] if absent. */
  seeds?: readonly number[];
  /** The first so many questions of each task; all if absent. */
  questions?: number;
  /**
   * "choices": the likeliest of a task's choices counts, where it has some and the prompt is a text;
   * "text" (if absent): what is written.
   */
  by?: "choices" | "text";
  /** Whether a written answer is right; `isExactly` if absent. */
  judge?: (text: string, item: PromptItem, task: PromptTask) => boolean;
}

/**
 * Asks everything. The questions of one task and prompt are asked together, so that what their
 * prompts have in common is read once.
 */
export async function runPrompts(
  model: LanguageModel,
  { tasks, prompts, seeds = [1], questions, ...options }: HarnessOptions,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const task of tasks)
    for (const [prompt, make] of Object.entries(prompts))
      for (const seed of seeds) {
        const items = task.test.slice(0, questions);
        const requests = items.map((item) => make(task, item, seed));
        const answers = await answersTo(model, requests, { task, items, seed, ...options });
        for (const [item, answer] of answers.entries())
          asked.push({ task: task.name, prompt, seed, item, ...answer });
      }
  return asked;
}

type Answer = Pick<Asked, "text" | "right" | "usage" | "logProbs">;

interface AnswerOptions extends Omit<HarnessOptions, "tasks" | "prompts" | "seeds" | "questions"> {
  task: PromptTask;
  items: readonly PromptItem[];
  seed: number;
}

/** The judged answers to the questions of one task. */
async function answersTo(
  model: LanguageModel,
  requests: readonly ReturnType<PromptMaker>[],
  { task, items, seed, by = "text", judge = exactly, ...options }: AnswerOptions,
): Promise<Answer[]> {
  const { choices } = task;
  const texts = requests.flatMap((one) => ("prompt" in one ? [one.prompt] : []));
  if (by === "choices" && choices && texts.length === items.length) {
    const scored = await scoreChoices(
      model,
      texts,
      choices.map((choice) => ` ${choice}`),
    );
    return scored.map(({ logProbs, usage }, i) => {
      const text = choices[logProbs.indexOf(Math.max(...logProbs))];
      return { text, right: text === items[i].output, usage, logProbs };
    });
  }
  const decoding = { maxTokens: 16, temperature: 0, seed, ...options };
  const written = await writeAll(
    model,
    requests.map((one) => ({ ...decoding, ...one })),
  );
  return written.map(({ text, usage }, i) => ({ text, right: judge(text, items[i], task), usage }));
}

const exactly = (text: string, { output }: PromptItem): boolean => isExactly(text, output);

/** What a prompt achieves in a task, and what it costs. */
export interface PromptSummary {
  task: string;
  prompt: string;
  /** Over the questions; each counts as the mean of its seeds. */
  accuracy: Interval;
  /** Mean tokens of a prompt and of an answer. */
  promptTokens: number;
  completionTokens: number;
  /** For 1,000 questions, in the currency of the prices. */
  costPerThousand: number;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** Each question's share of right answers over the seeds, in the order of the questions. */
export function byQuestion(asked: readonly Asked[]): number[] {
  const rights = new Map<number, number[]>();
  for (const { item, right } of asked)
    rights.set(item, [...(rights.get(item) ?? []), Number(right)]);
  return [...rights].sort(([a], [b]) => a - b).map(([, values]) => meanOf(values));
}

/** One summary for each task and prompt, in the order in which they were asked. */
export function summarise(
  asked: readonly Asked[],
  { prices = { prompt: 0, completion: 0 }, seed = 0 }: { prices?: Prices; seed?: number } = {},
): PromptSummary[] {
  const groups = new Map<string, Asked[]>();
  for (const one of asked) {
    const key = JSON.stringify([one.task, one.prompt]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const usage = sumUsage(group.map((one) => one.usage));
    return {
      ...{ task: group[0].task, prompt: group[0].prompt },
      accuracy: meanInterval(byQuestion(group), { rng: new Random(seed) }),
      promptTokens: usage.promptTokens / group.length,
      completionTokens: usage.completionTokens / group.length,
      costPerThousand: (costOf(usage, prices) / group.length) * 1000,
    };
  });
}

/**
 * Two prompts on the same questions: the mean difference of `a` − `b` with its interval, and how
 * often chance alone would give as large a one (sign-flip test).
 * @param a and `b`: each question's share of right answers
 */
export function comparePrompts(
  a: readonly number[],
  b: readonly number[],
  seed = 0,
): { difference: Interval; p: number } {
  if (a.length !== b.length)
    throw new Error(`comparePrompts: expected the same questions, got ${a.length} and ${b.length}`);
  const differences = a.map((right, i) => right - b[i]);
  const rng = new Random(seed);
  return {
    difference: meanInterval(differences, { rng: rng.fork("interval") }),
    p: signFlipTest(differences, { rng: rng.fork("test") }),
  };
}

/**
 * Whether the accuracies of several prompts on the same questions differ by more than chance. In each
 * question the results are exchanged between the prompts at random; the share of such worlds whose
 * accuracies have at least the observed variance is p (a permutation test in the spirit of
 * Cochran's Q, 1950). The variance looks at all prompts; highest − lowest, which is returned as
 * well, looks at two only.
 * @param right one row for each prompt, one number for each question
 * @returns `spread`: highest − lowest accuracy, and what chance gives in the mean
 */
export function spreadTest(
  right: readonly (readonly number[])[],
  { seed = 0, draws = 2000 }: { seed?: number; draws?: number } = {},
): { spread: number; chance: number; p: number } {
  const questions = right[0].map((_, q) => right.map((row) => row[q]));
  const rng = new Random(seed);
  const measure = (columns: number[][]) => {
    const means = right.map((_, r) => meanOf(columns.map((column) => column[r])));
    const all = meanOf(means);
    const spread = Math.max(...means) - Math.min(...means);
    return { spread, variance: meanOf(means.map((m) => (m - all) ** 2)) };
  };
  const observed = measure(questions);
  let [hits, sum] = [0, 0];
  for (let i = 0; i < draws; i++) {
    const drawn = measure(questions.map((column) => rng.shuffle([...column])));
    sum += drawn.spread;
    if (drawn.variance >= observed.variance * (1 - 1e-12)) hits++;
  }
  return { spread: observed.spread, chance: sum / draws, p: (hits + 1) / (draws + 1) };
}
