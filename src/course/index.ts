// What a lesson's notebook needs of the course itself: checks, hints, and the learner's own
// functions.

export { check } from "./check";
export { hint } from "./hints";
export { learner } from "./learner";
export type { Lessons } from "./lessons";
export { CheckResult } from "./report";
export type { ExerciseResult, RunOptions } from "./run";
export { bySize, type Size, size } from "./size";
