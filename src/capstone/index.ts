export * from "./application";
export * from "./questions";
export * from "./shop";
export * from "./costs";
export * from "./experiment";
export * from "./monitor";
export * from "./serving";
