"use strict";
// Cleaned documents on their way into shards, and how far the work has come. Documents are appended
// to three files; progress.json says how long these were at the last safe moment, and what else is
// to be known to go on from there. Whatever was appended after it is cut off when the work goes on,
// so it can be killed at any moment.
Object.defineProperty(exports, "__esModule", { value: true });
exports.readJson = exports.writeJson = exports.Staging = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const files_1 = require("../files");
const shards_1 = require("./shards");
/** Bytes of a record: where the text begins (8), its length (4), its digest (16), one unused (4). */
const RECORD = 32;
const LINK = 8;
/** So much is collected before it is written. */
const BUFFER = 1 << 18;
/** A file that only grows. What was appended last may still be in memory. */
class Growing {
    file;
    path;
    waiting = [];
    waitingBytes = 0;
    written;
    /** Opens a file; what is beyond `length` is cut off. */
    constructor(path, length) {
        this.path = path;
        this.file = (0, node_fs_1.openSync)(path, (0, node_fs_1.existsSync)(path) ? "r+" : "w+");
        if ((0, node_fs_1.fstatSync)(this.file).size < length)
            throw new Error(`staging: ${path}: expected at least ${length} bytes, got fewer`);
        (0, node_fs_1.ftruncateSync)(this.file, length);
        this.written = length;
    }
    get length() {
        return this.written + this.waitingBytes;
    }
    append(bytes) {
        this.waiting.push(bytes);
        this.waitingBytes += bytes.length;
        if (this.waitingBytes >= BUFFER)
            this.flush();
    }
    read(position, length) {
        if (position + length > this.written)
            this.flush();
        const bytes = Buffer.allocUnsafe(length);
        (0, shards_1.readExactly)(this.file, bytes, position);
        return bytes;
    }
    /** Everything on the disk, also after a power cut. */
    sync() {
        this.flush();
        (0, node_fs_1.fsyncSync)(this.file);
    }
    close() {
        (0, node_fs_1.closeSync)(this.file);
    }
    flush() {
        if (this.waitingBytes === 0)
            return;
        const bytes = Buffer.concat(this.waiting);
        try {
            for (let at = 0; at < bytes.length;)
                at += (0, node_fs_1.writeSync)(this.file, bytes, at, bytes.length - at, this.written + at);
        }
        catch (error) {
            throw (0, files_1.writeError)(this.path, error);
        }
        this.written += bytes.length;
        this.waiting = [];
        this.waitingBytes = 0;
    }
}
/** The documents of one build, numbered in the order in which they were kept. */
class Staging {
    folder;
    signatureLength;
    texts;
    records;
    signatures;
    linked;
    /**
     * @param folder is made if it is missing
     * @param signatureLength numbers in a document's MinHash signature
     * @param lengths of the last safe moment
     */
    constructor(folder, signatureLength, { documents, bytes, links } = { documents: 0, bytes: 0, links: 0 }) {
        this.folder = folder;
        this.signatureLength = signatureLength;
        (0, files_1.makeFolder)(folder);
        this.texts = new Growing((0, node_path_1.join)(folder, "texts.bin"), bytes);
        this.records = new Growing((0, node_path_1.join)(folder, "records.bin"), RECORD * documents);
        this.signatures = new Growing((0, node_path_1.join)(folder, "signatures.bin"), 4 * signatureLength * documents);
        this.linked = new Growing((0, node_path_1.join)(folder, "links.bin"), LINK * links);
    }
    /** How many documents there are. */
    get documents() {
        return this.records.length / RECORD;
    }
    /** Adds a document. @returns its number */
    add(text, digest, signature) {
        const bytes = Buffer.from(text);
        const record = Buffer.alloc(RECORD);
        record.writeDoubleLE(this.texts.length, 0);
        record.writeUInt32LE(bytes.length, 8);
        for (const [i, word] of digest.entries())
            record.writeUInt32LE(word, 12 + 4 * i);
        const number = this.documents;
        this.texts.append(bytes);
        this.records.append(record);
        this.signatures.append(new Uint8Array(signature.slice().buffer));
        return number;
    }
    /** Notes that two documents belong on one side of the split. */
    link(a, b) {
        this.linked.append(new Uint8Array(Uint32Array.of(a, b).buffer));
    }
    /** The text of a document. */
    text(document) {
        const record = this.records.read(RECORD * document, 12);
        return this.texts.read(record.readDoubleLE(0), record.readUInt32LE(8)).toString();
    }
    /** A document's digest. */
    digest(document) {
        const words = this.records.read(RECORD * document + 12, 16);
        return Uint32Array.from([0, 4, 8, 12], (at) => words.readUInt32LE(at));
    }
    /** A document's signature. */
    signature(document) {
        const length = 4 * this.signatureLength;
        const bytes = this.signatures.read(length * document, length);
        return new Uint32Array(new Uint8Array(bytes).buffer);
    }
    /** All links. */
    *links() {
        for (let at = 0; at < this.linked.length; at += LINK) {
            const pair = this.linked.read(at, LINK);
            yield [pair.readUInt32LE(0), pair.readUInt32LE(4)];
        }
    }
    /** Makes everything safe. @returns the lengths to go on from */
    sync() {
        for (const file of [this.texts, this.records, this.signatures, this.linked])
            file.sync();
        return {
            documents: this.documents,
            bytes: this.texts.length,
            links: this.linked.length / LINK,
        };
    }
    close() {
        for (const file of [this.texts, this.records, this.signatures, this.linked])
            file.close();
    }
    /** Closes the files and removes their folder. */
    remove() {
        this.close();
        (0, node_fs_1.rmSync)(this.folder, { recursive: true });
    }
}
exports.Staging = Staging;
/** Writes a JSON file, whole or not at all. */
const writeJson = (path, value) => (0, files_1.writeAtomically)(path, [`${JSON.stringify(value, null, 1)}\n`]);
exports.writeJson = writeJson;
/** A JSON file, or undefined where there is none. */
const readJson = (path) => (0, node_fs_1.existsSync)(path) ? JSON.parse((0, node_fs_1.readFileSync)(path, "utf8")) : undefined;
exports.readJson = readJson;
