// A second look at the numbers, when everything else is right: with inputs that nobody could know,
// drawn from a seed, of the lesson's own kinds and of the teacher's (docs/teaching.md, "Private
// inputs"). Only grading has it: whoever passes the check, and fails here, may have answered for the
// inputs that everybody has.

import { isNotDoneYet } from "../exercise";
import { type Sweep, type Swept, withSweeper } from "./sweep";
import { isRecord } from "./words";

const anewText =
  "Everything is right with the inputs that everybody has, and not with inputs that are drawn anew.";

/** What went wrong first with inputs drawn from `seed`, if anything. */
export async function askAnew(swept: Swept, seed: number, further?: Sweep): Promise<void> {
  for (const sweep of further ? [swept.sweep, further] : [swept.sweep])
    try {
      await withSweeper({ ...swept, sweep }, (sweeper) => sweeper.numbers(anewText), seed);
    } catch (error) {
      if (error instanceof Error && !isNotDoneYet(error)) Object.assign(error, { anew: true });
      throw error;
    }
}

/** Whether an error came of inputs that were drawn anew. */
export const isAnew = (error: unknown): boolean =>
  error instanceof Error && (error as { anew?: boolean }).anew === true;

/**
 * The teacher's kinds of inputs, by exercise.
 * @param tested the lesson's exercises
 * @throws where the module is none of that form
 */
export function furtherOf(module: Record<string, unknown>, tested: string[]) {
  const wrong = (expected: string, got: unknown) =>
    new Error(`private inputs: expected ${expected}, got ${got}`);
  const { inputs } = module;
  if (!isRecord(inputs)) throw wrong("an export `inputs`, a record by exercise", typeof inputs);
  for (const [name, sweep] of Object.entries(inputs)) {
    if (!tested.includes(name)) throw wrong(`exercises of ${tested.join(", ")}`, name);
    const { cases } = sweep as Sweep;
    if (!isRecord(cases) || Object.values(cases).some((draw) => typeof draw !== "function"))
      throw wrong(`${name}: { cases: { "a kind": (draw) => [arguments] } }`, typeof cases);
  }
  return inputs as Record<string, Sweep | undefined>;
}
