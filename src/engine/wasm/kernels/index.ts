// The functions of the module. AssemblyScript, not TypeScript: compiled by ../build.mjs, left out
// of tsc and Biome.
export { clamp, extremum } from "./clamp";
export { gemm, gemmScratch, gemv } from "./gemm";
export {
  adamw, attention, attentionGrad, attentionGradScratch, crossEntropy, crossEntropyGrad, gelu, geluGrad, layerNorm, layerNormGrad,
  layerNormGradGain,
} from "./layers";
export {
  rmsNorm, rmsNormGrad, rmsNormGradGain, rope, silu, siluGrad, swiglu, swigluGrad,
} from "./llama";
export { copyRows, gatherRows, segmentSum, sumMiddle, transpose } from "./move";
export { scanBackward, scanForward } from "./scan";
export { mulF32, mulInt4, mulInt8, quantizeRows } from "./packed";
export { pagedAttention, relu, ropeRows, storeRows } from "./paged";
