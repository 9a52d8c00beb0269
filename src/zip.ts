// Zip archives, read and written in memory: what a learner hands in, and what learning platforms
// hand on. It follows PKWARE's APPNOTE 6.3.10 (sections 4.3 to 4.5) and knows stored and deflated
// entries; encrypted archives and archives over 4 GB are refused. Nothing is ever unpacked to a
// folder here, so a path like "../x" in an archive can do no harm.

import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

export interface ZipEntry {
  /** As the archive has it, with "/" between folders. */
  path: string;
  /** Bytes when unpacked, as the archive claims. */
  size: number;
  isFolder: boolean;
  /** A symbolic link: its contents are the path it points to. */
  isLink: boolean;
  /** When it was changed: in UTC where the archive says so, … */
  modified?: Date;
  /** … or else as a clock on the wall showed it: "2026-12-04 21:13:08". */
  wallTime?: string;
  /** The contents. @throws where they are damaged, or longer than claimed */
  bytes(): Buffer;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

const refuse = (said: string): never => {
  throw new Error(`readZip: expected a zip archive, got ${said}`);
};

/** Where the list of entries ends: the last 22 bytes, before a comment of any length. */
function endOf(zip: Buffer): number {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 0xffff); at--)
    if (zip.readUInt32LE(at) === END) return at;
  return refuse(zip.length < 22 ? "too few bytes" : "no list of entries, as of a file cut short");
}

/** A name: UTF-8 where the archive says so or it can be, else Latin-1. */
function nameOf(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return (text.includes("\uFFFD") ? bytes.toString("latin1") : text).replaceAll("\\", "/");
}

const two = (n: number) => String(n).padStart(2, "0");

/** MS-DOS's date and time, to two seconds. */
function dosTime(date: number, time: number): string | undefined {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 15, date & 31];
  if (month < 1 || month > 12 || day < 1) return undefined;
  const clock = [time >> 11, (time >> 5) & 63, (time & 31) * 2].map(two).join(":");
  return `${year}-${two(month)}-${two(day)} ${clock}`;
}

/** The extra field 0x5455, "UT": when it was changed, in seconds since 1970. */
function extendedTime(extra: Buffer): Date | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 0x5455 && at + 9 <= extra.length && extra[at + 4] & 1)
      return new Date(extra.readInt32LE(at + 5) * 1000);
  return undefined;
}

/**
 * The entries of an archive, in its order; the contents are unpacked when they are asked for.
 *
 * @param options.most entries at most (default 10,000)
 * @param options.mostBytes of one entry when unpacked (default 64 MB): a few kilobytes can claim
 *   to be gigabytes
 * @throws {Error} in words, where it is no archive or asks for too much
 */
export function readZip(
  zip: Buffer,
  { most = 10_000, mostBytes = 64 * 2 ** 20 }: { most?: number; mostBytes?: number } = {},
): ZipEntry[] {
  const end = endOf(zip);
  const count = zip.readUInt16LE(end + 10);
  if (count > most) refuse(`one with ${count} entries, more than ${most}`);
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let k = 0; k < count; k++) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== CENTRAL)
      refuse("one whose list of entries is damaged");
    const [flags, method, time, date] = [8, 10, 12, 14].map((d) => zip.readUInt16LE(at + d));
    const [check, packed, size] = [16, 20, 24].map((d) => zip.readUInt32LE(at + d));
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((d) =>
      zip.readUInt16LE(at + d),
    );
    const mode = zip.readUInt32LE(at + 38) >>> 16;
    const local = zip.readUInt32LE(at + 42);
    const path = nameOf(zip.subarray(at + 46, at + 46 + nameLength));
    const extra = zip.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const bytes = (): Buffer => {
      const said = (what: string) => new Error(`readZip: ${path.slice(-80)}: ${what}`);
      if (flags & 1) throw said("expected an entry without a password");
      if (method !== 0 && method !== 8) throw said(`expected stored or deflated, got ${method}`);
      if (size > mostBytes) throw said(`expected at most ${mostBytes} bytes, got ${size}`);
      if (local + 30 > zip.length || zip.readUInt32LE(local) !== LOCAL) throw said("damaged");
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const raw = zip.subarray(from, from + packed);
      let result: Buffer;
      try {
        // One byte more than claimed, so that an entry which lies about its size is found out.
        result =
          method === 0
            ? Buffer.from(raw)
            : inflateRawSync(raw, { maxOutputLength: Math.max(1, size + 1) });
      } catch {
        throw said("damaged, or longer than the archive says");
      }
      if (result.length !== size || crc32(result) !== check) throw said("damaged");
      return result;
    };
    entries.push({
      path,
      size,
      isFolder: path.endsWith("/"),
      isLink: (mode & 0o170000) === 0o120000,
      modified: extendedTime(extra),
      wallTime: dosTime(date, time),
      bytes,
    });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

export interface NewEntry {
  path: string;
  contents: string | Uint8Array;
  /** Default: 1 January 1980, so that the same contents give the same archive. */
  modified?: Date;
  /** May be run: shell scripts. */
  executable?: boolean;
}

/** An archive of files; folders come of their paths. The same entries give the same bytes. */
export function writeZip(entries: readonly NewEntry[]): Buffer {
  const bodies: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const { path, contents, modified, executable } of entries) {
    const raw = typeof contents === "string" ? Buffer.from(contents) : Buffer.from(contents);
    const packed = deflateRawSync(raw);
    const [name, body] = [Buffer.from(path), packed.length < raw.length ? packed : raw];
    const when = modified ?? new Date(Date.UTC(1980, 0, 1));
    const extra = Buffer.alloc(modified ? 9 : 0);
    if (modified) {
      extra.writeUInt16LE(0x5455, 0);
      extra.writeUInt16LE(5, 2);
      extra[4] = 1;
      extra.writeInt32LE(Math.floor(when.getTime() / 1000), 5);
    }
    // The part that stands both before the contents and in the list.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2); // the name is UTF-8
    common.writeUInt16LE(body === raw ? 0 : 8, 4);
    const clock = (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5);
    common.writeUInt16LE(clock | (when.getUTCSeconds() >> 1), 6);
    const years = Math.max(0, when.getUTCFullYear() - 1980);
    common.writeUInt16LE((years << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate(), 8);
    common.writeUInt32LE(crc32(raw), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(raw.length, 18);
    common.writeUInt16LE(name.length, 22);
    common.writeUInt16LE(extra.length, 24);
    const signature = (word: number) => {
      const four = Buffer.alloc(4);
      four.writeUInt32LE(word);
      return four;
    };
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((0o100000 | (executable ? 0o755 : 0o644)) << 16) >>> 0, 6);
    rest.writeUInt32LE(at, 10);
    const madeBy = Buffer.from([20, 3]); // by Unix: the mode counts
    list.push(signature(CENTRAL), madeBy, common, rest, name, extra);
    const head = [signature(LOCAL), common, name, extra, body];
    bodies.push(...head);
    at += head.reduce((sum, part) => sum + part.length, 0);
  }
  const listed = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, listed, end]);
}
