// Safetensors files as others write and damage them: our verdict is the Python library's on every
// one.
import { decodeSafetensors, encodeSafetensors } from "llm/checkpoint";
import { describe, expect, it } from "vitest";
// @ts-expect-error: a script without types, which Python's side runs too
import { mutations } from "../../fixtures/record/safetensorsMutations.mjs";
import recorded from "../../fixtures/safetensors.json";

/** Types that the library knows and we do not read are refused by name. */
const otherType = (error: unknown) =>
  /expected F32, F16, BF16 or F64, got [A-Z]/.test((error as Error).message);

describe("decodeSafetensors", () => {
  const files = mutations() as Buffer[];
  it(`says what ${recorded.library} says to each of ${recorded.verdicts.length} files`, () => {
    const different: string[] = [];
    let others = 0;
    files.forEach((bytes, i) => {
      let ours = "1";
      try {
        decodeSafetensors(bytes);
      } catch (error) {
        ours = otherType(error) ? "1" : "0";
        others += Number(otherType(error));
        expect((error as Error).message).toMatch(
          /^decodeSafetensors: (not a whole safetensors file: |".*": )/s,
        );
      }
      if (ours !== recorded.verdicts[i])
        different.push(
          `${i}: ${ours} instead of ${recorded.verdicts[i]}: ${bytes.toString("latin1", 8)}`,
        );
    });
    expect(different).toEqual([]);
    expect(files.length).toBeGreaterThanOrEqual(6000);
    expect(others).toBeGreaterThan(40);
  });

  it.each([
    ["an empty file", Buffer.alloc(0), "it has 0 bytes"],
    ["a header of 2⁶³ bytes", Buffer.from("0000000000000080", "hex"), "its header would have"],
  ])("refuses %s in a sentence", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });

  it("keeps a tensor whose name is __proto__", () => {
    const tensors = Object.fromEntries([
      ["__proto__", { shape: [2], data: Float32Array.of(1, 2) }],
    ]);
    const back = decodeSafetensors(Buffer.concat(encodeSafetensors(tensors, { a: "b" })));
    expect(Object.entries(back.tensors)).toEqual([
      ["__proto__", { shape: [2], data: Float32Array.of(1, 2) }],
    ]);
    expect(back.metadata).toEqual({ a: "b" });
  });
});
