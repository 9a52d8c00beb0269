// Lesson 16 (instruction tuning): conversations as ids, which of them are learnt, several in one
// row, the task of the trainer, and what a model answers.
export {
  type AnswerOptions,
  answerAll,
  answerDialogues,
  exactByKind,
  type KindScore,
} from "./answer";
export { type TunedCopyOptions, tunedCopy } from "./learn";
export {
  answerSurprises,
  type LikelihoodScore,
  likelierThanOthers,
  likelihoodByKind,
  otherOrders,
} from "./likelihood";
export { instructAttention, type PackedRow, packRows, type RowTensors, rowTensors } from "./pack";
export {
  loadInstructModel,
  type RecordedFollowUps,
  type RecordedInstructions,
  type RecordedScore,
  type RecordedTuned,
  recordedInstructions,
} from "./recorded";
export {
  type Distance,
  distances,
  englishOnly,
  heldOutKinds,
  type LearnOptions,
  learnInstructions,
  learningEverything,
  studyData,
  studyDialogues,
  trainedKinds,
  unpackedRows,
} from "./study";
export { type InstructBatch, type InstructOptions, instructTask } from "./task";
export {
  asChatModel,
  asPretrained,
  type ChatTokens,
  type Conversation,
  chatIds,
  chatTemplate,
  chatTokens,
  type InstructModel,
  promptIds,
} from "./template";
