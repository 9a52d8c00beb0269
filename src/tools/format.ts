// How tools and calls stand in a conversation. Every model was trained on one form and does best in it:
//
//     smollm2   the form that SmolLM2-1.7B-Instruct was trained on ("instructions_function_calling.md"
//               beside its weights, 2024): all calls in one list
//     hermes    NousResearch's Hermes 2 Pro (2024), taken over by Qwen2.5 and others: one call between
//               each pair of tags
//     llama     Meta's Llama 3.1 (2024): one call and nothing around it, with "parameters"
//
// The words of the system messages are those of the models' authors: other words work less well.
// `form` makes a model under a grammar write nothing but valid calls (lesson 20, decoding).
import type { Message } from "../chat";
import type { JsonSchema } from "../grammar";
import type { TextOptions } from "../languageModel";
import { checkTools, type ToolCall, type ToolResult, type ToolSpec } from "./tool";

/** A way to write tools, calls and results. */
export interface ToolFormat {
  readonly name: "smollm2" | "hermes" | "llama";
  /** The part of the system message that tells the tools. */
  system(tools: readonly ToolSpec[]): string;
  /** Calls as the model would have written them. */
  write(calls: readonly ToolCall[]): string;
  /** A result as the model is shown it. */
  result(text: string): string;
  /** The texts that are calls of these tools with arguments that fit. */
  form(tools: readonly ToolSpec[], options?: ToolFormOptions): NonNullable<TextOptions["form"]>;
}

export interface ToolFormOptions {
  /** How many calls there may be at once, in the format with a list; 1 if absent. */
  most?: number;
}

/** JSON with a space behind ":" and ",", as Python writes it and models have read it. */
export const spacedJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${members.map(([k, v]) => `${JSON.stringify(k)}: ${spacedJson(v)}`).join(", ")}}`;
};

const described = ({ name, description, parameters }: ToolSpec) => ({
  type: "function",
  function: { name, description, parameters },
});

const callOf = ({ name, arguments: args }: ToolCall) => ({ name, arguments: args });

/** Between tags, so that a model can tell a result from what the user says. */
const tagged = (text: string) => `<tool_response>\n${text}\n</tool_response>`;

/** The schema of one call of one of the tools. */
function callSchema(tools: readonly ToolSpec[], key = "arguments"): JsonSchema {
  checkTools(tools);
  if (tools.length === 0) throw new Error("toolCallForm: expected 1 tool or more, got none");
  const all = tools.map(({ name, parameters }) => ({
    type: "object",
    properties: { name: { const: name }, [key]: parameters },
    required: ["name", key],
  }));
  return all.length === 1 ? all[0] : { anyOf: all };
}

const smollm2: ToolFormat = {
  name: "smollm2",
  system: (tools) =>
    "You are an expert in composing functions. You are given a question and a set of possible " +
    "functions. \nBased on the question, you will need to make one or more function/tool calls to " +
    "achieve the purpose. \nIf none of the functions can be used, point it out and refuse to " +
    "answer. \nIf the given question lacks the parameters required by the function, also point it " +
    `out.\n\nYou have access to the following tools:\n<tools>${spacedJson(tools.map(described))}` +
    "</tools>\n\nThe output MUST strictly adhere to the following format, and NO other text MUST be " +
    "included.\nThe example format is as follows. Please make sure the parameter type is correct. " +
    "If no function call is needed, please make the tool calls an empty list '[]'.\n<tool_call>[\n" +
    '{"name": "func_name1", "arguments": {"argument1": "value1", "argument2": "value2"}},\n' +
    "... (more tool calls as required)\n]</tool_call>",
  write: (calls) => `<tool_call>${spacedJson(calls.map(callOf))}</tool_call>`,
  result: tagged,
  form: (tools, { most = 1 } = {}) => ({
    schema: { type: "array", items: callSchema(tools), minItems: 1, maxItems: most },
    ...{ space: " ", before: "<tool_call>", after: "</tool_call>" },
  }),
};

const hermes: ToolFormat = {
  name: "hermes",
  system: (tools) =>
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are " +
    "provided with function signatures within <tools></tools> XML tags:\n<tools>\n" +
    `${tools.map((tool) => spacedJson(described(tool))).join("\n")}\n</tools>\n\nFor each function ` +
    "call, return a json object with function name and arguments within <tool_call></tool_call> " +
    'XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n' +
    "</tool_call>",
  write: (calls) =>
    calls.map((call) => `<tool_call>\n${spacedJson(callOf(call))}\n</tool_call>`).join("\n"),
  result: tagged,
  form: (tools) => ({
    schema: callSchema(tools),
    ...{ space: " ", before: "<tool_call>\n", after: "\n</tool_call>" },
  }),
};

const llama: ToolFormat = {
  name: "llama",
  system: (tools) =>
    "Given the following functions, please respond with a JSON for a function call with its proper " +
    'arguments that best answers the given prompt.\n\nRespond in the format {"name": function ' +
    'name, "parameters": dictionary of argument name and its value}. Do not use variables.\n\n' +
    tools.map((tool) => spacedJson(described(tool))).join("\n\n"),
  write: (calls) =>
    calls.map(({ name, arguments: parameters }) => spacedJson({ name, parameters })).join("\n"),
  result: (text) => spacedJson({ output: text }),
  form: (tools) => ({ schema: callSchema(tools, "parameters"), space: " " }),
};

/** The formats by name. */
export const toolFormats = { smollm2, hermes, llama } as const;

/**
 * A form that forces a valid call of one of the tools; `form` of a request takes it.
 * @throws if there is no tool, or a name is used twice
 * @example await write(model, { messages, form: toolCallForm(tools) });
 */
export const toolCallForm = (
  tools: readonly ToolSpec[],
  { format = smollm2, ...options }: ToolFormOptions & { format?: ToolFormat } = {},
): NonNullable<TextOptions["form"]> => format.form(tools, options);

/** The result of a call as a message. */
export const toolMessage = ({ text }: Pick<ToolResult, "text">): Message => ({
  role: "tool",
  content: text,
});

export interface ToolConversationOptions {
  format?: ToolFormat;
  /** "tool" where the model's template knows that role; "user" (if absent) is understood by all. */
  resultRole?: "user" | "tool";
  /** Whether the model is told its tools; false for one that knows them by training. */
  tell?: boolean;
}

/**
 * A conversation as a model with tools is shown it: the tools are told in the system message, before
 * what it says itself, and results in the format's own form. Results that follow each other become one
 * message.
 * @param messages those of role "tool" are results
 */
export function toolConversation(
  messages: readonly Message[],
  tools: readonly ToolSpec[],
  { format = smollm2, resultRole = "user", tell = true }: ToolConversationOptions = {},
): Message[] {
  checkTools(tools);
  const [first, ...later] = messages;
  const own = first?.role === "system" ? first.content : "";
  const system = [tell && tools.length > 0 ? format.system(tools) : "", own].filter(
    (s) => s !== "",
  );
  const all: Message[] =
    system.length > 0 ? [{ role: "system", content: system.join("\n\n") }] : [];
  let before: Message["role"] | undefined;
  for (const message of first?.role === "system" ? later : messages) {
    const isResult = message.role === "tool";
    const content = isResult ? format.result(message.content) : message.content;
    const last = all.at(-1);
    if (isResult && before === "tool" && last) last.content += `\n${content}`;
    else all.push({ role: isResult ? resultRole : message.role, content });
    before = message.role;
  }
  return all;
}
