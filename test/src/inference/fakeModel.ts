// A model whose logits are a hash of all that a token can see in its block table: tokens, positions
// and the rows before. A wrong block, a wrong position, a row that another text has overwritten
// change the text that is written, or are found out at once. The same hash without blocks says what
// the text should be.
import type { BlockPool, GenerationRequest, PagedModel, Piece } from "llm/inference";
import { Random } from "llm/random";
import { sampleFromLogits } from "llm/sampling";

export interface FakeSizes {
  blocks: number;
  blockTokens: number;
  vocabSize?: number;
  maxLength?: number;
  window?: number;
  /** After this token all logits are NaN. */
  poison?: number;
  /** How much the logits differ: 0 makes all tokens equally likely. */
  spread?: number;
  /** Which model of this kind it is. */
  seed?: number;
}

const mix = (a: number, b: number): number => {
  let h = Math.imul(a ^ (b + 0x9e3779b9), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
};

/** What a row remembers of a token, of which the rows in sight, itself left out, are given. */
function rowValue(seed: number, token: number, position: number, seen: number[]): number {
  return seen.reduce(mix, mix(mix(seed, token), position));
}

function logitsFrom(value: number, token: number, sizes: FakeSizes): Float32Array {
  const { vocabSize = 23, poison, spread = 6 } = sizes;
  return Float32Array.from({ length: vocabSize }, (_, i) =>
    token === poison ? NaN : ((mix(value, i) >>> 8) / 2 ** 24 - 0.5) * spread,
  );
}

/** The logits after every token of a text, without blocks. */
export function logitsAlone(ids: readonly number[], sizes: FakeSizes): Float32Array[] {
  const { window = Infinity, seed = 1 } = sizes;
  const values: number[] = [];
  return ids.map((token, p) => {
    values.push(rowValue(seed, token, p, values.slice(Math.max(0, p - window + 1), p)));
    return logitsFrom(values[p], token, sizes);
  });
}

/** What a request must give: written without engine and blocks. */
export function writtenAlone(request: GenerationRequest, sizes: FakeSizes, sample = 0) {
  const { ids: prompt, maxNewTokens, seed = 0, stopIds = [], stop, ...options } = request;
  const first = new Random(seed);
  const rng = sample === 0 ? first : first.fork("sample", sample);
  const ids = Array.from(prompt);
  const constraint = request.constraint?.();
  try {
    if (constraint?.done) return { ids, reason: "stop" };
    while (ids.length < prompt.length + maxNewTokens) {
      const logits = logitsAlone(ids, sizes)[ids.length - 1];
      const possible = constraint?.mask(logits) ?? logits;
      const id = sampleFromLogits(possible, { ...options, rng, previous: ids });
      ids.push(id);
      constraint?.accept(id);
      if (stopIds.includes(id) || stop?.(ids) || constraint?.done) return { ids, reason: "stop" };
    }
    return { ids, reason: "length" };
  } catch {
    return { ids, reason: "error" };
  }
}

export class FakeModel implements PagedModel {
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly blockTokens: number;
  readonly blocks: number;
  readonly window?: number;
  /** Whose blocks are whose: writing into a block that is not one text's own is an error then. */
  pool?: BlockPool;
  steps = 0;
  copies = 0;
  /** How many tokens it has read. */
  read = 0;
  /** What lies in each row: a position and a value; nothing at first. */
  private readonly rows: ({ position: number; value: number } | undefined)[];

  constructor(private readonly sizes: FakeSizes) {
    ({ blocks: this.blocks, blockTokens: this.blockTokens, window: this.window } = sizes);
    this.vocabSize = sizes.vocabSize ?? 23;
    this.maxLength = sizes.maxLength ?? 1000;
    this.rows = new Array(this.blocks * this.blockTokens).fill(undefined);
  }

  step(pieces: readonly Piece[]): Float32Array {
    this.steps++;
    if (pieces.length === 0) throw new Error("FakeModel: no piece");
    for (const piece of pieces) this.check(piece);
    this.checkTogether(pieces);
    const wanted = pieces.flatMap((piece) => {
      const logits = piece.ids.map((token, i) => this.readOne(piece, token, piece.start + i));
      return piece.logits === "all" ? logits : piece.logits === "last" ? logits.slice(-1) : [];
    });
    const all = new Float32Array(wanted.length * this.vocabSize);
    for (const [i, logits] of wanted.entries()) all.set(logits, i * this.vocabSize);
    return all;
  }

  copyBlock(from: number, to: number): void {
    if (from === to) throw new Error("FakeModel: a block copied to itself");
    this.copies++;
    for (let i = 0; i < this.blockTokens; i++)
      this.rows[to * this.blockTokens + i] = this.rows[from * this.blockTokens + i];
  }

  private rowAt(table: readonly number[], position: number): number {
    const block = table[Math.floor(position / this.blockTokens)];
    if (!(block >= 0 && block < this.blocks))
      throw new Error(`FakeModel: no block for position ${position} in [${table}]`);
    return block * this.blockTokens + (position % this.blockTokens);
  }

  private readOne({ table }: Piece, token: number, position: number): Float32Array {
    this.read++;
    const { window = Infinity, seed = 1 } = { window: this.window, seed: this.sizes.seed };
    const seen: number[] = [];
    for (let p = Math.max(0, position - window + 1); p < position; p++) {
      const row = this.rows[this.rowAt(table, p)];
      if (row?.position !== p) throw new Error(`FakeModel: position ${p} was never written`);
      seen.push(row.value);
    }
    const value = rowValue(seed, token, position, seen);
    this.rows[this.rowAt(table, position)] = { position, value };
    return logitsFrom(value, token, this.sizes);
  }

  private check({ ids, start, table }: Piece): void {
    if (ids.length === 0) throw new Error("FakeModel: an empty piece");
    if (start + ids.length > this.maxLength) throw new Error("FakeModel: a text too long");
    for (const id of ids)
      if (!(id >= 0 && id < this.vocabSize)) throw new Error(`FakeModel: no token ${id}`);
    if (!this.pool || this.window === undefined) return; // a draft keeps what it may go back to
    const first = Math.max(0, start - this.window + 1);
    for (let block = 0; (block + 1) * this.blockTokens <= first; block++)
      if (table[block] !== -1) throw new Error(`FakeModel: block ${block} is kept out of sight`);
  }

  /** A block that is written belongs to one text alone. */
  private checkTogether(pieces: readonly Piece[]): void {
    for (const [i, { ids, start, table }] of pieces.entries()) {
      const [first, last] = [start, start + ids.length - 1].map((p) => p / this.blockTokens);
      for (const block of table.slice(Math.floor(first), Math.floor(last) + 1)) {
        const others = pieces.filter((other, j) => j !== i && other.table.includes(block));
        if (others.length > 0) throw new Error(`FakeModel: block ${block} is written and read`);
        const { pool } = this;
        if (pool && (pool.references(block) !== 1 || pool.isCached(block)))
          throw new Error(`FakeModel: a row is written into block ${block}, which is not its own`);
      }
    }
  }
}
