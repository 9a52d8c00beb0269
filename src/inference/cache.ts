// Decoding one text with a KV cache (./kvCache): each token costs a pass over itself, not over the
// whole text before it. What is here is the text: where it begins, what of it was read before, and
// what happens when it grows longer than the model's window.
import { type Compiled, compile, tf } from "../engine";
import { type GPTConfig, gptHidden } from "../gpt";
import type { Params } from "../params";
import { KVCache, lastLogits, numbersOf } from "./kvCache";
import type { TextReader } from "./pagedReader";

/** Reads a whole window (1, T) without the cache: the logits (1, V) of what comes next. */
type Pass = (ids: tf.Tensor2D) => tf.Tensor2D;

/** Which of the two is compiled on the native engine. */
export interface CompiledParts {
  step: boolean;
  pass: boolean;
}

/**
 * A GPT that remembers what it has read: it is given a text token by token, and returns each time
 * the scores of the next token.
 *
 * Positions are absolute, 0 … blockSize − 1. When the text grows longer, the window slides: every
 * token in it moves to another position, all its keys and values change, and nothing that was kept
 * can be used. From there on every token costs a pass over the whole window, and nothing is kept.
 * (Relative positions, such as RoPE's, do not have this limit.) A model with short convolutions needs
 * the projections before them too, which are not kept: it reads the whole text for every token.
 *
 * @example
 * const model = new CachedGPT(params, config);
 * let logits = await model.begin(prompt);
 * for (…) logits = await model.next(id); // id drawn from logits
 * model.dispose();
 */
export class CachedGPT implements TextReader {
  /** The last blockSize tokens of the text. */
  private window: number[] = [];
  /** None in a model whose later tokens need more of the earlier ones than keys and values. */
  private readonly cache?: KVCache;
  private readonly pass: Pass;
  /** The same, not compiled: for texts of any length. */
  private readonly readAgain: Pass;
  private readonly program?: Compiled;

  /**
   * @param options.compiled what is compiled on the native engine when it is first used, which is
   *   worth it for 100 to 200 tokens and more
   */
  constructor(
    params: Params,
    private readonly config: GPTConfig,
    { compiled = false }: { compiled?: boolean | CompiledParts } = {},
  ) {
    const wanted = typeof compiled === "boolean" ? { step: compiled, pass: compiled } : compiled;
    if (!config.shortConv && !config.embeddingConv)
      this.cache = new KVCache(params, config, { compiled: wanted.step });
    const pass: Pass = (ids) => lastLogits(params, gptHidden(params, config, ids), config);
    this.readAgain = pass;
    if (wanted.pass) this.pass = this.program = compile(pass, { name: "pass over a window" });
    else this.pass = pass;
  }

  /**
   * Begins a text: reads all of `ids` in one pass. To be called again after the parameters have
   * changed.
   * @param ids one token id or more
   * @returns the scores of the next token, V numbers
   */
  async begin(ids: ArrayLike<number>): Promise<Float32Array> {
    if (ids.length === 0)
      throw new Error("CachedGPT: expected at least one token id to begin with, got none");
    const window = Array.from(ids).slice(-this.config.blockSize);
    return window.length < this.config.blockSize ? this.readAll(window) : this.readWindow(window);
  }

  /**
   * Adds one token to the text.
   * @returns the scores of the token after it, V numbers
   */
  async next(id: number): Promise<Float32Array> {
    const position = this.window.length;
    if (position === 0) throw new Error("CachedGPT: expected begin(ids) before next(id)");
    if (position === this.config.blockSize) return this.readWindow([...this.window.slice(1), id]);
    return this.readRest([...this.window, id], position);
  }

  /**
   * Begins a text as `begin` does, but what it shares with the text before, from the first token
   * on, is not read again: for conversations. The parameters must be the same as then.
   * @param ids one token id or more
   * @returns the scores of the next token, V numbers
   */
  async continueTo(ids: ArrayLike<number>): Promise<Float32Array> {
    const { blockSize } = this.config;
    const text = Array.from(ids);
    let same = 0; // but the last token is read, for its logits
    while (same < text.length - 1 && text[same] === this.window[same]) same++;
    const isKept = this.window.length < blockSize && text.length <= blockSize; // else it has moved
    if (same === 0 || !isKept) return this.begin(text);
    return this.readRest(text, same);
  }

  /** Frees the buffers. */
  dispose(): void {
    this.program?.dispose();
    this.cache?.dispose();
  }

  /**
   * One pass over a full window, which becomes the text. The next token moves it, so nothing is
   * kept.
   */
  private async readWindow(window: number[]): Promise<Float32Array> {
    const logits = await numbersOf(tf.tidy(() => this.pass(rowOf(window))));
    this.window = window;
    return logits;
  }

  /** One pass over the beginning of a text, shorter than a window. */
  private async readAll(window: number[]): Promise<Float32Array> {
    const read = (ids: tf.Tensor2D) => this.cache?.readFirst(ids) ?? this.readAgain(ids);
    const logits = await numbersOf(tf.tidy(() => read(rowOf(window))));
    this.window = window;
    return logits;
  }

  /** One pass over the tokens of a text from number `first` on; those before it have been read. */
  private async readRest(text: number[], first: number): Promise<Float32Array> {
    const { cache } = this;
    if (!cache) return this.readAll(text);
    const logits = await numbersOf(tf.tidy(() => cache.readNext(rowOf(text.slice(first)), first)));
    this.window = text;
    return logits;
  }
}

/** Ids as a batch of one, (1, n). */
const rowOf = (ids: number[]) => tf.tensor2d(ids, [1, ids.length], "int32");
