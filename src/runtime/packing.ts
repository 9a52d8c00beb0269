/**
 * Matrices packed for the kernels of llm/engine (engine/wasm/kernels/packed.ts), and multiplied as
 * they lie: as floats, or in blocks of 32 numbers of 8 or 4 bits that share a scale, as in llama.cpp's
 * files (llm/gguf). Nothing is unpacked: a product reads each byte of the matrix once, and that is what
 * the time of a decoding step is made of.
 *
 *     float32   32 bits a weight   w
 *     int8       9 bits            w = scale · level            level from −127 to 127
 *     int4       6 bits            w = scale · level + offset   level from 0 to 15
 *
 * Scales and offsets are floats here (16 bits each in files, where these types take 8.5 and 5 bits),
 * because WebAssembly has no numbers of 16 bits. With whole numbers the other factor is rounded too, to
 * 8 bits with a scale for each 32 numbers of a row, as llama.cpp does, so that whole numbers are
 * multiplied.
 *
 * Eight rows (outputs) are a tile, padded with zeros, and lie beside each other in the order in which
 * the kernels read them. Letters: N rows, K columns.
 */
import type { KernelMemory } from "../engine";
import { quantize, typeOf } from "../gguf";
import { float16Of } from "../numbers";

/** Rows of a tile, and numbers of a block. */
const TILE = 8;
const BLOCK = 32;
/** Bytes of a block of a tile: scales, offsets, levels. */
const INT8 = TILE * (4 + BLOCK);
const INT4 = TILE * (4 + 4 + BLOCK / 2);

/** How a packed matrix keeps its numbers. */
export type WeightFormat = "float32" | "int8" | "int4";
/** All of them, from the largest to the smallest. */
export const weightFormats: readonly WeightFormat[] = ["float32", "int8", "int4"];

/** A matrix in a kernels' memory. */
export interface PackedMatrix {
  format: WeightFormat;
  /** N */
  rows: number;
  /** K */
  columns: number;
  /** Where it begins in the memory, and how many bytes it takes. */
  at: number;
  bytes: number;
}

/** One row of a matrix, as its owner gives it. */
export interface WeightRow {
  /** K numbers. */
  floats: () => Float32Array;
  /**
   * The same as blocks of a GGUF file, where they are: ggml's number of the type (Q4_0 2, Q4_1 3,
   * Q8_0 8) and the bytes of the row. They are packed as they are, without being rounded again.
   */
  blocks?: { type: number; bytes: Uint8Array };
}

const padded = (n: number, unit: number) => Math.ceil(n / unit) * unit;

/** How many bytes a matrix takes when it is packed. */
export function packedBytes(format: WeightFormat, rows: number, columns: number): number {
  const tiles = Math.ceil(rows / TILE);
  const blocks = Math.ceil(columns / BLOCK);
  if (format === "float32") return tiles * columns * TILE * 4;
  return tiles * blocks * (format === "int8" ? INT8 : INT4);
}

/** The width of a row of results: N, filled up to whole tiles. */
export const paddedRows = (rows: number): number => padded(rows, TILE);

/** ggml's numbers of the types whose blocks can be packed as they are. */
const [Q4_0, Q4_1, Q8_0] = [2, 3, 8];

/**
 * The format that keeps rows of a GGUF type as they are: whole numbers for Q8_0, Q4_0 and Q4_1, else
 * floats.
 */
export function formatOf(type: number): WeightFormat {
  if (type === Q8_0) return "int8";
  return type === Q4_0 || type === Q4_1 ? "int4" : "float32";
}

/**
 * Packs a matrix.
 * @param columns K
 * @param rows N of them, from the first to the last
 * @throws where a row has another length, a number is not finite, or memory is full
 */
export function packMatrix(
  memory: KernelMemory,
  format: WeightFormat,
  columns: number,
  rows: readonly WeightRow[],
): PackedMatrix {
  const bytes = packedBytes(format, rows.length, columns);
  const at = memory.alloc(bytes, `a matrix of ${rows.length} × ${columns} numbers`);
  const pack = { float32: packFloats, int8: packInt8, int4: packInt4 }[format];
  const tile = new Uint8Array(packedBytes(format, TILE, columns));
  const floats = new Float32Array(tile.buffer);
  for (let first = 0; first < rows.length; first += TILE) {
    tile.fill(0);
    for (let n = 0; n < Math.min(TILE, rows.length - first); n++)
      pack({ bytes: tile, floats }, n, columns, rows[first + n]);
    memory.u8(at + (first / TILE) * tile.length, tile.length).set(tile);
  }
  return { format, rows: rows.length, columns, at, bytes };
}

/** The rows of an array of N · K numbers. */
export const rowsOf = (numbers: Float32Array, columns: number): WeightRow[] =>
  Array.from({ length: numbers.length / columns }, (_, n) => ({
    floats: () => numbers.subarray(n * columns, (n + 1) * columns),
  }));

/** The rows of an array of K · N numbers, as a matrix that is stored (in, out) has them. */
export const columnsOf = (numbers: Float32Array, rows: number): WeightRow[] => {
  const columns = numbers.length / rows;
  return Array.from({ length: rows }, (_, n) => ({
    floats: () => Float32Array.from({ length: columns }, (_, k) => numbers[k * rows + n]),
  }));
};

/** A tile that is being filled, as bytes and as floats. */
interface Tile {
  bytes: Uint8Array;
  floats: Float32Array;
}

/** Writes row n of a tile. */
type Pack = (tile: Tile, n: number, columns: number, row: WeightRow) => void;

function numbersOf(row: WeightRow, columns: number): Float32Array {
  const numbers = row.floats();
  if (numbers.length !== columns)
    throw new Error(`packMatrix: expected rows of ${columns} numbers, got ${numbers.length}`);
  const wrong = numbers.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0)
    throw new Error(
      `packMatrix: expected finite numbers, got ${numbers[wrong]} in column ${wrong}`,
    );
  return numbers;
}

const packFloats: Pack = ({ floats }, n, columns, row) => {
  const numbers = numbersOf(row, columns);
  for (let k = 0; k < columns; k++) floats[k * TILE + n] = numbers[k];
};

/** A row as blocks of one of some types: those it has, or its numbers rounded to `type`. */
function blocksOf(row: WeightRow, columns: number, type: "Q8_0" | "Q4_0", kept: number[]) {
  const { blocks } = row;
  if (blocks && kept.includes(blocks.type) && columns % BLOCK === 0) {
    const expected = (columns / BLOCK) * typeOf(blocks.type)!.bytes;
    if (blocks.bytes.length !== expected)
      throw new Error(`packMatrix: expected ${expected} bytes a row, got ${blocks.bytes.length}`);
    return blocks;
  }
  const numbers = new Float32Array(padded(columns, BLOCK));
  numbers.set(numbersOf(row, columns));
  return { type: type === "Q8_0" ? Q8_0 : Q4_0, bytes: quantize(type, numbers) };
}

const packInt8: Pack = ({ bytes: to, floats }, n, columns, row) => {
  const { bytes } = blocksOf(row, columns, "Q8_0", [Q8_0]);
  const start = 4 * TILE + (n >> 2) * 128 + (n & 3) * 2; // of outputs 0 … 3, then of 4 … 7
  for (let b = 0; b < Math.ceil(columns / BLOCK); b++) {
    const [from, at] = [b * 34, b * INT8];
    floats[at / 4 + n] = half(bytes, from);
    for (let k = 0; k < BLOCK; k++) to[at + start + (k >> 1) * 8 + (k & 1)] = bytes[from + 2 + k];
  }
};

const packInt4: Pack = ({ bytes: to, floats }, n, columns, row) => {
  const { type, bytes } = blocksOf(row, columns, "Q4_0", [Q4_0, Q4_1]);
  const size = typeOf(type)!.bytes;
  for (let b = 0; b < Math.ceil(columns / BLOCK); b++) {
    const [from, at] = [b * size, b * INT4];
    const scale = half(bytes, from);
    floats[at / 4 + n] = scale;
    floats[at / 4 + TILE + n] = type === Q4_1 ? half(bytes, from + 2) : -8 * scale;
    const levels = from + size - 16; // byte i: numbers i (low) and i + 16 (high)
    for (let k = 0; k < BLOCK; k++) {
      const level = k < 16 ? bytes[levels + k] & 15 : bytes[levels + k - 16] >> 4;
      to[at + wordOf(n, k)] |= level << ((k & 2) << 1);
    }
  }
};

/**
 * In a block of `int4`, the byte with number k of output n: eight numbers k fill 32 bytes; a word of
 * 16 bits has k, k + 2, k + 4 and k + 6.
 */
const wordOf = (n: number, k: number): number =>
  8 * TILE + (k >> 3) * 32 + (n * 2 + (k & 1)) * 2 + ((k & 4) >> 2);

/** The float16 that begins at a byte. */
const half = (bytes: Uint8Array, at: number): number => float16Of(bytes[at] | (bytes[at + 1] << 8));

/**
 * One row of a packed matrix, as floats.
 * @param out gets the K numbers
 */
export function unpackRow(
  memory: KernelMemory,
  { format, columns, at }: PackedMatrix,
  row: number,
  out: Float32Array,
): void {
  const n = row % TILE;
  const tile = at + Math.floor(row / TILE) * packedBytes(format, TILE, columns);
  if (format === "float32") {
    const from = memory.f32(tile, columns * TILE);
    for (let k = 0; k < columns; k++) out[k] = from[k * TILE + n];
    return;
  }
  const size = format === "int8" ? INT8 : INT4;
  for (let b = 0; b * BLOCK < columns; b++) {
    const scale = memory.f32(tile + b * size, TILE)[n];
    const offset = format === "int8" ? 0 : memory.f32(tile + b * size + 4 * TILE, TILE)[n];
    const bytes = memory.u8(tile + b * size, size);
    const level = format === "int8" ? level8 : level4;
    for (let k = 0; k < Math.min(BLOCK, columns - b * BLOCK); k++)
      out[b * BLOCK + k] = scale * level(bytes, n, k) + offset;
  }
}

const level8 = (bytes: Uint8Array, n: number, k: number): number =>
  (bytes[4 * TILE + (n >> 2) * 128 + (n & 3) * 2 + (k >> 1) * 8 + (k & 1)] << 24) >> 24;

const level4 = (bytes: Uint8Array, n: number, k: number): number =>
  (bytes[wordOf(n, k)] >> ((k & 2) << 1)) & 15;

/** Where the rows of a product are: M of them, `stride` floats apart. */
export interface Rows {
  at: number;
  stride: number;
}

/** How many bytes `multiply` needs to write M rows of K numbers as whole numbers. */
export const roundedBytes = (M: number, K: number): number => M * Math.ceil(K / BLOCK) * 72;

/**
 * y = x Wᵀ (+ bias) (+ y), on all threads of the memory.
 * @param x M rows of K numbers
 * @param y M rows of at least `paddedRows(N)` numbers
 * @param options `bias`: where N numbers, filled up to whole tiles, lie; `add`: to what y holds;
 *   `rounded`: where `roundedBytes` are free, for matrices of whole numbers
 */
export function multiply(
  memory: KernelMemory,
  x: Rows,
  M: number,
  w: PackedMatrix,
  y: Rows,
  { bias = 0, add = false, rounded = 0 }: { bias?: number; add?: boolean; rounded?: number } = {},
): void {
  const tiles = Math.ceil(w.rows / TILE);
  const rest = (from: number, to: number) => [bias, add ? 1 : 0, from, to];
  if (w.format === "float32") {
    memory.share("mulF32", tiles, (from, to) => [
      ...[x.at, x.stride, M, w.columns, w.at, y.at, y.stride],
      ...rest(from, to),
    ]);
    return;
  }
  memory.call("quantizeRows", x.at, x.stride, M, w.columns, rounded);
  memory.share(w.format === "int8" ? "mulInt8" : "mulInt4", tiles, (from, to) => [
    ...[rounded, M, w.columns, w.at, y.at, y.stride],
    ...rest(from, to),
  ]);
}
