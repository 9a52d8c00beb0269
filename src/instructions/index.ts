// Instructions with answers that can be checked (lesson 16, instruction tuning): kinds of tasks in
// English and Chinese, sets drawn from them, what can be wrong with a set, files.
export { type CheckOptions, checkInstructions, type Fault, type Finding } from "./check";
export {
  type DrawOptions,
  drawInstruction,
  drawInstructions,
  instructionKinds,
  isHeldOutQuestion,
  isRightAnswer,
  questionKey,
} from "./dataset";
export {
  type Message,
  questionText,
  readInstructions,
  toMessages,
  writeInstructions,
} from "./files";
export {
  type Instruction,
  type Kind,
  type Language,
  members,
  type Question,
  separator,
} from "./kind";
export { type LeakedKind, leakedKinds } from "./leaks";
export { withShuffledAnswers } from "./shuffled";
export { type DialogueOptions, drawDialogue, type FollowUp, followUps } from "./turns";
export { OPINIONS, SUBJECTS } from "./words";
