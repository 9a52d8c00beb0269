"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.readGguf = exports.readGgufMetadata = void 0;
// What stands at the beginning of a GGUF file, the format of llama.cpp: one file with a model's
// settings, its tokens and its weights. First the metadata, pairs of a key and a value, then the
// directory of the tensors: name, shape, type and place of each. None of the weights is read here,
// so a file of gigabytes takes a moment. Format: ggml-org/ggml, docs/gguf.md.
const node_fs_1 = require("node:fs");
const types_1 = require("./types");
/** The beginning of a file, read piece by piece. */
class Reader {
    path;
    caller;
    file;
    bytes = Buffer.alloc(0);
    at = 0;
    read = 0; // of the file
    constructor(path, caller) {
        this.path = path;
        this.caller = caller;
        this.file = (0, node_fs_1.openSync)(path, "r");
    }
    close() {
        (0, node_fs_1.closeSync)(this.file);
    }
    /** How many bytes the file has, and how many of them have been taken. */
    get length() {
        return (0, node_fs_1.fstatSync)(this.file).size;
    }
    get taken() {
        return this.read - this.bytes.length + this.at;
    }
    fail(what) {
        throw new Error(`${this.caller}: ${this.path}: ${what}`);
    }
    /** The next n bytes. */
    take(n) {
        if (n > 2 ** 28)
            this.fail(`expected metadata, got a piece of ${n} bytes`);
        if (this.at + n > this.bytes.length) {
            const rest = this.bytes.subarray(this.at);
            const more = Buffer.alloc(Math.max(1 << 20, n - rest.length));
            const got = (0, node_fs_1.readSync)(this.file, more, 0, more.length, this.read);
            this.read += got;
            this.bytes = Buffer.concat([rest, more.subarray(0, got)]);
            this.at = 0;
            if (n > this.bytes.length)
                this.fail(`expected ${n} bytes more, got the end of the file`);
        }
        this.at += n;
        return this.bytes.subarray(this.at - n, this.at);
    }
    u32 = () => this.take(4).readUInt32LE();
    u64 = () => this.take(8).readBigUInt64LE();
    count() {
        const n = this.u64();
        if (n > 2n ** 32n)
            this.fail(`expected a count, got ${n}`);
        return Number(n);
    }
    text() {
        const bytes = this.take(this.count());
        try {
            return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
        }
        catch {
            return this.fail("expected text in UTF-8, got other bytes");
        }
    }
    value(type) {
        switch (type) {
            case 0:
                return this.take(1).readUInt8();
            case 1:
                return this.take(1).readInt8();
            case 2:
                return this.take(2).readUInt16LE();
            case 3:
                return this.take(2).readInt16LE();
            case 4:
                return this.u32();
            case 5:
                return this.take(4).readInt32LE();
            case 6:
                return this.take(4).readFloatLE();
            case 7:
                return this.take(1).readUInt8() !== 0;
            case 8:
                return this.text();
            case 9: {
                const [inner, length] = [this.u32(), this.count()];
                const list = [];
                for (let i = 0; i < length; i++)
                    list.push(this.value(inner));
                return list;
            }
            case 10:
                return this.u64();
            case 11:
                return this.take(8).readBigInt64LE();
            case 12:
                return this.take(8).readDoubleLE();
            default:
                return this.fail(`expected a type of value from 0 to 12, got ${type}`);
        }
    }
}
/**
 * The metadata of a GGUF file, by key: `general.architecture`, `tokenizer.ggml.tokens` …
 * @throws for a file that is not GGUF of version 2 or 3, or ends within its metadata
 */
function readGgufMetadata(path) {
    const reader = new Reader(path, "readGgufMetadata");
    try {
        return readPairs(reader).metadata;
    }
    finally {
        reader.close();
    }
}
exports.readGgufMetadata = readGgufMetadata;
/**
 * A GGUF file's metadata and the directory of its tensors; `readGgufTensor` reads their numbers.
 * @throws for a file that is not GGUF of version 2 or 3, that names a tensor twice or in a type
 *   that this course does not know, or that is too short for its tensors
 */
function readGguf(file) {
    const reader = new Reader(file, "readGguf");
    try {
        const { count, metadata } = readPairs(reader);
        const entries = [];
        for (let i = 0; i < count; i++)
            entries.push(readEntry(reader));
        const step = metadata.get("general.alignment") ?? 32;
        if (typeof step !== "number" || step < 1)
            reader.fail(`expected general.alignment of 1 or more, got ${String(step)}`);
        const start = Math.ceil(reader.taken / step) * step;
        const tensors = new Map();
        for (const { name, shape, type, begin } of entries) {
            if (tensors.has(name))
                reader.fail(`expected each tensor once, got ${name} twice`);
            const bytes = bytesOf(shape, type, (what) => reader.fail(`${name}: ${what}`));
            const tensor = { name, shape, type, begin: start + begin, end: start + begin + bytes };
            if (tensor.end > reader.length)
                reader.fail(`${name}: expected bytes up to ${tensor.end}, got ${reader.length} in all`);
            tensors.set(name, tensor);
        }
        return { file, metadata, tensors };
    }
    finally {
        reader.close();
    }
}
exports.readGguf = readGguf;
function readPairs(reader) {
    const magic = reader.take(4).toString("latin1");
    if (magic !== "GGUF")
        reader.fail(`expected a GGUF file, got ${JSON.stringify(magic)} first`);
    const version = reader.u32();
    if (version !== 2 && version !== 3)
        reader.fail(`expected version 2 or 3, got ${version}`);
    const [count, pairs] = [reader.count(), reader.count()];
    const metadata = new Map();
    for (let i = 0; i < pairs; i++)
        metadata.set(reader.text(), reader.value(reader.u32()));
    return { count, metadata };
}
/** One row of the directory; its place counts from the first tensor on. */
function readEntry(reader) {
    const name = reader.text();
    const axes = reader.u32();
    if (axes > 4)
        reader.fail(`${name}: expected at most 4 axes, got ${axes}`);
    const shape = Array.from({ length: axes }, () => reader.count()).reverse();
    const type = reader.u32();
    const begin = reader.u64();
    if (begin > Number.MAX_SAFE_INTEGER)
        reader.fail(`${name}: expected a place, got ${begin}`);
    return { name, shape, type, begin: Number(begin) };
}
function bytesOf(shape, type, fail) {
    const size = (0, types_1.typeOf)(type);
    if (!size)
        return fail(`expected numbers of type ${(0, types_1.typeNames)()}, got ggml's type ${type}`);
    const row = shape.at(-1) ?? 1;
    if (row % size.block !== 0)
        fail(`expected rows of whole blocks of ${size.block} ${size.name} numbers, got ${row}`);
    const bytes = (shape.reduce((a, b) => a * b, 1) / size.block) * size.bytes;
    return Number.isSafeInteger(bytes) ? bytes : fail(`expected a size, got [${shape}]`);
}
