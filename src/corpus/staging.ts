// Cleaned documents on their way into shards, and how far the work has come. Documents are appended
// to three files; progress.json says how long these were at the last safe moment, and what else is
// to be known to go on from there. Whatever was appended after it is cut off when the work goes on,
// so it can be killed at any moment.

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { makeFolder, writeAtomically, writeError } from "../files";
import { readExactly } from "./shards";

/** Bytes of a record: where the text begins (8), its length (4), its digest (16), one unused (4). */
const RECORD = 32;
const LINK = 8;
/** So much is collected before it is written. */
const BUFFER = 1 << 18;

/** A file that only grows. What was appended last may still be in memory. */
class Growing {
  private readonly file: number;
  private readonly path: string;
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private written: number;

  /** Opens a file; what is beyond `length` is cut off. */
  constructor(path: string, length: number) {
    this.path = path;
    this.file = openSync(path, existsSync(path) ? "r+" : "w+");
    if (fstatSync(this.file).size < length)
      throw new Error(`staging: ${path}: expected at least ${length} bytes, got fewer`);
    ftruncateSync(this.file, length);
    this.written = length;
  }

  get length(): number {
    return this.written + this.waitingBytes;
  }

  append(bytes: Uint8Array): void {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= BUFFER) this.flush();
  }

  read(position: number, length: number): Buffer {
    if (position + length > this.written) this.flush();
    const bytes = Buffer.allocUnsafe(length);
    readExactly(this.file, bytes, position);
    return bytes;
  }

  /** Everything on the disk, also after a power cut. */
  sync(): void {
    this.flush();
    fsyncSync(this.file);
  }

  close(): void {
    closeSync(this.file);
  }

  private flush(): void {
    if (this.waitingBytes === 0) return;
    const bytes = Buffer.concat(this.waiting);
    try {
      for (let at = 0; at < bytes.length; )
        at += writeSync(this.file, bytes, at, bytes.length - at, this.written + at);
    } catch (error) {
      throw writeError(this.path, error);
    }
    this.written += bytes.length;
    this.waiting = [];
    this.waitingBytes = 0;
  }
}

/** How long the three files are, in documents, bytes and links. */
export interface Lengths {
  documents: number;
  bytes: number;
  links: number;
}

/** The documents of one build, numbered in the order in which they were kept. */
export class Staging {
  private readonly texts: Growing;
  private readonly records: Growing;
  private readonly signatures: Growing;
  private readonly linked: Growing;

  /**
   * @param folder is made if it is missing
   * @param signatureLength numbers in a document's MinHash signature
   * @param lengths of the last safe moment
   */
  constructor(
    private readonly folder: string,
    private readonly signatureLength: number,
    { documents, bytes, links }: Lengths = { documents: 0, bytes: 0, links: 0 },
  ) {
    makeFolder(folder);
    this.texts = new Growing(join(folder, "texts.bin"), bytes);
    this.records = new Growing(join(folder, "records.bin"), RECORD * documents);
    this.signatures = new Growing(join(folder, "signatures.bin"), 4 * signatureLength * documents);
    this.linked = new Growing(join(folder, "links.bin"), LINK * links);
  }

  /** How many documents there are. */
  get documents(): number {
    return this.records.length / RECORD;
  }

  /** Adds a document. @returns its number */
  add(text: string, digest: Uint32Array, signature: Uint32Array): number {
    const bytes = Buffer.from(text);
    const record = Buffer.alloc(RECORD);
    record.writeDoubleLE(this.texts.length, 0);
    record.writeUInt32LE(bytes.length, 8);
    for (const [i, word] of digest.entries()) record.writeUInt32LE(word, 12 + 4 * i);
    const number = this.documents;
    this.texts.append(bytes);
    this.records.append(record);
    this.signatures.append(new Uint8Array(signature.slice().buffer));
    return number;
  }

  /** Notes that two documents belong on one side of the split. */
  link(a: number, b: number): void {
    this.linked.append(new Uint8Array(Uint32Array.of(a, b).buffer));
  }

  /** The text of a document. */
  text(document: number): string {
    const record = this.records.read(RECORD * document, 12);
    return this.texts.read(record.readDoubleLE(0), record.readUInt32LE(8)).toString();
  }

  /** A document's digest. */
  digest(document: number): Uint32Array {
    const words = this.records.read(RECORD * document + 12, 16);
    return Uint32Array.from([0, 4, 8, 12], (at) => words.readUInt32LE(at));
  }

  /** A document's signature. */
  signature(document: number): Uint32Array {
    const length = 4 * this.signatureLength;
    const bytes = this.signatures.read(length * document, length);
    return new Uint32Array(new Uint8Array(bytes).buffer);
  }

  /** All links. */
  *links(): Generator<[number, number], void, void> {
    for (let at = 0; at < this.linked.length; at += LINK) {
      const pair = this.linked.read(at, LINK);
      yield [pair.readUInt32LE(0), pair.readUInt32LE(4)];
    }
  }

  /** Makes everything safe. @returns the lengths to go on from */
  sync(): Lengths {
    for (const file of [this.texts, this.records, this.signatures, this.linked]) file.sync();
    return {
      documents: this.documents,
      bytes: this.texts.length,
      links: this.linked.length / LINK,
    };
  }

  close(): void {
    for (const file of [this.texts, this.records, this.signatures, this.linked]) file.close();
  }

  /** Closes the files and removes their folder. */
  remove(): void {
    this.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** Writes a JSON file, whole or not at all. */
export const writeJson = (path: string, value: unknown): void =>
  writeAtomically(path, [`${JSON.stringify(value, null, 1)}\n`]);

/** A JSON file, or undefined where there is none. */
export const readJson = <T>(path: string): T | undefined =>
  existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;
