// Using a trained GPT: reading with a cache, writing token by token. Lesson 21 (inference) builds
// on it.
export { CachedGPT, type CompiledParts } from "./cache";
export { type GenerateOptions, generate } from "./generate";
