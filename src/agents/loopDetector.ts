// Whether an agent goes round in circles. A tool can give another result for the same call (the time,
// the next page), and then something has happened; a step is idle if every one of its calls was made
// before with the same result. One idle step can be an accident, so the model is told; several in a row
// are a loop. As the results of all earlier steps are remembered, A B A B … is found as well as A A A.
// Left out: calls that differ in words only.
import { canonicalJson } from "../languageModel";
import type { ToolCall, ToolResult } from "../tools";

/** A call as text: the same for the same call, in whatever order its arguments stand. */
export const callKey = ({ name, arguments: args }: ToolCall): string => canonicalJson([name, args]);

/** Remembers calls with their results. */
export class LoopDetector {
  private readonly seen = new Set<string>();
  /** How many steps in a row were idle. */
  idle = 0;

  /** @param patience after so many idle steps in a row it is a loop */
  constructor(private readonly patience = 2) {
    if (!(patience >= 1))
      throw new Error(`LoopDetector: expected a patience of 1 or more, got ${patience}`);
  }

  /**
   * Takes in the calls of one step.
   * @returns whether it was idle; a step without calls is, because nothing has happened
   */
  add(calls: readonly ToolCall[], results: readonly ToolResult[]): boolean {
    const keys = calls.map((call, i) => `${callKey(call)} ${results[i]?.text ?? ""}`);
    const isIdle = keys.every((key) => this.seen.has(key));
    for (const key of keys) this.seen.add(key);
    this.idle = isIdle ? this.idle + 1 : 0;
    return isIdle;
  }

  /** Whether the agent goes round in circles. */
  get isLooping(): boolean {
    return this.idle >= this.patience;
  }
}
