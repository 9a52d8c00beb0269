// Optimization: from gradients to better parameters. The loop that does it is in llm/train.
export type { AdamWOptions, ParameterUpdate } from "./adamw";
export { adamw, adamwInit, adamwStep, perParameter } from "./adamw";
export { clipByGlobalNorm } from "./clip";
export type { MuonOptions } from "./muon";
export { muon, muonInit, muonStep, newtonSchulz } from "./muon";
export type { Optimizer, OptimizerState, ParamGroup } from "./optimizer";
export { grouped } from "./optimizer";
export type { Precision } from "./precision";
export { roundTensor, roundToBf16, roundToFp16 } from "./precision";
export type { Schedule } from "./schedule";
export { warmupCosine, warmupStableDecay } from "./schedule";
