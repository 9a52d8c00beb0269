// Models and runs on disk.
export type { Checkpoint, CheckpointInfo, CheckpointTensors } from "./checkpoint";
export {
  assignTensors,
  checkpointFile,
  expectShapes,
  loadCheckpoint,
  previousFile,
  readCheckpoint,
  saveCheckpoint,
} from "./checkpoint";
export {
  dropCopies,
  expectTensors,
  indexFile,
  readFolderJson,
  readFolderTensors,
  weightsFile,
} from "./folder";
export { modelFolder } from "./models";
export { hasCheckpoint, latestRun, newRunFolder, runsFolder, shownPath } from "./runs";
export type { TensorData } from "./safetensors";
export { decodeSafetensors, encodeSafetensors } from "./safetensors";
