// GGUF files that the Python package `gguf` wrote (test/fixtures/gguf): every type of numbers to the
// last bit, and what is said of damaged files.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGguf, readGgufTensor } from "llm/gguf";
import { afterAll, describe, expect, it } from "vitest";
import { fixture, type Recorded } from "../reference";

const { types } = fixture<{ types: Record<string, Recorded> }>("gguf");
const original = new URL("../../fixtures/gguf/types.gguf", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "gguf-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("readGgufTensor", () => {
  it.each(Object.keys(types))("gives the numbers of %s to the last bit", (name) => {
    const { shape, data } = readGgufTensor(readGguf(original), name);
    expect(shape).toEqual(types[name].shape);
    const wrong = types[name].values.filter((x, i) => !Object.is(Math.fround(x), data[i]));
    expect(wrong).toEqual([]);
    expect(data.some((x) => x !== 0)).toBe(true);
  });

  it("refuses a tensor that is not there, and a file that has become shorter", () => {
    const file = join(folder, "shorter.gguf");
    const bytes = readFileSync(original);
    writeFileSync(file, bytes);
    const gguf = readGguf(file);
    expect(() => readGgufTensor(gguf, "x")).toThrow("expected x, got no such tensor");
    writeFileSync(file, bytes.subarray(0, bytes.length - 300));
    expect(() => readGgufTensor(gguf, "Q6_K")).toThrow("expected all of Q6_K, got its beginning");
  });
});

describe("readGguf", () => {
  const bytes = readFileSync(original);
  const refuses = (change: (copy: Buffer) => Buffer | undefined) => {
    const copy = Buffer.from(bytes);
    const file = join(folder, "changed.gguf");
    writeFileSync(file, change(copy) ?? copy);
    return expect(() => readGguf(file));
  };
  /** Where the directory's row of a tensor has its number of axes. */
  const row = (name: string) => bytes.indexOf(`\0${name}\u0002`, 0, "latin1") + 1 + name.length;

  it("has metadata and the place of every tensor", () => {
    const { metadata, tensors } = readGguf(original);
    expect(metadata.get("general.architecture")).toBe("llama");
    expect([...tensors.keys()]).toEqual(Object.keys(types));
    const { begin, end, type } = tensors.get("Q4_1")!;
    expect([type, begin % 32, end - begin]).toEqual([3, 0, (3 * 64 * 20) / 32]);
  });

  it("refuses damaged directories", () => {
    refuses((copy) => copy.subarray(0, 100)).toThrow("got the end of the file");
    refuses((copy) => copy.subarray(0, 3000)).toThrow(/Q5_K|Q6_K|Q4_K|Q8_0: expected bytes up to/);
    refuses((copy) => void copy.writeUInt32LE(5, row("Q4_0"))).toThrow("at most 4 axes, got 5");
    const type = (copy: Buffer, n: number) => copy.writeUInt32LE(n, row("Q4_0") + 20);
    refuses((copy) => void type(copy, 10)).toThrow(/Q4_0: expected numbers of type F32.* type 10/);
    refuses((copy) => void type(copy, 14)).toThrow(
      "rows of whole blocks of 256 Q6_K numbers, got 64",
    );
    refuses((copy) => void copy.write("Q4_1", row("Q4_0") - 4)).toThrow("got Q4_1 twice");
  });
});
