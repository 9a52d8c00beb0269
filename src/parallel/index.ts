// Training on several worker processes: data, tensor and pipeline parallelism, and ZeRO.
export { allGather, broadcast, chunkOf, reduceScatter, ringAllReduce } from "./collectives";
export { averageAndClip, averageGrads, taskOfGroup } from "./dataParallel";
export { assignFlat, flatten, type Layout, layoutOf, unflatten } from "./flat";
export { Group, type Traffic } from "./group";
export { Stopped } from "./mailbox";
export {
  layersOfStage,
  type MicroBatch,
  type PipelineResult,
  pipelineStep,
  stageParams,
} from "./pipeline";
export {
  measuredBubble,
  mostInFlight,
  type PipelineKind,
  type PipelineStep,
  pipelineSchedule,
  predictedBubble,
  type TimedStep,
  timeSchedule,
} from "./schedule";
export {
  enterParallel,
  leaveParallel,
  shardGPT,
  sumOverGroup,
  tensorParallelBlock,
  tensorParallelLoss,
} from "./tensorParallel";
export {
  type ParallelResult,
  type ParallelTraining,
  trainParallel,
  trainRank,
  type WorkerReport,
} from "./train";
export type { WorkerTools } from "./work";
export {
  type Job,
  onWorkers,
  type RunJobOptions,
  startWorkers,
  WorkerLost,
  Workers,
  type WorkersOptions,
} from "./workers";
export { type WorkerMemory, type ZeroStage, zeroMemory, zeroStage1 } from "./zero";
