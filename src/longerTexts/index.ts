// Small GPTs that are trained on windows of 64 characters and tested on longer ones: what lesson 07
// (positions) measures. They differ only in how they know where a character stands.
export {
  type MeasureLengthsOptions,
  measureLengths,
  type Paired,
  paired,
  stretchEnds,
} from "./measure";
export {
  type CharGPT,
  createCharGPT,
  disposeCharGPT,
  type Encoding,
  encodings,
  TRAINED,
  type TrainCharGPTOptions,
  trainCharGPT,
} from "./model";
export { type RecordedLengths, recordedLengths } from "./recorded";
