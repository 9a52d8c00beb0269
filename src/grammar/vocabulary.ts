// What a vocabulary can write: the bytes of each token, in a tree, so that one walk finds all tokens
// that an automaton can read from a state.
import type { Tokenizer } from "../tokenizer";
import { type Automaton, DEAD } from "./automaton";

/** A tokenizer that knows the bytes of its tokens, as byte-level BPE does. */
interface ByteTokenizer extends Tokenizer {
  tokenBytes(id: number): Uint8Array;
  readonly special: ReadonlyMap<string, number>;
}

const isByteTokenizer = (tokenizer: Tokenizer): tokenizer is ByteTokenizer =>
  "tokenBytes" in tokenizer && "special" in tokenizer;

/**
 * The bytes of each token; null for special tokens, which are no text, and for ids without a token.
 * @throws for tokenizers whose tokens mean different texts in different places
 */
export function vocabularyBytes(tokenizer: Tokenizer): (Uint8Array | null)[] {
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  if (isByteTokenizer(tokenizer)) {
    const special = new Set(tokenizer.special.values());
    return ids.map((id) => {
      if (special.has(id)) return null;
      try {
        return tokenizer.tokenBytes(id);
      } catch {
        return null; // an id that the vocabulary leaves out
      }
    });
  }
  if (tokenizer.toJSON().type !== "char")
    throw new Error(
      "vocabularyBytes: expected a tokenizer of bytes or of characters, got one of " +
        `type ${tokenizer.toJSON().type}`,
    );
  return ids.map((id) => new TextEncoder().encode(tokenizer.decode([id])));
}

/** All tokens in a tree of their bytes, laid out in one walk from the root to the leaves. */
export class TokenTree {
  /** Of each node: its byte, its depth from 1, and the number of the next node outside of it. */
  private readonly bytes: Uint8Array;
  private readonly depths: Uint16Array;
  private readonly nexts: Int32Array;
  /** The tokens that end in each node. */
  private readonly tokens: (readonly number[])[];
  private readonly deepest: number;
  /** V: how many tokens there are, those that are no text included. */
  readonly vocabSize: number;

  /** @param vocabulary the bytes of each token, null for those that are never text */
  constructor(vocabulary: readonly (Uint8Array | null)[]) {
    this.vocabSize = vocabulary.length;
    const all = vocabulary
      .map((bytes, id) => ({ bytes: bytes ?? new Uint8Array(), id }))
      .filter(({ bytes }) => bytes.length > 0)
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    const nodes: { byte: number; depth: number; next: number; tokens: number[] }[] = [];
    const open: number[] = []; // the nodes of the token before, by depth
    let before: Uint8Array = new Uint8Array();
    for (const { bytes, id } of all) {
      let shared = 0;
      while (shared < bytes.length && bytes[shared] === before[shared]) shared++;
      for (const node of open.splice(shared)) nodes[node].next = nodes.length;
      for (let i = shared; i < bytes.length; i++)
        open.push(nodes.push({ byte: bytes[i], depth: i + 1, next: -1, tokens: [] }) - 1);
      nodes[open[bytes.length - 1]].tokens.push(id);
      before = bytes;
    }
    for (const node of open) nodes[node].next = nodes.length;
    this.bytes = Uint8Array.from(nodes, ({ byte }) => byte);
    this.depths = Uint16Array.from(nodes, ({ depth }) => depth);
    this.nexts = Int32Array.from(nodes, ({ next }) => next);
    this.tokens = nodes.map(({ tokens }) => tokens);
    this.deepest = this.depths.reduce((a, b) => Math.max(a, b), 0);
  }

  /** Calls `visit` for each token that the automaton can read, with the state it leads to. */
  walk(automaton: Automaton, from: number, visit: (token: number, to: number) => void): void {
    const states = new Int32Array(this.deepest + 1);
    states[0] = from;
    for (let node = 0; node < this.bytes.length; ) {
      const depth = this.depths[node];
      const state = automaton.step(states[depth - 1], this.bytes[node]);
      if (state === DEAD) {
        node = this.nexts[node];
        continue;
      }
      states[depth] = state;
      for (const token of this.tokens[node]) visit(token, state);
      node++;
    }
  }
}

const trees = new WeakMap<Tokenizer, TokenTree>();

/**
 * The tokens of a tokenizer; made once, for all grammars.
 * @throws as `vocabularyBytes` does
 */
export function tokenTree(tokenizer: Tokenizer): TokenTree {
  const tree = trees.get(tokenizer) ?? new TokenTree(vocabularyBytes(tokenizer));
  trees.set(tokenizer, tree);
  return tree;
}
