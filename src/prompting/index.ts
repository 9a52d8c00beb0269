// Lesson 23 (prompting): prompts as functions, answers read and judged, choices by likelihood, a
// harness that compares prompts, tree of thoughts, the advice of articles as prompts, recorded runs.
export { advicePrompts, wordings } from "./advice";
export { canonicalAnswer, finalNumber, firstNamed, hasWords, isExactly, isNamed } from "./answer";
export { type ChainSearch, type ChainValue, searchChain } from "./chains";
export { calibrated, neutralLogProbs, type ScoredChoices, scoreChoices } from "./choices";
export {
  type Fraction,
  fractionText,
  type GameState,
  gameSteps,
  is24,
  nearness,
  startGame,
} from "./gameOf24";
export {
  type Asked,
  byQuestion,
  comparePrompts,
  type HarnessOptions,
  type PromptMaker,
  type PromptSummary,
  runPrompts,
  spreadTest,
  summarise,
} from "./harness";
export {
  calibratedRight,
  type RecordedAdvice,
  type RecordedBranches,
  type RecordedCopy,
  type RecordedLabels,
  type RecordedOrder,
  type RecordedShots,
  type RecordedSolutions,
  type RecordedTree,
  type RecordedWording,
  recordedCalculator,
  recordedPrompts,
} from "./recorded";
export { type PromptTask, promptTasks, type StepProblem, stepProblems, taskSizes } from "./tasks";
export { allOrders, fewShotPrompt, fillPrompt, type PromptItem, type ShotForm } from "./template";
export {
  type TreeSearchOptions,
  type TreeSearchResult,
  treeSearch,
} from "./treeSearch";
