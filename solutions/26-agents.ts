// Lesson 26 (agents): reference answers.

export interface ToolCall {
  name: string;
  arguments: Record<string, unknown>;
}

export interface ArgumentSchema {
  type: "string" | "number" | "integer" | "boolean";
  enum?: (string | number | boolean)[];
}

export interface Parameters {
  properties: Record<string, ArgumentSchema>;
  required: string[];
}

export interface CountedMessage {
  role: "user" | "assistant" | "tool";
  content: string;
  tokens: number;
}

export interface Slot {
  name: string;
  pattern: string;
}

export function parseToolCalls(text: string): { calls: ToolCall[]; broken: number } {
  const blocks = text
    .split("<tool_call>")
    .slice(1) // what stands before the first tag is no call
    .map((part) => part.split("</tool_call>")[0]); // without an end tag, all of it
  const calls: ToolCall[] = [];
  let broken = 0;
  for (const block of blocks) {
    let members: unknown[];
    try {
      members = [JSON.parse(block)].flat(); // one call becomes a list of one
    } catch {
      broken++; // counted, so that the model can be told; the other blocks are read all the same
      continue;
    }
    for (const member of members) {
      const { name, arguments: args = {} } = (member ?? {}) as Partial<ToolCall>;
      if (typeof name === "string") calls.push({ name, arguments: args });
      else broken++;
    }
  }
  return { calls, broken };
}

export function validateArguments(parameters: Parameters, args: Record<string, unknown>): string[] {
  const { properties, required } = parameters;
  // hasOwn asks whether it is there, not whether it is true: 0 and "" are values.
  const missing = required.filter((name) => !Object.hasOwn(args, name));
  const fits = (type: ArgumentSchema["type"], value: unknown): boolean =>
    type === "integer" ? Number.isInteger(value) : typeof value === type;
  const faults = Object.entries(args).flatMap(([name, value]) => {
    if (!Object.hasOwn(properties, name)) return [`unknown: ${name}`];
    const { type, enum: allowed } = properties[name];
    if (!fits(type, value)) return [`type: ${name}`];
    return allowed && !allowed.includes(value as string) ? [`enum: ${name}`] : [];
  });
  return [...missing.map((name) => `missing: ${name}`), ...faults];
}

export function decideStep(
  step: { calls: string[]; errors: number },
  earlier: string[][],
  maxSteps: number,
): "answer" | "budget" | "loop" | "go on" {
  const { calls, errors } = step;
  // First of all: an answer that is there is worth more than any rule about going on.
  if (calls.length === 0 && errors === 0) return "answer";
  if (earlier.length + 1 >= maxSteps) return "budget"; // this step counts, too
  // All earlier steps, not only the last one: A B A B is a loop as well. And all calls: if one of
  // them is new, something new can come of it.
  const made = new Set(earlier.flat());
  const isLoop = calls.length > 0 && errors === 0 && calls.every((call) => made.has(call));
  return isLoop ? "loop" : "go on";
}

export function dropOldResults(messages: CountedMessage[], most: number): CountedMessage[] {
  const last = messages.map(({ role }) => role).lastIndexOf("tool");
  let tokens = messages.reduce((sum, message) => sum + message.tokens, 0);
  return messages.map((message, i) => {
    const isOld = message.role === "tool" && i !== last && message.tokens > 3;
    if (!isOld || tokens <= most) return { ...message }; // as soon as it fits, the rest stays
    tokens -= message.tokens - 3;
    // The message stays in its place: a call without a result would be a question left open.
    return { role: "tool", content: "(left out)", tokens: 3 };
  });
}

export function fillSlots(
  slots: Slot[],
  values: Record<string, string>,
  text: string,
): { values: Record<string, string>; corrected: string[]; missing: string | null } {
  const filled = { ...values };
  const corrected: string[] = [];
  for (const { name, pattern } of slots) {
    // The last match: in "not on Friday, on Sunday" the correction comes after what it corrects.
    const value = [...text.matchAll(new RegExp(pattern, "gi"))].at(-1)?.[1];
    if (value === undefined) continue;
    if (name in values && values[name] !== value) corrected.push(name);
    filled[name] = value;
  }
  const missing = slots.find(({ name }) => !(name in filled))?.name ?? null;
  return { values: filled, corrected, missing };
}
