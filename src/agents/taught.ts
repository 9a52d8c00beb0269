// A small GPT that is taught to call tools: conversations that show each call and its result, and for
// comparison the same questions answered at once. What is taught is what is written by the assistant:
// which tool, its arguments, and what to make of a result. The results are given (Schick et al., 2023,
// "Toolformer", has a model find out by itself where calls help; here the tasks say it).
import type { Message } from "../chat";
import { type Conversation, chatIds, type InstructModel, tunedCopy } from "../instruct";
import { Random } from "../random";
import type { Tokenizer } from "../tokenizer";
import { runTool, type Tool, toolConversation, toolFormats, toolMessage } from "../tools";
import {
  drawFollowUp,
  drawTask,
  type PriceTable,
  type ShopTask,
  shopTools,
  trainingKinds,
} from "./shop";

/** The form in which the small model writes calls: the one with the fewest tokens. */
export const taughtFormat = toolFormats.llama;

/**
 * The steps of a task as messages: question, calls with their results, answer. What the thing costs is
 * what the task says, so that an invented thing has a price, too.
 */
export async function taskMessages(task: ShopTask, tools: readonly Tool[]): Promise<Message[]> {
  const messages: Message[] = [{ role: "user", content: task.question }];
  const named =
    task.price === undefined ? [] : [[String(task.calls[0].arguments.item), task.price]];
  const own = named.length === 0 ? tools : shopTools(new Map(named as [string, number][]));
  for (const call of task.calls) {
    messages.push({ role: "assistant", content: taughtFormat.write([call]) });
    messages.push(toolMessage(await runTool(own, call)));
  }
  return [...messages, { role: "assistant", content: task.answer }];
}

/** Question and answer alone. */
export const directMessages = ({ question, answer }: ShopTask): Message[] => [
  { role: "user", content: question },
  { role: "assistant", content: answer },
];

/** Messages as the small model reads them: results become messages of the user. */
export const taughtMessages = (messages: readonly Message[]): Message[] =>
  toolConversation(messages, [], { format: taughtFormat });

export interface TaughtOptions {
  prices: PriceTable;
  /** Whether calls are shown, or only answers. */
  withTools: boolean;
  /** In which share of the tasks the thing is an invented word; 0 if absent. */
  invented?: number;
  /** The things that are asked about; one that is listed twice comes twice as often. `knownItems` */
  items?: readonly string[];
  seed: number;
  /** How many conversations there are. 8,000 */
  count?: number;
}

/** A conversation for training: what comes before message `from` is given, and not learnt. */
export interface TaughtConversation {
  messages: Message[];
  from: number;
}

/**
 * Conversations for training. One in five has earlier turns: up to three without their steps, as they
 * are after compaction, or one with its steps; then half of the questions are follow-ups. Earlier turns
 * are not learnt: without their steps they would teach to answer without a tool.
 */
export async function taughtConversations(options: TaughtOptions): Promise<TaughtConversation[]> {
  const { prices, withTools, invented, items, seed, count = 8000 } = options;
  const tools = shopTools(prices);
  const steps = async (task: ShopTask) =>
    taughtMessages(withTools ? await taskMessages(task, tools) : directMessages(task));
  const all: TaughtConversation[] = [];
  for (let i = 0; i < count; i++) {
    const rng = new Random(seed).fork("task", i);
    const drawing = { rng, prices, invented, items, part: "train" as const };
    const next = () => drawTask({ ...drawing, kinds: trainingKinds });
    if (i % 5 > 0) {
      all.push({ messages: await steps(next()), from: 0 });
      continue;
    }
    const isWhole = rng.uniform() < 0.5;
    const before = Array.from({ length: isWhole ? 0 : rng.integer(3) }, next);
    const last = drawTask({ ...drawing, kinds: ["price", "total"] });
    const history = before.flatMap(directMessages);
    history.push(...(isWhole ? await steps(last) : directMessages(last)));
    const task = rng.uniform() < 0.5 ? drawFollowUp(last, drawing) : next();
    all.push({ messages: [...history, ...(await steps(task))], from: history.length });
  }
  return all;
}

/** As ids, of which those of the last turn are learnt. */
export function taughtIds(
  { messages, from }: TaughtConversation,
  tokenizer: Tokenizer,
): Conversation {
  const { ids, learnt } = chatIds(messages, tokenizer);
  if (from === 0) return { ids, learnt };
  const given = chatIds(messages.slice(0, from), tokenizer).ids.length;
  return { ids, learnt: learnt.map((one, i) => (i < given ? 0 : one)) };
}

export interface TeachOptions extends TaughtOptions {
  steps: number;
  batchSize?: number;
  /** T: places of a row. */
  length?: number;
  maxLr?: number;
  onEval?(step: number, loss: number): void;
}

/** Trains a copy of a model; the caller disposes its parameters. */
export async function teachTools(
  model: InstructModel,
  options: TeachOptions,
): Promise<InstructModel> {
  const { steps, seed, batchSize = 8, length = 216, maxLr, onEval } = options;
  const conversations = (await taughtConversations(options)).map((one) =>
    taughtIds(one, model.tokenizer),
  );
  const heldOut = conversations.splice(-100);
  const task = { model, batchSize, length, seed, conversations, heldOut };
  return tunedCopy(task, { steps, warmupSteps: Math.min(20, steps), maxLr, onEval });
}
