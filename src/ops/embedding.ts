// Looking up rows of a table. Its gradient adds each row's gradient where the row was used (UnsortedSegmentSum).
import { tf } from "../engine";
import { checkIds, shapeText } from "./fused";

/**
 * Row ids[…] of the table for each id: a vector of C numbers for each token.
 * @param table (V, C), one row a token of the vocabulary
 * @param ids (…) int32, from 0 to V − 1
 * @returns (…, C)
 * @throws Error when an id is out of range (backends would return zeros, another row or rubbish)
 */
export function embedding(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  if (table.rank !== 2) throw new Error(`embedding: expected table (V, C), got ${shapeText(table)}`);
  checkIds(ids, table.shape[0], "embedding", "ids");
  return tf.gather(table, ids as tf.Tensor1D);
}
