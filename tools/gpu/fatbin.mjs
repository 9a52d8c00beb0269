// Makes CUDA libraries small for one kind of GPU. A library carries its kernels once for every
// architecture, in "fat binaries" (section .nv_fatbin): containers of entries, each with the
// architecture it is for. The code of entries for other GPUs is filled with zeros, headers and
// places stay as they are, so that nothing else has to change and the file compresses to what is
// left. The driver picks an entry by its header and never reads the others.
// Layout, read off the libraries themselves: container = magic u32, version u16, header size u16,
// bytes u64; entry = kind u16 (1 PTX, 2 machine code), version u16, header size u32, bytes u64, …,
// architecture u32 at 28.

const MAGIC = 0xba55ed50;

/** The fat binary sections of a 64-bit ELF file: [offset, size]. */
function sections(file) {
  if (file.readUInt32BE(0) !== 0x7f454c46) return [];
  const at = Number(file.readBigUInt64LE(0x28));
  const [size, count, names] = [0x3a, 0x3c, 0x3e].map((offset) => file.readUInt16LE(offset));
  const header = (i) => at + i * size;
  const field = (i, offset) => Number(file.readBigUInt64LE(header(i) + offset));
  const text = field(names, 0x18);
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => {
      const start = text + file.readUInt32LE(header(i));
      return [".nv_fatbin", "__nv_relfatbin"].includes(
        file.toString("latin1", start, file.indexOf(0, start)),
      );
    })
    .map((i) => [field(i, 0x18), field(i, 0x20)]);
}

/** @yields the entries of one container each: { kind, arch, start, end } */
export function* containers(file) {
  for (const [offset, size] of sections(file))
    for (let at = offset; at + 16 <= offset + size; ) {
      if (file.readUInt32LE(at) !== MAGIC) {
        at += 8;
        continue;
      }
      const end = at + file.readUInt16LE(at + 6) + Number(file.readBigUInt64LE(at + 8));
      const entries = [];
      for (let entry = at + file.readUInt16LE(at + 6); entry < end; ) {
        const start = entry + file.readUInt32LE(entry + 4);
        const stop = start + Number(file.readBigUInt64LE(entry + 8));
        if (stop <= entry || stop > end)
          throw new Error(`fat binary at ${entry}: its size does not fit`);
        entries.push({
          kind: file.readUInt16LE(entry),
          arch: file.readUInt32LE(entry + 28),
          start,
          end: stop,
        });
        entry = stop;
      }
      yield entries;
      at = end;
    }
}

/**
 * Whether machine code of `arch` runs on a GPU of compute capability `gpu` (90 for 9.0): the same
 * generation, not newer.
 */
const runs = ({ kind, arch }, gpu) =>
  kind === 2 && Math.floor(arch / 10) === Math.floor(gpu / 10) && arch <= gpu;

/**
 * Whether a GPU needs an entry of a container: machine code that runs there; PTX, which the driver
 * compiles for any newer GPU, only where there is no such machine code.
 */
export function isNeeded(entry, container, gpu) {
  if (entry.kind === 2) return runs(entry, gpu);
  return entry.kind !== 1 || (entry.arch <= gpu && !container.some((other) => runs(other, gpu)));
}

/**
 * What a library holds for a GPU: how many containers have machine code for it, only PTX, or
 * nothing; entries full of zeros do not count.
 */
export function codeFor(file, gpu) {
  const found = { machine: 0, ptx: 0, none: 0 };
  const isZero = ({ start, end }) => file.subarray(start, end).every((byte) => byte === 0);
  for (const container of containers(file)) {
    const has = (fits) => container.some((entry) => fits(entry) && !isZero(entry));
    if (has((entry) => runs(entry, gpu))) found.machine++;
    else if (has(({ kind, arch }) => kind === 1 && arch <= gpu)) found.ptx++;
    else found.none++;
  }
  return found;
}

/**
 * Zeros in place what none of the GPUs needs.
 * @param file a library's bytes
 * @param gpus compute capabilities: [90]
 * @returns bytes zeroed
 * @throws Error if a container were left without code for a GPU that had some: then this file is
 *   wrong
 */
export function slim(file, gpus) {
  let zeroed = 0;
  const before = gpus.map((gpu) => JSON.stringify(codeFor(file, gpu)));
  for (const container of containers(file))
    for (const entry of container)
      if (!gpus.some((gpu) => isNeeded(entry, container, gpu))) {
        file.fill(0, entry.start, entry.end);
        zeroed += entry.end - entry.start;
      }
  const lost = gpus.find((gpu, i) => JSON.stringify(codeFor(file, gpu)) !== before[i]);
  if (lost !== undefined)
    throw new Error(`fat binary: code for compute capability ${lost / 10} was lost`);
  return zeroed;
}
