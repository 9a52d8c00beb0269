// A large file as pieces with checksums: transfers to a GPU host are often limited to so many MiB
// each.
import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

export async function sha256File(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/**
 * Cuts a file into pieces `NAME-00.piece`, …
 * @returns what the manifest says of each: { file, bytes, sha256 }
 */
export function split(file, folder, name, size) {
  if (!(Number.isInteger(size) && size > 0))
    throw new Error(`split: expected a size in bytes, got ${size}`);
  const input = openSync(file, "r");
  try {
    const { size: total } = fstatSync(input);
    const pieces = [];
    for (let at = 0; at < total || pieces.length === 0; at += size) {
      const bytes = Buffer.alloc(Math.min(size, total - at));
      for (let read = 0; read < bytes.length; )
        read += readSync(input, bytes, read, bytes.length - read, at + read);
      const piece = `${name}-${String(pieces.length).padStart(2, "0")}.piece`;
      writeFileSync(join(folder, piece), bytes);
      pieces.push({ file: piece, bytes: bytes.length, sha256: sha256(bytes) });
    }
    return pieces;
  } finally {
    closeSync(input);
  }
}

/**
 * The inverse of `split`.
 * @throws Error that names the first piece that is missing or damaged; the target is then not there
 */
export function joinPieces(pieces, folder, target) {
  const output = openSync(target, "w");
  try {
    for (const { file, sha256: wanted } of pieces) {
      const bytes = readFileSync(join(folder, file));
      if (sha256(bytes) !== wanted)
        throw new Error(`${file} is damaged: its SHA-256 is another one`);
      writeSync(output, bytes);
    }
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  } finally {
    closeSync(output);
  }
}
