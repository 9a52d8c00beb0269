// A language model as those see it who use one, in lesson 23 (prompting) to lesson 26 (agents): text or
// a conversation goes in, text comes out in pieces. Behind it may be the learner's own GPT or a chat
// model, both on the engine of lesson 21 (inference), or any server that speaks OpenAI's protocol. The
// options have the names that vLLM gives them, in camel case. Left out: images, several conversations in
// one.
import type { Message } from "../chat";
import type { JsonSchema, SchemaOptions } from "../grammar";
import type { GenerationTimings } from "../inference";
import type { DecodingOptions } from "../sampling";

/** How a text is written. */
export interface TextOptions extends DecodingOptions {
  /** At most so many tokens; if absent, as many as the context has room for. */
  maxTokens?: number;
  /** Of the random numbers; 0 if absent. */
  seed?: number;
  /** Texts at which writing ends; they are not part of what is written. */
  stop?: readonly string[];
  /** How many likeliest tokens are told beside each token; if absent, no log-probabilities. */
  logprobs?: number;
  /**
   * The whole text matches this regular expression, or is JSON of this schema: compact, unless
   * `space` is " ", between the texts `before` and `after` if there are any.
   */
  form?: { regex: string } | ({ schema: JsonSchema } & SchemaOptions);
}

/** A text that is to go on. */
export interface CompletionRequest extends TextOptions {
  /** Text, or token ids. */
  prompt: string | readonly number[];
  /** Whether log-probabilities of the prompt's own tokens are told, too. */
  promptLogprobs?: boolean;
}

/** A conversation that waits for an answer. */
export interface ChatRequest extends TextOptions {
  messages: readonly Message[];
}

export type TextRequest = CompletionRequest | ChatRequest;

/** A token and how probable the model found it: ln p, before temperature and all that cuts. */
export interface TokenLogprob {
  id: number;
  /** As text; half a character is shown as �. */
  token: string;
  /** undefined for the first token of a prompt, before which there is nothing. */
  logprob?: number;
  /** The likeliest tokens, as many as were asked for. */
  top: { id: number; token: string; logprob: number }[];
}

/** A piece of a text, as it comes. */
export interface TextPiece {
  text: string;
  /** The tokens that came with it, if log-probabilities were asked for. */
  tokens: TokenLogprob[];
}

/** How many tokens a text has cost. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
  /** How many of the prompt's tokens were in a cache, so that nobody had to compute them. */
  cachedTokens: number;
}

/** A text that has ended. */
export interface Written {
  text: string;
  /** "stop": the model ended it, a stop text or the form did · "length" · "cancelled". */
  reason: "stop" | "length" | "cancelled";
  /** The new tokens, and those of the prompt, with log-probabilities if they were asked for. */
  tokens: TokenLogprob[];
  promptTokens: TokenLogprob[];
  usage: Usage;
  /** Where the time went, in milliseconds; absent where it is not known. */
  timings?: GenerationTimings;
}

/** A text that is being written: `for await (const { text } of stream)`, or `await stream.done`. */
export interface TextStream extends AsyncIterable<TextPiece> {
  /** The whole text. It is rejected if writing fails; the pieces end with the same error then. */
  readonly done: Promise<Written>;
  /** Ends the text with what it has. */
  cancel(): void;
}

/** Something that writes text. */
export interface LanguageModel {
  readonly name: string;
  /** How many tokens a prompt and its answer can have together. */
  readonly contextLength: number;
  /**
   * Begins to write.
   * @param request a prompt, or a conversation
   * @param samples how many texts go on from it, 1 if absent; each has random numbers of its own
   * @throws {RequestError} if the request makes no sense for this model
   */
  write(request: TextRequest, samples?: number): TextStream[];
  /** How many tokens a text has. */
  countTokens(text: string): number;
}

/** What somebody asked for cannot be done, and it is the request that has to change. */
export class RequestError extends Error {
  override readonly name = "RequestError";

  /**
   * @param param which part of the request, in the names of `TextOptions`
   * @param code a word for programs, such as "context_length_exceeded"
   */
  constructor(
    message: string,
    readonly param?: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

/**
 * One text, from the first token to the end.
 * @example (await write(model, { prompt: "Call me" })).text
 */
export const write = (model: LanguageModel, request: TextRequest): Promise<Written> =>
  model.write(request)[0].done;

/**
 * Many texts at once: a model with an engine reads them together.
 * @returns in the order of the requests
 */
export const writeAll = (
  model: LanguageModel,
  requests: readonly TextRequest[],
): Promise<Written[]> => Promise.all(requests.map((request) => write(model, request)));
