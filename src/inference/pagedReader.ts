// One text on a model with blocks (./pagedModel), read token by token: what `CachedGPT` is for tensors.
// A text cannot grow beyond the model's positions; nothing slides.
import { BlockPool } from "./blocks";
import { BlockTable } from "./blockTable";
import type { PagedModel } from "./pagedModel";
import { readText } from "./readText";

/** Reads one text after the other and says what comes next. */
export interface TextReader {
  /**
   * Begins a text.
   * @param ids one token id or more
   * @returns the scores of the next token, V numbers
   */
  begin(ids: ArrayLike<number>): Promise<Float32Array>;
  /** Adds one token to the text. @returns the scores of the token after it */
  next(id: number): Promise<Float32Array>;
  /**
   * Begins a text as `begin` does, but what it shares with the text before, from the first token on, is
   * not read again.
   */
  continueTo(ids: ArrayLike<number>): Promise<Float32Array>;
  /** Frees what the reader keeps. */
  dispose(): void;
}

/** A reader on a model with blocks, of which it needs enough for one text. */
export class PagedReader implements TextReader {
  private readonly table: BlockTable;
  private text: number[] = [];

  /** @param pool whose blocks it takes; if absent, all of the model */
  constructor(
    private readonly model: PagedModel,
    pool = new BlockPool(model, { prefixCache: false }),
  ) {
    this.table = new BlockTable(pool);
  }

  async begin(ids: ArrayLike<number>): Promise<Float32Array> {
    this.table.release();
    return this.read(Array.from(ids), "begin");
  }

  async next(id: number): Promise<Float32Array> {
    if (this.text.length === 0) throw new Error("PagedReader: expected begin(ids) before next(id)");
    return this.read([...this.text, id], "next");
  }

  async continueTo(ids: ArrayLike<number>): Promise<Float32Array> {
    const text = Array.from(ids);
    let same = 0; // but the last token is read, for its logits
    while (same < text.length - 1 && text[same] === this.text[same]) same++;
    if (same === 0 || this.model.window !== undefined) return this.begin(text);
    if (same < this.table.length) this.table.truncate(same);
    return this.read(text, "continueTo");
  }

  dispose(): void {
    this.table.release();
    this.text = [];
  }

  /** What the table does not have yet. */
  private read(text: number[], what: string): Float32Array {
    const { maxLength } = this.model;
    if (text.length === 0 || text.length > maxLength)
      throw new Error(`PagedReader.${what}: expected 1 to ${maxLength} tokens, got ${text.length}`);
    const logits = readText(this.model, this.table, text);
    this.table.advance(text.length, text);
    this.table.slide();
    this.text = text;
    return logits;
  }
}
