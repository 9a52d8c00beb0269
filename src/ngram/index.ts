// Language models made of counting (lesson 01, predicting text): what a neural network has to beat.
// `NGram` writes as Shannon did, `Additive`, `Interpolated` and `KneserNey` give every token a
// probability, `ngramBaselines` are the lines under every loss curve; entropy, its units, and
// Shannon's guessing game.
export * from "./additive";
export * from "./backOff";
export * from "./baselines";
export * from "./entropy";
export * from "./interpolated";
export * from "./kneserNey";
export {
  type CountingModel,
  crossEntropy,
  distribution,
  type Predicted,
} from "./model";
export * from "./shannon";
