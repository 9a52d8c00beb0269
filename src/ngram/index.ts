// Language models made of counting: what a neural network has to beat. `ngramBaselines` gives the
// lines under every loss curve, `NGram` writes as Shannon did, `KneserNey` is the strongest model of
// this kind. Left out: entropy estimates (lesson 01, predicting text).
export * from "./backOff";
export * from "./baselines";
export * from "./kneserNey";
