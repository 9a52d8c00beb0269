export * from "./calculator";
export * from "./shop";
export * from "./taught";
