// A GGUF file's bytes, version 3, in the order in which they are written: metadata, directory of the
// tensors, their numbers. Format: ggml-org/ggml, docs/gguf.md.
import { blockOf, bytesOf, numberOf, quantize, type WrittenType } from "./quantize";

/** A pair of the metadata: its key, the type of its value as GGUF counts them, and the value. */
export type GgufEntry =
  | [key: string, type: "u32" | "i32" | "f32", value: number]
  | [key: string, type: "bool", value: boolean]
  | [key: string, type: "string", value: string]
  | [key: string, type: "strings", value: readonly string[]]
  | [key: string, type: "i32s" | "f32s", value: readonly number[]];

/** A tensor to be written; its numbers are asked for when it is its turn. */
export interface GgufNumbers {
  name: string;
  /** The fastest axis last. */
  shape: readonly number[];
  data: () => Float32Array;
  /** F32 if absent. */
  type?: WrittenType;
}

/** Every tensor begins at a multiple of so many bytes; a file that says nothing means 32. */
const ALIGNMENT = 32;

/** `length` bytes, into which a method of Buffer writes. */
const made = (length: number, write: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
};
const u32 = (x: number): Buffer => made(4, (bytes) => bytes.writeUInt32LE(x));
const i32 = (x: number): Buffer => made(4, (bytes) => bytes.writeInt32LE(x));
const f32 = (x: number): Buffer => made(4, (bytes) => bytes.writeFloatLE(x));
const u64 = (x: number): Buffer => made(8, (bytes) => bytes.writeBigUInt64LE(BigInt(x)));
const text = (x: string): Buffer[] => {
  const bytes = Buffer.from(x);
  return [u64(bytes.length), bytes];
};

/** The type's number in the file, then the value. */
function valueBytes([, type, value]: GgufEntry): Buffer[] {
  switch (type) {
    case "u32":
      return [u32(4), u32(value)];
    case "i32":
      return [u32(5), i32(value)];
    case "f32":
      return [u32(6), f32(value)];
    case "bool":
      return [u32(7), Buffer.of(value ? 1 : 0)];
    case "string":
      return [u32(8), ...text(value)];
    case "strings":
      return [u32(9), u32(8), u64(value.length), ...value.flatMap(text)];
    case "i32s":
      return [u32(9), u32(5), u64(value.length), ...value.map(i32)];
    case "f32s":
      return [u32(9), u32(6), u64(value.length), ...value.map(f32)];
  }
}

/**
 * A GGUF file, piece by piece: at no time are the numbers of more than one tensor held here.
 * @throws where a tensor has another number of numbers than its shape, rows that are no whole blocks of
 *   its type, or a number that is not finite
 */
export function* encodeGguf(
  metadata: readonly GgufEntry[],
  tensors: readonly GgufNumbers[],
): Generator<Uint8Array> {
  const head = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(metadata.length)];
  for (const entry of metadata) head.push(...text(entry[0]), ...valueBytes(entry));
  let place = 0; // counts from the first tensor on
  for (const { name, shape, type = "F32" } of tensors) {
    const row = shape.at(-1) ?? 1;
    if (row % blockOf(type) !== 0)
      throw new Error(
        `encodeGguf: ${name}: expected rows of whole blocks of ${blockOf(type)} numbers as ${type}, ` +
          `got rows of ${row}`,
      );
    head.push(...text(name), u32(shape.length), ...[...shape].reverse().map(u64));
    head.push(u32(numberOf(type)), u64(place));
    place = aligned(place + bytesOf(type, sizeOf(shape)));
  }
  const bytes = Buffer.concat(head);
  yield bytes;
  yield Buffer.alloc(aligned(bytes.length) - bytes.length);
  for (const { name, shape, data, type = "F32" } of tensors) {
    const numbers = data();
    if (numbers.length !== sizeOf(shape))
      throw new Error(
        `encodeGguf: ${name}: expected ${sizeOf(shape)} numbers, got ${numbers.length}`,
      );
    if (!numbers.every(Number.isFinite))
      throw new Error(`encodeGguf: ${name}: expected finite numbers, got others`);
    const content = quantize(type, numbers);
    yield content;
    yield Buffer.alloc(aligned(content.length) - content.length);
  }
}

const aligned = (n: number): number => Math.ceil(n / ALIGNMENT) * ALIGNMENT;
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
