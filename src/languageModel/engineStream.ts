// A text that an inference engine writes, as text: ids become characters as soon as those are whole,
// stop texts and the token that ends a turn are left out.
import { type Finished, type Generation, LiveList } from "../inference";
import { StopSequences } from "../sampling";
import { type StreamingDecoder, streamingDecoder, type Tokenizer } from "../tokenizer";
import type { TextPiece, TextStream, TokenLogprob, Written } from "./languageModel";

export interface EngineStreamOptions {
  tokenizer: Tokenizer;
  stop: readonly string[];
  /** Tokens that end a text and are not shown. */
  endIds: ReadonlySet<number>;
  /** Filled while the text is written, if log-probabilities were asked for. */
  tokens: TokenLogprob[];
  promptTokens: TokenLogprob[];
}

/** What `EngineModel.write` gives. It goes on whether or not somebody reads its pieces. */
export class EngineStream implements TextStream {
  readonly done: Promise<Written>;
  private readonly pieces = new LiveList<TextPiece>();
  private readonly decoder: StreamingDecoder;
  private readonly stops: StopSequences;
  private text = "";
  private told = 0;

  constructor(
    private readonly generation: Generation,
    private readonly options: EngineStreamOptions,
  ) {
    this.decoder = streamingDecoder(options.tokenizer);
    this.stops = new StopSequences(options.stop);
    this.done = this.follow();
    this.done.catch(() => {}); // whoever awaits it sees the error
  }

  cancel(): void {
    this.generation.cancel();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<TextPiece> {
    yield* this.pieces;
    await this.done; // throws if it failed
  }

  private async follow(): Promise<Written> {
    try {
      for await (const id of this.generation)
        if (!this.options.endIds.has(id)) this.add(this.stops.push(this.decoder.push(id)));
      this.add(this.stops.push(this.decoder.end()) + this.stops.flush(), true);
      return this.written(await this.generation.done);
    } finally {
      this.pieces.end();
    }
  }

  private add(text: string, isLast = false): void {
    this.text += text;
    if (text === "" && !isLast) return;
    const tokens = this.options.tokens.slice(this.told);
    this.told = this.options.tokens.length;
    if (text === "" && tokens.length === 0) return;
    this.pieces.push({ text, tokens });
  }

  private written({ ids, newIds, reason, cachedTokens, timings }: Finished): Written {
    const { tokens, promptTokens } = this.options;
    return {
      text: this.text,
      reason: this.stops.stopped ? "stop" : (reason as Written["reason"]),
      tokens,
      promptTokens,
      usage: {
        promptTokens: ids.length - newIds.length,
        completionTokens: newIds.length,
        cachedTokens,
      },
      timings,
    };
  }
}
