// A small GPT that calculates, for lesson 19 (reasoning): its sums and chains, how often its answers
// are right, and how it learns from rewards that a rule can check.
export {
  type Calculator,
  calculator,
  calculatorTokenizer,
  initCalculator,
  lastDigit,
  someSums,
  sumPrompt,
  sumTrace,
  type Trace,
  written,
} from "./calculator";
export {
  type AskedQuestion,
  answerCounts,
  type Measured,
  type RecordedGRPO,
  type RecordedReasoning,
  type RecordedScores,
  type RecordedSteps,
  type RecordedStudent,
  type RecordedVerifier,
  type RecordedWeak,
  recordedQuestions,
  recordedReasoning,
} from "./recorded";
export {
  type AnsweredSum,
  answerSums,
  type Choices,
  learnTraces,
  reinforce,
  rightSum,
  sumTask,
} from "./study";
export { firstWrongStep, learnVerifier, type Verifier, verifierPairs } from "./verifier";
