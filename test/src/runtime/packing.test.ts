// Packed matrices: what is in them, and products with them, against loops in 64 bits.
import { readFileSync } from "node:fs";
import { KernelMemory } from "llm/engine";
import { dequantize, quantize, readGguf, readGgufBytes } from "llm/gguf";
import { Random } from "llm/random";
import {
  columnsOf,
  multiply,
  type PackedMatrix,
  packedBytes,
  packMatrix,
  paddedRows,
  roundedBytes,
  rowsOf,
  unpackRow,
  type WeightFormat,
  weightFormats,
} from "llm/runtime";
import { afterEach, describe, expect, it } from "vitest";
import { kernels, without } from "./kernels";

const open: KernelMemory[] = [];
async function memoryOf(options = {}) {
  const memory = await KernelMemory.open(options);
  open.push(memory);
  return memory;
}
afterEach(() => {
  for (const memory of open.splice(0)) memory.close();
});

function numbers(seed: number, length: number): Float32Array {
  const rng = new Random(seed);
  return Float32Array.from({ length }, () => rng.normal());
}

function unpacked(memory: KernelMemory, matrix: PackedMatrix): Float32Array[] {
  return Array.from({ length: matrix.rows }, (_, n) => {
    const row = new Float32Array(matrix.columns);
    unpackRow(memory, matrix, n, row);
    return row;
  });
}

/** What whole numbers are multiplied with: 8 bits and a scale for each 32 numbers. */
function rounded(row: Float32Array): Float32Array {
  const out = new Float32Array(row.length);
  for (let b = 0; b < row.length; b += 32) {
    const block = row.subarray(b, b + 32);
    const d = Math.fround(Math.max(...block.map(Math.abs)) / 127);
    for (const [i, x] of block.entries()) out[b + i] = d * Math.round(x / d);
  }
  return out;
}

/** x Wᵀ by loops. */
const product = (x: Float32Array, w: Float32Array[]): number[] =>
  w.map((row) => row.reduce((sum, a, k) => sum + a * x[k], 0));

async function multiplied(
  options: object,
  format: WeightFormat,
  [M, N, K]: readonly [number, number, number],
  { bias, add }: { bias?: boolean; add?: boolean } = {},
) {
  const memory = await memoryOf(options);
  const w = packMatrix(memory, format, K, rowsOf(numbers(1, N * K), K));
  const [x, stride] = [numbers(2, M * (K + 3)), paddedRows(N) + 8];
  const [X, Y, B] = [x.length, M * stride, paddedRows(N)].map((n) => memory.alloc(4 * n, "test"));
  const work = memory.alloc(roundedBytes(M, K), "test");
  memory.f32(X, x.length).set(x);
  memory.f32(Y, M * stride).fill(7);
  memory.f32(B, N).set(Array.from({ length: N }, (_, n) => n));
  const rest = { bias: bias ? B : 0, add, rounded: work };
  multiply(memory, { at: X, stride: K + 3 }, M, w, { at: Y, stride }, rest);
  const rows = unpacked(memory, w);
  const got = Array.from({ length: M }, (_, m) => memory.f32(Y + 4 * m * stride, N).slice());
  const expected = Array.from({ length: M }, (_, m) => {
    const row = x.subarray(m * (K + 3), m * (K + 3) + K);
    return product(format === "float32" ? row : rounded(row), rows).map(
      (y, n) => y + (bias ? n : 0) + (add ? 7 : 0),
    );
  });
  return { got, expected, beyond: memory.f32(Y + 4 * paddedRows(N), 8).slice() };
}

const sizes = [
  [1, 8, 32],
  [1, 37, 45],
  [2, 24, 64],
  [3, 16, 33],
  [4, 5, 7],
  [9, 77, 100],
  [33, 40, 96],
] as const;

describe.each(kernels)("products on %s", (_, options) => {
  for (const format of weightFormats)
    it(`multiplies ${format}, whatever the sizes`, async () => {
      for (const size of sizes) {
        const { got, expected, beyond } = await multiplied(options, format, size);
        for (const [m, row] of expected.entries())
          for (const [n, y] of row.entries())
            expect(Math.abs(got[m][n] - y), `${size}: ${m}, ${n}`).toBeLessThan(1e-4);
        expect([...beyond]).toEqual(Array(8).fill(7)); // nothing behind a row is written
      }
    });

  it("adds a bias, and to what is there", async () => {
    for (const format of weightFormats)
      for (const size of sizes.slice(0, 5)) {
        const { got, expected } = await multiplied(options, format, size, {
          bias: true,
          add: true,
        });
        for (const [m, row] of expected.entries())
          for (const [n, y] of row.entries()) expect(Math.abs(got[m][n] - y)).toBeLessThan(1e-4);
      }
  });

  it("gives a row the same bits alone and among others", async () => {
    for (const format of weightFormats) {
      const many = await multiplied(options, format, [9, 77, 100]);
      for (const M of [1, 2, 3, 6]) {
        const few = await multiplied(options, format, [M, 77, 100]);
        expect(few.got).toEqual(many.got.slice(0, M));
      }
    }
  });
});

if (without !== undefined) it.skip(`products on native kernels: ${without}`, () => {});

describe("packMatrix", () => {
  it("keeps floats to the last bit, in both orders of a matrix", async () => {
    const memory = await memoryOf();
    const [N, K] = [11, 6];
    const W = numbers(3, N * K);
    const turned = Float32Array.from(
      { length: N * K },
      (_, i) => W[(i % N) * K + Math.floor(i / N)],
    );
    for (const rows of [rowsOf(W, K), columnsOf(turned, N)]) {
      const matrix = packMatrix(memory, "float32", K, rows);
      expect(Float32Array.from(unpacked(memory, matrix).flatMap((row) => [...row]))).toEqual(W);
    }
  });

  it("keeps the blocks of a file as they are: Q8_0, Q4_0 and Q4_1", async () => {
    const memory = await memoryOf();
    const file = readGguf(new URL("../../fixtures/gguf/types.gguf", import.meta.url).pathname);
    for (const [name, format] of [
      ["Q8_0", "int8"],
      ["Q4_0", "int4"],
      ["Q4_1", "int4"],
    ] as const) {
      const { shape, type, bytes } = readGgufBytes(file, name);
      const [N, K] = shape.length > 1 ? shape : [1, shape[0]];
      const size = bytes.length / N;
      const rows = Array.from({ length: N }, (_, n) => ({
        floats: () => expect.unreachable("blocks are there"),
        blocks: { type, bytes: bytes.subarray(n * size, (n + 1) * size) },
      }));
      const matrix = packMatrix(memory, format, K, rows as never);
      const all = Float32Array.from(unpacked(memory, matrix).flatMap((row) => [...row]));
      const expected = dequantize(type, bytes);
      for (const [i, x] of expected.entries())
        expect(Math.abs(all[i] - x), `${name} ${i}`).toBeLessThanOrEqual(1e-6 * Math.abs(x));
    }
  });

  it("rounds floats as llama.cpp's types do, and fills rows up to whole blocks", async () => {
    const memory = await memoryOf();
    const K = 45;
    const row = numbers(4, K);
    const filled = new Float32Array(64);
    filled.set(row);
    for (const [format, name, type] of [
      ["int8", "Q8_0", 8],
      ["int4", "Q4_0", 2],
    ] as const) {
      const matrix = packMatrix(memory, format, K, rowsOf(row, K));
      const expected = dequantize(type, quantize(name, filled)).subarray(0, K);
      for (const [k, x] of unpacked(memory, matrix)[0].entries())
        expect(Math.abs(x - expected[k])).toBeLessThan(1e-6);
    }
  });

  it("takes as much as it says: 32, 9 and 6 bits a weight", () => {
    const bits = (format: WeightFormat) => (packedBytes(format, 64, 128) * 8) / (64 * 128);
    expect(weightFormats.map(bits)).toEqual([32, 9, 6]);
  });

  it("says what is wrong with numbers", async () => {
    const memory = await memoryOf();
    const pack = (rows: number[][]) =>
      packMatrix(
        memory,
        "int8",
        3,
        rows.map((row) => ({ floats: () => Float32Array.from(row) })),
      );
    expect(() => pack([[1, 2]])).toThrow("expected rows of 3 numbers, got 2");
    expect(() => pack([[1, Number.NaN, 2]])).toThrow(
      "expected finite numbers, got NaN in column 1",
    );
  });
});

describe("KernelMemory", () => {
  it("gives out memory that is zero, apart and aligned", async () => {
    const memory = await memoryOf();
    const first = memory.alloc(10, "a");
    memory.u8(first, 10).fill(1);
    const second = memory.alloc(1 << 20, "b");
    expect(second - first).toBe(64);
    expect(second % 64).toBe(0);
    expect(memory.u8(second, 1 << 20).every((x) => x === 0)).toBe(true);
    expect([...memory.u8(first, 10)]).toEqual(Array(10).fill(1)); // growing has kept it
  });

  it("says how much there is when it is full, and goes on", async () => {
    const memory = await memoryOf();
    expect(() => memory.alloc(5 * 2 ** 30, "a large thing")).toThrow(
      "out of memory: a large thing needs 5120 MiB beside 0 MiB in use; expected at most 4096 MiB",
    );
    expect(memory.alloc(8, "a small thing")).toBeGreaterThan(0);
  });

  it("refuses a number of threads that is none", async () => {
    await expect(KernelMemory.open({ threads: 0 })).rejects.toThrow("expected threads");
  });

  it("has the same kernels in C++ as its addon says", () => {
    const read = (path: string) =>
      readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
    const version = (text: string) => /VERSION = (\d+);/.exec(text)?.[1];
    const [addon, source] = ["kernelAddon.ts", "kernels.cc"].map((name) =>
      version(read(`src/engine/native/${name}`)),
    );
    expect(addon).toBeDefined();
    expect(addon).toBe(source);
  });
});
