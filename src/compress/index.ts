// Lesson 22 (compression): weights with fewer bits, fewer weights, and smaller models that learn from
// larger ones.
export {
  type ChannelSizes,
  channelSizes,
  type InputSize,
  inputSizes,
  type RoundInputOptions,
  roundInput,
} from "./activations";
export { type DistillOptions, distillationLoss } from "./distill";
export { feedbackFactor, type GptqOptions, gptq, inputProducts } from "./gptq";
export { type GptqModelOptions, gptqModel, readProducts } from "./gptqModel";
export {
  blockMatrices,
  type QuantizeModelOptions,
  quantizeModel,
  type RoundedModel,
  type Rounding,
  roundModel,
  type WeightReach,
  weightReach,
} from "./model";
export { groupMask, magnitudeMask, pruneNeurons } from "./prune";
export {
  bitsPerNumber,
  dequantizeMatrix,
  type Grid,
  gridOf,
  levelOf,
  levelValue,
  packFour,
  type QuantizedMatrix,
  type QuantizeOptions,
  quantizeMatrix,
  type Sharing,
  unpackFour,
} from "./quantize";
export {
  type CompressedRun,
  type RecordedFile,
  type RecordedPacking,
  recordedCompression,
  recordedFiles,
  recordedPacking,
} from "./recorded";
export { type CompressTaskOptions, compressTask, maskedParams } from "./task";
export { spreadWindows, windowLosses } from "./windows";
