// The loop of an agent: the model writes; if it asks for tools, they are run, the results are added to
// the conversation, and it writes again; if not, what it wrote is the answer. This is ReAct (Yao et al.,
// 2022), where a thought, an action and an observation take turns, with calls in JSON as actions.
//
// A model that may go on for as long as it likes will do so at times, so there is a budget of steps and
// of tokens, and loops are noticed (./loopDetector). When the conversation does not fit any more it is
// made shorter (./compact). Left out: several agents, asking a person before a call is made.
import type { Message } from "../chat";
import {
  type LanguageModel,
  RequestError,
  sumUsage,
  type TextOptions,
  type Usage,
  write,
} from "../languageModel";
import {
  runTool,
  type Tool,
  type ToolCall,
  type ToolConversationOptions,
  type ToolResult,
  toolCallForm,
  toolCalls,
  toolConversation,
  toolMessage,
} from "../tools";
import { LoopDetector } from "./loopDetector";

/** How much an agent may do. */
export interface Budget {
  /** How often the model may write; 8. */
  steps?: number;
  /** Prompt and completion tokens of all steps together; unlimited if absent. */
  tokens?: number;
}

/** Why an agent has stopped; only "answer" is a success. */
export type Ending = "answer" | "steps" | "tokens" | "loop" | "context";

/** One turn of the loop. */
export interface AgentStep {
  /** What the model wrote, and what of it is no call. */
  written: string;
  text: string;
  calls: ToolCall[];
  /** What was wrong with what it wrote, as the model was told. */
  errors: string[];
  results: ToolResult[];
  /** Whether all calls had been made before, with the same results. */
  isIdle: boolean;
  usage: Usage;
}

/** All that an agent has done. */
export interface AgentRun {
  ending: Ending;
  /** null unless it ended with an answer. */
  answer: string | null;
  steps: AgentStep[];
  /** The conversation, from the given messages to the answer. */
  messages: Message[];
  usage: Usage;
}

/** The name of the tool that stands for answering where every text has to be a call. */
export const ANSWER_TOOL = "final_answer";

export interface AgentOptions extends ToolConversationOptions {
  model: LanguageModel;
  tools: readonly Tool[];
  budget?: Budget;
  /** After so many steps without anything new it is a loop; false: nobody looks. 2 */
  patience?: number | false;
  /** Under a grammar every text is a valid call, and answering is one, too. */
  form?: "free" | "grammar";
  /** Makes a conversation shorter before each step, such as `compacting` of ./compact. */
  compact?(messages: readonly Message[]): readonly Message[] | Promise<readonly Message[]>;
  /** How the model writes. */
  decoding?: Omit<TextOptions, "form">;
  /** Hears of every step as soon as it is done. */
  onStep?(step: AgentStep, index: number): void;
}

const answerTool: Tool = {
  name: ANSWER_TOOL,
  description: "Gives the answer to the user. Call it when you know the answer.",
  parameters: {
    type: "object",
    properties: { answer: { type: "string" } },
    required: ["answer"],
  },
  run: ({ answer }) => answer,
};

/**
 * Runs an agent until it answers or has to stop.
 * @param given a question, or a conversation that waits for an answer; it stays as it is
 * @throws what the model throws, unless the conversation is too long for it
 */
export async function runAgent(
  given: string | readonly Message[],
  options: AgentOptions,
): Promise<AgentRun> {
  const { budget = {}, patience = 2, onStep } = options;
  const messages: Message[] =
    typeof given === "string" ? [{ role: "user", content: given }] : [...given];
  const steps: AgentStep[] = [];
  const loops = new LoopDetector(patience === false ? Infinity : patience);
  const ended = (ending: Ending, answer: string | null = null): AgentRun => {
    const usage = sumUsage(steps.map((step) => step.usage));
    return { ending, answer, steps, messages, usage };
  };
  for (;;) {
    const tokens = steps.reduce((sum, { usage }) => sum + allTokens(usage), 0);
    const stop = exhausted(budget, { steps: steps.length, tokens });
    if (stop) return ended(stop);
    if (loops.isLooping) return ended("loop");
    const step = await oneStep(messages, options);
    if (step === undefined) return ended("context");
    const { calls, errors } = step;
    step.isIdle = loops.add(calls, step.results) && (calls.length > 0 || errors.length > 0);
    steps.push(step);
    onStep?.(step, steps.length - 1);
    messages.push({ role: "assistant", content: step.written });
    const answer = answerOf(step);
    if (answer !== undefined) return ended("answer", answer);
    messages.push(...told(step).map((text) => toolMessage({ text })));
  }
}

const allTokens = ({ promptTokens, completionTokens }: Usage): number =>
  promptTokens + completionTokens;

/** Which part of the budget is used up. */
export function exhausted(
  { steps = 8, tokens = Infinity }: Budget,
  used: { steps: number; tokens: number },
): "steps" | "tokens" | undefined {
  if (used.steps >= steps) return "steps";
  return used.tokens >= tokens ? "tokens" : undefined;
}

/** The model writes once, and its calls are made. @returns undefined if there is no room */
async function oneStep(
  messages: readonly Message[],
  options: AgentOptions,
): Promise<AgentStep | undefined> {
  const { model, decoding = {}, compact, form = "free", format } = options;
  const tools = form === "grammar" ? [...options.tools, answerTool] : options.tools;
  const kept = compact ? await compact(messages) : messages;
  const request = {
    ...{ temperature: 0, maxTokens: 128, ...decoding },
    messages: toolConversation(kept, tools, options),
    ...(form === "grammar" ? { form: toolCallForm(tools, { format }) } : {}),
  };
  try {
    const { text: written, usage } = await write(model, request);
    const { calls, errors, text } = toolCalls(written);
    const results = await Promise.all(calls.map((call) => runTool(tools, call)));
    return { written, text, calls, errors, results, isIdle: false, usage };
  } catch (error) {
    if (error instanceof RequestError && error.code === "context_length_exceeded") return undefined;
    throw error;
  }
}

/** What a step ends with, if it is an answer. */
function answerOf({ calls, errors, results, text }: AgentStep): string | undefined {
  if (calls.length === 0 && errors.length === 0) return text;
  const at = calls.findIndex(({ name }) => name === ANSWER_TOOL);
  return at >= 0 && !results[at].isError ? results[at].text : undefined;
}

const AGAIN = "You have made this call before, with the same result. Do something else, or answer.";

/** What the model is told after a step: results, errors, and that it repeats itself. */
const told = ({ results, errors, isIdle }: AgentStep): string[] => [
  ...results.map(({ text }) => (isIdle ? `${text}\n${AGAIN}` : text)),
  ...errors.map((error) => `Error: ${error}`),
];
