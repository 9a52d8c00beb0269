// Reading one text on a model with blocks, outside an engine: drafts and speculative decoding.

import type { BlockTable } from "./blockTable";
import type { PagedModel } from "./pagedModel";

/** A long text is read in pieces of so many tokens: a pass needs memory for all of its piece. */
const PIECE = 64;

/**
 * Reads the tokens of a text that the table does not have yet. The table knows of all but the last
 * `count` of them afterwards: the caller decides which of those are certain, and calls `advance`.
 * @param count of the last so many tokens the logits are wanted
 * @returns (count, V), valid until the model's next step
 * @throws if there are not enough free blocks, or the table has some of those tokens already
 */
export function readText(
  model: PagedModel,
  table: BlockTable,
  text: readonly number[],
  count = 1,
): Float32Array {
  const reserve = (n: number) => {
    if (table.roomFor(n) < n)
      throw new Error(
        `readText: expected blocks for ${n} more tokens, got ${table.pool.available} free ones`,
      );
    table.reserve(n);
  };
  const rest = text.length - count;
  if (table.length > rest)
    throw new Error(`readText: expected at most ${rest} tokens in the table, got ${table.length}`);
  while (table.length < rest) {
    const start = table.length;
    const ids = text.slice(start, Math.min(rest, start + PIECE));
    reserve(ids.length);
    model.step([{ ids, start, table: table.blocks, logits: "none" }]);
    table.advance(start + ids.length, text);
    table.slide();
  }
  const ids = text.slice(rest);
  reserve(count);
  return model.step([{ ids, start: rest, table: table.blocks, logits: "all" }]);
}
