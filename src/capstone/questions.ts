// Questions for an evaluation, and what becomes of their answers. Each question says which answers are
// accepted, or that it belongs to a person; so there are two ways to be right and three to be wrong, and
// they do not cost the same. Left out: answers that only a judge can tell (lesson 13, evaluation).
import { readFileSync } from "node:fs";
import { wilsonInterval } from "../embedding";
import type { Interval } from "../evaluate";
import type { Answer, Application } from "./application";

/** A question with what is known about it. */
export interface EvalQuestion {
  /** "choose": for decisions; "test": for the figures that are reported, and nothing else. */
  split: "choose" | "test";
  /** What it is about; faults and drift are counted by it. */
  topic: string;
  question: string;
  /** One of these texts has to occur in the answer; upper and lower case make no difference. */
  accept?: string[];
  /** The last number in the answer has to be this one. */
  number?: number;
  /** None of these may occur. */
  never?: string[];
  /** At most so many words. */
  mostWords?: number;
  /** A person has to answer it. */
  handOver?: boolean;
}

/**
 * right: answered as it should be · wrong: answered otherwise · needless: handed over without need ·
 * handed: handed over as it should be · missed: answered, and should have been handed over
 */
export const outcomes = ["right", "handed", "needless", "wrong", "missed"] as const;
export type Outcome = (typeof outcomes)[number];

const numberIn = (text: string) => /-?\d+(\.\d+)?(?!.*\d)/s.exec(text)?.[0];

/** Whether a text answers a question. */
export function isAccepted(question: EvalQuestion, text: string): boolean {
  const { accept, number, never = [], mostWords = Infinity } = question;
  const has = (part: string) => text.toLowerCase().includes(part.toLowerCase());
  if (never.some(has) || text.split(/\s+/).filter(Boolean).length > mostWords) return false;
  if (number !== undefined && Number(numberIn(text) ?? Number.NaN) !== number) return false;
  return accept === undefined || accept.some(has);
}

/** What became of a question. */
export function outcomeOf(question: EvalQuestion, answer: Answer): Outcome {
  if (question.handOver) return answer.isHandedOver ? "handed" : "missed";
  if (answer.isHandedOver) return "needless";
  return isAccepted(question, answer.text) ? "right" : "wrong";
}

/**
 * Reads questions, one object of JSON in a line.
 * @throws with the number of the line where something is wrong
 */
export function readQuestions(file: string): EvalQuestion[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, i) => {
    if (line.trim() === "") return [];
    const wrong = (what: string) => new Error(`readQuestions: ${file}:${i + 1}: ${what}`);
    let value: Partial<EvalQuestion>;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw wrong(`expected JSON, got ${(error as Error).message}`);
    }
    const { split, topic, question, accept, number, handOver } = value;
    if (split !== "choose" && split !== "test")
      throw wrong(`expected the split "choose" or "test", got ${JSON.stringify(split)}`);
    if (!topic || !question) throw wrong("expected a topic and a question");
    const ways = [accept !== undefined || number !== undefined, handOver === true];
    if (ways.filter(Boolean).length !== 1)
      throw wrong("expected accepted answers (accept, number) or handOver, and not both");
    return [value as EvalQuestion];
  });
}

/** A question that was asked. */
export interface Asked {
  question: EvalQuestion;
  answer: Answer;
  outcome: Outcome;
}

/** What an evaluation has found. */
export interface Evaluation {
  name: string;
  asked: Asked[];
  /** CPU seconds of this process for one answer, on average. */
  cpu: number;
}

/** Asks all questions, all at once: models with an engine write side by side. */
export async function evaluateApplication(
  application: Application,
  questions: readonly EvalQuestion[],
): Promise<Evaluation> {
  const start = process.cpuUsage();
  const asked = await Promise.all(
    questions.map(async (question): Promise<Asked> => {
      const answer = await application.answer(question.question);
      return { question, answer, outcome: outcomeOf(question, answer) };
    }),
  );
  const { user, system } = process.cpuUsage(start);
  const cpu = (user + system) / 1e6 / Math.max(1, questions.length);
  return { name: application.name, asked, cpu };
}

/** How often each outcome occurs. */
export function outcomeShares(asked: readonly Pick<Asked, "outcome">[]): Record<Outcome, number> {
  const share = (name: Outcome) =>
    asked.filter(({ outcome }) => outcome === name).length / Math.max(1, asked.length);
  return Object.fromEntries(outcomes.map((name) => [name, share(name)])) as Record<Outcome, number>;
}

/** Whether an outcome is as it should be. */
export const isGood = (outcome: Outcome): boolean => outcome === "right" || outcome === "handed";

/**
 * The share of good outcomes with its 95 % interval by Wilson, which is right for few questions and for
 * shares of 0 and 1 too, where a bootstrap would give an interval of no width.
 * @throws if there are no questions
 */
export function goodShare(asked: readonly Pick<Asked, "outcome">[]): Interval {
  const good = asked.filter(({ outcome }) => isGood(outcome)).length;
  const [low, high] = wilsonInterval(good, asked.length);
  return { value: good / asked.length, low, high };
}

/** Outcomes by topic. */
export function byTopic(asked: readonly Asked[]): Map<string, Record<Outcome, number>> {
  const topics = new Map<string, Record<Outcome, number>>();
  for (const { question, outcome } of asked) {
    const counts = topics.get(question.topic) ?? {
      right: 0,
      handed: 0,
      needless: 0,
      wrong: 0,
      missed: 0,
    };
    counts[outcome]++;
    topics.set(question.topic, counts);
  }
  return topics;
}

/** What an outcome costs the one who runs the service, in any currency. */
export interface OutcomeCosts {
  /** A person's time for a question that was handed over. */
  handOver: number;
  /** A wrong answer: the complaint, the goodwill, the risk. */
  wrong: number;
  /** A question for a person that a machine answered. */
  missed: number;
}

/**
 * What a question costs on average, the computer's time included.
 *
 *     cost = c_computer + p_handed over · c_person + p_wrong · c_wrong + p_missed · c_missed
 */
export function expectedCost(
  shares: Record<Outcome, number>,
  costs: OutcomeCosts,
  computer = 0,
): number {
  const { handed, needless, wrong, missed } = shares;
  return (
    computer + (handed + needless) * costs.handOver + wrong * costs.wrong + missed * costs.missed
  );
}
