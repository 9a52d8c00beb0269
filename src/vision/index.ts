// Lesson 29 (long context and images): drawn shapes with captions, pictures as patches,
// encoders that are trained by contrast (CLIP), a GPT that writes captions (LLaVA), what is
// measured, recorded runs.
export {
  type Captioner,
  captionerConfig,
  captionHidden,
  captionLosses,
  initCaptioner,
  patchAttention,
  trainCaptioner,
  writeCaptions,
} from "./captioner";
export {
  contrastiveLoss,
  distinctScenes,
  imagesOf,
  type Pairs,
  pairsOf,
  similarities,
  type TrainVisionOptions,
  trainContrastive,
} from "./contrastive";
export {
  embedCaptions,
  embedImages,
  imageHidden,
  initVision,
  smallVision,
  type VisionConfig,
} from "./encoders";
export {
  type CaptionCounts,
  type Counts,
  captionCounts,
  type MeasureVisionOptions,
  preferByContrast,
  preferByWriting,
  swapAccuracy,
  thingsOf,
  zeroShotCounts,
} from "./measure";
export { patchify, unpatchify } from "./patches";
export {
  encodeCaptioner,
  loadCaptioner,
  type RecordedCaptions,
  type RecordedContrast,
  type RecordedNamed,
  recordedVision,
} from "./recorded";
export {
  captionOf,
  colours,
  type DrawSceneOptions,
  drawScene,
  heldOut,
  isHeldOut,
  type Placed,
  renderScene,
  type Scene,
  sceneOf,
  shapes,
  type Thing,
  things,
} from "./shapes";
export { BEGIN, CAPTION, captionIds, captionText, END, words } from "./words";
