// Lesson 28 (interpretability): looking into a GPT by its hooks. Scores of heads, ablation, patching,
// the logit lens, probes with control tasks, steering, importance of tokens, superposition and a
// sparse autoencoder; the small model of repeats in which an induction head is found; recorded runs.
export { copyingOnActivations, copyingScore } from "./copying";
export {
  ablatedHead,
  type Head,
  headScores,
  headsIn,
  lookingBack,
  secondHalfLoss,
  tensorOf,
  withoutHeads,
} from "./heads";
export {
  byImportance,
  deletionCurve,
  gradientsOnLine,
  gradientTimesInput,
  integratedGradients,
  lastLogit,
  type ScoreFn,
} from "./importance";
export {
  type Contribution,
  lensLayers,
  lensShifts,
  logitAttribution,
  readStream,
  streamNames,
} from "./lens";
export { patchFrom, pathPatch, recovered } from "./patch";
export {
  controlLabels,
  nounOrVerb,
  type ProbeExample,
  probeOn,
  streamAtEnd,
  subjectNumber,
} from "./probes";
export {
  createRepeater,
  REPEATS,
  repeatedRows,
  TEST_PERIOD,
  TRAINED_PERIODS,
  trainRepeater,
} from "./repeats";
export { type Cache, lossAt, type Model, runWithCache, runWithHooks, unembed } from "./run";
export { meanDifference, randomLike, steer } from "./steering";
export {
  type AutoencoderOptions,
  largest,
  principalDirections,
  randomDirections,
  recoveredDirections,
  represented,
  sparseAutoencoder,
  sparseFeatures,
  trainToy,
} from "./superposition";
