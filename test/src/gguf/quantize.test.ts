// float32 as blocks: the bytes are those of the Python package `gguf`
// (test/fixtures/record/ggufQuantized.py), and what is lost is what the levels allow.
import { bytesOf, dequantize, quantize, type WrittenType, writtenTypes } from "llm/gguf";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";
import { fixture, type Recorded } from "../reference";

interface Fixture {
  numbers: Recorded;
  quantized: Record<string, string[]>;
}
const { numbers, quantized } = fixture<Fixture>("ggufQuantized");
const rows = quantized.Q8_0.map((_, i) =>
  Float32Array.from(numbers.values.slice(32 * i, 32 * i + 32)),
);

describe.each(Object.keys(quantized) as WrittenType[])("%s", (type) => {
  it("has the bytes that the package gguf writes", () => {
    for (const [i, row] of rows.entries())
      expect([i, Buffer.from(quantize(type, row)).toString("hex")]).toEqual([
        i,
        quantized[type][i],
      ]);
  });

  it("has as many bytes as it says, block behind block", () => {
    const all = Float32Array.from(numbers.values);
    const bytes = quantize(type, all);
    expect(bytes.length).toBe(bytesOf(type, all.length));
    expect(Buffer.from(bytes).toString("hex")).toBe(quantized[type].join(""));
  });
});

describe("what is lost", () => {
  const ids: Record<WrittenType, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8 };
  /** The largest error of a number, in parts of the largest number of its block. */
  const worst = (type: WrittenType) => {
    const rng = new Random(3);
    const x = Float32Array.from({ length: 3200 }, () => rng.normal());
    const back = dequantize(ids[type], quantize(type, x));
    let worst = 0;
    for (let at = 0; at < x.length; at += 32) {
      const block = x.subarray(at, at + 32);
      const largest = Math.max(...block.map(Math.abs));
      for (const [i, value] of block.entries())
        worst = Math.max(worst, Math.abs(value - back[at + i]) / largest);
    }
    return worst;
  };

  it("is half a level at most, and the scale's own rounding", () => {
    expect(worst("F32")).toBe(0);
    expect(worst("F16")).toBeLessThan(2 ** -11);
    expect(worst("Q8_0")).toBeLessThan(0.5 / 127 + 2 ** -11);
    expect(worst("Q8_0")).toBeGreaterThan(0.4 / 127);
    // from −8 to 7: a number on the other side, as large as the largest, loses a whole level
    expect(worst("Q4_0")).toBeLessThan(1 / 8 + 2 ** -10);
    expect(worst("Q4_0")).toBeGreaterThan(0.5 / 8);
  });

  it("types are listed by their size, and parts of blocks are refused", () => {
    const sizes = writtenTypes.map((type) => bytesOf(type, 64));
    expect(sizes).toEqual([256, 128, 68, 36]);
    expect(() => quantize("Q4_0", new Float32Array(40))).toThrow(
      "quantize: expected whole blocks of 32 numbers, got 40",
    );
  });
});
