// Typed arrays that grow: the tokenizers' tables and outputs are of a length nobody knows before.

/**
 * A copy of `array` with room for at least `atLeast` numbers, and at least twice as many as before.
 */
export function doubled<A extends Int32Array | Uint16Array | Uint8Array | Float64Array>(
  array: A,
  atLeast: number,
): A {
  const larger = new (array.constructor as new (length: number) => A)(
    Math.max(2 * array.length, atLeast),
  );
  larger.set(array);
  return larger;
}

/** Ids, one behind the other, as many as come. */
export class IdList {
  length = 0;

  constructor(private ids: Int32Array = new Int32Array(1 << 10)) {}

  push(id: number): void {
    if (this.length === this.ids.length) this.ids = doubled(this.ids, this.length + 1);
    this.ids[this.length++] = id;
  }

  /** Appends the ids from.ids[start … end − 1] of another list. */
  appendList(from: IdList, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.ids.length) this.ids = doubled(this.ids, length);
    const source = from.ids;
    const { ids } = this;
    for (let i = start, j = this.length; i < end; i++, j++) ids[j] = source[i];
    this.length = length;
  }

  /** The ids so far, as a copy of just their length. */
  take(): Int32Array {
    return this.ids.slice(0, this.length);
  }
}
