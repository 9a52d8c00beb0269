// The operations that Transformers are made of. `gelu.clear(x)` is the formula in a few tfjs
// calls: slower, and the one to read. `gelu(x)` is the same as one kernel with a gradient written
// by hand, on the engines that have such a kernel; elsewhere it is the clear version too. Tests
// hold the two to the same values and gradients. `logSigmoid`, `geluExact`, `embedding` and
// `dropout` have no kernel, only the clear version. How an operation is declared is in ./define;
// the kernels are in ../engine/wasm/wasmOps and ../engine/native/nativeOps.
import { causalSelfAttention } from "./causalSelfAttention";
import { dropout } from "./dropout";
import { embedding } from "./embedding";
import { gelu } from "./gelu";
import { geluExact } from "./geluExact";
import { layerNorm } from "./layerNorm";
import { linear } from "./linear";
import { logSigmoid } from "./logSigmoid";
import { rmsNorm } from "./rmsNorm";
import { rope } from "./rope";
import { silu } from "./silu";
import { softmaxCrossEntropy } from "./softmaxCrossEntropy";
import { sumOfSquares } from "./sumOfSquares";
import { swiglu } from "./swiglu";

export { type AdamWStep, adamwInPlace, adamwValues, canUpdateInPlace } from "./adamw";
export { DropoutKey, type DropoutSource } from "./dropout";
export type { RopeOptions } from "./rope";
export {
  type DynamicScaling,
  ntkBase,
  type RopeScaling,
  ropeAttentionFactor,
  ropeFactors,
  ropeFrequencies,
  wrongRopeScaling,
  type YarnScaling,
  yarnPairs,
} from "./ropeScaling";
export {
  causalSelfAttention,
  dropout,
  embedding,
  gelu,
  geluExact,
  layerNorm,
  linear,
  logSigmoid,
  rmsNorm,
  rope,
  silu,
  softmaxCrossEntropy,
  sumOfSquares,
  swiglu,
};

/** The clear version of every operation. */
export const clear = {
  causalSelfAttention: causalSelfAttention.clear,
  dropout: dropout.clear,
  embedding: embedding.clear,
  gelu: gelu.clear,
  geluExact: geluExact.clear,
  layerNorm: layerNorm.clear,
  linear: linear.clear,
  logSigmoid: logSigmoid.clear,
  rmsNorm: rmsNorm.clear,
  rope: rope.clear,
  silu: silu.clear,
  softmaxCrossEntropy: softmaxCrossEntropy.clear,
  sumOfSquares: sumOfSquares.clear,
  swiglu: swiglu.clear,
};
