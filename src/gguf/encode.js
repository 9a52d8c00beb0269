"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.encodeGguf = void 0;
// A GGUF file's bytes, version 3, in the order in which they are written: metadata, directory of the
// tensors, their numbers as F32. Format: ggml-org/ggml, docs/gguf.md. Left out: other types of
// numbers; quantizing is lesson 22 (compression).
const numbers_1 = require("../numbers");
/** Every tensor begins at a multiple of so many bytes; a file that says nothing means 32. */
const ALIGNMENT = 32;
const F32 = 0; // ggml's number of the type
/** `length` bytes, into which a method of Buffer writes. */
const made = (length, write) => {
    const bytes = Buffer.alloc(length);
    write(bytes);
    return bytes;
};
const u32 = (x) => made(4, (bytes) => bytes.writeUInt32LE(x));
const i32 = (x) => made(4, (bytes) => bytes.writeInt32LE(x));
const f32 = (x) => made(4, (bytes) => bytes.writeFloatLE(x));
const u64 = (x) => made(8, (bytes) => bytes.writeBigUInt64LE(BigInt(x)));
const text = (x) => {
    const bytes = Buffer.from(x);
    return [u64(bytes.length), bytes];
};
/** The type's number in the file, then the value. */
function valueBytes([, type, value]) {
    switch (type) {
        case "u32":
            return [u32(4), u32(value)];
        case "i32":
            return [u32(5), i32(value)];
        case "f32":
            return [u32(6), f32(value)];
        case "bool":
            return [u32(7), Buffer.of(value ? 1 : 0)];
        case "string":
            return [u32(8), ...text(value)];
        case "strings":
            return [u32(9), u32(8), u64(value.length), ...value.flatMap(text)];
        case "i32s":
            return [u32(9), u32(5), u64(value.length), ...value.map(i32)];
        case "f32s":
            return [u32(9), u32(6), u64(value.length), ...value.map(f32)];
    }
}
/**
 * A GGUF file, piece by piece: at no time are the numbers of more than one tensor held here.
 * @throws where a tensor has another number of numbers than its shape, or one that is not finite
 */
function* encodeGguf(metadata, tensors) {
    const head = [Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(metadata.length)];
    for (const entry of metadata)
        head.push(...text(entry[0]), ...valueBytes(entry));
    let place = 0; // counts from the first tensor on
    for (const { name, shape } of tensors) {
        head.push(...text(name), u32(shape.length), ...[...shape].reverse().map(u64));
        head.push(u32(F32), u64(place));
        place = aligned(place + 4 * sizeOf(shape));
    }
    const bytes = Buffer.concat(head);
    yield bytes;
    yield Buffer.alloc(aligned(bytes.length) - bytes.length);
    for (const { name, shape, data } of tensors) {
        const numbers = data();
        if (numbers.length !== sizeOf(shape))
            throw new Error(`encodeGguf: ${name}: expected ${sizeOf(shape)} numbers, got ${numbers.length}`);
        if (!numbers.every(Number.isFinite))
            throw new Error(`encodeGguf: ${name}: expected finite numbers, got others`);
        const content = (0, numbers_1.fromFloat32)("F32", numbers);
        yield content;
        yield Buffer.alloc(aligned(content.length) - content.length);
    }
}
exports.encodeGguf = encodeGguf;
const aligned = (n) => Math.ceil(n / ALIGNMENT) * ALIGNMENT;
const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);
