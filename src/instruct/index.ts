// Lesson 16 (instruction tuning): conversations as ids, which of them are learnt, several in one
// row, the task of the trainer, and what a model answers.
export {
  type AnswerOptions,
  answerAll,
  exactByKind,
  type KindScore,
  likelierThanOthers,
} from "./answer";
export { instructAttention, type PackedRow, packRows, type RowTensors, rowTensors } from "./pack";
export { type InstructBatch, type InstructOptions, instructTask } from "./task";
export {
  asChatModel,
  type ChatTokens,
  type Conversation,
  chatIds,
  chatTemplate,
  chatTokens,
  type InstructModel,
  promptIds,
} from "./template";
