"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __importStar = (this && this.__importStar) || function (mod) {
    if (mod && mod.__esModule) return mod;
    var result = {};
    if (mod != null) for (var k in mod) if (k !== "default" && Object.prototype.hasOwnProperty.call(mod, k)) __createBinding(result, mod, k);
    __setModuleDefault(result, mod);
    return result;
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.count = exports.openHeap = exports.PINNED = void 0;
// The inside of tfjs's wasm backend: where its tensors lie in memory, and a second, small wasm
// module (./kernels) that works on the same memory. None of this is public API, so the version is
// pinned and everything is checked before it is used.
const node_util_1 = require("node:util");
const tf = __importStar(require("@tensorflow/tfjs-core"));
const cut_1 = require("./cut");
const instance_1 = require("./instance");
const module_1 = require("./module");
const pool_1 = require("./pool");
exports.PINNED = "4.22.0";
/** What to do when no memory is left. Mostly it is held by tensors that nobody disposed of. */
function outOfMemory(bytes) {
    const { numTensors, numBytes } = tf.memory();
    const size = (n) => `${(n / 2 ** 20).toLocaleString("en", { maximumFractionDigits: 1 })} MiB`;
    return (`wasm: out of memory (a tensor of ${size(bytes)} does not fit). ` +
        `${numTensors.toLocaleString("en")} tensors hold ${size(numBytes)}: dispose of those that are no longer ` +
        "needed (tf.tidy, tf.dispose), or use a smaller batch");
}
/** @throws NotHere when this tfjs is not the one the kernels were written for */
function openHeap() {
    if (tf.version_core !== exports.PINNED)
        throw new module_1.NotHere(`tfjs is ${tf.version_core}, the fast kernels are for ${exports.PINNED}`);
    const backend = tf.backend();
    const memory = backend.wasm?.asm?.memory;
    if (!(memory instanceof module_1.WebAssembly.Memory) || memory.buffer !== backend.wasm.HEAPU8.buffer) {
        throw new module_1.NotHere("the memory of tfjs's wasm backend is not reachable");
    }
    const { wasm } = backend;
    const shared = node_util_1.types.isSharedArrayBuffer(memory.buffer);
    const { kernels, module, fma } = (0, instance_1.instantiate)(memory, shared);
    const pool = shared ? new pool_1.Pool(kernels, module, memory) : undefined;
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
    const threads = (microseconds) => pool?.worth(microseconds) ?? 1;
    let block = 0;
    let blockSize = 0;
    const scratch = (bytes) => {
        if (bytes > blockSize) {
            if (block)
                wasm._free(block);
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
            if (at === null)
                throw new Error("wasm: text tensors have no values in memory");
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
            return (0, cut_1.ranges)(n, count === 1 ? 1 : count * cut_1.PIECES, unit);
        },
        run(kernel, calls, bytes = 0) {
            if (pool) {
                const stride = (bytes + 63) & ~63;
                pool.run(kernel, calls, stride && scratch(pool.members * stride), stride);
            }
            else {
                const at = bytes ? [scratch(bytes)] : [];
                for (const call of calls)
                    kernels[kernel](...call, ...at);
            }
        },
    };
}
exports.openHeap = openHeap;
/** Number of elements of a shape. */
const count = (shape) => shape.reduce((a, b) => a * b, 1);
exports.count = count;
