// The Transformer (lesson 08, the Transformer): one block with its attention layers and its
// feed-forward network, and what can be exchanged in it.
export {
  attendWithPrefix,
  crossAttention,
  multiHeadAttention,
  selfAttention,
} from "./attention";
export { type BlockSize, blockShapes, normalised, transformerBlock } from "./block";
export { bottleneck, bottleneckNames } from "./bottleneck";
export { conv1d, dense } from "./dense";
export { type EmbedOptions, embedTokens, finalNorm, finalNormShapes } from "./ends";
export { feedForward, feedForwardWidth } from "./feedForward";
export {
  type Hook,
  type Hooks,
  hasHook,
  hooked,
  hookedHeads,
  hookedProjection,
  hookedWeights,
  hooksUnder,
  withListener,
} from "./hooks";
export { type InitOptions, type InitStd, initTransformer } from "./init";
export { LORA_ALPHA, loraNames } from "./lora";
export type {
  AttentionFn,
  AttentionPosition,
  BlockDesign,
  BlockOps,
  BlockOptions,
  Dropout,
} from "./options";
export { designOf, dropNothing } from "./options";
export {
  maskWithPrefix,
  type Prefix,
  prefixAttention,
  prefixNames,
  prefixOf,
  withPrefix,
} from "./prefix";
export { shortConvolution } from "./shortConv";
export { type ModelSizes, wrongSizes, wrongWhole } from "./sizes";
export type { FirstValues } from "./valueResidual";
