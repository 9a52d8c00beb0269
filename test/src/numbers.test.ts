// 16-bit weights in files: every number there is, known values, and rounding to the nearest.
import { decodeSafetensors, encodeSafetensors } from "llm/checkpoint";
import { type FloatType, fromFloat32, toFloat32 } from "llm/numbers";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
const bitsOf = (bytes: Uint8Array) => new Uint16Array(bytes.slice().buffer);
const round = (type: FloatType, x: number) =>
  toFloat32(type, fromFloat32(type, Float32Array.of(x)))[0];

describe.each(["F16", "BF16"] as const)("%s", (type) => {
  const numbers = toFloat32(type, new Uint8Array(all.buffer));

  it("keeps every number that it has", () => {
    const again = bitsOf(fromFloat32(type, numbers));
    const changed = [...all].filter((bits) => again[bits] !== bits && !Number.isNaN(numbers[bits]));
    expect(changed).toEqual([]);
    const nan = [...all].filter((bits) => Number.isNaN(numbers[bits]));
    expect(
      nan.every((bits) =>
        Number.isNaN(toFloat32(type, Uint8Array.of(again[bits] & 255, again[bits] >> 8))[0]),
      ),
    ).toBe(true);
  });

  it("rounds to the nearest, ties to the even one", () => {
    const rng = new Random(16);
    const infinity = type === "F16" ? 0x7c00 : 0x7f80;
    for (let i = 0; i < 20_000; i++) {
      const bits = rng.integer(infinity - 1);
      const [low, high] = [numbers[bits], numbers[bits + 1]];
      const x = Math.fround(low + (high - low) * rng.uniform());
      const nearest = x - low < high - x ? low : high;
      if (x - low !== high - x) expect(round(type, x)).toBe(nearest);
      const middle = (low + high) / 2;
      if (Math.fround(middle) === middle)
        expect(round(type, -middle)).toBe(-(bits % 2 ? high : low));
    }
  });
});

it("float16 has these numbers (IEEE 754 binary16)", () => {
  const known = [
    [0x0000, 0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x7bff, 65504],
    [0xc000, -2],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ];
  const bits = Uint16Array.from(known, ([b]) => b);
  expect([...toFloat32("F16", new Uint8Array(bits.buffer))]).toEqual(known.map(([, x]) => x));
  expect(round("F16", 65519.996)).toBe(65504);
  expect(round("F16", 65520)).toBe(Number.POSITIVE_INFINITY);
  expect(round("F16", 2 ** -25)).toBe(0);
  expect(Object.is(round("F16", -1e-9), -0)).toBe(true);
});

it.each(["F32", "F16", "BF16", "F64"] as const)("a safetensors file of %s can be read", (type) => {
  const data = Float32Array.of(0.5, -1.25, 3, 0, 1024, -0.0078125);
  const file = Buffer.concat(encodeSafetensors({ x: { shape: [2, 3], data } }, {}, type));
  const { tensors } = decodeSafetensors(file);
  expect(tensors.x).toEqual({ shape: [2, 3], data });
  expect(file.includes(`"dtype":"${type}"`)).toBe(true);
});
