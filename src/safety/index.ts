// Lesson 27 (safety): attacks on what a model reads and defences, personal data, a content filter,
// what a model has memorised, backdoors, bias, and how to notice that a model makes something up.
export * from "./bias";
export * from "./canaries";
export * from "./capitals";
export * from "./checkDigits";
export * from "./contentFilter";
export * from "./factCheck";
export * from "./filterTexts";
export * from "./injection";
export * from "./occupations";
export * from "./permission";
export * from "./pii";
export * from "./piiTexts";
export * from "./poison";
export * from "./recorded";
export * from "./refunds";
export * from "./selective";
export * from "./semanticEntropy";
export * from "./teachLabels";
