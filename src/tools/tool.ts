// What a model can be given to use: functions with a name, a description that the model reads, and a
// JSON schema of their arguments, as OpenAI's API introduced them in 2023 ("function calling"). The
// model only writes a text that asks for a call; the program that reads it decides whether it is made.
// Left out: tools that ask back, or show how far they are.
import type { JsonSchema } from "../grammar";
import { checkValue } from "./checkValue";

/** What a model is told about a tool. */
export interface ToolSpec {
  /** Letters, digits, "_" and "-", at most 64, as OpenAI's API has them. */
  name: string;
  /** When to use it and what it gives; this is all that a model knows of it. */
  description: string;
  /** The schema of the arguments: an object. */
  parameters: JsonSchema;
}

/** The arguments of a call by their names. */
export type ToolArguments = Record<string, unknown>;

/** A tool that can be run. */
export interface Tool extends ToolSpec {
  /** @returns text for the model, or a value that is shown to it as JSON */
  run(args: ToolArguments): unknown;
}

/** What a model has asked for. */
export interface ToolCall {
  name: string;
  arguments: ToolArguments;
}

/** What came of a call, as the model is shown it. */
export interface ToolResult {
  text: string;
  /** Whether the call failed; the text says why then, so that the model can do better. */
  isError: boolean;
}

export interface RunToolOptions {
  /** Milliseconds after which a call counts as failed; the tool itself is not stopped. 10,000. */
  timeout?: number;
  /** The longest result in characters; what is longer is cut, and says so. 4,000. */
  longest?: number;
}

/**
 * Looks for what is wrong with a tool.
 * @throws if the name is none, two have the same name, or the parameters are no schema of an object
 */
export function checkTools(tools: readonly ToolSpec[]): void {
  const names = new Set<string>();
  for (const { name, description, parameters } of tools) {
    if (typeof name !== "string" || !/^[\w-]{1,64}$/.test(name))
      throw new Error(
        `checkTools: expected a name of 1 to 64 letters, digits, _ and -, got ${JSON.stringify(name)}`,
      );
    if (names.has(name)) throw new Error(`checkTools: expected one tool ${name}, got two`);
    names.add(name);
    if (typeof description !== "string")
      throw new Error(`checkTools: expected a description of ${name}, got ${typeof description}`);
    if (parameters?.type !== "object")
      throw new Error(
        `checkTools: expected parameters of ${name} of type object, ` +
          `got ${JSON.stringify(parameters?.type)}`,
      );
  }
}

/**
 * Makes a call: looks the tool up, checks the arguments, runs it. It never throws: whatever goes wrong
 * becomes a result that tells the model what to change.
 * @example await runTool(tools, { name: "calculator", arguments: { expression: "2 * 3" } }) // "6"
 */
export async function runTool(
  tools: readonly Tool[],
  call: ToolCall,
  { timeout = 10_000, longest = 4_000 }: RunToolOptions = {},
): Promise<ToolResult> {
  const failed = (text: string): ToolResult => ({ text: `Error: ${text}`, isError: true });
  const tool = tools.find(({ name }) => name === call.name);
  if (!tool) {
    const names = tools.map(({ name }) => name).join(", ") || "none at all";
    return failed(`there is no tool ${JSON.stringify(call.name)}; there are: ${names}`);
  }
  const faults = checkValue(tool.parameters, call.arguments, "arguments");
  if (faults.length > 0) return failed(faults.join("; "));
  try {
    const value = await within(timeout, async () => tool.run(call.arguments));
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "done");
    return { text: shortened(text, longest), isError: false };
  } catch (error) {
    return failed(shortened(error instanceof Error ? error.message : String(error), longest));
  }
}

/** @throws if the work takes longer than so many milliseconds */
async function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`expected a result within ${milliseconds} ms, got none`);
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

const shortened = (text: string, longest: number): string =>
  text.length <= longest
    ? text
    : `${text.slice(0, longest)}… (${text.length - longest} more characters)`;
