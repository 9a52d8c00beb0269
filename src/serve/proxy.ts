// A proxy: requests go on to another server of OpenAI's API, under its key, which the callers never
// see. Ours are the keys of the callers, their quotas and rates, the log and the cost. What is answered
// is not changed; of a stream the usage is read in passing, where the server tells it.
import { randomUUID } from "node:crypto";
import { type SamplingBody, SseReader, type UsageShape } from "../api";
import type { Prices, Usage } from "../languageModel";
import { asServeError, errorResponse, ServeError } from "./errors";
import type { Handler } from "./handler";
import { type Caller, KeyRing, type KeyRule } from "./keys";
import { RequestLog } from "./log";

export interface ProxyOptions {
  /** Of the other server, with the version: "https://…/v1". */
  upstream: string;
  upstreamKey?: string;
  keys?: readonly KeyRule[];
  prices?: Prices;
  log?: string;
  /** The longest body in bytes; 1 MiB. */
  longestBody?: number;
}

const PATHS = ["/v1/completions", "/v1/chat/completions", "/v1/embeddings"];

/** The requests of a proxy. */
export function proxyApp(options: ProxyOptions): Handler {
  const { keys = [], prices = { prompt: 0, completion: 0 }, log } = options;
  const ring = new KeyRing(keys);
  const requests = new RequestLog({ file: log, prices });
  const handler: Handler = {
    stopping: false,
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      try {
        if (path === "/metrics") return new Response(requests.metrics({}));
        if (handler.stopping)
          throw new ServeError(503, "the server is stopping", { retryAfter: 10 });
        const caller = ring.admit(request.headers.get("authorization") ?? undefined);
        if (path === "/v1/models") return await passOn(options, request, path);
        if (request.method !== "POST" || !PATHS.includes(path))
          throw new ServeError(404, `there is no ${request.method} ${path} here`);
        return await answered(options, { request, path, caller, requests });
      } catch (error) {
        return errorResponse(asServeError(error));
      }
    },
  };
  return handler;
}

interface Passing {
  request: Request;
  path: string;
  caller: Caller;
  requests: RequestLog;
}

/** Passes a request on, and writes down what it has cost when the answer has ended. */
async function answered(options: ProxyOptions, passing: Passing): Promise<Response> {
  const { request, path, caller, requests } = passing;
  const [start, time] = [performance.now(), new Date().toISOString()];
  const text = await limitedText(request, options.longestBody ?? 2 ** 20);
  const { model = "" } = (parsed(text) ?? {}) as Partial<SamplingBody>;
  const end = (status: number, usage: Usage, gone = false) => {
    caller.spend(usage.promptTokens + usage.completionTokens);
    const who = { time, id: randomUUID(), caller: caller.name, path, model: String(model) };
    const total = performance.now() - start;
    requests.add({ ...who, status, gone, cached: false, usage, total });
  };
  let response: Response;
  try {
    response = await passOn(options, request, path, text);
  } catch (error) {
    end(502, usageFrom(undefined));
    throw error;
  }
  const { status } = response;
  if (!response.body || !/event-stream/.test(response.headers.get("content-type") ?? "")) {
    const body = await response.text();
    end(status, usageFrom((parsed(body) as { usage?: UsageShape } | undefined)?.usage));
    return new Response(body, { status, headers: kept(response.headers) });
  }
  const [watched, passed] = [new UsageWatch(), response.body.getReader()];
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await passed.read();
        if (value) {
          watched.push(value);
          controller.enqueue(value);
        }
        if (!done) return;
        end(status, watched.usage);
        controller.close();
      } catch (error) {
        end(502, watched.usage);
        controller.error(error);
      }
    },
    async cancel() {
      end(status, watched.usage, true);
      await passed.cancel();
    },
  });
  return new Response(body, { status, headers: kept(response.headers) });
}

/** Asks the other server. @throws {ServeError} 502 if it cannot be reached */
async function passOn(
  { upstream, upstreamKey }: ProxyOptions,
  { method, signal }: Request,
  path: string,
  body?: string,
): Promise<Response> {
  try {
    return await fetch(upstream.replace(/\/+$/, "") + path.replace(/^\/v1/, ""), {
      ...{ method, body, signal },
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(upstreamKey ? { authorization: `Bearer ${upstreamKey}` } : {}),
      },
    });
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    throw new ServeError(502, `the other server cannot be reached: ${cause?.message ?? message}`, {
      code: "upstream_unreachable",
    });
  }
}

/** Headers that are the answer's and not the connection's. */
function kept(headers: Headers): Record<string, string> {
  const names = ["content-type", "cache-control", "retry-after", "x-accel-buffering"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** Reads the usage in a stream that passes by. */
class UsageWatch {
  usage: Usage = usageFrom(undefined);
  private readonly reader = new SseReader();

  push(bytes: Uint8Array): void {
    for (const data of this.reader.push(bytes)) {
      const usage = (parsed(data) as { usage?: UsageShape | null } | undefined)?.usage;
      if (usage) this.usage = usageFrom(usage);
    }
  }
}

const usageFrom = (usage: UsageShape | null | undefined): Usage => ({
  promptTokens: usage?.prompt_tokens ?? 0,
  completionTokens: usage?.completion_tokens ?? 0,
  cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A body that is not longer than it may be. @throws {ServeError} 413 */
async function limitedText(request: Request, most: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > most)
      throw new ServeError(413, `expected a body of at most ${most} bytes, got a longer one`, {
        code: "request_too_large",
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
