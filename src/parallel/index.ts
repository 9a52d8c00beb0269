export { allGather, broadcast, chunkOf, reduceScatter, ringAllReduce } from "./collectives";
export { Group, type Traffic } from "./group";
export { Stopped } from "./mailbox";
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
