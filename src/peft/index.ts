// Lesson 17 (light fine-tuning): adapting a model by training little beside it. LoRA, adapters and
// prefixes, PEFT's files, arithmetic with several LoRAs.

// Lessons that adapt a model also ask it.
export { meanAnswerLoss, type WriteAnswersOptions, writeAnswers } from "../answers";
export { type CombineMethod, combineLoras } from "./combine";
export { type LoadLoraOptions, loadLora, type SaveLoraOptions, saveLora } from "./files";
export {
  initLora,
  type Lora,
  type LoraOptions,
  linearLayers,
  loraDelta,
  loraOf,
  mergeLora,
  targetLayers,
  unmergeLora,
} from "./lora";
export {
  type Addition,
  adapted,
  disposeAddition,
  type TrainingCost,
  trainingCost,
} from "./method";
export { initAdapters, initPrefix } from "./others";
export {
  type RecordedLightTuning,
  type RecordedMerge,
  type RecordedSameA,
  type RecordedSmol,
  type RecordedStart,
  type RecordedTuning,
  recordedLightTuning,
  recordedLoraFolder,
} from "./recorded";
export {
  baseForm,
  type ChatForm,
  chatIds,
  formedKinds,
  isFormed,
  type SkillOptions,
  skillData,
  smolForm,
  withShuffledAnswers,
} from "./skills";
