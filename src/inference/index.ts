// Using a trained GPT. Reading with a cache, writing token by token, one text or many of one length;
// and lesson 21 (inference): an engine for many texts on a model whose keys and values lie in blocks,
// speculative decoding, FlashAttention's tiles, the size of a cache.
export { type Arrival, type Served, type ServeOptions, serveArrivals } from "./arrivals";
export { type BlockMemory, BlockPool, type BlockStats } from "./blocks";
export { BlockTable, type PrefixMatch } from "./blockTable";
export { CachedGPT, type CompiledParts } from "./cache";
export { type CacheBytes, type CacheConfig, cacheSize, dtypeBytes } from "./cacheSize";
export { type Draft, LookupDraft, ModelDraft, type Proposal } from "./drafts";
export { type EngineOptions, type EngineStats, InferenceEngine } from "./engine";
export {
  type FlashOptions,
  type FlashResult,
  flashAttention,
  fullAttentionBytes,
} from "./flashAttention";
export { type GenerateOptions, generate } from "./generate";
export { type Finished, type FinishReason, Generation, type GenerationTimings } from "./generation";
export { KVCache, type KVCacheOptions } from "./kvCache";
export { LiveList } from "./liveList";
export type { PagedModel, Piece } from "./pagedModel";
export { PagedReader, type TextReader } from "./pagedReader";
export { type PrefixNode, PrefixTree } from "./prefixTree";
export { readText } from "./readText";
export {
  median,
  type Recorded,
  type RecordedDraft,
  type RecordedParts,
  type RecordedPass,
  type RecordedService,
  recordedInference,
  type Times,
} from "./recorded";
export type { GenerationRequest, ScoredToken } from "./request";
export { type SampleBatchOptions, type SampledText, sampleBatch } from "./sampleBatch";
export { blocksFor, type Row, Scheduler, type SchedulerOptions, type Sequence } from "./scheduler";
export { keptPositions, SinkCache, type SinkOptions, sinkAttention } from "./sinkCache";
export {
  acceptOrReplace,
  type SpeculatedText,
  type SpeculateOptions,
  speculate,
} from "./speculative";
export { type TracedStep, type TracedText, type TraceOptions, traceSchedule } from "./trace";
