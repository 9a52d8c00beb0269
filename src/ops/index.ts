// The operations a Transformer is made of, each in two versions that agree in value and gradient:
// `clear.gelu(x)` is the definition in a few tfjs calls; `gelu(x)` is the same as one fused kernel with a
// hand-written gradient where the engine has one (wasm, native), and the definition elsewhere.
import { clearCausalSelfAttention } from "./causalSelfAttention";
import { dropout } from "./dropout";
import { embedding } from "./embedding";
import { clearGelu } from "./gelu";
import { clearLayerNorm } from "./layerNorm";
import { clearLinear } from "./linear";
import { logSigmoid } from "./logSigmoid";
import { clearRmsNorm } from "./rmsNorm";
import { clearRope } from "./rope";
import { clearSilu, clearSwiglu } from "./silu";
import { clearSoftmaxCrossEntropy } from "./softmaxCrossEntropy";

export { type AdamWStep, adamwInPlace } from "./adamw";
export { causalSelfAttention } from "./causalSelfAttention";
export { DropoutKey, type DropoutSource, dropout } from "./dropout";
export { embedding } from "./embedding";
export { gelu } from "./gelu";
export { layerNorm } from "./layerNorm";
export { linear } from "./linear";
export { logSigmoid } from "./logSigmoid";
export { rmsNorm } from "./rmsNorm";
export { type RopeOptions, rope } from "./rope";
export { silu, swiglu } from "./silu";
export { softmaxCrossEntropy } from "./softmaxCrossEntropy";

/** The same operations as plain compositions of tfjs functions: slower, and the ones to read. */
export const clear = {
  linear: clearLinear,
  layerNorm: clearLayerNorm,
  rmsNorm: clearRmsNorm,
  gelu: clearGelu,
  silu: clearSilu,
  swiglu: clearSwiglu,
  rope: clearRope,
  logSigmoid,
  softmaxCrossEntropy: clearSoftmaxCrossEntropy,
  causalSelfAttention: clearCausalSelfAttention,
  embedding,
  dropout,
};
