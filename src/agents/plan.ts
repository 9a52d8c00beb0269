// A plan first, then its steps: a question that is too much for one go becomes smaller ones, each is
// answered by itself, and later ones may use earlier answers (Zhou et al., 2022, "Least-to-Most
// Prompting"; with placeholders for results, as in ReWOO, Xu et al., 2023). Who makes the plan is left
// open: a model (`modelPlanner`), or rules. Left out: changing the plan on the way.
import { type LanguageModel, type TextOptions, write } from "../languageModel";
import { type AgentOptions, type AgentRun, runAgent } from "./agent";

/** Makes smaller questions; #1, #2, … stand for the answers to the first, the second, … */
export type Planner = (question: string) => string[] | Promise<string[]>;

/** A plan that was carried out. */
export interface PlannedRun {
  plan: string[];
  /** One for each step that was begun; the last one failed if there are fewer than steps. */
  runs: AgentRun[];
  /** The answer to the last step; null if one failed. */
  answer: string | null;
}

/**
 * Puts answers in the places of #1, #2, …
 * @throws if a step refers to itself or a later one
 */
export function filledStep(step: string, answers: readonly string[]): string {
  return step.replace(/#(\d+)/g, (_, number: string) => {
    const answer = answers[Number(number) - 1];
    if (answer !== undefined) return answer;
    throw new Error(
      `filledStep: expected a number from 1 to ${answers.length} in "${step}", got #${number}`,
    );
  });
}

/**
 * Plans, and lets an agent take the steps.
 * @param options.shorten makes what stands for an answer of it, such as its number alone
 */
export async function runPlan(
  question: string,
  {
    planner,
    shorten = (answer) => answer,
    ...agent
  }: AgentOptions & { planner: Planner; shorten?(answer: string): string },
): Promise<PlannedRun> {
  const plan = await planner(question);
  const runs: AgentRun[] = [];
  const answers: string[] = [];
  for (const step of plan) {
    const run = await runAgent(filledStep(step, answers), agent);
    runs.push(run);
    if (run.answer === null) return { plan, runs, answer: null };
    answers.push(shorten(run.answer));
  }
  return { plan, runs, answer: runs.at(-1)?.answer ?? null };
}

/** The last number of a text, for `shorten`; the text itself if there is none. */
export const lastNumber = (text: string): string => text.match(/-?\d+(?:\.\d+)?/g)?.at(-1) ?? text;

/** A plan by a model, as a JSON list of texts under a grammar. */
export const modelPlanner =
  (
    model: LanguageModel,
    { most = 5, ...decoding }: TextOptions & { most?: number } = {},
  ): Planner =>
  async (question) => {
    const content =
      "Break the question into small steps, each a question of its own. Write #1 for the answer " +
      `to the first step, #2 for the second.\nQuestion: ${question}`;
    const items = { type: "string", minLength: 3, maxLength: 120 };
    const form = { schema: { type: "array", items, minItems: 1, maxItems: most } };
    const request = { temperature: 0, maxTokens: 256, ...decoding, form };
    const { text } = await write(model, { ...request, messages: [{ role: "user", content }] });
    return JSON.parse(text) as string[];
  };
