// Questions that are easy in one notation and hard in another: counting letters, and adding
// numbers. A small GPT learns them letter by letter, digit by digit, or token by token (lesson 04,
// tokenization).
export type { LetterNotation, LetterQuestion } from "./letters";
export {
  countOf,
  guessByLength,
  LetterQuestions,
  letterNotation,
  letterNotations,
  wordsOf,
} from "./letters";
export { type TokenFigures, tokenFigures } from "./measure";
export type {
  Answering,
  AnsweringSize,
  AnswerScores,
  Example,
  Notation,
  TrainAnsweringOptions,
} from "./model";
export {
  accuracy,
  answer,
  answerScores,
  createAnswering,
  disposeAnswering,
  sizeOf,
  trainAnswering,
} from "./model";
export type { RecordedCurve, RecordedLetters, RecordedSums } from "./recorded";
export { recordedLetters, recordedSums } from "./recorded";
export type { Sum, SumNotation } from "./sums";
export { cutNumber, drawSum, isHeldOut, sumNotation, sumNotations } from "./sums";
