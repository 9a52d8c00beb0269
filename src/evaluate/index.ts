// Lesson 13 (evaluation): measuring what a model can do, and how sure one may be of it.
export { documentsOf, type HeldOut, mobyDickHeldOut } from "./documents";
export {
  bitsPerByte,
  type DocumentScore,
  perplexityOf,
  type ScoredWindow,
  type Scorer,
  scoreDocuments,
  stridedWindows,
  type WindowOptions,
} from "./perplexity";
export { countingScorer, gptScorer, rnnScorer } from "./scorers";
export {
  type ChoiceRule,
  choiceProbabilities,
  indexOfLargest,
  type OptionScore,
  scoreOptions,
  softmax,
} from "./choice";
export {
  bradleyTerry,
  judgePrompt,
  type PlaceBias,
  placeBias,
  type Verdict,
  winsOf,
} from "./judge";
export { type Question, questions, shuffled } from "./questions";
