// Training: optimizer, schedule, clipping, checkpoints, and the trainer that runs them.
export type { AdamWOptions, AdamWState, OptimizerStep, ParameterUpdate } from "./adamw";
export { adamwInit, adamwStep, perParameter } from "./adamw";
export type { Checkpoint, CheckpointInfo } from "./checkpoint";
export {
  assignTensors,
  checkpointFile,
  loadCheckpoint,
  previousFile,
  readCheckpoint,
  saveCheckpoint,
} from "./checkpoint";
export type { Grads } from "./clip";
export { clipByGlobalNorm } from "./clip";
export { WriteError, writeAtomically } from "./files";
export type { EvalRecord, History, StepRecord } from "./log";
export { readLog } from "./log";
export type { Precision } from "./precision";
export { roundTensor, roundToBf16, roundToFp16 } from "./precision";
export { lossCurve } from "./report";
export { hasCheckpoint, latestRun, newRunFolder, runsFolder, shownPath } from "./runs";
export type { TensorData } from "./safetensors";
export { decodeSafetensors, encodeSafetensors } from "./safetensors";
export type { Schedule } from "./schedule";
export { warmupCosine } from "./schedule";
export type { PresetName, TrainSettings } from "./settings";
export { presets } from "./settings";
export type { LossFunction, StepFunctions } from "./step";
export { lossAndGrads, trainStep } from "./step";
export type {
  DataSource,
  RunOptions,
  TrainerOptions,
  TrainerParts,
  TrainResult,
} from "./trainer";
export { Trainer } from "./trainer";
