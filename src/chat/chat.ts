/**
 * Talking with a model: the conversation so far, put into the form that the model was trained on
 * (./template), is continued until the model ends its turn. What it has read stays in the KV cache,
 * so each turn costs only what is new. When the conversation grows longer than the window, its
 * oldest messages are left out.
 *
 * A message is text like any other: one that contains the model's special tokens can pretend to be
 * somebody else's turn (lesson 27, safety). Left out: tools, stop texts, several answers.
 */
import { CachedGPT, generate, type TextReader } from "../inference";
import type { Pretrained } from "../pretrained";
import { Random } from "../random";
import type { DecodingOptions, SamplingOptions } from "../sampling";
import { streamingDecoder, type Tokenizer } from "../tokenizer";
import { conversationIds, endTokens } from "./ids";
import type { Message } from "./template";

/** A chat model; its parameters are not needed where a reader is given. */
export type ChatModel = Omit<Pretrained, "params"> & Partial<Pick<Pretrained, "params">>;

export interface ChatOptions extends Partial<SamplingOptions> {
  /** What the model is told first; unless given, its template may say something of its own. */
  system?: string;
  /** The longest answer in tokens. */
  maxNewTokens?: number;
  /** The longest conversation in tokens; the cache has this size. At most the model's own. */
  window?: number;
  /**
   * What reads the conversation, such as a `PagedReader` on packed weights; the chat disposes it. If
   * absent, the model's parameters with a KV cache.
   */
  reader?: TextReader;
}

/** An answer. */
export interface Answer {
  text: string;
  /** How many tokens it has, the last one that ends the turn included. */
  tokens: number;
  /** "end": the model ended its turn · "length": it would have gone on · "interrupted". */
  stopped: "end" | "length" | "interrupted";
  /** How many of the oldest messages were left out so that the rest fits into the window. */
  leftOut: number;
}

/** Tokens that are kept free for an answer. */
const ROOM = 64;

/** A conversation with a model; free it with `dispose`, which leaves the model as it is. */
export class Chat {
  /** The conversation so far. */
  readonly messages: Message[] = [];
  private readonly reader: TextReader;
  private readonly config: Pretrained["config"];
  private readonly tokenizer: Tokenizer;
  private readonly options: DecodingOptions &
    Required<Pick<ChatOptions, "rng" | "maxNewTokens" | "window">>;

  /**
   * @param model a chat model, as `loadModel` or `openGguf` give it
   * @throws if the model has no tokenizer, no chat template, neither parameters nor a reader, or its
   *   positions are learned and fewer than `window`
   */
  constructor(
    private readonly model: ChatModel,
    options: ChatOptions = {},
  ) {
    const { tokenizer, chatTemplate, config } = model;
    if (!tokenizer || chatTemplate === undefined)
      throw new Error(
        `Chat: expected a chat model, got one without ${tokenizer ? "a chat template" : "a tokenizer"}`,
      );
    const { system, reader, ...decoding } = options;
    const { temperature = 0.2, rng = new Random(1), maxNewTokens = 256 } = options;
    const { window = Math.min(1024, config.blockSize) } = options;
    if (!(Number.isInteger(window) && window > ROOM && window <= config.blockSize))
      throw new Error(
        `Chat: expected a window from ${ROOM + 1} to ${config.blockSize} tokens, got ${window}`,
      );
    this.tokenizer = tokenizer;
    this.options = { ...decoding, temperature, rng, maxNewTokens, window };
    // with learned positions the model needs its own number of them
    this.config = config.family === "llama" ? { ...config, blockSize: window } : config;
    if (!reader && !model.params)
      throw new Error("Chat: expected a model with parameters, or a reader, got neither");
    this.reader = reader ?? new CachedGPT(model.params ?? {}, this.config);
    if (system !== undefined) this.messages.push({ role: "system", content: system });
  }

  /**
   * Says something and waits for the answer; both become part of the conversation.
   * @param onText sees the answer's text piece by piece, as it is written
   * @throws if the message alone is longer than the window; then nothing has been said
   */
  async say(content: string, onText: (piece: string) => void = () => {}): Promise<Answer> {
    const { ids, leftOut } = this.fitting({ role: "user", content });
    this.messages.push({ role: "user", content });
    const { tokenizer, options } = this;
    const decoder = streamingDecoder(tokenizer);
    const ends = endTokens(this.model);
    let [text, tokens, last] = ["", 0, -1];
    const add = (piece: string) => {
      text += piece;
      if (piece !== "") onText(piece);
    };
    const room = Math.min(options.maxNewTokens, options.window - ids.length);
    await generate(this.model.params ?? {}, this.config, ids, {
      ...options,
      maxNewTokens: room,
      model: this.reader,
      keep: true,
      stop: () => ends.has(last),
      onToken: (id) => {
        tokens++;
        last = id;
        if (!ends.has(id)) add(decoder.push(id));
      },
    });
    add(decoder.end());
    this.messages.push({ role: "assistant", content: text });
    const stopped = ends.has(last) ? "end" : tokens === room ? "length" : "interrupted";
    return { text, tokens, stopped, leftOut };
  }

  /** Frees the cache. */
  dispose(): void {
    this.reader.dispose();
  }

  /** The conversation with one more message as ids, its oldest messages left out until it fits. */
  private fitting(message: Message): { ids: number[]; leftOut: number } {
    const first = this.messages[0]?.role === "system" ? 1 : 0;
    const most = this.options.window - ROOM;
    for (let leftOut = 0; ; leftOut += 2) {
      const rest = this.messages.slice(first + leftOut);
      const ids = conversationIds(this.model, [...this.messages.slice(0, first), ...rest, message]);
      if (ids.length <= most) return { ids, leftOut };
      if (rest.length === 0)
        throw new Error(
          `Chat: expected a message of at most ${most} tokens with all that belongs to it, ` +
            `got ${ids.length}`,
        );
    }
  }
}
