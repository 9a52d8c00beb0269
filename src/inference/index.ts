// Using a trained GPT: reading with a cache, writing token by token, one text or many. Lesson 21
// (inference) builds on it.
export { CachedGPT, type CompiledParts } from "./cache";
export { type GenerateOptions, generate } from "./generate";
export { KVCache, type KVCacheOptions } from "./kvCache";
export type { PagedModel, Piece } from "./pagedModel";
export { type SampleBatchOptions, type SampledText, sampleBatch } from "./sampleBatch";
