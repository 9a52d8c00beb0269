// Lesson 29 (long context and images): a small model whose window is stretched, the loss at each
// position, needles in a haystack, recorded runs.
export {
  hideNeedle,
  type NeedlePrompt,
  type NeedlePromptOptions,
  needlePromptOf,
  sentencesOf,
} from "./haystack";
export {
  createRopeConfig,
  createRopeGPT,
  measureStretched,
  type Stretching,
  stretched,
  stretchings,
} from "./model";
export {
  createNeedleModel,
  KEYS,
  type MeasureNeedlesOptions,
  type NeedleModel,
  needlesFound,
  needleText,
  pairToken,
  recallText,
  trainNeedleModel,
} from "./needle";
export {
  type Divided,
  type RecordedBlur,
  type RecordedLearnt,
  type RecordedNeedle,
  type RecordedNeedleTuned,
  type RecordedSmolNeedle,
  type RecordedSmolStream,
  type RecordedStream,
  type RecordedStretch,
  type RecordedTuned,
  type RecordedTunedPairs,
  recordedLong,
} from "./recorded";
export { attentionShares, firstTokenShare, inStretches, lossByPosition } from "./streaming";
