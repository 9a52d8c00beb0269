// Learning from rewards and preferences, for lesson 18 (RLHF) and lesson 19 (reasoning): reward
// models, PPO, DPO, GRPO, best-of-n. Every kind of training is a task for the trainer in llm/train.
export {
  gae,
  groupAdvantages,
  penalisedRewards,
  whiten,
} from "./advantages";
export { bestOfN, bestOfNKL, majority, passAtK } from "./bestOf";
export { type DPOOptions, dpoTask } from "./dpo";
export { type GRPOOptions, type GRPOParts, grpoTask } from "./grpo";
export { rowLogProbs, sumOfRows, TextReader } from "./logProbs";
export {
  bradleyTerryLoss,
  type ClipRange,
  clippedSurrogate,
  clippedValueLoss,
  dpoLoss,
  klPerToken,
  type LossLevel,
  reduceLoss,
} from "./losses";
export { type RolloutRecord, textKL } from "./measure";
export type { StartModel } from "./model";
export type { PolicyBatch, PolicyOptions } from "./policy";
export { clippedPolicyLoss, type PPOOptions, type PPOParts, ppoTask } from "./ppo";
export {
  countReview,
  drawReview,
  praiseReward,
  type ReviewCounts,
  reviewPrompt,
  reviewText,
  truePraise,
} from "./praise";
export { type Judged, type Pair, preferencePairs, prefersFirst } from "./preferences";
export {
  type RecordedBest,
  type RecordedCurve,
  type RecordedDPO,
  type RecordedPPO,
  type RecordedReviews,
  type RecordedReward,
  recordedReviews,
} from "./recorded";
export {
  initRewardModel,
  type Reward,
  type RewardTaskOptions,
  rewardScorer,
  rewardTask,
  scoreRows,
  standardised,
} from "./rewardModel";
export {
  atAnswers,
  ofAnswers,
  type Text,
  type TokenRows,
  textRows,
  type WrittenText,
} from "./rows";
export {
  type JudgedReviews,
  learnReviews,
  learnReward,
  type Reviewer,
  review,
  reviewPairs,
  type TrainedReward,
  writeReviews,
} from "./study";
export {
  drawNumbers,
  finalNumber,
  isHeldOutSum,
  sumChain,
  sumDirect,
  sumQuestion,
  sumReward,
} from "./sums";
export { PolicyWriter, type WriterOptions } from "./writer";
