// Lesson 13 (evaluation): measuring what a model can do, and how sure one may be of it.
export { documentsOf } from "../data";
export { quantile } from "../statistics";
export { holmAdjusted, normalCdf, normalQuantile, sampleSize, signFlipTest } from "./abTest";
export { cohenKappa } from "./agreement";
export { type BleuScore, type BleuTokenizer, bleu, bleuTokens, ngramCounts } from "./bleu";
export {
  type BootstrapOptions,
  bootstrapInterval,
  type Interval,
  meanInterval,
} from "./bootstrap";
export { type CalibrationBin, calibrationBins, expectedCalibrationError } from "./calibration";
export {
  type ChoiceRule,
  choiceProbabilities,
  indexOfLargest,
  type OptionScore,
  scoreOptions,
} from "./choice";
export {
  type ClassificationScores,
  type ClassScore,
  classificationScores,
  confusionMatrix,
} from "./classification";
export { distinctNgrams, repeatedShare, selfBleu, type TokenList } from "./diversity";
export { type HeldOut, mobyDickHeldOut } from "./documents";
export {
  bradleyTerry,
  judgePrompt,
  type PlaceBias,
  placeBias,
  type Verdict,
  winsOf,
} from "./judge";
export { type Entry, leaderboard, type Row } from "./leaderboard";
export { leaderboardPage } from "./page";
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
export { type Question, questions, shuffled } from "./questions";
export { type RougeScore, rougeL, rougeN, rougeTokens } from "./rouge";
export { countingScorer, gptScorer, rnnScorer } from "./scorers";
