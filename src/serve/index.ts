// A server of OpenAI's API on the inference engine (lesson 24, serving): keys, quotas, rates, a queue, a
// cache of answers, a log with costs, metrics, a chat page; a proxy; the same model as a function.
export { App, type AppOptions, type ServedModel } from "./app";
export { errorBody, ServeError } from "./errors";
export type { Handler } from "./handler";
export { type Caller, KeyRing, type KeyRule, readKeys } from "./keys";
export { RequestLog, type RequestRecord } from "./log";
export { markdownToHtml } from "./markdown";
export { chatPage } from "./page";
export {
  type PipelineInput,
  type PipelineOptions,
  type PipelineOutput,
  pipeline,
  type RunInput,
  run,
} from "./pipeline";
export { type ProxyOptions, proxyApp } from "./proxy";
export { DailyQuota, TokenBucket } from "./rates";
export { type Five, type RecordedLoad, type RecordedServing, recordedServing } from "./recorded";
export {
  listen,
  type RunningServer,
  type ServerOptions,
  serve,
  serveUpstream,
} from "./server";
