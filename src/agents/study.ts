// The study of lesson 26 (agents): which questions are asked, how an agent's run is judged, and the
// tests of planning, compaction and memory, for the notebook and for the command that records the
// lesson's runs (datasets/runs/26-agents/record.mjs).
import type { Message } from "../chat";
import { Random } from "../random";
import type { ToolCall } from "../tools";
import { type AgentOptions, type AgentRun, ANSWER_TOOL, runAgent } from "./agent";
import { callKey } from "./loopDetector";
import type { Turn } from "./memory";
import type { Planner } from "./plan";
import {
  drawFollowUp,
  drawTask,
  isRight,
  knownItems,
  newItems,
  type PriceTable,
  type ShopKind,
  type ShopTask,
} from "./shop";

/** How far a question is from what was trained; numbers are held out in all of them. */
export const shopDistances = ["known sentences", "new sentences", "new things"] as const;
export type ShopDistance = (typeof shopDistances)[number];

/** Questions of a distance, of each kind that is taught equally many. */
export function shopQuestions(
  distance: ShopDistance,
  { each, seed, prices }: { each: number; seed: number; prices: PriceTable },
): ShopTask[] {
  const kinds: readonly ShopKind[] =
    distance === "new things"
      ? ["price", "total"]
      : ["calculate", "price", "total", "missing", "talk"];
  const items = distance === "new things" ? newItems : knownItems;
  const wording = distance === "new sentences" ? ("new" as const) : ("known" as const);
  return kinds.flatMap((kind) =>
    Array.from({ length: each }, (_, i) =>
      drawTask({
        rng: new Random(seed).fork(distance, kind, i),
        ...{ prices, kinds: [kind], part: "held out", wording, items },
      }),
    ),
  );
}

/**
 * Where a run went wrong: "format" (nothing that could be read as a call, where one was needed),
 * "tool" (the first call was of another tool), "arguments" (the right tool with others), "use" (all
 * calls were right, the answer was not), "extra" (a call where none was needed), or "right".
 */
export const verdicts = ["right", "format", "tool", "arguments", "use", "extra"] as const;
export type Verdict = (typeof verdicts)[number];

/** Judges a run by the answer, and if that is wrong, by the first thing that differs. */
export function judged(task: ShopTask, run: Pick<AgentRun, "answer" | "steps">): Verdict {
  if (isRight(task, run.answer)) return "right";
  const calls = run.steps.flatMap((step) => step.calls).filter(({ name }) => name !== ANSWER_TOOL);
  if (task.calls.length === 0) return calls.length > 0 ? "extra" : "use";
  for (const [i, wanted] of task.calls.entries()) {
    const call: ToolCall | undefined = calls[i];
    if (call === undefined) return i === 0 ? "format" : "use";
    if (call.name !== wanted.name) return "tool";
    if (callKey(call) !== callKey(wanted)) return "arguments";
  }
  return "use";
}

/** What is kept of a run. */
export interface AskedTask {
  task: ShopTask;
  run: AgentRun;
  verdict: Verdict;
}

/** Asks all questions at once: a model with an engine writes them side by side. */
export const askAll = (
  tasks: readonly ShopTask[],
  options: AgentOptions | ((task: ShopTask) => AgentOptions),
): Promise<AskedTask[]> =>
  Promise.all(
    tasks.map(async (task) => {
      const run = await runAgent(
        task.question,
        typeof options === "function" ? options(task) : options,
      );
      return { task, run, verdict: judged(task, run) };
    }),
  );

/** The figures of many runs: shares and means. */
export interface Figures {
  n: number;
  right: number;
  steps: number;
  tokens: number;
  /** Shares of the verdicts and of the endings that occur. */
  verdicts: Partial<Record<Verdict, number>>;
  endings: Record<string, number>;
  byKind: Record<string, [right: number, asked: number]>;
}

/** Counts what came out. */
export function figuresOf(asked: readonly AskedTask[]): Figures {
  const n = asked.length;
  const mean = (f: (one: AskedTask) => number) =>
    Number((asked.reduce((sum, one) => sum + f(one), 0) / Math.max(1, n)).toFixed(3));
  const shares = <K extends string>(of: (one: AskedTask) => K) => {
    const names = [...new Set(asked.map(of))].sort();
    const share = (name: K) => mean((one) => Number(of(one) === name));
    return Object.fromEntries(names.map((name) => [name, share(name)])) as Record<K, number>;
  };
  const byKind: Figures["byKind"] = {};
  for (const { task, verdict } of asked) {
    byKind[task.kind] ??= [0, 0];
    byKind[task.kind][0] += Number(verdict === "right");
    byKind[task.kind][1]++;
  }
  return {
    n,
    right: mean(({ verdict }) => Number(verdict === "right")),
    steps: mean(({ run }) => run.steps.length),
    tokens: mean(({ run }) => run.usage.promptTokens + run.usage.completionTokens),
    verdicts: shares(({ verdict }) => verdict),
    endings: shares(({ run }) => run.ending),
    byKind,
  };
}

/** A question that nobody was taught: what two things cost together. */
export interface TogetherTask {
  question: string;
  items: [string, string];
  answer: string;
}

export function togetherTasks(count: number, seed: number, prices: PriceTable): TogetherTask[] {
  return Array.from({ length: count }, (_, i) => {
    const rng = new Random(seed).fork("together", i);
    const [a, b] = rng.shuffle([...knownItems]).slice(0, 2);
    const sum = Number(prices.get(a)) + Number(prices.get(b));
    const question = `What do a ${a} and a ${b} cost together?`;
    return { question, items: [a, b], answer: `${sum} euros.` };
  });
}

/** The plan for such a question, by rule. */
export const togetherPlan: Planner = (question) => {
  const [, a, b] = /a (\w+) and a (\w+) cost together/.exec(question) ?? [];
  return [`What does a ${a} cost?`, `What does a ${b} cost?`, "What is #1 + #2?"];
};

/** A conversation of questions to the shop in which every second one is a follow-up. */
export function shopDialogue(turns: number, seed: number, prices: PriceTable): ShopTask[] {
  const rng = new Random(seed);
  const tasks: ShopTask[] = [];
  for (let i = 0; i < turns; i++) {
    const drawing = { rng: rng.fork(i), prices, part: "held out" as const };
    const before = tasks.at(-1);
    const isFollowUp = i % 2 === 1 && before;
    tasks.push(
      isFollowUp
        ? drawFollowUp(before, drawing)
        : drawTask({ ...drawing, kinds: ["price", "total"] }),
    );
  }
  return tasks;
}

/** One turn of such a conversation. */
export interface DialogueTurn {
  task: ShopTask;
  run: AgentRun;
  right: boolean;
}

/**
 * Holds a conversation; what an agent has done in a turn is there in the next.
 * @param forget what becomes of the conversation before each question; it is kept if absent
 */
export async function holdDialogue(
  tasks: readonly ShopTask[],
  options: AgentOptions,
  forget: (messages: Message[]) => Message[] = (messages) => messages,
): Promise<DialogueTurn[]> {
  let messages: Message[] = [];
  const turns: DialogueTurn[] = [];
  for (const task of tasks) {
    messages = [...forget(messages), { role: "user", content: task.question }];
    const run = await runAgent(messages, options);
    turns.push({ task, run, right: isRight(task, run.answer) });
    messages = run.messages;
  }
  return turns;
}

const FACTS = [
  ["What is my favourite colour?", "My favourite colour is", "red blue green yellow white black"],
  ["Where do I live?", "I live in", "Paris London Rome Vienna Madrid Berlin"],
  ["What is my sister called?", "My sister is called", "Anna Clara Emma Julia Laura Sofia"],
  ["What is my dog called?", "My dog is called", "Rex Bello Lucky Max Rocky Sam"],
  ["What do I work as?", "I work as a", "baker doctor teacher pilot farmer judge"],
  ["Which food do I like most?", "The food I like most is", "bread cheese fish rice soup apples"],
] as const;

const CHATTER = [
  ["What is the weather like?", "I cannot see it from here."],
  ["Tell me something.", "A week has seven days."],
  ["Is it late?", "That depends on the clock."],
  ["How are you?", "I am well, thank you."],
  ["What can you do?", "I can talk and calculate."],
] as const;

/** Facts told somewhere in a conversation, and questions about them at its end. */
export interface FactDialogue {
  turns: Turn[];
  questions: { question: string; answer: string; turnsAgo: number }[];
}

/** Draws one; the question shares the fact's key word, as questions do. */
export function factDialogue(turns: number, seed: number): FactDialogue {
  const rng = new Random(seed);
  const places = rng.shuffle(Array.from({ length: turns }, (_, i) => i)).slice(0, FACTS.length);
  const all: Turn[] = Array.from({ length: turns }, (_, i) => {
    const [user, assistant] = CHATTER[rng.fork("chatter", i).integer(CHATTER.length)];
    return { user, assistant };
  });
  const questions = FACTS.map(([question, sentence, values], i) => {
    const answer = values.split(" ")[rng.fork("value", i).integer(6)];
    all[places[i]] = { user: `${sentence} ${answer}.`, assistant: "I see." };
    return { question, answer, turnsAgo: turns - places[i] };
  });
  return { turns: all, questions };
}
