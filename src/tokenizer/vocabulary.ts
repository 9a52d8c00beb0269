// The tokens of a byte-level tokenizer as bytes, found by their bytes: one array of all bytes and a
// hash table over it. The hash is a polynomial, so that the hash of two tokens one behind the other
// comes from their own hashes in one step: hash(ab) = hash(a) · BASE^|b| + hash(b), mod 2³².

const BASE = 0x01000193;

/** The bytes of each id. */
export class Vocabulary {
  readonly size: number;
  /** Length of the longest token in bytes. */
  readonly longest: number;
  private readonly bytes: Uint8Array;
  private readonly starts: Int32Array;
  private readonly hashes: Int32Array;
  private readonly powers: Int32Array;
  private readonly slots: Int32Array;

  /**
   * @param tokens the bytes of each id; null where an id has none or is a special token, which no
   *   bytes in a text become
   */
  constructor(tokens: readonly (Uint8Array | null)[]) {
    this.size = tokens.length;
    this.starts = new Int32Array(tokens.length + 1);
    this.hashes = new Int32Array(tokens.length);
    let total = 0;
    let longest = 0;
    for (let id = 0; id < tokens.length; id++) {
      const length = tokens[id]?.length ?? 0;
      total += length;
      longest = Math.max(longest, length);
      this.starts[id + 1] = total;
    }
    this.longest = longest;
    this.powers = new Int32Array(longest + 1).fill(1);
    for (let n = 1; n <= longest; n++) this.powers[n] = Math.imul(this.powers[n - 1], BASE);
    this.bytes = new Uint8Array(total);
    let slots = 1 << 10;
    while (slots < 3 * tokens.length) slots *= 2;
    this.slots = new Int32Array(slots).fill(-1);
    for (let id = 0; id < tokens.length; id++) {
      const token = tokens[id];
      if (token === null || token.length === 0) continue;
      this.bytes.set(token, this.starts[id]);
      this.hashes[id] = hashOf(token, 0, token.length);
      let slot = slotOf(this.hashes[id]) & (slots - 1);
      while (this.slots[slot] !== -1) slot = (slot + 1) & (slots - 1);
      this.slots[slot] = id;
    }
  }

  /** The bytes of a token; empty where the id has none. */
  token(id: number): Uint8Array {
    return this.bytes.subarray(this.starts[id], this.starts[id + 1]);
  }

  /** The id of bytes[0 … length − 1], or −1. */
  find(bytes: Uint8Array, length: number): number {
    if (length > this.longest) return -1;
    const hash = hashOf(bytes, 0, length);
    const mask = this.slots.length - 1;
    for (let slot = slotOf(hash) & mask; ; slot = (slot + 1) & mask) {
      const id = this.slots[slot];
      if (id === -1) return -1;
      if (
        this.hashes[id] === hash &&
        this.lengthOf(id) === length &&
        this.equals(id, 0, bytes, 0, length)
      )
        return id;
    }
  }

  /** The id of the bytes of `left` followed by those of `right`, or −1. */
  findPair(left: number, right: number): number {
    const [l, r] = [this.lengthOf(left), this.lengthOf(right)];
    if (l + r > this.longest) return -1;
    const hash = (Math.imul(this.hashes[left], this.powers[r]) + this.hashes[right]) | 0;
    const mask = this.slots.length - 1;
    const { bytes, starts } = this;
    for (let slot = slotOf(hash) & mask; ; slot = (slot + 1) & mask) {
      const id = this.slots[slot];
      if (id === -1) return -1;
      if (
        this.hashes[id] === hash &&
        this.lengthOf(id) === l + r &&
        this.equals(id, 0, bytes, starts[left], l) &&
        this.equals(id, l, bytes, starts[right], r)
      )
        return id;
    }
  }

  private lengthOf(id: number): number {
    return this.starts[id + 1] - this.starts[id];
  }

  private equals(id: number, from: number, bytes: Uint8Array, start: number, n: number): boolean {
    const own = this.starts[id] + from;
    for (let i = 0; i < n; i++) if (this.bytes[own + i] !== bytes[start + i]) return false;
    return true;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, BASE) + bytes[i] + 1) | 0;
  return hash;
}

/** Spreads a polynomial hash, whose low bits know only the last bytes, over the slots. */
function slotOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return mixed ^ (mixed >>> 16);
}
