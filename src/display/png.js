"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.indexedPng = void 0;
// The smallest PNG writer that is enough for a heat map: 8-bit palette, one pixel per cell (PNG
// specification, W3C, 2003).
const node_zlib_1 = require("node:zlib");
/**
 * @param pixels palette index of each pixel, row by row; index 0 is transparent
 * @param palette colours "#rrggbb" of the indices 1, 2, …
 * @returns a data URL
 */
function indexedPng(pixels, width, height, palette) {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 3, 0, 0, 0], 8); // 8 bits, palette, deflate, no filter method, not interlaced
    const rows = Buffer.alloc(height * (width + 1)); // each row begins with its filter: 0 for none
    for (let r = 0; r < height; r++)
        rows.set(pixels.subarray(r * width, (r + 1) * width), r * (width + 1) + 1);
    const colors = Buffer.from(`000000${palette.map((c) => c.slice(1)).join("")}`, "hex");
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const file = Buffer.concat([
        signature,
        chunk("IHDR", header),
        chunk("PLTE", colors),
        chunk("tRNS", Buffer.from([0])),
        chunk("IDAT", (0, node_zlib_1.deflateSync)(rows, { level: 9 })),
        chunk("IEND", Buffer.alloc(0)),
    ]);
    return `data:image/png;base64,${file.toString("base64")}`;
}
exports.indexedPng = indexedPng;
function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const frame = Buffer.alloc(body.length + 8);
    frame.writeUInt32BE(data.length, 0);
    frame.set(body, 4);
    frame.writeUInt32BE(crc32(body), body.length + 4);
    return frame;
}
/** node:zlib has crc32 only from Node 22. */
function crc32(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++)
            crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return (crc ^ 0xffffffff) >>> 0;
}
