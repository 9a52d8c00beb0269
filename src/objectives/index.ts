// Pretraining objectives (lesson 09, pretraining objectives): what a model reads, what it predicts,
// who sees whom. Five of them on one small Transformer, with what is needed to compare them: scoring
// and filling blanks, and a linear probe.
export {
  type BlankPositions,
  blankInfillingExample,
  blankPositions,
  blankRow,
} from "./blankInfilling";
export { blanksOf, type Layout, layoutOf } from "./blanks";
export { causalExample } from "./causal";
export { diffusionExample, diffusionRow, SMALLEST_TIME, spreadTimes } from "./diffusion";
export { batchOf, type Example, type ObjectiveBatch, prefixMask } from "./example";
export { type FillOptions, fillBlanks, surest, type Uncovered, unmaskStep } from "./fill";
export { idsWithBlanks, lettersOnly, letterTokenizer, textWithBlanks } from "./letters";
export {
  BERT_RATE,
  choosePositions,
  type MaskTokens,
  maskedExample,
  maskTokens,
} from "./masked";
export {
  answerCloze,
  type Cloze,
  CONTINUED,
  clozeQuestions,
  continuations,
  frequentByLength,
  shareRight,
  withWord,
} from "./measure";
export {
  initObjectiveModel,
  type LookOptions,
  type ModelInput,
  objectiveHidden,
  objectiveLogits,
  objectiveLoss,
} from "./model";
export {
  exampleOf,
  examplesOf,
  type MakeExamples,
  type ObjectiveName,
  objectiveNames,
  objectiveTitles,
  rowLength,
} from "./objective";
export {
  type Classifier,
  fitLogistic,
  frequentWords,
  type Labelled,
  meanHidden,
  probeAccuracy,
  wordCounts,
} from "./probe";
export {
  loadObjectiveModels,
  type RecordedObjective,
  type RecordedObjectives,
  recordedLong,
  recordedObjectives,
  saveObjectiveModel,
} from "./recorded";
export { type Hidden, logProbabilities, type ObjectiveModel, probabilitiesAt } from "./score";
export {
  type CorruptSpans,
  corruptSpans,
  prefixExample,
  spanCorruptionExample,
} from "./spanCorruption";
export { glmSpans, MOST_SPANS, type Span, type SpanOptions, t5Spans } from "./spans";
export { type SpeechPiece, speechPieces } from "./speech";
export {
  createObjectiveModel,
  type ObjectiveSize,
  type ObjectiveTaskOptions,
  objectiveTask,
  WINDOW,
} from "./task";
export { type BlankTokens, blankTokens, showTokens, specialName } from "./tokens";
