// Translation by an encoder–decoder (lesson 08, the Transformer): pairs whose right answers are
// known, the training task, and writing translations.

export { LARGEST_NUMBER, numberInChinese, numberInEnglish } from "../numberWords";
export {
  courseModel,
  courseSources,
  courseTraining,
  loadTranslator,
  type RecordedExact,
  type RecordedLosses,
  type RecordedTranslations,
  recordedTranslations,
  saveTranslator,
} from "./course";
export { dates, isHeldOut, nameSource, names, numbers, type Pair, type PairSource } from "./pairs";
export { type TranslationOptions, type TranslationTask, translationTask } from "./task";
export {
  alignment,
  forcedAccuracy,
  nextLogProbabilities,
  type Translator,
  translate,
  translateByBeam,
} from "./translate";
export {
  BEGIN,
  END,
  PAD,
  type PairBatch,
  type PairSplit,
  PairVocabulary,
  splitPair,
} from "./vocabulary";
