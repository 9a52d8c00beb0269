// A language model on the engine of lesson 21 (inference): prompts become ids, conversations too by the
// model's template, and every text is written beside all others.
import { type ChatForm, conversationIds, endTokens } from "../chat";
import { checkIdValues } from "../engine/ids";
import { Constraint, type Grammar, jsonGrammar, regexGrammar } from "../grammar";
import { type EngineOptions, InferenceEngine, type PagedModel } from "../inference";
import { checkSampling } from "../sampling";
import type { Tokenizer } from "../tokenizer";
import { EngineStream } from "./engineStream";
import {
  type LanguageModel,
  RequestError,
  type TextRequest,
  type TextStream,
  type TokenLogprob,
} from "./languageModel";
import { tokenLogprob } from "./logprobs";

/** What belongs to a model besides its weights. */
export interface EngineModelOptions extends EngineOptions, Omit<ChatForm, "tokenizer"> {
  name: string;
  tokenizer: Tokenizer;
}

/** How many of the likeliest tokens can be told, as in OpenAI's protocol. */
const MOST_LOGPROBS = 20;
/** So many grammars are kept: making one takes longer than a short answer. */
const MOST_GRAMMARS = 32;

/**
 * Writes with a model whose keys and values lie in blocks.
 * @example
 * const model = new EngineModel(await PagedGPT.fromGguf(file), { name: "smollm2", ...openGguf(file) });
 */
export class EngineModel implements LanguageModel {
  readonly name: string;
  readonly contextLength: number;
  /** Which texts it writes at the moment, and how much it has read so far: `engine.stats()`. */
  readonly engine: InferenceEngine;
  private readonly endIds: Set<number>;
  private readonly grammars = new Map<string, Grammar>();

  /** @param model whose blocks belong to the engine that is made here */
  constructor(
    model: PagedModel,
    private readonly options: EngineModelOptions,
  ) {
    this.name = options.name;
    this.engine = new InferenceEngine(model, options);
    this.contextLength = Math.min(model.maxLength, model.blocks * model.blockTokens);
    this.endIds = endTokens(options);
  }

  get tokenizer(): Tokenizer {
    return this.options.tokenizer;
  }

  /** Whether it takes conversations. */
  get canChat(): boolean {
    return this.options.chatTemplate !== undefined;
  }

  countTokens(text: string): number {
    return this.options.tokenizer.encode(text).length;
  }

  /** The ids of a prompt, or of a conversation that waits for an answer. @throws {RequestError} */
  promptIds(request: TextRequest): number[] {
    const { tokenizer } = this.options;
    const param = "messages" in request ? "messages" : "prompt";
    try {
      if ("messages" in request) return conversationIds(this.options, request.messages);
      const { prompt } = request;
      if (typeof prompt !== "string") {
        checkIdValues(prompt, tokenizer.vocabSize, "write", "prompt");
        return [...prompt];
      }
      const ids = tokenizer.encode(prompt);
      if (ids.length > 0) return ids;
      const { bos_token_id: first } = this.options.generation;
      return typeof first === "number" ? [first] : [...this.endIds].slice(0, 1);
    } catch (error) {
      throw new RequestError((error as Error).message, param);
    }
  }

  write(request: TextRequest, samples = 1): TextStream[] {
    const { tokenizer } = this.options;
    const {
      stop = [],
      seed,
      logprobs,
      form,
      promptLogprobs,
    } = { promptLogprobs: false, ...request };
    if (stop.includes("")) throw new RequestError("expected stop texts, got an empty one", "stop");
    const top = checkedLogprobs(logprobs, promptLogprobs);
    const ids = this.promptIds(request);
    const maxNewTokens = this.roomFor(ids.length, request);
    const texts = Array.from({ length: samples }, () => ({ tokens: [] as TokenLogprob[] }));
    const promptTokens: TokenLogprob[] = promptLogprobs ? [firstToken(ids[0], tokenizer)] : [];
    const { temperature, topK, topP, minP, repetitionPenalty } = request;
    const decoding = { temperature, topK, topP, minP, repetitionPenalty };
    for (const [name, value] of Object.entries(decoding))
      asRequest(() => checkSampling("write", { [name]: value }), name);
    const generations = asRequest(() =>
      this.engine.submitSamples(
        {
          ...{ ids, maxNewTokens, seed, ...decoding, stopIds: [...this.endIds] },
          ...(stop.length > 0 ? { stop: stopsAt(stop, ids.length, tokenizer) } : {}),
          ...(form ? { constraint: this.constraintOf(form, maxNewTokens) } : {}),
          promptLogits: promptLogprobs,
          ...(top === undefined
            ? {}
            : {
                onLogits: (logits, { id, position, sample }) =>
                  (position < ids.length ? promptTokens : texts[sample].tokens).push(
                    tokenLogprob(logits, id, { tokenizer, top }),
                  ),
              }),
        },
        samples,
      ),
    );
    const streams = generations.map(
      (generation, i) =>
        new EngineStream(generation, {
          ...{ tokenizer, stop, endIds: this.endIds, promptTokens },
          tokens: texts[i].tokens,
        }),
    );
    this.engine.run().catch(() => {}); // every text carries the error
    return streams;
  }

  /** How many tokens there is room for after a prompt. */
  private roomFor(promptTokens: number, { maxTokens }: TextRequest): number {
    const left = this.contextLength - promptTokens;
    if (left >= (maxTokens ?? 1)) return maxTokens ?? left;
    throw new RequestError(
      `expected a prompt and its answer within ${this.contextLength} tokens, got ` +
        `${promptTokens} + ${maxTokens ?? 1}`,
      maxTokens === undefined || left < 1 ? "messages" : "maxTokens",
      "context_length_exceeded",
    );
  }

  private constraintOf(form: NonNullable<TextRequest["form"]>, maxNewTokens: number) {
    const grammar = this.grammarOf(form);
    const [endId] = this.endIds;
    // the token that ends the text needs room, too
    const options = { maxNewTokens: endId === undefined ? maxNewTokens : maxNewTokens - 1, endId };
    const make = () => new Constraint(grammar, options);
    asRequest(make, "maxTokens"); // it is refused here, not while the text is written
    return make;
  }

  private grammarOf(form: NonNullable<TextRequest["form"]>): Grammar {
    const { tokenizer } = this.options;
    const key = JSON.stringify(form);
    const known = this.grammars.get(key);
    this.grammars.delete(key); // and last again, so that the first is the one not used for longest
    const grammar =
      known ??
      asRequest(
        () =>
          "regex" in form
            ? regexGrammar(form.regex, tokenizer)
            : jsonGrammar(form.schema, tokenizer, form),
        "form",
      );
    this.grammars.set(key, grammar);
    const [oldest] = this.grammars.keys();
    if (this.grammars.size > MOST_GRAMMARS) this.grammars.delete(oldest);
    return grammar;
  }
}

/** An error that says what is wrong with the request. */
function asRequest<T>(make: () => T, param?: string): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof RequestError ? error : new RequestError((error as Error).message, param);
  }
}

/** How many of the likeliest tokens are told; undefined if nothing is. */
function checkedLogprobs(logprobs: number | undefined, ofPrompt: boolean): number | undefined {
  if (logprobs === undefined) return ofPrompt ? 0 : undefined;
  if (Number.isInteger(logprobs) && logprobs >= 0 && logprobs <= MOST_LOGPROBS) return logprobs;
  throw new RequestError(
    `expected logprobs from 0 to ${MOST_LOGPROBS}, got ${logprobs}`,
    "logprobs",
  );
}

const firstToken = (id: number, tokenizer: Tokenizer): TokenLogprob => ({
  ...{ id, token: tokenizer.decode([id]), logprob: undefined, top: [] },
});

/**
 * Whether a text has come to a stop text with its last token. Every token has at least one byte, so
 * a stop text that ends now lies within as many tokens as it has bytes.
 */
function stopsAt(stop: readonly string[], promptTokens: number, tokenizer: Tokenizer) {
  const most = Math.max(...stop.map((text) => new TextEncoder().encode(text).length));
  return (ids: readonly number[]): boolean => {
    const end = tokenizer.decode(ids.slice(Math.max(promptTokens, ids.length - most)));
    return stop.some((text) => end.includes(text));
  };
}
