// OpenAI's HTTP API: its shapes, streams of events, and a client (lesson 24, serving).
export { ApiClient, type ApiClientOptions, ApiError } from "./client";
export type {
  ChatBody,
  ChatChunk,
  ChatShape,
  CompletionBody,
  CompletionLogprobs,
  CompletionShape,
  EmbeddingsBody,
  EmbeddingsShape,
  ErrorShape,
  FinishReason as ApiFinishReason,
  MessageShape,
  ModelsShape,
  SamplingBody,
  TokenLogprobShape,
  ToolCallShape,
  ToolShape,
  UsageShape,
} from "./shapes";
export { DONE, SseReader, sseEvent, sseEvents } from "./sse";
