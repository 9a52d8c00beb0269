// Training: the loop that turns a task into a trained model, with its log, checkpoints and report.
// It knows no model: the GPT's task is in llm/pretrain, optimizers are in llm/optim.
export type { EvalRecord, History, StepRecord } from "./log";
export { readLog } from "./log";
export { lossCurve, metricCurve } from "./report";
export type { Share } from "./runner";
export { type WatchOptions, watch } from "./screen";
export type { SettingsInput, TrainSettings } from "./settings";
export { completeSettings, expectWholeNumber } from "./settings";
export { type ShortOptions, trainShortly } from "./short";
export type { StepFunctions, StepResult } from "./step";
export { trainStep } from "./step";
export type { AnyTask, Metric, Task, TaskDescription, TaskTools } from "./task";
export { Interrupted } from "./task";
export type {
  ResumeOptions,
  RunOptions,
  TrainerOptions,
  TrainerParts,
  TrainResult,
} from "./trainer";
export { Diverged, Trainer } from "./trainer";
