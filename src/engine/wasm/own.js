"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.ownArrays = exports.ownKernels = void 0;
// The kernels on a memory of their own, for work that tfjs has no operation for. Arrays are copied
// in and out, so it is the same on every engine, and works before any engine has been started.
const instance_1 = require("./instance");
const module_1 = require("./module");
const PAGE = 65536;
const PAGES = 65536; // 4 GiB, all that 32 bits can address
let own;
/** The functions of ./kernels, which take the byte offsets of the arrays that `ownArrays` gives. */
const ownKernels = () => open().kernels;
exports.ownKernels = ownKernels;
/**
 * Float32 arrays of these lengths in the kernels' own memory, with undefined values. All of it is
 * one work space: the next call gives out the same memory again, so copy (`slice`) what you want to
 * keep. It grows to what the largest call needs, and never shrinks.
 * @param what the work they are for, named in the error
 * @returns the arrays; `byteOffset` is what the kernels take, never 0, a multiple of 64
 * @throws Error when they do not fit in 4 GiB, or the system has not got that much
 */
function ownArrays(what, lengths) {
    const { memory } = open();
    let end = 64;
    const starts = lengths.map((length) => {
        const start = end;
        end += Math.ceil(length / 16) * 64;
        return start;
    });
    const pages = Math.ceil((end - memory.buffer.byteLength) / PAGE);
    if (pages > 0) {
        try {
            memory.grow(pages);
        }
        catch {
            throw new Error(`${what}: out of memory (${(end / 2 ** 20).toFixed(0)} MiB of work space). ` +
                "Use a smaller batch or a shorter sequence");
        }
    }
    return starts.map((start, i) => new Float32Array(memory.buffer, start, lengths[i]));
}
exports.ownArrays = ownArrays;
function open() {
    if (!own) {
        const memory = new module_1.WebAssembly.Memory({ initial: 1, maximum: PAGES });
        own = { kernels: (0, instance_1.instantiate)(memory, false).kernels, memory };
    }
    return own;
}
