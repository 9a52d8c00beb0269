// Lesson 26 (agents). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 26`). All of it is plain TypeScript, without tensors.

import { notDoneYet } from "llm/course/exercise";

/** What a model asks for. */
export interface ToolCall {
  name: string;
  arguments: Record<string, unknown>;
}

/** The schema of one argument, a small part of JSON Schema. */
export interface ArgumentSchema {
  type: "string" | "number" | "integer" | "boolean";
  /** If there, the only values that are allowed. */
  enum?: (string | number | boolean)[];
}

/** The schema of a tool's arguments. */
export interface Parameters {
  properties: Record<string, ArgumentSchema>;
  required: string[];
}

/** A message with the number of its tokens. */
export interface CountedMessage {
  role: "user" | "assistant" | "tool";
  content: string;
  tokens: number;
}

/** A slot of a form; `pattern` is a regular expression whose first group is the value. */
export interface Slot {
  name: string;
  pattern: string;
}

/**
 * The calls in what a model has written.
 *
 * Calls stand between <tool_call> and </tool_call>, in one block or in several; a block without an
 * end tag goes on to the end of the text. A block is JSON, with or without line breaks: one call, or
 * a list of calls. A call is an object with a `name` that is a string; its `arguments` are {} if
 * they are missing. What else is in the text makes no difference. (A tag can also stand within a
 * string of a call. That is left out here; llm/tools takes care of it.)
 *
 * @param text what the model wrote
 * @returns `calls` in their order, each with name and arguments alone; `broken`: how many blocks are
 *   not JSON, plus how many members of blocks are not calls
 * @example 'So: <tool_call>[{"name": "now"}]</tool_call>' →
 *   { calls: [{ name: "now", arguments: {} }], broken: 0 };
 *   "<tool_call>{now}</tool_call>" → { calls: [], broken: 1 }
 * @points 3 @minutes 15 @difficulty 3
 */
export function parseToolCalls(text: string): { calls: ToolCall[]; broken: number } {
  return notDoneYet("parseToolCalls", text);
}

/**
 * What is wrong with the arguments of a call, in words for the model.
 *
 * First, "missing: name" for each name in `required` that is not among the arguments, in the order
 * of `required`. Then at most one fault for each argument, in the order of the arguments:
 * "unknown: name" if the schema has no such property of its own (what every object inherits, such as
 * `toString`, does not count: use `Object.hasOwn`), "type: name" if the value has another type, and
 * "enum: name" if it is not one of the values of `enum`. An integer is a number without a fractional
 * part; "number" allows integers, too.
 *
 * @param parameters the schema
 * @param args the arguments; false, 0 and "" are values like any others
 * @returns the faults; [] if there are none
 * @example properties { n: integer, day: string, one of "Mon", "Tue" }, required [n]:
 *   args { n: 2.5, dya: "Mon" } → ["type: n", "unknown: dya"];
 *   args { day: "Sun" } → ["missing: n", "enum: day"]
 * @points 3 @minutes 15 @difficulty 2
 */
export function validateArguments(parameters: Parameters, args: Record<string, unknown>): string[] {
  return notDoneYet("validateArguments", parameters, args);
}

/**
 * What an agent does after its model has written. The rules, in this order:
 *
 *     "answer"   there are no calls and no errors: what was written is the answer
 *     "budget"   this was step number maxSteps, so the model could not read any result
 *     "loop"     there are calls, no errors, and each of the calls was made in some earlier step
 *     "go on"    everything else: calls are made, errors are told, and the model writes again
 *
 * @param step what the model has written now: its calls, each as a text, and the number of errors
 * @param earlier the calls of the earlier steps, one list for each step, the oldest first
 * @param maxSteps how many steps there may be, this one included
 * @returns the decision
 * @example calls ["f(1)"], earlier [["f(1)"], ["g()"]], maxSteps 8 → "loop";
 *   with maxSteps 3 → "budget"
 * @points 2 @minutes 10 @difficulty 2
 */
export function decideStep(
  step: { calls: string[]; errors: number },
  earlier: string[][],
  maxSteps: number,
): "answer" | "budget" | "loop" | "go on" {
  return notDoneYet("decideStep", step, earlier, maxSteps);
}

/**
 * A conversation in which old results of tools have made room.
 *
 * As long as the conversation has more than `most` tokens, the oldest result (a message of role
 * "tool") is replaced by one with the content "(left out)" and 3 tokens. The last result of the
 * conversation always stays, and so does a result of 3 tokens or fewer: replacing it would save
 * nothing. No message is removed.
 *
 * @param messages the oldest first
 * @param most how many tokens there may be
 * @returns a new list of new messages (copies, also of those that stay), as long as `messages`; its
 *   tokens may still be too many
 * @example tokens user 5, assistant 4, tool 20, assistant 4, tool 10; most 30 → 5, 4, 3, 4, 10
 * @points 2 @minutes 10 @difficulty 2
 */
export function dropOldResults(messages: CountedMessage[], most: number): CountedMessage[] {
  return notDoneYet("dropOldResults", messages, most);
}

/**
 * A form after one more sentence of the user.
 *
 * A slot's value is the first group of the last match of its pattern in the text (upper and lower
 * case make no difference to the match); without a match, the slot keeps the value it had. It is a
 * correction if the slot had another value before, compared as it is written.
 *
 * @param slots in the order in which they are asked for
 * @param values what was known before; it stays as it is
 * @param text what the user says
 * @returns `values` now; `corrected`: the names of slots whose value has changed, in the order of
 *   `slots`; `missing`: the first slot without a value, or null
 * @example slots people "for (\\d+)" and day "on (\\w+day)", values { people: "2" },
 *   text "No, for 3."
 *   → { values: { people: "3" }, corrected: ["people"], missing: "day" }
 * @points 2 @minutes 15 @difficulty 2
 */
export function fillSlots(
  slots: Slot[],
  values: Record<string, string>,
  text: string,
): { values: Record<string, string>; corrected: string[]; missing: string | null } {
  return notDoneYet("fillSlots", slots, values, text);
}
