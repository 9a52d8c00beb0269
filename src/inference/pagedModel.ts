// What an inference engine needs of a model (lesson 21, inference): it reads pieces of several texts
// in one step, and keeps their keys and values in blocks of fixed size, which the engine gives out
// (Kwon et al., 2023, "Efficient Memory Management for Large Language Model Serving with
// PagedAttention", section 4). The engine knows no tensors, and the model knows no requests.

/** Consecutive tokens of one text, to be read in one step. */
export interface Piece {
  /** The token ids, at least one. */
  ids: readonly number[];
  /** The position of the first of them in its text; everything before it has been read. */
  start: number;
  /**
   * The blocks of its text: position p lies in row p mod blockTokens of block
   * table[⌊p / blockTokens⌋]. It reaches to the last of `ids`. With a sliding window, blocks whose
   * positions nobody can see any more are −1.
   */
  table: readonly number[];
  /** Whose logits are wanted: those after every token, after the last one, or none. */
  logits: "all" | "last" | "none";
}

/** A causal language model whose keys and values lie in blocks. */
export interface PagedModel {
  /** V: how many tokens there are. */
  readonly vocabSize: number;
  /** How many positions a text can have. */
  readonly maxLength: number;
  /** How many tokens fit into a block. */
  readonly blockTokens: number;
  /** How many blocks there are: 0 … blocks − 1. */
  readonly blocks: number;
  /** How many tokens each position sees, itself included; all of them if absent. */
  readonly window?: number;
  /**
   * Reads pieces of different texts. Their keys and values are written into the blocks of their
   * tables; blocks that several texts share are only read. What a piece gives does not depend on
   * the others beside it, nor on how its text was cut, to the last bit.
   * @returns the logits that were asked for, (n, V), in the order of the pieces and their tokens;
   *   valid until the next step
   * @throws if a piece is empty, too long, or its table does not reach so far
   */
  step(pieces: readonly Piece[]): Float32Array;
  /** Copies the keys and values of all layers from one block to another. */
  copyBlock(from: number, to: number): void;
}
