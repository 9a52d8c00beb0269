"use strict";
// Token ids on disk: shards of a few million ids each, and an index. The ids of a shard stand in a
// .bin file, as 16-bit little-endian numbers where the vocabulary has at most 65,536 entries and as
// 32-bit ones where it has more: what nanoGPT's prepare.py writes, and `npm run tokenize` reads. The
// .idx file beside it says where documents begin (32-bit numbers, one for each document and one for
// the end). index.json names the shards.
//
// A program in C would map the files into its memory. Node.js cannot do that; it reads the bytes it
// needs from their place in the file, and the system keeps what is read often in its memory, which
// comes to nearly the same.
Object.defineProperty(exports, "__esModule", { value: true });
exports.readExactly = exports.TokenShards = exports.readIndex = exports.ShardWriter = exports.widthOf = void 0;
const node_crypto_1 = require("node:crypto");
const node_fs_1 = require("node:fs");
const node_os_1 = require("node:os");
const node_path_1 = require("node:path");
const files_1 = require("../files");
/** The width of an id on disk, in bytes. */
const widthOf = (vocabSize) => (vocabSize <= 65536 ? 2 : 4);
exports.widthOf = widthOf;
const idxOf = (file) => file.replace(/\.bin$/, ".idx");
function littleEndian() {
    if ((0, node_os_1.endianness)() !== "LE")
        throw new Error("shards: expected a little-endian machine, got a big-endian one");
}
/** Collects documents until a shard is full, then writes it. */
class ShardWriter {
    folder;
    ids;
    length = 0;
    starts = [];
    constructor(folder, vocabSize) {
        this.folder = folder;
        littleEndian();
        this.ids = (0, exports.widthOf)(vocabSize) === 2 ? new Uint16Array(1 << 16) : new Uint32Array(1 << 16);
    }
    /** Tokens that wait to be written. */
    get tokens() {
        return this.length;
    }
    /** Adds a document's ids, with the end-of-text token if there is one. */
    add(ids) {
        let room = this.ids.length;
        while (room < this.length + ids.length)
            room *= 2;
        if (room > this.ids.length) {
            const larger = this.ids instanceof Uint16Array ? new Uint16Array(room) : new Uint32Array(room);
            larger.set(this.ids.subarray(0, this.length));
            this.ids = larger;
        }
        this.starts.push(this.length);
        this.ids.set(ids, this.length);
        this.length += ids.length;
    }
    /** Writes what was added as one shard and begins the next one. The .bin file is written last. */
    write(file) {
        const starts = Uint32Array.from([...this.starts, this.length]);
        const bytes = bytesOf(this.ids.subarray(0, this.length));
        (0, files_1.writeAtomically)((0, node_path_1.join)(this.folder, idxOf(file)), [bytesOf(starts)]);
        (0, files_1.writeAtomically)((0, node_path_1.join)(this.folder, file), [bytes]);
        const sha256 = (0, node_crypto_1.createHash)("sha256").update(bytes).digest("hex");
        const shard = { file, tokens: this.length, documents: this.starts.length, sha256 };
        this.starts = [];
        this.length = 0;
        return shard;
    }
}
exports.ShardWriter = ShardWriter;
const bytesOf = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);
/** The index of a corpus's folder. @throws if there is none, or it is of another kind */
function readIndex(folder) {
    const path = (0, node_path_1.join)(folder, "index.json");
    if (!(0, node_fs_1.existsSync)(path))
        throw new Error(`readIndex: expected a corpus in ${folder}, got a folder without index.json`);
    const index = JSON.parse((0, node_fs_1.readFileSync)(path, "utf8"));
    if (index.format !== "llm-shards-1")
        throw new Error(`readIndex: ${path}: expected the format llm-shards-1, got ${index.format}`);
    return index;
}
exports.readIndex = readIndex;
/**
 * The tokens of one split, read from where they are: memory holds what is asked for and nothing
 * more. A corpus is one long row of ids, whatever shards it is in.
 */
class TokenShards {
    split;
    index;
    /** N: tokens in all. */
    length;
    documents;
    shards = [];
    width;
    /**
     * @param folder of `npm run data -- build`
     * @throws if a shard is missing or has another length than the index says
     */
    constructor(folder, split = "train") {
        this.split = split;
        littleEndian();
        this.index = readIndex(folder);
        const shards = this.index.splits[split];
        if (shards === undefined)
            throw new Error(`TokenShards: expected one of ${Object.keys(this.index.splits).join(", ")}, got ${split}`);
        this.width = (0, exports.widthOf)(this.index.vocabSize);
        let [tokens, documents] = [0, 0];
        try {
            for (const shard of shards) {
                const paths = [shard.file, idxOf(shard.file)].map((file) => (0, node_path_1.join)(folder, file));
                const expected = [this.width * shard.tokens, 4 * (shard.documents + 1)];
                for (const [i, path] of paths.entries()) {
                    const size = (0, node_fs_1.statSync)(path, { throwIfNoEntry: false })?.size;
                    if (size !== expected[i])
                        throw new Error(`TokenShards: ${path}: expected ${expected[i]} bytes, got ${size ?? "no such file"}`);
                }
                const [bin, idx] = paths.map((path) => (0, node_fs_1.openSync)(path, "r"));
                this.shards.push({ ...shard, bin, idx, tokensBefore: tokens, documentsBefore: documents });
                tokens += shard.tokens;
                documents += shard.documents;
            }
        }
        catch (error) {
            this.close();
            throw error;
        }
        this.length = tokens;
        this.documents = documents;
    }
    /**
     * Ids from `start` on, across shards.
     * @throws if they are not all within the corpus
     */
    read(start, count) {
        const whole = Number.isInteger(start) && Number.isInteger(count);
        if (!whole || start < 0 || count < 0 || start + count > this.length)
            throw new Error(`TokenShards.read: expected tokens within 0 … ${this.length}, got ${count} from ${start}`);
        const ids = new Int32Array(count);
        for (let done = 0; done < count;) {
            const shard = this.shardOf(start + done, "tokensBefore", "tokens");
            const from = start + done - shard.tokensBefore;
            const here = Math.min(count - done, shard.tokens - from);
            const part = this.width === 2 ? new Uint16Array(here) : new Uint32Array(here);
            readExactly(shard.bin, bytesOf(part), this.width * from);
            ids.set(part, done);
            done += here;
        }
        return ids;
    }
    /** The ids of one document, its end-of-text token included. */
    document(number) {
        if (!Number.isInteger(number) || number < 0 || number >= this.documents)
            throw new Error(`TokenShards.document: expected a number from 0 to ${this.documents - 1}, got ${number}`);
        const shard = this.shardOf(number, "documentsBefore", "documents");
        const bounds = new Uint32Array(2);
        readExactly(shard.idx, bytesOf(bounds), 4 * (number - shard.documentsBefore));
        return this.read(shard.tokensBefore + bounds[0], bounds[1] - bounds[0]);
    }
    /** Closes the files. */
    close() {
        for (const { bin, idx } of this.shards.splice(0))
            for (const file of [bin, idx])
                (0, node_fs_1.closeSync)(file);
    }
    /** The shard that holds a place; by halves. */
    shardOf(place, before, size) {
        let [low, high] = [0, this.shards.length - 1];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (place < this.shards[middle][before] + this.shards[middle][size])
                high = middle;
            else
                low = middle + 1;
        }
        return this.shards[low];
    }
}
exports.TokenShards = TokenShards;
/** Fills `bytes` from a place of a file. */
function readExactly(file, bytes, position) {
    for (let at = 0; at < bytes.length;) {
        const count = (0, node_fs_1.readSync)(file, bytes, at, bytes.length - at, position + at);
        if (count === 0)
            throw new Error(`readExactly: expected ${bytes.length} bytes, got ${at}: the file was cut`);
        at += count;
    }
}
exports.readExactly = readExactly;
