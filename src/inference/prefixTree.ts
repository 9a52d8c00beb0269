// The prefix cache's tree: which block holds the keys and values of which tokens after which others.
// A key of a text depends on all tokens before it, so a full block may serve another text only if
// that text begins with the same tokens, block for block. The tree says this exactly: a node is a
// prefix of whole blocks, and its children are found by the tokens of one more block. The path is
// the identity of a prefix; vLLM hashes it (Kwon et al., 2023, section 4.3, and its later "automatic
// prefix caching"), SGLang keeps a tree as well (Zheng et al., 2024, "RadixAttention").

/** A prefix whose length is a whole number of blocks. */
export interface PrefixNode {
  /** The prefix without its last block; none at the root, the empty prefix. */
  readonly parent?: PrefixNode;
  /** The tokens of its last block, as `keyOf` writes them. */
  readonly key: string;
  /** How many blocks the prefix has. */
  readonly depth: number;
  readonly children: Map<string, PrefixNode>;
  /** The block with the keys and values of its last tokens; −1 if they are not kept. */
  block: number;
  /** How many texts have come to this prefix and may grow from here. */
  pins: number;
}

/** Prefixes that are kept, that lead to ones that are, or from which a text is growing. */
export class PrefixTree {
  /** The empty prefix. */
  readonly root: PrefixNode = nodeOf("");
  private nodes = 0;

  /** How many prefixes there are, the empty one not counted. */
  get size(): number {
    return this.nodes;
  }

  /** The prefix that goes on from `node` with the tokens of one block, if there is one. */
  child(node: PrefixNode, tokens: readonly number[]): PrefixNode | undefined {
    return node.children.get(keyOf(tokens));
  }

  /** The same, made if there is none. */
  grow(node: PrefixNode, tokens: readonly number[]): PrefixNode {
    const key = keyOf(tokens);
    let child = node.children.get(key);
    if (!child) {
      child = nodeOf(key, node);
      node.children.set(key, child);
      this.nodes++;
    }
    return child;
  }

  /** Keeps a prefix in the tree, whatever becomes of its block, until it is unpinned. */
  pin(node: PrefixNode): void {
    node.pins++;
  }

  /** Ends one `pin`. */
  unpin(node: PrefixNode): void {
    node.pins--;
    this.prune(node);
  }

  /** Takes out a prefix that serves nothing any more, and those before it of which this is true. */
  prune(node: PrefixNode): void {
    let at = node;
    while (at.parent && at.block < 0 && at.pins === 0 && at.children.size === 0) {
      at.parent.children.delete(at.key);
      this.nodes--;
      at = at.parent;
    }
  }
}

const keyOf = (tokens: readonly number[]): string => tokens.join(" ");

const nodeOf = (key: string, parent?: PrefixNode): PrefixNode => ({
  ...{ parent, key, depth: parent ? parent.depth + 1 : 0 },
  ...{ children: new Map(), block: -1, pins: 0 },
});
