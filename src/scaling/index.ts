// Lesson 14 (scaling): laws of loss against size, data and operations, fitted with intervals; how to
// spend operations best; what a run costs in time, energy and money. Training on several machines
// at once is in llm/parallel.
export { bootstrap, type Interval, percentileInterval } from "./bootstrap";
export {
  type Cost,
  type CostOptions,
  type Hardware,
  hardware,
  trainingCost,
  utilisationOf,
} from "./cost";
export { bestOfEach, meanOfSeeds, sharpness } from "./family";
export {
  type Allocation,
  computeOptimal,
  fitScalingLaw,
  lossAt,
  type Run,
  type ScalingLaw,
} from "./law";
export { measureFlops } from "./measure";
export { fitPowerLaw, type PowerLaw, powerLawAt } from "./powerLaw";
export {
  type FamilyRun,
  type Prediction,
  recordedControl,
  recordedFamily,
  recordedHeldOut,
  recordedPrediction,
  recordedSumsBySize,
  type SumsRun,
} from "./recorded";
