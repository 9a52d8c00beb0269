// Lists of different lengths as the rows of one tensor: shorter ones are filled up behind. Every
// batch of texts in the course is made here, whatever its model.
import { tf } from "../engine";

/**
 * Rows side by side in one tensor, filled up behind.
 *
 *     padRows([[5, 6, 7], [8]], { fill: 0 })   // [[5, 6, 7], [8, 0, 0]]
 *
 * @param rows B lists of numbers
 * @param options `fill` stands behind the shorter ones; `length` is T, the longest row if absent
 * @returns (B, T); the caller disposes it
 * @throws if there is no row, none has a number and no length is given, or one is too long
 */
export function padRows(
  rows: readonly ArrayLike<number>[],
  {
    fill,
    length = Math.max(0, ...rows.map((row) => row.length)),
    dtype = "int32",
  }: { fill: number; length?: number; dtype?: "int32" | "float32" },
): tf.Tensor2D {
  const longest = Math.max(0, ...rows.map((row) => row.length));
  if (rows.length === 0 || length < 1)
    throw new Error(`padRows: expected at least one row with something in it, got ${rows.length}`);
  if (longest > length)
    throw new Error(`padRows: expected rows of at most ${length} numbers, got one of ${longest}`);
  const values = (
    dtype === "int32"
      ? new Int32Array(rows.length * length)
      : new Float32Array(rows.length * length)
  ).fill(fill);
  rows.forEach((row, b) => {
    values.set(row, b * length);
  });
  return tf.tensor2d(values, [rows.length, length], dtype);
}
