// A conversation that has become too long, made shorter. What goes first is what is most easily found
// again: the steps (calls and results) of turns that have been answered; then old results of the turn
// that is open, of which a note remains; at last whole turns. Questions and answers stay longest, and
// what the system says and the open question stay always. Long-running agents do the same ("context
// editing", "compaction"). Left out: keeping what was removed somewhere the model can look it up.
import type { Message } from "../chat";

/** What stands in the place of a result that was removed. */
export const LEFT_OUT = "(left out)";

export interface CompactOptions {
  /** Until the conversation has at most so many tokens … */
  most: number;
  /** … as this counts them. */
  count(messages: readonly Message[]): number;
  /** The last so many results are never removed; 1. */
  keepResults?: number;
}

/** A shorter conversation, and what it cost. */
export interface Compacted {
  messages: Message[];
  /** How many calls and results of earlier turns, results of the open turn, and turns are gone. */
  removed: { steps: number; results: number; turns: number };
}

/**
 * Shortens a conversation until it fits, and no further; `messages` stays as it is.
 * @returns as short as it gets, if it does not fit at all
 */
export function compactMessages(
  messages: readonly Message[],
  { most, count, keepResults = 1 }: CompactOptions,
): Compacted {
  const removed = { steps: 0, results: 0, turns: 0 };
  let kept = [...messages];
  const fits = () => count(kept) <= most;
  const open = () => kept.map(({ role }) => role).lastIndexOf("user");
  const without = (from: number, to: number) => [...kept.slice(0, from), ...kept.slice(to)];
  for (let i = 0; i < open() && !fits(); i++) {
    // a call goes together with its results
    let end = i + 1;
    while (kept[i].role === "assistant" && kept[end]?.role === "tool") end++;
    if (end === i + 1) continue;
    kept = without(i, end);
    removed.steps += end - i;
    i--;
  }
  const results = kept.flatMap(({ role }, i) => (role === "tool" && i > open() ? [i] : []));
  for (const i of results.slice(0, Math.max(0, results.length - keepResults))) {
    if (fits() || kept[i].content.length <= LEFT_OUT.length) continue;
    kept[i] = { role: "tool", content: LEFT_OUT };
    removed.results++;
  }
  const first = kept[0]?.role === "system" ? 1 : 0;
  while (!fits() && open() > first) {
    const next = kept.findIndex(({ role }, i) => i > first && role === "user");
    kept = without(first, next);
    removed.turns++;
  }
  return { messages: kept, removed };
}

/** Compaction as `runAgent` takes it. */
export const compacting =
  (options: CompactOptions) =>
  (messages: readonly Message[]): Message[] =>
    compactMessages(messages, options).messages;
