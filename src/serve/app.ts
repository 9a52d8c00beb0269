// The routes of the server. A request is admitted (key, quota, rate, room in the queue), its body is
// checked, texts are begun, and the answer is sent whole or as a stream; when it has ended, it is
// written down. Everything that can go wrong becomes an error in OpenAI's shape.
import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ChatShape, CompletionShape, ModelsShape } from "../api";
import {
  CachedModel,
  type Embedder,
  type EngineModel,
  type LanguageModel,
  noUsage,
  type Prices,
  type Written,
} from "../languageModel";
import { chatChoice, completionChoice, usageOfAll, usageShape } from "./answers";
import {
  type ChatInput,
  type CompletionInput,
  chatBody,
  checkedBody,
  completionBody,
  embeddingsBody,
} from "./bodies";
import { embeddingsAnswer } from "./embeddings";
import { asServeError, errorResponse, ServeError } from "./errors";
import { type Caller, KeyRing, type KeyRule } from "./keys";
import { RequestLog } from "./log";
import { chatPage } from "./page";
import { eventStream, type StreamParts, writeChat, writeCompletion } from "./streams";
import { type Asked, beginChat, beginCompletion, isFixed, promptsOf, usesTools } from "./texts";

/** What is served: with an engine there are more metrics, with a tokenizer prompts may be ids. */
export type ServedModel = LanguageModel & Partial<Pick<EngineModel, "engine" | "tokenizer">>;

export interface AppOptions {
  model: ServedModel;
  embedder?: Pick<Embedder, "name" | "embed">;
  keys?: readonly KeyRule[];
  /** Money for a million tokens; 0 if absent. */
  prices?: Prices;
  /** Where requests are written down, one line of JSON each. */
  log?: string;
  /** How many texts may wait or be written at a time; others are told to come later. 1,024. */
  most?: number;
  /** The longest body in bytes; 1 MiB. */
  longestBody?: number;
  /** So many answers are kept, of requests whose answer is always the same; 1,000, and 0 keeps none. */
  cacheSize?: number;
}

/** A request on its way. */
class Job {
  readonly id: string;
  readonly created = Math.floor(Date.now() / 1000);
  private readonly time = new Date().toISOString();
  private readonly start = performance.now();
  private first?: number;
  private isOver = false;

  constructor(
    private readonly app: App,
    private readonly caller: Caller,
    private readonly path: string,
    prefix: string,
  ) {
    this.id = `${prefix}-${randomUUID().replaceAll("-", "")}`;
    app.open++;
  }

  get head() {
    return { id: this.id, created: this.created, model: this.app.model.name };
  }

  readonly onFirst = () => {
    this.first ??= performance.now() - this.start;
  };

  /** It has ended: once, whoever says so first. */
  end(status: number, { usage = noUsage(), cached = false, gone = false } = {}): void {
    if (this.isOver) return;
    this.isOver = true;
    this.app.open--;
    this.caller.spend(usage.promptTokens + usage.completionTokens);
    const { id, time, path, first } = this;
    const total = performance.now() - this.start;
    const who = { time, id, caller: this.caller.name, path, model: this.app.model.name };
    this.app.requests.add({ ...who, status, gone, cached, usage, firstToken: first, total });
  }
}

/** A server without a socket: requests in, responses out. */
export class App {
  /** How many requests are being answered. */
  open = 0;
  /** Whether it takes no more requests. */
  stopping = false;
  readonly model: ServedModel;
  readonly requests: RequestLog;
  private readonly cache?: CachedModel;
  private readonly keys: KeyRing;
  private readonly most: number;
  private readonly router = new Hono();

  constructor(private readonly options: AppOptions) {
    const { model, keys = [], prices = { prompt: 0, completion: 0 }, log } = options;
    const { most = 1024, cacheSize = 1000, longestBody = 2 ** 20 } = options;
    this.model = model;
    this.most = most;
    this.keys = new KeyRing(keys);
    this.requests = new RequestLog({ file: log, prices });
    if (cacheSize > 0) this.cache = new CachedModel(model, { most: cacheSize });
    this.route(longestBody);
  }

  /** Answers a request; it never throws. */
  readonly fetch = async (request: Request): Promise<Response> => this.router.fetch(request);

  private route(longestBody: number): void {
    const { router } = this;
    const onError = () => {
      const told = `expected a body of at most ${longestBody} bytes, got a longer one`;
      const response = this.refused(new ServeError(413, told, { code: "request_too_large" }));
      response.headers.set("connection", "close"); // the rest of the body is never read
      return response;
    };
    router.use("/v1/*", bodyLimit({ maxSize: longestBody, onError }));
    router.get("/", () => new Response(chatPage(this.model.name), { headers: PAGE_HEADERS }));
    router.get("/health", () => Response.json({ status: this.stopping ? "stopping" : "ok" }));
    router.get("/metrics", () => new Response(this.metrics(), { headers: TEXT_HEADERS }));
    router.get("/v1/models", (c) => {
      this.keys.admit(c.req.header("authorization"));
      return Response.json(this.models());
    });
    router.post("/v1/completions", async (c) => {
      const caller = this.admit(c.req.header("authorization"));
      const body = checkedBody(completionBody, await c.req.text());
      return this.complete(caller, body, c.req.raw.signal);
    });
    router.post("/v1/chat/completions", async (c) => {
      const caller = this.admit(c.req.header("authorization"));
      const body = checkedBody(chatBody, await c.req.text());
      return this.chat(caller, body, c.req.raw.signal);
    });
    router.post("/v1/embeddings", async (c) => {
      const caller = this.admit(c.req.header("authorization"));
      return this.embed(caller, await c.req.text());
    });
    router.notFound((c) => {
      const { method, path } = c.req;
      return this.refused(new ServeError(404, `there is no ${method} ${path} here`));
    });
    router.onError((error) => this.refused(error));
  }

  /** The error for a client; what is nobody's request's fault is told to whoever runs the server. */
  private failure(error: unknown): Response {
    const told = asServeError(error);
    if (told.status === 500) console.error("serve:", error);
    return errorResponse(told);
  }

  /** The same before anything was begun: such a request is in no line of the log. */
  private refused(error: unknown): Response {
    const response = this.failure(error);
    this.requests.refuse(response.status);
    return response;
  }

  private admit(authorization: string | undefined): Caller {
    if (this.stopping)
      throw new ServeError(503, "the server is stopping", { code: "stopping", retryAfter: 10 });
    const caller = this.keys.admit(authorization);
    if (this.open < this.most) return caller;
    throw new ServeError(429, `expected at most ${this.most} requests at a time, got one more`, {
      ...{ code: "queue_full", retryAfter: 1 },
    });
  }

  private checkModel(name: string, known = this.model.name): void {
    if (name === known || name === "default") return;
    throw new ServeError(404, `expected the model ${known}, got ${name}`, {
      ...{ param: "model", code: "model_not_found" },
    });
  }

  private complete(caller: Caller, body: CompletionInput, signal: AbortSignal): Promise<Response> {
    this.checkModel(body.model);
    const job = new Job(this, caller, "/v1/completions", "cmpl");
    return this.answer(job, body, (model) => beginCompletion(model, body), {
      whole: (all, { samples }) => this.wholeCompletion(job, body, all, samples),
      ...{ write: writeCompletion, signal },
      parts: { logprobs: body.logprobs != null, ...this.echoOf(body) },
    });
  }

  private chat(caller: Caller, body: ChatInput, signal: AbortSignal): Promise<Response> {
    this.checkModel(body.model);
    const job = new Job(this, caller, "/v1/chat/completions", "chatcmpl");
    const parts = { logprobs: body.logprobs === true, withTools: usesTools(body) };
    return this.answer(job, body, (model) => beginChat(model, body), {
      whole: (all, { samples }): ChatShape => ({
        ...{ ...job.head, object: "chat.completion" },
        choices: all.map((written, index) => chatChoice(written, { index, ...parts })),
        usage: usageShape(usageOfAll(all, samples)),
      }),
      ...{ write: writeChat, signal, parts },
    });
  }

  private wholeCompletion(job: Job, body: CompletionInput, all: Written[], samples: number) {
    const { echo } = this.echoOf(body);
    const logprobs = body.logprobs != null;
    const answer: CompletionShape = {
      ...{ ...job.head, object: "text_completion" },
      choices: all.map((written, index) =>
        completionChoice(written, { index, logprobs, echo: echo?.[Math.floor(index / samples)] }),
      ),
      usage: usageShape(usageOfAll(all, samples)),
    };
    return answer;
  }

  /** The prompts as text, where the answer begins with them. */
  private echoOf(body: CompletionInput): { echo?: string[] } {
    if (!body.echo) return {};
    const { tokenizer } = this.model;
    const asText = (prompt: string | readonly number[]) =>
      typeof prompt === "string" ? prompt : (tokenizer?.decode(prompt) ?? "");
    return { echo: promptsOf(body).map(asText) };
  }

  /** Begins the texts and answers with them, whole or as a stream. */
  private async answer(
    job: Job,
    body: CompletionInput | ChatInput,
    begin: (model: LanguageModel) => Asked,
    { whole, write, parts, signal }: Kind,
  ): Promise<Response> {
    try {
      const { asked, cached } = this.begin(body, begin);
      const { streams, samples } = asked;
      if (!body.stream) {
        const cancel = () => {
          for (const text of streams) text.cancel();
        };
        signal.addEventListener("abort", cancel);
        const all = await Promise.all(streams.map(({ done }) => done));
        signal.removeEventListener("abort", cancel);
        job.end(200, { usage: usageOfAll(all, samples), cached, gone: signal.aborted });
        return Response.json(whole(all, asked));
      }
      const stream: StreamParts = {
        ...{ ...parts, streams, samples, head: job.head, onFirst: job.onFirst },
        includeUsage: body.stream_options?.include_usage === true,
        onEnd: (all, gone) => job.end(200, { usage: usageOfAll(all, samples), cached, gone }),
        onError: (error) => {
          job.end(500);
          this.failure(error);
        },
      };
      return new Response(eventStream(stream, write), { headers: STREAM_HEADERS });
    } catch (error) {
      job.end(asServeError(error).status);
      return this.failure(error);
    }
  }

  /** From the cache where the request always has the same answer. */
  private begin(body: CompletionInput | ChatInput, begin: (model: LanguageModel) => Asked) {
    if (!this.cache || !isFixed(body)) return { asked: begin(this.model), cached: false };
    const { hits } = this.cache.counts;
    const asked = begin(this.cache);
    return { asked, cached: this.cache.counts.hits > hits };
  }

  private async embed(caller: Caller, text: string): Promise<Response> {
    const { embedder } = this.options;
    if (!embedder) throw new ServeError(404, "this server has no model for embeddings");
    const body = checkedBody(embeddingsBody, text);
    this.checkModel(body.model, embedder.name);
    const job = new Job(this, caller, "/v1/embeddings", "embd");
    try {
      const answer = await embeddingsAnswer(embedder, body);
      job.end(200, { usage: { ...noUsage(), promptTokens: answer.usage.prompt_tokens } });
      return Response.json(answer);
    } catch (error) {
      job.end(500);
      return this.failure(error);
    }
  }

  private models(): ModelsShape {
    const names = [this.model.name, ...(this.options.embedder ? [this.options.embedder.name] : [])];
    const about = { object: "model", created: 0, owned_by: "llm-from-scratch-ts" } as const;
    return { object: "list", data: names.map((id) => ({ id, ...about })) };
  }

  private metrics(): string {
    const stats = this.model.engine?.stats();
    return this.requests.metrics({
      llm_requests_open: this.open,
      ...(stats && { llm_texts_waiting: stats.waiting, llm_texts_running: stats.running }),
      ...(stats && { llm_blocks_used: stats.blocks.used, llm_blocks_free: stats.blocks.free }),
      ...(stats && { llm_preemptions: stats.preemptions }),
      llm_cache_hits: this.cache?.counts.hits ?? 0,
      process_resident_memory_bytes: process.memoryUsage.rss(),
    });
  }
}

/** How one endpoint answers. */
interface Kind {
  whole: (all: Written[], asked: Asked) => CompletionShape | ChatShape;
  write: typeof writeChat;
  /** The client has gone. */
  signal: AbortSignal;
  parts: Pick<StreamParts, "logprobs" | "withTools" | "echo">;
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no", // nginx would hold the pieces back
};
const TEXT_HEADERS = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
/** The page loads nothing from elsewhere, and nobody can put it into a frame. */
const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};
