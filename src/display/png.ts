// The smallest PNG writer that is enough for a heat map and for small pictures: 8-bit palette or RGB
// (PNG specification, W3C, 2003).
import { deflateSync } from "node:zlib";

/**
 * @param pixels palette index of each pixel, row by row; index 0 is transparent
 * @param palette colours "#rrggbb" of the indices 1, 2, …
 * @returns a data URL
 */
export function indexedPng(
  pixels: Uint8Array,
  width: number,
  height: number,
  palette: string[],
): string {
  const colors = Buffer.from(`000000${palette.map((c) => c.slice(1)).join("")}`, "hex");
  const between = [chunk("PLTE", colors), chunk("tRNS", Buffer.from([0]))];
  return fileOf(pixels, width, height, { channels: 1, between });
}

/**
 * A picture in its own colours.
 * @param pixels width · height · 3 whole numbers from 0 to 255: red, green, blue, row by row
 * @returns a data URL
 */
export const rgbPng = (pixels: Uint8Array, width: number, height: number): string =>
  fileOf(pixels, width, height, { channels: 3, between: [] });

function fileOf(
  pixels: Uint8Array,
  width: number,
  height: number,
  { channels, between }: { channels: 1 | 3; between: Buffer[] },
): string {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits, palette or RGB, deflate, no filter method, not interlaced
  header.set([8, channels === 1 ? 3 : 2, 0, 0, 0], 8);
  const wide = width * channels;
  const rows = Buffer.alloc(height * (wide + 1)); // each row begins with its filter: 0 for none
  for (let r = 0; r < height; r++)
    rows.set(pixels.subarray(r * wide, (r + 1) * wide), r * (wide + 1) + 1);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk("IDAT", deflateSync(rows, { level: 9 }));
  const file = Buffer.concat([
    ...[signature, chunk("IHDR", header), ...between, data],
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return `data:image/png;base64,${file.toString("base64")}`;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

/** node:zlib has crc32 only from Node 22. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
