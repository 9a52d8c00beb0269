// From logits to tokens: what lesson 20 (decoding) is about, but for grammars, which are llm/grammar.
export {
  keepMinP,
  keepTopK,
  keepTopP,
  penaliseRepetition,
  scaleByTemperature,
  softmax,
} from "./processors";
export {
  checkSampling,
  type DecodingOptions,
  decodingProbabilities,
  logProbability,
  type SamplingOptions,
  sampleFromLogits,
  type TokenConstraint,
} from "./sample";
export { StopSequences } from "./stop";
