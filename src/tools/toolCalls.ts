// Calls read out of what a model has written. Models that were taught to call tools write JSON between
// <tool_call> and </tool_call> (SmolLM2 one list of calls, Hermes and Qwen one call in each pair of
// tags), or JSON and nothing else (Llama 3.1). All are read, and what models often write instead: a
// fenced block, the end tag missing, "parameters" for "arguments", arguments as JSON in a string. What
// cannot be read becomes an error that is shown to the model, as any other result is.
import { isRecord, typeName } from "../grammar/json";
import type { ToolArguments, ToolCall } from "./tool";

/** What was found in a text. */
export interface ParsedCalls {
  /** In the order in which they stand there. */
  calls: ToolCall[];
  /** What is wrong with those that could not be read, in sentences for the model. */
  errors: string[];
  /** The text without the calls, trimmed. */
  text: string;
}

const [OPEN, CLOSE] = ["<tool_call>", "</tool_call>"];
/** So many end tags are tried for one call. */
const MOST_ENDS = 16;

const EXAMPLE = '[{"name": "…", "arguments": {…}}]';

/**
 * The calls in a text.
 * @example
 * toolCalls('<tool_call>[{"name": "now", "arguments": {}}]</tool_call>').calls;
 * // [{ name: "now", arguments: {} }]
 */
export function toolCalls(written: string): ParsedCalls {
  const found: ParsedCalls = { calls: [], errors: [], text: "" };
  const bare = withoutFence(written.trim());
  const isBare = looksLikeCalls(bare);
  // Whole JSON comes first: tags within its strings are text (see `endOfBlock`).
  if (isBare && (!bare.includes(OPEN) || typeof jsonValues(bare) !== "string"))
    readBlock(bare, found);
  else {
    const { blocks, rest } = tagged(written);
    found.text = rest.trim();
    for (const block of blocks) readBlock(withoutFence(block.trim()), found);
  }
  return found;
}

/** What stands between the tags, and the rest; a last block may have no end. */
function tagged(written: string): { blocks: string[]; rest: string } {
  const blocks: string[] = [];
  let rest = "";
  for (let at = 0; ; ) {
    const open = written.indexOf(OPEN, at);
    if (open < 0) return { blocks, rest: rest + written.slice(at) };
    const end = endOfBlock(written, open + OPEN.length);
    blocks.push(written.slice(open + OPEN.length, end));
    rest += written.slice(at, open);
    at = end + CLOSE.length;
  }
}

/**
 * Where the end tag of a block is, or the text ends. The tags can also stand within a string of the
 * call, where they are text: they must not end the call, or whoever gets the model to repeat a tag can
 * make a call fail. The first end is taken that leaves whole JSON, and if there is none, the first.
 */
function endOfBlock(written: string, from: number): number {
  const first = written.indexOf(CLOSE, from);
  if (first < 0) return written.length;
  let end = first;
  for (let tries = 0; tries < MOST_ENDS && end >= 0; tries++) {
    const block = withoutFence(written.slice(from, end).trim());
    if (typeof jsonValues(block) !== "string") return end;
    end = written.indexOf(CLOSE, end + CLOSE.length);
  }
  return first;
}

/** Without ```json and ``` around it. */
function withoutFence(text: string): string {
  if (!text.startsWith("```") || !text.endsWith("```") || text.length < 6) return text;
  return text.slice(3, -3).replace(/^(json|tool_call)?\s*\n/, "");
}

/** A JSON value whose beginning says that it is a call, and nothing else: prose is left alone. */
const looksLikeCalls = (text: string): boolean =>
  /^\[?\s*\{\s*"(name|function|arguments|parameters)"\s*:/.test(text);

function readBlock(block: string, found: ParsedCalls): void {
  const values = jsonValues(block);
  if (typeof values === "string") found.errors.push(values);
  else for (const value of values.flat()) readCall(value, found);
}

/** The JSON values of a block: one, or one in each line. @returns a sentence if there is none */
function jsonValues(block: string): unknown[] | string {
  try {
    return [JSON.parse(block)];
  } catch (error) {
    try {
      const lines = block.split("\n").filter((line) => line.trim() !== "");
      if (lines.length > 1) return lines.map((line) => JSON.parse(line));
    } catch {} // the sentence about the whole says more
    return `expected JSON such as ${EXAMPLE}, got a text that is none (${(error as Error).message})`;
  }
}

function readCall(value: unknown, found: ParsedCalls): void {
  const call = isRecord(value) && isRecord(value.function) ? value.function : value;
  if (!isRecord(call) || typeof call.name !== "string") {
    const got = isRecord(call) ? `"name" ${typeName(call.name)}` : typeName(call);
    found.errors.push(`expected calls such as ${EXAMPLE}, got ${got}`);
    return;
  }
  const args = argumentsOf(call.arguments ?? call.parameters ?? {});
  if (args) found.calls.push({ name: call.name, arguments: args });
  else found.errors.push(`expected arguments of ${call.name} as an object, got something else`);
}

function argumentsOf(value: unknown): ToolArguments | undefined {
  if (typeof value !== "string") return isRecord(value) ? { ...value } : undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
