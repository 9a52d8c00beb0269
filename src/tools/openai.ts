// Tools, calls and results in the shapes of OpenAI's chat API, as its clients send and expect them
// (lesson 24, serving). There a call has an id, to which its result refers, and its arguments are JSON
// in a string. What a client sends is checked here, because it comes from outside.
import type { Message } from "../chat";
import { isRecord } from "../grammar/json";
import { type ToolFormat, toolFormats } from "./format";
import { checkTools, type ToolArguments, type ToolCall, type ToolSpec } from "./tool";
import { toolCalls } from "./toolCalls";

/** A member of a request's `tools`. */
export interface OpenAITool {
  type: "function";
  function: ToolSpec;
}

/** A member of `tool_calls` in an assistant's message. */
export interface OpenAIToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

/** A message of a request, as far as tools are concerned. */
export interface OpenAIMessage {
  role: string;
  content?: unknown;
  tool_calls?: unknown;
  tool_call_id?: unknown;
}

/** Tools for a request's `tools`. */
export const toOpenAITools = (tools: readonly ToolSpec[]): OpenAITool[] =>
  tools.map(({ name, description, parameters }) => ({
    type: "function",
    function: { name, description, parameters },
  }));

/**
 * The tools of a request. A description may be missing, parameters too.
 * @throws if it is something else than a list of functions
 */
export function fromOpenAITools(value: unknown): ToolSpec[] {
  if (!Array.isArray(value))
    throw new Error(`fromOpenAITools: expected a list of tools, got ${typeof value}`);
  const tools = value.map((one, i): ToolSpec => {
    const spec = isRecord(one) && one.type === "function" ? one.function : undefined;
    if (!isRecord(spec))
      throw new Error(
        `fromOpenAITools: expected {"type": "function", "function": {…}} as tools[${i}], ` +
          `got ${String(JSON.stringify(one)).slice(0, 80)}`,
      );
    const { name, description = "", parameters = { type: "object", properties: {} } } = spec;
    return { name, description, parameters } as ToolSpec;
  });
  checkTools(tools);
  return tools;
}

/**
 * Calls for an assistant's `tool_calls`.
 * @param idOf makes the ids; "call_0", "call_1", … if absent, which are unique within one message only
 */
export const toOpenAIToolCalls = (
  calls: readonly ToolCall[],
  idOf: (i: number) => string = (i) => `call_${i}`,
): OpenAIToolCall[] =>
  calls.map(({ name, arguments: args }, i) => ({
    ...{ id: idOf(i), type: "function" },
    function: { name, arguments: JSON.stringify(args) },
  }));

/**
 * The calls of an assistant's `tool_calls`.
 * @throws if they are none, or the arguments are not JSON of an object
 */
export function fromOpenAIToolCalls(value: unknown): ToolCall[] {
  if (!Array.isArray(value))
    throw new Error(`fromOpenAIToolCalls: expected a list of calls, got ${typeof value}`);
  return value.map((one, i) => {
    const call = isRecord(one) ? one.function : undefined;
    if (!isRecord(call) || typeof call.name !== "string")
      throw new Error(`fromOpenAIToolCalls: expected a function with a name in tool_calls[${i}]`);
    const args = parsedObject(call.arguments);
    if (args) return { name: call.name, arguments: args };
    throw new Error(
      `fromOpenAIToolCalls: expected arguments of ${call.name} as JSON of an object, ` +
        `got ${String(call.arguments).slice(0, 80)}`,
    );
  });
}

function parsedObject(text: unknown): ToolArguments | undefined {
  try {
    const value: unknown = typeof text === "string" ? JSON.parse(text || "{}") : text;
    return isRecord(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What a model wrote as an assistant's message. Text that is broken as a call stays text, so that a
 * client sees what happened.
 * @param idOf as for `toOpenAIToolCalls`
 */
export function toOpenAIAnswer(
  written: string,
  idOf?: (i: number) => string,
): { content: string | null; tool_calls?: OpenAIToolCall[] } {
  const { calls, text, errors } = toolCalls(written);
  if (calls.length === 0 || errors.length > 0) return { content: written };
  return { content: text === "" ? null : text, tool_calls: toOpenAIToolCalls(calls, idOf) };
}

/**
 * One message of a request as ours: calls become the text that the model would have written.
 * Content in parts is put together from its texts.
 * @throws if calls or content cannot be read
 */
export function fromOpenAIMessage(
  { role, content, tool_calls: calls }: OpenAIMessage,
  format: ToolFormat = toolFormats.smollm2,
): Message {
  const text = textOf(content);
  const known = { developer: "system", function: "tool" }[role] ?? role;
  if (!["system", "user", "assistant", "tool"].includes(known))
    throw new Error(
      `fromOpenAIMessage: expected a role of system, user, assistant and tool, got ${role}`,
    );
  const called =
    calls === undefined || calls === null ? "" : format.write(fromOpenAIToolCalls(calls));
  const all = [text, called].filter((part) => part !== "").join("\n");
  return { role: known as Message["role"], content: all };
}

function textOf(content: unknown): string {
  if (content === undefined || content === null) return "";
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? content : [undefined];
  return parts
    .map((part) => {
      if (isRecord(part) && typeof part.text === "string") return part.text;
      throw new Error("fromOpenAIMessage: expected content of text, got something else");
    })
    .join("");
}
