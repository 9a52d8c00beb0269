// Where the keys and values of one text lie: its block table (Kwon et al., 2023, section 4.2). Several
// texts may share blocks: those that began with the same tokens, and the samples of one prompt, which
// also share the last, partly filled block until one of them writes into it and gets a copy
// (section 4.4, copy on write). With a sliding window, blocks out of sight are given back.
import type { BlockPool } from "./blocks";
import type { PrefixNode } from "./prefixTree";

/** The beginning of a text that the prefix cache has. */
export interface PrefixMatch {
  /** How many tokens need not be read. */
  length: number;
  /** The blocks they lie in; −1 where nobody needs to see them. */
  blocks: number[];
  /** The prefix in whole blocks. */
  tip: PrefixNode;
}

/** The blocks of one text, of which the first `length` tokens have been read. */
export class BlockTable {
  /** As `Piece.table` of llm/runtime. */
  readonly blocks: number[] = [];
  private read = 0;
  /** The prefix of the full blocks that the prefix cache knows. */
  private tip: PrefixNode;
  /** All blocks before this one are out of sight. */
  private sight = 0;

  constructor(readonly pool: BlockPool) {
    this.tip = pool.tree.root;
    pool.tree.pin(this.tip);
  }

  /** How many tokens of the text have been read. */
  get length(): number {
    return this.read;
  }

  /**
   * What the prefix cache has of a text: its longest beginning of which all that the next token sees
   * is kept. At least the last token is left over, because its logits are needed.
   */
  match(ids: readonly number[]): PrefixMatch {
    const { pool } = this;
    const { blockTokens: size, tree } = pool;
    const path: PrefixNode[] = [];
    for (let node = tree.root; ids.length >= (path.length + 1) * size; path.push(node)) {
      const tokens = ids.slice(path.length * size, (path.length + 1) * size);
      const next = tree.child(node, tokens);
      if (!next) break;
      node = next;
    }
    let length = Math.max(0, Math.min(path.length * size, ids.length - 1));
    let first = this.firstSeen(length);
    for (let block = Math.ceil(length / size) - 1; block >= first; block--) {
      if (path[block].block >= 0) continue;
      length = block * size;
      first = this.firstSeen(length);
    }
    const blocks = path
      .slice(0, Math.ceil(length / size))
      .map(({ block }, i) => (i < first ? -1 : block));
    return { length, blocks, tip: path[Math.floor(length / size) - 1] ?? tree.root };
  }

  /** Begins an empty table with what `match` has found. */
  adopt({ length, blocks, tip }: PrefixMatch): void {
    if (this.blocks.length > 0)
      throw new Error(`BlockTable: expected an empty table, got ${this.blocks.length} blocks`);
    for (const block of blocks) if (block >= 0) this.pool.retain(block);
    this.blocks.push(...blocks);
    this.read = length;
    this.moveTip(tip);
    this.sight = Math.max(0, blocks.lastIndexOf(-1) + 1);
  }

  /** How many of the next n tokens can be given rows with the blocks that are free. */
  roomFor(n: number): number {
    const { blockTokens, available } = this.pool;
    const copies = this.sharesLast() ? 1 : 0;
    if (copies > available) return 0;
    const rows = this.blocks.length * blockTokens - this.read;
    return Math.min(n, rows + (available - copies) * blockTokens);
  }

  /**
   * Makes rows for the next n tokens that this text alone may write.
   * @throws if there is no room: ask `roomFor` before
   */
  reserve(n: number): void {
    const { pool, blocks } = this;
    const last = Math.floor(this.read / pool.blockTokens);
    if (this.sharesLast()) blocks[last] = pool.copy(blocks[last]);
    else if (last < blocks.length) pool.forget(blocks[last]);
    while (blocks.length * pool.blockTokens < this.read + n) blocks.push(pool.take());
  }

  /**
   * The text has been read as far as `length`. Blocks that are full can be found from now on; where
   * another text was first with the same tokens, its block is used and the own one given back.
   * @param text its tokens, at least `length`
   */
  advance(length: number, text: readonly number[]): void {
    const { blockTokens: size, prefixCache } = this.pool;
    const before = Math.floor(this.read / size);
    this.read = length;
    if (!prefixCache) return;
    for (let block = before; (block + 1) * size <= length; block++)
      this.share(block, text.slice(block * size, (block + 1) * size));
  }

  /** Gives back the blocks that no later token can see. */
  slide(): void {
    const { pool, blocks } = this;
    const first = this.firstSeen(this.read);
    for (; this.sight < first; this.sight++) {
      pool.release(blocks[this.sight]);
      blocks[this.sight] = -1;
    }
  }

  /**
   * Forgets what was read after the first `length` tokens, and gives back the blocks that are then
   * empty.
   * @throws if more tokens were read than that, or the next one would see blocks that were given back
   */
  truncate(length: number): void {
    const { pool, blocks } = this;
    const size = pool.blockTokens;
    if (length > this.read || this.firstSeen(length) < this.sight)
      throw new Error(
        `BlockTable: expected a length of at most ${this.read} whose tokens are kept, got ${length}`,
      );
    for (const block of blocks.splice(Math.ceil(length / size)).reverse()) pool.release(block);
    this.read = length;
    let tip = this.tip;
    while (tip.depth > Math.floor(length / size) && tip.parent) tip = tip.parent;
    this.moveTip(tip);
  }

  /** Another table for the same tokens, in the same blocks. */
  fork(): BlockTable {
    const other = new BlockTable(this.pool);
    const blocks = this.blocks.slice(0, Math.ceil(this.read / this.pool.blockTokens));
    other.adopt({ length: this.read, blocks, tip: this.tip });
    return other;
  }

  /** Gives all blocks back, the last first. The table is empty and can begin again. */
  release(): void {
    for (const block of this.blocks.splice(0).reverse()) if (block >= 0) this.pool.release(block);
    this.read = 0;
    this.sight = 0;
    this.moveTip(this.pool.tree.root);
  }

  /** The first block that the token at a position sees. */
  private firstSeen(position: number): number {
    const { window, blockTokens } = this.pool;
    return Math.floor(Math.max(0, position - window + 1) / blockTokens);
  }

  /** Whether the next token goes into a block that another text uses too. */
  private sharesLast(): boolean {
    const last = Math.floor(this.read / this.pool.blockTokens);
    return last < this.blocks.length && this.pool.references(this.blocks[last]) > 1;
  }

  private share(index: number, tokens: readonly number[]): void {
    const { pool, blocks } = this;
    const node = pool.tree.grow(this.tip, tokens);
    if (node.block < 0) pool.remember(blocks[index], node);
    else if (node.block !== blocks[index]) {
      pool.retain(node.block);
      pool.release(blocks[index]);
      blocks[index] = node.block;
    }
    this.moveTip(node);
  }

  private moveTip(node: PrefixNode): void {
    this.pool.tree.pin(node);
    this.pool.tree.unpin(this.tip);
    this.tip = node;
  }
}
