// A memory of one's own with the kernels on it, for work that outlives a call: packed weights, a KV
// cache (llm/runtime). tfjs's tensors cannot be changed in place, and these must be. Numbers are
// addressed by byte offsets, as the kernels take them. With several threads the memory is shared,
// and ./pool's workers compute on it. The kernels are those in ./kernels, or the same in C++ where
// `npm run native` has made them (../native/kernelAddon).
import { nativeKernels } from "../native/kernelAddon";
import { PIECES, ranges } from "./cut";
import { instantiate } from "./instance";
import { type Kernels, type Memory, WebAssembly } from "./module";
import { Pool, threadCount } from "./pool";

const PAGE = 65536;
/** 4 GiB, all that 32 bits can address. */
const PAGES = 65536;
const MEBIBYTE = 2 ** 20;

/** Which kernels: WebAssembly, or C++ for this processor. */
export type KernelEngine = "wasm" | "native";

export interface KernelMemoryOptions {
  /** "wasm" if absent, which is there on every machine. */
  engine?: KernelEngine;
  /** Of the wasm kernels: 1 (if absent) to 32, or "auto". The native ones have one. */
  threads?: number | "auto";
}

/** A kernel's name and the numbers that it was called with. */
export type RecordedCall = [kernel: string, ...numbers: number[]];

/** Memory that does not move, and kernels that work on it. */
export class KernelMemory {
  private end = 64; // 0 means "none" to the kernels
  private work = { at: 0, bytes: 0 };

  private constructor(
    private readonly memory: Memory,
    private kernels: Kernels,
    /** Which kernels compute. */
    readonly engine: KernelEngine,
    private readonly pool?: Pool,
  ) {}

  /**
   * A new, empty memory.
   * @throws if the number of threads is none, or the native kernels were asked for and are not here
   */
  static async open({
    engine = "wasm",
    threads = 1,
  }: KernelMemoryOptions = {}): Promise<KernelMemory> {
    const count = threadCount(threads);
    if (engine === "native") {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGES });
      return new KernelMemory(memory, nativeKernels(memory), engine);
    }
    const shared = count > 1;
    const memory = new WebAssembly.Memory({ initial: 1, maximum: PAGES, shared });
    const { kernels, module } = instantiate(memory, shared);
    const pool = shared ? new Pool(kernels, module, memory) : undefined;
    await pool?.use(count);
    return new KernelMemory(memory, kernels, engine, pool);
  }

  /** How many threads compute, this one included. */
  get threads(): number {
    return this.pool?.threads ?? 1;
  }

  /** How many bytes have been given out. */
  get bytes(): number {
    return this.end;
  }

  /**
   * Room for so many bytes, filled with zeros, at a multiple of 64. It stays until the whole memory
   * goes. Views that were taken before may be lost.
   * @param what it is for, named in the error
   * @throws Error when it does not fit in 4 GiB, or the system has not got that much
   */
  alloc(bytes: number, what: string): number {
    const at = this.end;
    const end = at + Math.ceil(bytes / 64) * 64;
    const pages = Math.ceil((end - this.memory.buffer.byteLength) / PAGE);
    if (pages > 0) {
      try {
        this.memory.grow(pages);
      } catch {
        throw new Error(
          `KernelMemory: out of memory: ${what} needs ${(bytes / MEBIBYTE).toFixed(0)} MiB beside ` +
            `${(at / MEBIBYTE).toFixed(0)} MiB in use; expected at most ${(PAGES * PAGE) / MEBIBYTE} MiB in all`,
        );
      }
    }
    this.end = end;
    return at;
  }

  /** A view of floats. Any `alloc` may make it useless, so take views last. */
  f32(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** A view of whole numbers of 32 bits. */
  i32(at: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, length);
  }

  /** A view of bytes. */
  u8(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  /** Calls a kernel once, on this thread. */
  call(kernel: string, ...numbers: number[]): void {
    this.kernels[kernel](...numbers);
  }

  /**
   * Calls a kernel for parts of the range [0, n), on all threads.
   * @param call the arguments for a part [from, to)
   * @param scratch bytes of work space per thread, whose address is the last argument; 0: none
   */
  share(
    kernel: string,
    n: number,
    call: (from: number, to: number) => number[],
    scratch = 0,
  ): void {
    const { pool } = this;
    const stride = Math.ceil(scratch / 64) * 64;
    const at = stride > 0 ? this.workSpace(stride * (pool?.members ?? 1)) : 0;
    if (!pool) {
      const args = call(0, n);
      if (stride > 0) args.push(at);
      this.kernels[kernel](...args);
      return;
    }
    const calls = ranges(n, pool.threads * PIECES).map(([from, to]) => call(from, to));
    pool.run(kernel, calls, at, stride);
  }

  /**
   * The calls that a piece of work makes, in order: each kernel's name and its numbers. Work that
   * takes all that changes from memory makes the same calls every time, so that a list of them is a
   * program (llm/export writes one into a page).
   * @throws with several threads, whose calls have no order
   */
  recorded(work: () => void): RecordedCall[] {
    if (this.pool) throw new Error(`KernelMemory: expected 1 thread, got ${this.pool.threads}`);
    const calls: RecordedCall[] = [];
    const { kernels } = this;
    this.kernels = Object.fromEntries(
      Object.keys(kernels).map((name) => [
        name,
        (...numbers: number[]) => {
          calls.push([name, ...numbers]);
          return kernels[name](...numbers);
        },
      ]),
    );
    try {
      work();
    } finally {
      this.kernels = kernels;
    }
    return calls;
  }

  /** Ends the threads. The memory goes when nothing refers to it any more. */
  close(): void {
    this.pool?.close();
  }

  private workSpace(bytes: number): number {
    if (bytes > this.work.bytes) this.work = { at: this.alloc(bytes, "work space"), bytes };
    return this.work.at;
  }
}
