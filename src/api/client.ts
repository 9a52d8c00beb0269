// A client of OpenAI's API in sixty lines: everything is `fetch`, a key in a header, JSON, and a
// loop over server-sent events (./sse). The official package `openai` does the same with retries,
// uploads and many more endpoints; the course's server serves both (lesson 24, serving).
import type {
  ChatBody,
  ChatChunk,
  ChatShape,
  CompletionBody,
  CompletionShape,
  EmbeddingsBody,
  EmbeddingsShape,
  ErrorShape,
  ModelsShape,
} from "./shapes";
import { sseEvents } from "./sse";

/** The server has refused, or failed. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    /** Of HTTP: 400, 401, 429 … */
    readonly status: number,
    readonly error: ErrorShape["error"],
    /** Seconds after which the server wants to be asked again, if it says so. */
    readonly retryAfter?: number,
  ) {
    super(`${status} ${error.message}`);
  }
}

export interface ApiClientOptions {
  /** With the version: "http://127.0.0.1:8000/v1". */
  url: string;
  key?: string;
}

/** Talks with a server. Every method takes a signal that gives up. */
export class ApiClient {
  constructor(private readonly options: ApiClientOptions) {}

  models = (signal?: AbortSignal) => this.json<ModelsShape>("GET", "models", undefined, signal);

  complete = (body: CompletionBody, signal?: AbortSignal) =>
    this.json<CompletionShape>("POST", "completions", body, signal);

  chat = (body: ChatBody, signal?: AbortSignal) =>
    this.json<ChatShape>("POST", "chat/completions", body, signal);

  embeddings = (body: EmbeddingsBody, signal?: AbortSignal) =>
    this.json<EmbeddingsShape>("POST", "embeddings", body, signal);

  completeStream = (body: CompletionBody, signal?: AbortSignal) =>
    this.stream<CompletionShape>("completions", body, signal);

  chatStream = (body: ChatBody, signal?: AbortSignal) =>
    this.stream<ChatChunk>("chat/completions", body, signal);

  private async json<T>(method: string, path: string, body: unknown, signal?: AbortSignal) {
    const response = await this.send(method, path, body, signal);
    return (await response.json()) as T;
  }

  /** The chunks of an answer as they come. @throws {ApiError} also in the middle of a stream */
  private async *stream<T>(path: string, body: object, signal?: AbortSignal): AsyncGenerator<T> {
    const asked = { ...body, stream: true };
    const response = await this.send("POST", path, asked, signal);
    if (!response.body) throw new Error("ApiClient: expected a stream, got no body");
    for await (const data of sseEvents(response.body)) {
      const chunk = JSON.parse(data);
      const { error } = chunk as Partial<ErrorShape>;
      if (error) throw new ApiError(response.status, error);
      yield chunk;
    }
  }

  private async send(method: string, path: string, body: unknown, signal?: AbortSignal) {
    const { url, key } = this.options;
    const response = await connected(signal, `${url.replace(/\/+$/, "")}/${path}`, {
      ...{ method, signal },
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return response;
    const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
    throw new ApiError(
      response.status,
      errorOf(await response.text()),
      Number.isNaN(retryAfter) ? undefined : retryAfter,
    );
  }
}

/**
 * `fetch`, once more if no answer has come: a server may have closed the connection that is kept
 * open for the next request.
 */
async function connected(signal: AbortSignal | undefined, url: string, request: RequestInit) {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (signal?.aborted) throw error;
    return fetch(url, request);
  }
}

/** The error in a body, whatever it is. */
function errorOf(body: string): ErrorShape["error"] {
  const missing = { type: "unknown", param: null, code: null };
  try {
    const { error } = JSON.parse(body) as Partial<ErrorShape>;
    if (typeof error?.message === "string") return { ...missing, ...error };
  } catch {} // some servers in between answer in HTML
  return { ...missing, message: body.slice(0, 200) || "an answer without a text" };
}
