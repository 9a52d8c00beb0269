// The inside of tfjs's wasm backend: where its tensors lie in memory, and a second, small wasm
// module (./kernels) that works on the same memory. None of this is public API, so the version is
// pinned and everything is checked before it is used.
import { types } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { PIECES, ranges } from "./cut";
import { instantiate } from "./instance";
import { type Kernels, NotHere, WebAssembly } from "./module";
import { Pool } from "./pool";

export const PINNED = "4.22.0";

export interface TensorInfo {
  dataId: object;
  shape: number[];
  dtype: tf.DataType;
}

interface Backend {
  wasm: {
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    HEAPU8: Uint8Array;
    asm?: { memory?: unknown };
  };
  dataIdMap: {
    get(dataId: object): { memoryOffset: number | null; refCount: number; dtype: tf.DataType };
    has(dataId: object): boolean;
  };
  makeOutput(shape: number[], dtype: tf.DataType): TensorInfo;
  typedArrayFromHeap(x: TensorInfo): Float32Array | Int32Array | Uint8Array;
  incRef(dataId: object): void;
  refCount(dataId: object): number;
  disposeData(dataId: object): boolean;
}

export interface Heap {
  kernels: Kernels;
  /** Whether the build with fused multiply-add is in use. */
  fma: boolean;
  /** Byte offset of a tensor's values. */
  pointer(x: TensorInfo): number;
  /** A new tensor with undefined values, owned by the kernel's result. */
  output(shape: number[], dtype?: tf.DataType): TensorInfo;
  /** A view of a tensor's values. Any allocation may invalidate it, so take views last. */
  view(x: TensorInfo): Float32Array | Int32Array | Uint8Array;
  /** The memory that holds all tensors, as it is now: growing replaces it. */
  memory(): ArrayBuffer;
  /** The same buffer with another shape, counted. */
  share(x: TensorInfo, shape: number[]): TensorInfo;
  /** The same buffer, as another type of the same size. */
  retype(x: TensorInfo, dtype: tf.DataType): TensorInfo;
  /** Gives back an output that will not be returned. */
  release(x: TensorInfo): void;
  /** How many tensors use this buffer (0: it lies on another backend). */
  users(x: TensorInfo): number;
  /**
   * At least that many bytes of scratch memory, 16-byte aligned, valid until the next call. Grows,
   * never shrinks.
   */
  scratch(bytes: number): number;
  /** The threads; undefined where tfjs's memory is not shared. */
  pool?: Pool;
  /** How many threads to use for work that takes one thread so many microseconds. */
  threads(microseconds: number): number;
  /**
   * The range [0, n), work of about so many microseconds, in parts for the threads; each begins at
   * a multiple of `unit`.
   */
  ranges(n: number, microseconds: number, unit?: number): [from: number, to: number][];
  /**
   * Calls a kernel once for each list of arguments, in any order, on all threads if there are any.
   * @param scratch bytes of scratch memory whose address is the last argument; 0: the kernel takes
   *   none
   */
  run(kernel: string, calls: number[][], scratch?: number): void;
}

/** What to do when no memory is left. Mostly it is held by tensors that nobody disposed of. */
function outOfMemory(bytes: number): string {
  const { numTensors, numBytes } = tf.memory();
  const size = (n: number) =>
    `${(n / 2 ** 20).toLocaleString("en", { maximumFractionDigits: 1 })} MiB`;
  return (
    `wasm: out of memory (a tensor of ${size(bytes)} does not fit). ` +
    `${numTensors.toLocaleString("en")} tensors hold ${size(numBytes)}: dispose of those that are no longer ` +
    "needed (tf.tidy, tf.dispose), or use a smaller batch"
  );
}

/** @throws NotHere when this tfjs is not the one the kernels were written for */
export function openHeap(): Heap {
  if (tf.version_core !== PINNED)
    throw new NotHere(`tfjs is ${tf.version_core}, the fast kernels are for ${PINNED}`);
  const backend = tf.backend() as unknown as Backend;
  const memory = backend.wasm?.asm?.memory;
  if (!(memory instanceof WebAssembly.Memory) || memory.buffer !== backend.wasm.HEAPU8.buffer) {
    throw new NotHere("the memory of tfjs's wasm backend is not reachable");
  }
  const { wasm } = backend;

  const shared = types.isSharedArrayBuffer(memory.buffer);
  const { kernels, module, fma } = instantiate(memory, shared);
  const pool = shared ? new Pool(kernels, module, memory) : undefined;

  // tfjs does not look at what malloc returns: with memory full, it would write at address 0.
  // The first call of Emscripten's stub replaces it by the real function.
  wasm._free(wasm._malloc(16));
  const malloc = wasm._malloc;
  wasm._malloc = (bytes) => {
    pool?.rest();
    const pointer = bytes <= 2 ** 31 ? malloc(bytes) : 0; // near 2³² malloc's own arithmetic wraps
    if (pointer === 0 && bytes > 0) {
      throw new Error(outOfMemory(bytes));
    }
    return pointer;
  };

  const threads = (microseconds: number) => pool?.worth(microseconds) ?? 1;
  let block = 0;
  let blockSize = 0;
  const scratch = (bytes: number): number => {
    if (bytes > blockSize) {
      if (block) wasm._free(block);
      block = 0; // in case malloc throws
      blockSize = 0;
      block = wasm._malloc(bytes + 16) >>> 0;
      blockSize = bytes;
    }
    return ((block + 15) & ~15) >>> 0;
  };
  return {
    kernels,
    fma,
    pool,
    pointer(x) {
      const at = backend.dataIdMap.get(x.dataId).memoryOffset;
      if (at === null) throw new Error("wasm: text tensors have no values in memory");
      return at;
    },
    output: (shape, dtype = "float32") => backend.makeOutput(shape, dtype),
    memory: () => memory.buffer,
    view: (x) => backend.typedArrayFromHeap(x),
    share(x, shape) {
      backend.incRef(x.dataId);
      return { dataId: x.dataId, shape, dtype: x.dtype };
    },
    retype(x, dtype) {
      backend.dataIdMap.get(x.dataId).dtype = dtype;
      return { ...x, dtype };
    },
    release: (x) => void backend.disposeData(x.dataId),
    users: (x) => (backend.dataIdMap.has(x.dataId) ? backend.refCount(x.dataId) : 0),
    scratch,
    threads,
    ranges(n, microseconds, unit) {
      const count = threads(microseconds);
      return ranges(n, count === 1 ? 1 : count * PIECES, unit);
    },
    run(kernel, calls, bytes = 0) {
      if (pool) {
        const stride = (bytes + 63) & ~63;
        pool.run(kernel, calls, stride && scratch(pool.members * stride), stride);
      } else {
        const at = bytes ? [scratch(bytes)] : [];
        for (const call of calls) kernels[kernel](...call, ...at);
      }
    },
  };
}

/** Number of elements of a shape. */
export const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
