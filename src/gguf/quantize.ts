// float32 as the blocks of a GGUF file: the opposite of ./types, for the types that llama.cpp's own
// converter writes. 32 numbers share a scale d, kept as float16, and each becomes a whole number of 8
// or 4 bits. The rounding is that of the Python package `gguf`, so that the bytes are the same to the
// last bit. Left out: the other types, which need a search for the best scale or an importance matrix.
import { fromFloat32 } from "../numbers";
import { typeOf } from "./types";

/** Types that can be written, with ggml's numbers of them. */
const NUMBERS = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 } as const;

/** A type of numbers that can be written. */
export type WrittenType = keyof typeof NUMBERS;

/** The types that can be written, from the largest to the smallest. */
export const writtenTypes: readonly WrittenType[] = ["F32", "F16", "Q8_0", "Q4_0"];

/** ggml's number of a type. */
export const numberOf = (type: WrittenType): number => NUMBERS[type];

/** How many numbers share a scale in a type; 1 for floats. */
export const blockOf = (type: WrittenType): number => typeOf(NUMBERS[type])?.block ?? 1;

/** How many bytes `count` numbers of a type take. @param count whole blocks */
export function bytesOf(type: WrittenType, count: number): number {
  const { block, bytes } = typeOf(NUMBERS[type]) as { block: number; bytes: number };
  return (count / block) * bytes;
}

const f = Math.fround;

/**
 * Numbers as the bytes of a type.
 * @param numbers whole blocks: a multiple of 32 for Q8_0 and Q4_0
 * @throws for another number of numbers
 */
export function quantize(type: WrittenType, numbers: Float32Array): Uint8Array {
  if (type === "F32" || type === "F16") return fromFloat32(type, numbers);
  const block = blockOf(type);
  if (numbers.length % block !== 0)
    throw new Error(`quantize: expected whole blocks of ${block} numbers, got ${numbers.length}`);
  const size = bytesOf(type, block);
  const out = new Uint8Array((numbers.length / block) * size);
  const write = type === "Q8_0" ? eight : four;
  for (let at = 0, to = 0; at < numbers.length; at += block, to += size)
    write(numbers.subarray(at, at + block), out.subarray(to, to + size));
  return out;
}

/** The scale as float16 in a block's first two bytes. */
const putScale = (d: number, out: Uint8Array): void =>
  out.set(fromFloat32("F16", Float32Array.of(d)));

/** Q8_0: d = max |x| / 127, q = x / d rounded, halves away from zero. */
function eight(x: Float32Array, out: Uint8Array): void {
  let largest = 0;
  for (const value of x) largest = Math.max(largest, Math.abs(value));
  const d = f(largest / 127);
  const inverse = d === 0 ? 0 : f(1 / d);
  putScale(d, out);
  for (const [i, value] of x.entries()) {
    const q = f(value * inverse);
    const rounded = Math.sign(q) * Math.floor(Math.abs(q) + 0.5);
    out[2 + i] = rounded & 255;
  }
}

/**
 * Q4_0: d = m / −8 for the number m that is farthest from zero, so that m itself is kept exactly;
 * q = x / d + 8, from 0 to 15. Byte i holds numbers i (low) and i + 16 (high).
 */
function four(x: Float32Array, out: Uint8Array): void {
  let farthest = 0;
  for (const value of x) if (Math.abs(value) > Math.abs(farthest)) farthest = value;
  const d = f(farthest / -8);
  const inverse = d === 0 ? 0 : f(1 / d);
  putScale(d, out);
  const level = (value: number) => Math.min(15, Math.max(0, Math.trunc(value * inverse + 8.5)));
  for (let i = 0; i < 16; i++) out[2 + i] = level(x[i]) | (level(x[i + 16]) << 4);
}
