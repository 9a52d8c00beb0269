// From ids back to what a vocabulary has for them, for all tokenizers that keep a list.

/**
 * The entries of `ids`, in their order.
 * @param caller the class, for the message
 * @throws if an id is not an integer in 0 … vocabulary.length − 1
 */
export function entriesOf<T>(
  ids: ArrayLike<number>,
  vocabulary: readonly T[],
  caller: string,
): T[] {
  return Array.from(ids, (id) => {
    const entry = vocabulary[id];
    if (entry !== undefined) return entry;
    throw new Error(`${caller}.decode: expected ids from 0 to ${vocabulary.length - 1}, got ${id}`);
  });
}
