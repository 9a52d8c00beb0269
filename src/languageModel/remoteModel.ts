// A language model behind a URL: any server that speaks OpenAI's API, such as this course's own (lesson
// 24, serving), Ollama, vLLM or a provider. What it cannot say is asked of it all the same where
// vLLM has a name for it; other servers ignore that. Its answers may differ from call to call.
import { ApiClient, type ApiClientOptions, ApiError, type SamplingBody } from "../api";
import { LiveList } from "../inference";
import { noUsage } from "./cost";
import {
  type ChatRequest,
  type CompletionRequest,
  type LanguageModel,
  RequestError,
  type TextPiece,
  type TextRequest,
  type TextStream,
  type Usage,
  type Written,
} from "./languageModel";

export interface RemoteModelOptions extends ApiClientOptions {
  /** The server's name for the model. */
  model: string;
  /** How many tokens prompt and answer can have together; 4,096 if nobody says it. */
  contextLength?: number;
}

/** The model that `LLM_API_URL`, `LLM_API_MODEL` and `LLM_API_KEY` name; undefined without a URL. */
export function modelFromEnvironment(): RemoteModel | undefined {
  const { LLM_API_URL: url, LLM_API_KEY: key, LLM_API_MODEL: model = "default" } = process.env;
  return url ? new RemoteModel({ url, model, key }) : undefined;
}

/** Asks a server. */
export class RemoteModel implements LanguageModel {
  readonly name: string;
  readonly contextLength: number;
  private readonly client: ApiClient;

  constructor(private readonly options: RemoteModelOptions) {
    this.name = options.model;
    this.contextLength = options.contextLength ?? 4096;
    this.client = new ApiClient(options);
  }

  /** A guess: the server has the tokenizer. English has about four characters to a token. */
  countTokens(text: string): number {
    return Math.ceil(text.length / 4);
  }

  /** Each sample is a request of its own, with the seed after the one before. */
  write(request: TextRequest, samples = 1): TextStream[] {
    if ("promptLogprobs" in request && request.promptLogprobs)
      throw new RequestError(
        "RemoteModel: expected a request without promptLogprobs, which few servers give",
        "promptLogprobs",
      );
    return Array.from({ length: samples }, (_, i) => new RemoteStream(this.pieces, request, i));
  }

  private readonly pieces = (request: TextRequest, sample: number, signal: AbortSignal) => {
    const body = this.bodyOf(request, sample);
    return "messages" in request
      ? this.chatPieces(request, body, signal)
      : this.completionPieces(request, body, signal);
  };

  private bodyOf(request: TextRequest, sample: number): SamplingBody & { max_tokens?: number } {
    const { temperature, topK, topP, minP, repetitionPenalty, maxTokens, stop, form } = request;
    return {
      ...{ model: this.options.model, temperature, top_p: topP, max_tokens: maxTokens },
      seed: (request.seed ?? 0) + sample,
      ...{ top_k: topK, min_p: minP, repetition_penalty: repetitionPenalty },
      ...(stop ? { stop: [...stop] } : {}),
      ...(form && "regex" in form ? { guided_regex: form.regex } : {}),
      ...(form && "schema" in form ? { guided_json: form.schema } : {}),
      stream_options: { include_usage: true },
    };
  }

  private async *chatPieces(
    { messages, logprobs }: ChatRequest,
    body: SamplingBody,
    signal: AbortSignal,
  ): AsyncGenerator<Arrived> {
    const asked = {
      ...{ ...body, messages: messages.map((message) => ({ ...message })) },
      ...(logprobs === undefined ? {} : { logprobs: true, top_logprobs: logprobs }),
    };
    for await (const { choices, usage } of this.client.chatStream(asked, signal)) {
      const [choice] = choices;
      const tokens = (choice?.logprobs?.content ?? []).map((one) => ({
        ...{ id: -1, token: one.token, logprob: one.logprob },
        top: one.top_logprobs.map(({ token, logprob }) => ({ id: -1, token, logprob })),
      }));
      const text = choice?.delta.content ?? "";
      yield { piece: { text, tokens }, reason: choice?.finish_reason, usage: usageOf(usage) };
    }
  }

  private async *completionPieces(
    { prompt, logprobs }: CompletionRequest,
    body: SamplingBody,
    signal: AbortSignal,
  ): AsyncGenerator<Arrived> {
    const given = typeof prompt === "string" ? prompt : [...prompt];
    const asked = { ...body, prompt: given, ...(logprobs === undefined ? {} : { logprobs }) };
    for await (const { choices, usage } of this.client.completeStream(asked, signal)) {
      const [choice] = choices;
      const told = choice?.logprobs;
      const tokens = (told?.tokens ?? []).map((token, i) => ({
        ...{ id: -1, token, logprob: told?.token_logprobs[i] ?? undefined },
        top: Object.entries(told?.top_logprobs[i] ?? {}).map(([token, logprob]) => ({
          ...{ id: -1, token, logprob },
        })),
      }));
      const piece = { text: choice?.text ?? "", tokens };
      yield { piece, reason: choice?.finish_reason, usage: usageOf(usage) };
    }
  }
}

/** What a chunk brings. Tokens have no ids: the server does not tell them. */
interface Arrived {
  piece: TextPiece;
  reason?: string | null;
  usage?: Usage;
}

type Usages = { prompt_tokens: number; completion_tokens: number } & {
  prompt_tokens_details?: { cached_tokens?: number } | null;
};
const usageOf = (usage: Usages | null | undefined): Usage | undefined =>
  usage
    ? {
        promptTokens: usage.prompt_tokens,
        completionTokens: usage.completion_tokens,
        cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
      }
    : undefined;

/** A text that a server writes. It is asked at once, whether or not somebody reads the pieces. */
class RemoteStream implements TextStream {
  readonly done: Promise<Written>;
  private readonly pieces = new LiveList<TextPiece>();
  private readonly abort = new AbortController();
  private ended = false;

  constructor(
    ask: (request: TextRequest, sample: number, signal: AbortSignal) => AsyncGenerator<Arrived>,
    request: TextRequest,
    sample: number,
  ) {
    this.done = this.follow(ask(request, sample, this.abort.signal));
    this.done.catch(() => {}); // whoever awaits it sees the error
  }

  cancel(): void {
    if (!this.ended) this.abort.abort();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<TextPiece> {
    yield* this.pieces;
    await this.done; // throws if it failed
  }

  private async follow(arriving: AsyncGenerator<Arrived>): Promise<Written> {
    let [reason, usage]: [Written["reason"], Usage | undefined] = ["stop", undefined];
    try {
      for await (const { piece, ...last } of arriving) {
        if (last.reason) reason = last.reason === "length" ? "length" : "stop";
        usage = last.usage ?? usage;
        if (piece.text !== "" || piece.tokens.length > 0) this.pieces.push(piece);
      }
    } catch (error) {
      if (!this.abort.signal.aborted) throw asRefusal(error);
      reason = "cancelled";
    } finally {
      this.ended = true;
      this.pieces.end();
    }
    const text = this.pieces.items.map((piece) => piece.text).join("");
    const tokens = this.pieces.items.flatMap((piece) => piece.tokens);
    return { text, reason, tokens, promptTokens: [], usage: usage ?? noUsage() };
  }
}

/** A request that the server calls wrong is wrong for us, too. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.status !== 400) return error;
  const { message, param, code } = error.error;
  return new RequestError(message, param ?? undefined, code ?? undefined);
}
