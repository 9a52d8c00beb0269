// Prompts with answers: as rows, as a loss, as a task of the trainer, and written by a model.
export { type AnswerRows, answerRows, type PromptAnswer } from "./rows";
export { type AnswerTaskOptions, answerLoss, answerTask } from "./task";
export { meanAnswerLoss, type WriteAnswersOptions, writeAnswers } from "./write";
