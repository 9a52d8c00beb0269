// The kit that judges exercises: what a lesson's test and its mutants import.

export {
  expectClose,
  expectEqual,
  expectFinite,
  expectGradient,
  expectRowsSumTo,
  expectShape,
  expectThrows,
  expectTrue,
  fail,
  flatten,
} from "./assert";
export type { Draw } from "./draw";
export { lesson, type Mutant, type Mutants } from "./lesson";
export { isTensor, type Numbers } from "./words";
