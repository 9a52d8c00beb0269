// The Transformer (lesson 08, the Transformer): one block with its attention layers and its
// feed-forward network, and what can be exchanged in it.
export { crossAttention, multiHeadAttention, selfAttention } from "./attention";
export { type BlockSize, blockShapes, normalised, transformerBlock } from "./block";
export { dense } from "./dense";
export { type EmbedOptions, embedTokens, finalNorm, finalNormShapes } from "./ends";
export { feedForward, feedForwardWidth } from "./feedForward";
export { type InitOptions, type InitStd, initTransformer } from "./init";
export type {
  AttentionFn,
  AttentionPosition,
  BlockDesign,
  BlockOps,
  BlockOptions,
  Dropout,
} from "./options";
export { designOf, dropNothing } from "./options";
export { shortConvolution } from "./shortConv";
export { type ModelSizes, wrongSizes, wrongWhole } from "./sizes";
