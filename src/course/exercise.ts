// What an untouched exercise says. A stub returns `notDoneYet(...)`: its type is `never`, so the
// stub type-checks whatever it should return, and the check can tell "not begun" from "wrong".

/**
 * Thrown by a stub. Recognised by its name, because a notebook and a check may hold two copies of
 * this class.
 */
export class NotDoneYet extends Error {
  override readonly name = "NotDoneYet";
  readonly exercise: string;
  constructor(exercise: string) {
    super(`${exercise} is not done yet: write its body in exercises/, save, and check again.`);
    this.exercise = exercise;
  }
}

/**
 * The body of a stub. Further arguments are ignored: they let a stub mention its parameters, so
 * that no tool calls them unused.
 * @throws NotDoneYet always
 */
export function notDoneYet(exercise: string, ..._parameters: unknown[]): never {
  throw new NotDoneYet(exercise);
}

export function isNotDoneYet(error: unknown): error is NotDoneYet {
  return error instanceof Error && error.name === "NotDoneYet";
}
