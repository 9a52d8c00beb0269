// GPT: one configuration, its parameters, and the path from token ids to logits and loss.

export type { Hook, Hooks } from "../transformer";
export {
  addedParts,
  type GPTConfig,
  type HeadSizes,
  headsOf,
  innerWidth,
  type LlamaChoices,
  validateGPTConfig,
} from "./config";
export {
  countParameters,
  forwardFlops,
  kvCacheBytes,
  type ParameterCount,
  trainingBytes,
} from "./count";
export { effectiveExperts, expertUsage } from "./experts";
export { hookNames } from "./hooks";
export { groupedAttention, repeatHeads, slidingMask } from "./llama";
export {
  gptAttention,
  gptHead,
  gptHidden,
  gptLogits,
  gptLoss,
  tokenLogProbs,
} from "./model";
export type { GPTOps, GPTOptions } from "./options";
export { countParamsByPart, gptShapes, initGPT, isHiddenMatrix } from "./params";
export { attentionUnder } from "./visibility";
