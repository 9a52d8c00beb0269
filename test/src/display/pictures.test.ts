// Small colour pictures: the file in the page holds the pixels, words are escaped, and what is refused.
import { inflateSync } from "node:zlib";
import { pictures } from "llm/display";
import { rgbPng } from "llm/display/png";
import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => vi.restoreAllMocks());

/** The bytes of an RGB file without filters, row by row. */
function pixelsOf(url: string): { width: number; height: number; rgb: number[] } {
  const file = Buffer.from(url.split(",")[1], "base64");
  let data = Buffer.alloc(0);
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    if (file.toString("latin1", at + 4, at + 8) === "IDAT")
      data = Buffer.concat([data, file.subarray(at + 8, at + 8 + length)]);
    at += 12 + length;
  }
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const rows = inflateSync(data);
  const rgb = Array.from({ length: height }, (_, r) => [
    ...rows.subarray(r * (3 * width + 1) + 1, (r + 1) * (3 * width + 1)),
  ]).flat();
  return { width, height, rgb };
}

describe("pictures", () => {
  it("are files with the pixels that were given", () => {
    const bytes = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => 14 * i);
    expect(pixelsOf(rgbPng(bytes, 3, 2))).toEqual({ width: 3, height: 2, rgb: [...bytes] });
  });

  it("are shown with their words, in a terminal as words alone", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const pixels = new Float32Array(12).fill(2);
    pictures(
      [
        { pixels, label: "a red circle" },
        { pixels, label: "" },
      ],
      { caption: "Two." },
    );
    const said = log.mock.calls.flat().join("\n");
    expect(said).toContain("2 pictures\n[picture: a red circle]\nTwo.");
  });

  it("are refused where pixels make no rows, or there are none or too many", () => {
    expect(() => pictures([])).toThrow("expected 1 to 60 pictures, got 0");
    expect(() => pictures([{ pixels: [1, 2, 3, 4], label: "" }])).toThrow("got 4 numbers");
    expect(() => pictures([{ pixels: new Array(15).fill(0), label: "" }], { width: 2 })).toThrow(
      "whole rows",
    );
  });
});
