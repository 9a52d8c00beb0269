// From the body of a request to texts that are being written: which prompts, how many samples of each,
// in which form.
import type { JsonSchema } from "../grammar";
import {
  type ChatRequest,
  type CompletionRequest,
  type LanguageModel,
  RequestError,
  type TextOptions,
  type TextStream,
} from "../languageModel";
import { fromOpenAIMessage, fromOpenAITools, toolCallForm, toolConversation } from "../tools";
import { type ChatInput, type CompletionInput, optionsOf, schemaOf } from "./bodies";
import { ServeError } from "./errors";

/** As many tokens as a completion has if nobody says how many: OpenAI's. */
const COMPLETION_TOKENS = 16;
/** At most so many prompts in a request. */
const MOST_PROMPTS = 64;

/** Texts that a request has asked for, prompt by prompt, the samples of a prompt side by side. */
export interface Asked {
  streams: TextStream[];
  samples: number;
}

/** The random numbers of a request that names none. */
const anySeed = () => Math.floor(Math.random() * 2 ** 31);

/** What a completion asks for, without the prompt. */
function completionOptions(body: CompletionInput): Omit<CompletionRequest, "prompt"> {
  const { echo, logprobs, stream } = body;
  if (stream && echo && logprobs != null)
    throw new ServeError(400, "expected no stream where echo and logprobs are asked for", {
      param: "stream",
    });
  return {
    ...withSeed(optionsOf(body)),
    maxTokens: body.max_tokens ?? COMPLETION_TOKENS,
    ...(logprobs == null ? {} : { logprobs }),
    ...(echo && logprobs != null ? { promptLogprobs: true } : {}),
  };
}

const withSeed = (options: TextOptions): TextOptions => ({
  ...options,
  seed: options.seed ?? (options.temperature === 0 ? 0 : anySeed()),
});

/** Whether the same request gives the same texts: a seed, or no chance in it. */
export const isFixed = ({ seed, temperature }: CompletionInput | ChatInput): boolean =>
  seed != null || temperature === 0;

/** The prompts of a body: one or several, as text or as ids. */
export function promptsOf({ prompt }: CompletionInput): CompletionRequest["prompt"][] {
  if (typeof prompt === "string") return [prompt];
  const isOne = prompt.length > 0 && typeof prompt[0] === "number";
  const all = isOne ? [prompt as number[]] : (prompt as string[] | number[][]);
  if (all.length >= 1 && all.length <= MOST_PROMPTS) return [...all];
  throw new ServeError(400, `expected 1 to ${MOST_PROMPTS} prompts, got ${all.length}`, {
    param: "prompt",
  });
}

/** Begins the texts of a completion. @throws if the model refuses one; then none is written */
export function beginCompletion(model: LanguageModel, body: CompletionInput): Asked {
  const options = completionOptions(body);
  const samples = body.n ?? 1;
  const streams = allOrNone(promptsOf(body), (prompt) =>
    model.write({ ...options, prompt }, samples),
  );
  return { streams, samples };
}

/** Begins the texts of a chat answer. @throws as `beginCompletion` */
export function beginChat(model: LanguageModel, body: ChatInput): Asked {
  const { top_logprobs: top, logprobs, tool_choice: choice } = body;
  const samples = body.n ?? 1;
  const request: ChatRequest = {
    ...withSeed({ ...optionsOf(body), ...formOf(body) }),
    messages: messagesOf(body),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    ...(logprobs ? { logprobs: top ?? 0 } : {}),
  };
  if (choice != null && choice !== "none" && choice !== "auto" && body.tools == null)
    throw new ServeError(400, "tool_choice: expected tools, got none", { param: "tool_choice" });
  return { streams: model.write(request, samples), samples };
}

/** Whether the model is told of tools. */
export const usesTools = ({ tools, tool_choice }: ChatInput): boolean =>
  Array.isArray(tools) && tools.length > 0 && tool_choice !== "none";

function messagesOf(body: ChatInput): ChatRequest["messages"] {
  return asked("messages", () => {
    const messages = body.messages.map((message) => fromOpenAIMessage(message));
    return toolConversation(messages, usesTools(body) ? toolsOf(body) : []);
  });
}

const toolsOf = (body: ChatInput) => asked("tools", () => fromOpenAITools(body.tools));

/**
 * The texts that are a JSON object, with objects and lists in it down to a depth: an automaton cannot
 * count brackets.
 */
function anyObject(depth: number): string {
  const string = '"([^"\\\\\\x00-\\x1f]|\\\\["\\\\/bfnrt])*"';
  const scalar = `${string}|-?(0|[1-9][0-9]*)(\\.[0-9]+)?|true|false|null`;
  const listOf = (one: string) => `(${one}(, ?${one})*)?`;
  const inside = depth === 0 ? "" : `|${anyObject(depth - 1)}|\\[${listOf(`(${scalar})`)}\\]`;
  return `\\{${listOf(`(${string}: ?(${scalar}${inside}))`)}\\}`;
}

/** The form that an answer must have. */
function formOf(body: ChatInput): Pick<TextOptions, "form"> {
  const { response_format: format, tool_choice: choice } = body;
  if (usesTools(body) && choice != null && choice !== "auto") {
    const tools = toolsOf(body);
    const named = typeof choice === "object" ? choice.function.name : undefined;
    const offered = tools.filter(({ name }) => named === undefined || name === named);
    return { form: asked("tool_choice", () => toolCallForm(offered)) };
  }
  if (format?.type === "json_object") return { form: { regex: anyObject(1) } };
  if (format?.type !== "json_schema") return {};
  const schema: JsonSchema = schemaOf(format.json_schema?.schema, "response_format");
  return { form: { schema } };
}

/** An error of ours as one of the request. */
function asked<T>(param: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof ServeError) throw error;
    throw new RequestError((error as Error).message, param);
  }
}

/** Begins all, or ends those that have begun if one is refused. */
function allOrNone<T>(list: readonly T[], begin: (one: T) => TextStream[]): TextStream[] {
  const begun: TextStream[] = [];
  try {
    for (const one of list) begun.push(...begin(one));
    return begun;
  } catch (error) {
    for (const stream of begun) stream.cancel();
    throw error;
  }
}
