// Prompts with answers: as rows, as a loss, as a task of the trainer.
export { type AnswerRows, answerRows, type PromptAnswer } from "./rows";
export { type AnswerTaskOptions, answerLoss, answerTask } from "./task";
