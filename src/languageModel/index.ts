// A language model as those see it who use one, in lesson 23 (prompting) to lesson 26 (agents): requests
// and texts, models on the engine of lesson 21 (inference) or behind a URL, a cache of answers, what
// they cost, vectors of texts.
export { CachedModel, type CachedModelOptions, canonicalJson, requestKey } from "./cache";
export { costOf, noUsage, type Prices, sumUsage } from "./cost";
export { type Embedder, type Embedding, openEmbedder } from "./embedder";
export { EngineModel, type EngineModelOptions } from "./engineModel";
export {
  type ChatRequest,
  type CompletionRequest,
  type LanguageModel,
  RequestError,
  type TextOptions,
  type TextPiece,
  type TextRequest,
  type TextStream,
  type TokenLogprob,
  type Usage,
  type Written,
  write,
  writeAll,
} from "./languageModel";
export { likeliestIds, tokenLogprob } from "./logprobs";
export { type OpenOptions, OWN_MODEL, openLanguageModel, openRun } from "./open";
export { modelFromEnvironment, RemoteModel, type RemoteModelOptions } from "./remoteModel";
