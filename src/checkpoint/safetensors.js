"use strict";
// Reading and writing safetensors, Hugging Face's file format for tensors: 8 bytes with the
// header's length, a JSON header (name → dtype, shape, place), then the bytes of all tensors, one
// after the other without a gap. No code runs on loading, unlike pickle. What the library of that
// name (0.8) refuses is refused here too, for the same reasons; test/fixtures/record/safetensors.py
// asked it about thousands of damaged files.
// Here: float32, float64, float16 and bfloat16, little endian (as every machine that Node runs on);
// all become float32. Integers and 8-bit types are named and refused.
Object.defineProperty(exports, "__esModule", { value: true });
exports.decodeSafetensors = exports.encodeSafetensors = void 0;
const numbers_1 = require("../numbers");
const json_1 = require("./json");
/** Bits per number of every type that a header can name. */
const BITS = {
    ...{ BOOL: 8, U8: 8, I8: 8, U16: 16, I16: 16, U32: 32, I32: 32, U64: 64, I64: 64 },
    ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8 },
    ...{ F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, F16: 16, BF16: 16, F32: 32, F64: 64, C64: 64 },
};
/** The longest header in bytes. */
const LONGEST_HEADER = 100000000;
const USIZE = 2n ** 64n;
/**
 * Lays tensors out as a safetensors file.
 *
 * @param tensors by name
 * @param metadata strings for the header's `__metadata__`
 * @param type how the numbers are stored; a 16-bit type rounds them
 * @returns the file in pieces, to be written one after the other (float32 is not copied)
 */
function encodeSafetensors(tensors, metadata = {}, type = "F32") {
    const header = [["__metadata__", metadata]];
    const chunks = [];
    let at = 0;
    for (const [name, { shape, data }] of Object.entries(tensors)) {
        const bytes = (0, numbers_1.fromFloat32)(type, data);
        header.push([name, { dtype: type, shape, data_offsets: [at, at + bytes.length] }]);
        chunks.push(bytes);
        at += bytes.length;
    }
    let json = JSON.stringify(Object.fromEntries(header)); // fromEntries, because it keeps a name such as __proto__
    json += " ".repeat((8 - (Buffer.byteLength(json) % 8)) % 8); // so that the numbers start on a multiple of 8
    const text = Buffer.from(json);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return [length, text, ...chunks];
}
exports.encodeSafetensors = encodeSafetensors;
/**
 * Reads a safetensors file.
 *
 * @param options `wanted` says by name which tensors to read, all if absent: the others may be of
 *   any type
 * @returns records without a prototype, so that every name is just a name
 * @throws when the bytes are not a whole, consistent safetensors file of floating-point tensors
 */
function decodeSafetensors(bytes, { wanted = () => true } = {}) {
    const { entries, metadata, numbers } = readFile(bytes);
    const tensors = Object.create(null);
    for (const { name, dtype, shape, begin, end } of entries) {
        if (!wanted(name))
            continue;
        if (!isFloatType(dtype))
            throw new Error(`decodeSafetensors: ${JSON.stringify(name)}: expected F32, F16, BF16 or F64, got ${dtype}`);
        const bytes = numbers.subarray(Number(begin), Number(end));
        tensors[name] = { shape: shape.map(Number), data: (0, numbers_1.toFloat32)(dtype, bytes) };
    }
    return { tensors, metadata };
}
exports.decodeSafetensors = decodeSafetensors;
const isFloatType = (type) => ["F32", "F16", "BF16", "F64"].includes(type);
/** Header and numbers apart, once everything has been found in order. */
function readFile(bytes) {
    const damaged = (what) => new Error(`decodeSafetensors: not a whole safetensors file: ${what}`);
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.length < 8)
        throw damaged(`it has ${view.length} bytes`);
    const length = view.readBigUInt64LE();
    if (length > LONGEST_HEADER)
        throw damaged(`its header would have ${length} bytes`);
    const start = 8 + Number(length);
    if (start > view.length)
        throw damaged("its header is cut off");
    const numbers = view.subarray(start);
    try {
        const { entries, metadata } = readHeader(decodeUtf8(view.subarray(8, start)));
        checkPlaces(entries, BigInt(numbers.length));
        return { entries, metadata, numbers };
    }
    catch (error) {
        throw damaged(error.message);
    }
}
function decodeUtf8(bytes) {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    }
    catch {
        throw new Error("its header is no UTF-8 text");
    }
}
function readHeader(text) {
    let header;
    try {
        header = (0, json_1.parseJson)(text);
    }
    catch (error) {
        throw new Error(`its header is no JSON: ${error.message}`);
    }
    if (!(header instanceof json_1.JsonObject))
        throw new Error("its header is no object");
    const isMetadata = ([name]) => name === "__metadata__";
    const [given = ["", null], second] = header.entries.filter(isMetadata);
    if (second)
        throw new Error("its header has __metadata__ twice");
    const entries = new Map(); // of two equal names the last one counts
    for (const [name, value] of header.entries)
        if (name !== "__metadata__")
            entries.set(name, readEntry(name, value));
    return { entries: [...entries.values()], metadata: readMetadata(given[1]) };
}
function readMetadata(value) {
    const metadata = Object.create(null);
    if (value === null)
        return metadata;
    if (!(value instanceof json_1.JsonObject))
        throw new Error("its __metadata__ is no object");
    for (const [key, text] of value.entries) {
        if (typeof text !== "string")
            throw new Error(`${JSON.stringify(key)} in its __metadata__ is no string`);
        metadata[key] = text;
    }
    return metadata;
}
function readEntry(name, value) {
    const wrong = (what) => new Error(`tensor ${JSON.stringify(name)} ${what}`);
    const field = (key, place) => {
        if (Array.isArray(value) && value.length === 3)
            return value[place]; // the library's short form
        const found = value instanceof json_1.JsonObject ? value.entries.filter(([k]) => k === key) : [];
        if (found.length !== 1)
            throw wrong(`has ${found.length === 0 ? "no" : "more than one"} ${key}`);
        return found[0][1];
    };
    const sizes = (key, place) => {
        const list = field(key, place);
        if (!Array.isArray(list))
            throw wrong(`has a ${key} that is no list`);
        return list.map((item) => {
            const digits = item instanceof json_1.JsonNumber && /^\d+$/.test(item.text) ? BigInt(item.text) : USIZE;
            if (digits >= USIZE)
                throw wrong(`has a ${key} with something else than whole numbers ≥ 0`);
            return digits;
        });
    };
    const dtype = field("dtype", 0);
    if (typeof dtype !== "string" || !Object.hasOwn(BITS, dtype))
        throw wrong("is of no known type");
    const offsets = sizes("data_offsets", 2);
    if (offsets.length !== 2)
        throw wrong(`has ${offsets.length} data_offsets instead of 2`);
    return { name, dtype, shape: sizes("shape", 1), begin: offsets[0], end: offsets[1] };
}
/** Every tensor is as long as its shape says, and they lie side by side over the whole file. */
function checkPlaces(entries, total) {
    let at = 0n;
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    for (const { name, dtype, shape, begin, end } of [...entries].sort((a, b) => order(a.begin, b.begin) || order(a.end, b.end))) {
        const wrong = (what) => new Error(`tensor ${JSON.stringify(name)} ${what}`);
        if (begin !== at || end < begin)
            throw wrong(`lies at ${begin} to ${end}, expected it to begin at ${at}`);
        let bits = BigInt(BITS[dtype]);
        let count = 1n;
        for (const size of shape) {
            count *= size;
            if (count >= USIZE)
                throw wrong("is too large");
        }
        bits *= count;
        if (bits >= USIZE)
            throw wrong("is too large");
        if (bits !== (end - begin) * 8n)
            throw wrong(`of shape [${shape}] does not fill ${end - begin} bytes`);
        at = end;
    }
    if (at > total)
        throw new Error(`its numbers are cut off: ${total} bytes of ${at}`);
    if (at < total)
        throw new Error(`${total - at} bytes follow after its tensors`);
}
