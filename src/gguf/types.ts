// The types of numbers in GGUF files, and how their blocks become float32. A quantized row is a row
// of blocks: 32 numbers (256 in the K types) share a scale d, and in some types an offset m, and
// each keeps only a few bits q, so that x = d · q + m. Every step is rounded to float32, as in
// ggml's own code and in the Python package `gguf`, so the results are the same to the last bit.
// Left out: the types of 2 and 3 bits and the IQ types. The other direction is ./quantize.
import { float16Of, toFloat32 } from "../numbers";

/** One type of numbers. */
interface NumberType {
  name: string;
  /** How many numbers are a block, and how many bytes it has. */
  block: number;
  bytes: number;
  /** The numbers of one block, written to `out` from `to` on. */
  decode?: (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void;
}

const f = Math.fround;

/** The float16 that begins at a byte. */
const half = (bytes: Uint8Array, at: number): number => float16Of(bytes[at] | (bytes[at + 1] << 8));

/**
 * Types of 32 numbers: d, perhaps m, perhaps the fifth bits, then the lower four bits, of which
 * byte i has those of numbers i (low) and i + 16 (high).
 */
const small =
  ({ hasOffset = false, fifth = false, less = 0 }): NumberType["decode"] =>
  (bytes, at, out, to) => {
    const d = half(bytes, at);
    const m = hasOffset ? half(bytes, at + 2) : 0;
    const high = at + (hasOffset ? 4 : 2);
    const low = fifth ? high + 4 : high;
    for (let i = 0; i < 32; i++) {
      const four = i < 16 ? bytes[low + i] & 15 : bytes[low + i - 16] >> 4;
      const bit = fifth ? (bytes[high + (i >> 3)] >> (i & 7)) & 1 : 0;
      const x = f(d * ((four | (bit << 4)) - less));
      out[to + i] = hasOffset ? x + m : x;
    }
  };

/** Q8_0: d, then 32 bytes with sign. */
const eight: NumberType["decode"] = (bytes, at, out, to) => {
  const d = half(bytes, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * ((bytes[at + 2 + i] << 24) >> 24);
};

/**
 * Q4_K and Q5_K: d and the offsets' scale, 8 groups of 32 numbers with a scale and an offset of six
 * bits each in 12 bytes, perhaps the fifth bits, then the lower four.
 */
const grouped =
  (fifth: boolean): NumberType["decode"] =>
  (bytes, at, out, to) => {
    const [d, dm] = [half(bytes, at), half(bytes, at + 2)];
    const packed = (i: number) => bytes[at + 4 + i];
    const [high, low] = [at + 16, at + (fifth ? 48 : 16)];
    for (let g = 0; g < 8; g++) {
      const first = g < 4;
      const rest = first ? 0 : packed(g + 4);
      const scale = first ? packed(g) & 63 : (rest & 15) | ((packed(g - 4) >> 2) & 48);
      const offset = first ? packed(g + 4) & 63 : (rest >> 4) | ((packed(g) >> 2) & 48);
      const [s, m] = [f(d * scale), f(dm * offset)];
      for (let i = 0; i < 32; i++) {
        const four = (bytes[low + (g >> 1) * 32 + i] >> (g & 1 ? 4 : 0)) & 15;
        const bit = fifth ? (bytes[high + i] >> g) & 1 : 0;
        out[to + g * 32 + i] = f(s * (four | (bit << 4))) - m;
      }
    }
  };

/** Q6_K: the lower four bits, the upper two, 16 scales with sign, d. */
const six: NumberType["decode"] = (bytes, at, out, to) => {
  const d = half(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const [part, quarter, j] = [i >> 7, (i >> 5) & 3, i & 31]; // of 128 numbers four quarters
    const four = bytes[at + part * 64 + (quarter & 1) * 32 + j] >> (quarter & 2 ? 4 : 0);
    const two = bytes[at + 128 + part * 32 + j] >> (2 * quarter);
    const scale = (bytes[at + 192 + (i >> 4)] << 24) >> 24;
    out[to + i] = f(d * scale) * (((four & 15) | ((two & 3) << 4)) - 32);
  }
};

/** By their numbers in ggml; those without `decode` are whole floats. */
const types: Record<number, NumberType> = {
  0: { name: "F32", block: 1, bytes: 4 },
  1: { name: "F16", block: 1, bytes: 2 },
  2: { name: "Q4_0", block: 32, bytes: 18, decode: small({ less: 8 }) },
  3: { name: "Q4_1", block: 32, bytes: 20, decode: small({ hasOffset: true }) },
  6: { name: "Q5_0", block: 32, bytes: 22, decode: small({ fifth: true, less: 16 }) },
  7: { name: "Q5_1", block: 32, bytes: 24, decode: small({ hasOffset: true, fifth: true }) },
  8: { name: "Q8_0", block: 32, bytes: 34, decode: eight },
  12: { name: "Q4_K", block: 256, bytes: 144, decode: grouped(false) },
  13: { name: "Q5_K", block: 256, bytes: 176, decode: grouped(true) },
  14: { name: "Q6_K", block: 256, bytes: 210, decode: six },
  30: { name: "BF16", block: 1, bytes: 2 },
};

/** A type's name and the size of its blocks; undefined where it is not read. */
export const typeOf = (type: number): Omit<NumberType, "decode"> | undefined => types[type];

/** The names of all that are read. */
export const typeNames = (): string =>
  Object.values(types)
    .map(({ name }) => name)
    .join(", ");

/**
 * The bytes of a tensor as float32.
 * @param type its number in ggml; the bytes are whole blocks of it
 */
export function dequantize(type: number, bytes: Uint8Array): Float32Array {
  const { name, block, bytes: size, decode } = types[type];
  if (!decode) return toFloat32(name as "F32" | "F16" | "BF16", bytes);
  const out = new Float32Array((bytes.length / size) * block);
  for (let at = 0, to = 0; at < bytes.length; at += size, to += block) decode(bytes, at, out, to);
  return out;
}
