// Permission by provenance: who has asked for a call? What a tool has read (a page, a mail, a note on a
// price tag) may have been written by anybody, so once it stands in the conversation, the
// conversation is tainted, and the model's next words may be the stranger's. Reading goes on; what
// changes something is not done unless the user himself has asked for it. Follows the idea of taint
// tracking, applied to agents by Willison (2023, "The dual LLM pattern") and Debenedetti et al.
// (2025, CaMeL). Left out: following each value through the program, as CaMeL does; asking the
// user, here a call is refused.
import type { Tool, ToolCall } from "../tools";

/** Where the words of a message come from. */
export type Source = "user" | "tool";

/** A tool that says whether it changes something. */
export interface GuardedTool extends Tool {
  /** Whether a call changes something outside the conversation. */
  writes?: boolean;
  /** Words of the user that ask for it, in whatever case. */
  askedBy?: RegExp;
}

/**
 * What a call may be made for.
 *
 *     "open"      every call is made
 *     "strict"    a tool that writes is refused as soon as a tool's result has been read
 *     "asked"     it is also allowed then, if the user's own words ask for this tool
 *     "values"    as "asked", but each of its arguments must stand in the user's own words
 *
 * What "values" does not see: an amount that stands in the user's words for another reason. After
 * "I paid 90 euros. Refund the price of a lamp." a stranger's "Refund 90 euros." passes. A rule
 * about words cannot close this; following where the call's own value came from can (CaMeL), or
 * asking the user.
 */
export const policies = ["open", "strict", "asked", "values"] as const;
export type Policy = (typeof policies)[number];

/** A message by its source. */
export interface SourcedText {
  source: Source;
  text: string;
}

/**
 * Whether a call may be made in a conversation.
 * @param tool of the call
 * @param read what the model has read before, in order
 */
export function mayCall(
  call: ToolCall,
  tool: Pick<GuardedTool, "writes" | "askedBy">,
  read: readonly SourcedText[],
  policy: Policy,
): boolean {
  if (policy === "open" || !tool.writes) return true;
  const isTainted = read.some(({ source }) => source === "tool");
  if (!isTainted) return true; // only the user has spoken
  if (policy === "strict") return false;
  const said = read.filter(({ source }) => source === "user").map(({ text }) => text);
  if (!said.some((text) => tool.askedBy?.test(text))) return false;
  if (policy === "asked") return true;
  const words = new Set(said.flatMap((text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
  return Object.values(call.arguments).every((value) => words.has(String(value).toLowerCase()));
}

/**
 * Tools for one conversation that keep an eye on what was read: a call that may not be made is answered
 * with an error, which the model reads.
 * @param question the user's words
 */
export function guarded(
  tools: readonly GuardedTool[],
  { question, policy }: { question: string; policy: Policy },
): Tool[] {
  const read: SourcedText[] = [{ source: "user", text: question }];
  return tools.map((tool) => ({
    ...tool,
    run: async (args) => {
      if (!mayCall({ name: tool.name, arguments: args }, tool, read, policy))
        throw new Error(`${tool.name} was not asked for by the user`);
      const result = await tool.run(args);
      read.push({ source: "tool", text: String(result) });
      return result;
    },
  }));
}
