// GPT: one configuration, its parameters, and the path from token ids to logits and loss.
export { type GPTConfig, validateGPTConfig } from "./config";
export {
  type GPTOps,
  type GPTOptions,
  gptAttention,
  gptHead,
  gptHidden,
  gptLogits,
  gptLoss,
} from "./model";
export { countParamsByPart, gptShapes, initGPT } from "./params";
