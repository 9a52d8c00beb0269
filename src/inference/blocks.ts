// Who uses which block of a model's memory (Kwon et al., 2023, "Efficient Memory Management for Large
// Language Model Serving with PagedAttention", sections 4.2 to 4.4). A block is in use by one text or
// more, or it is free. A full block that the prefix cache (./prefixTree) knows is still found when it
// is free, until its memory is needed: then the one goes that has been free for longest. Texts give
// their blocks back from the end, so of a prefix the end goes before the beginning.
import type { PagedModel } from "./pagedModel";
import { type PrefixNode, PrefixTree } from "./prefixTree";

/** What the pool needs to know of a model. */
export type BlockMemory = Pick<PagedModel, "blocks" | "blockTokens" | "copyBlock" | "window">;

/** How the blocks are used. `used` + `free` are all; of the free ones `cached` can be found again. */
export interface BlockStats {
  used: number;
  free: number;
  cached: number;
  /** How many blocks of prompts were looked for since the beginning, and how many were found. */
  lookups: number;
  hits: number;
  /** How many were copied because a text wrote where another one reads. */
  copies: number;
  /** How many lost what the prefix cache knew of them, because their memory was needed. */
  evictions: number;
}

/** The blocks of one model, and the prefixes that can be found in them. */
export class BlockPool {
  readonly blockTokens: number;
  /** How many tokens each position sees, itself included; Infinity if all of them. */
  readonly window: number;
  readonly tree = new PrefixTree();
  /** Whether full blocks can be found by other texts. */
  readonly prefixCache: boolean;
  /** How many texts use each block. */
  private readonly users: Int32Array;
  /** Free blocks without anything in them that could be found; the last is taken first. */
  private readonly empty: number[];
  /** Free blocks that can be found, the one that has been free for longest first. */
  private readonly idle = new Set<number>();
  /** What the prefix cache knows of each block. */
  private readonly nodes: (PrefixNode | undefined)[];
  private readonly counts = { lookups: 0, hits: 0, copies: 0, evictions: 0 };

  /** @param options `prefixCache: false` keeps nothing for other texts */
  constructor(
    private readonly memory: BlockMemory,
    { prefixCache = true }: { prefixCache?: boolean } = {},
  ) {
    const { blocks, blockTokens, window = Infinity } = memory;
    for (const [name, value] of Object.entries({ blocks, blockTokens }))
      if (!Number.isInteger(value) || value < 1)
        throw new Error(`BlockPool: expected ${name} of 1 or more, got ${value}`);
    this.blockTokens = blockTokens;
    this.window = window;
    this.prefixCache = prefixCache;
    this.users = new Int32Array(blocks);
    this.empty = Array.from({ length: blocks }, (_, i) => blocks - 1 - i);
    this.nodes = new Array(blocks).fill(undefined);
  }

  /** How many blocks there are. */
  get size(): number {
    return this.users.length;
  }

  /** How many blocks can be taken. */
  get available(): number {
    return this.empty.length + this.idle.size;
  }

  /** How many texts use a block. */
  references(block: number): number {
    return this.users[block];
  }

  /** Whether the prefix cache knows a block. Its rows must not change. */
  isCached(block: number): boolean {
    return this.nodes[block] !== undefined;
  }

  /**
   * Takes a free block for one text.
   * @throws if there is none: ask `available` before
   */
  take(): number {
    const block = this.empty.pop() ?? this.evictOldest();
    this.users[block] = 1;
    return block;
  }

  /** One more text uses a block: one that is in use, or one that the prefix cache knows. */
  retain(block: number): void {
    if (this.users[block] === 0 && !this.idle.delete(block))
      throw new Error(`BlockPool: expected a block with something in it, got the free ${block}`);
    this.users[block]++;
  }

  /** One text less uses a block. */
  release(block: number): void {
    if (!(this.users[block] > 0))
      throw new Error(`BlockPool: expected a block that is in use, got ${block}`);
    if (--this.users[block] > 0) return;
    if (this.nodes[block]) this.idle.add(block);
    else this.empty.push(block);
  }

  /** A block for one text alone with the rows of `block`, which it uses no longer. */
  copy(block: number): number {
    const own = this.take();
    this.memory.copyBlock(block, own);
    this.release(block);
    this.counts.copies++;
    return own;
  }

  /** The prefix cache knows from now on that a block has the last tokens of a prefix. */
  remember(block: number, node: PrefixNode): void {
    this.nodes[block] = node;
    node.block = block;
  }

  /** Ends `remember`: the block's rows will change. */
  forget(block: number): void {
    const node = this.nodes[block];
    if (!node) return;
    this.nodes[block] = undefined;
    node.block = -1;
    this.tree.prune(node);
  }

  /** Counts a look into the prefix cache: so many blocks were looked for, so many found. */
  countLookup(lookups: number, hits: number): void {
    this.counts.lookups += lookups;
    this.counts.hits += hits;
  }

  stats(): BlockStats {
    const free = this.available;
    return { used: this.size - free, free, cached: this.idle.size, ...this.counts };
  }

  private evictOldest(): number {
    for (const block of this.idle) {
      this.idle.delete(block);
      this.forget(block);
      this.counts.evictions++;
      return block;
    }
    throw new Error(`BlockPool: expected a free block, got none of ${this.size}`);
  }
}
