"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.sharedBuild = exports.withSharedMemory = void 0;
// Threads need tfjs's memory to be shared between them. tfjs ships a threaded build, but it does
// not start in Node, and its pthread pool is not needed: the kernels that take the time are ours,
// and ./pool runs those. So this takes the ordinary SIMD build and changes one bit of it, the one
// that says whether its memory is shared. WebAssembly allows that for a module without atomic
// instructions: the module runs as before, on one thread, and other modules may work on the same
// memory while it waits. WebAssembly threads proposal, https://github.com/WebAssembly/threads:
// limits flag 0x03 = shared, with a maximum.
const node_fs_1 = require("node:fs");
const module_1 = require("./module");
const SHARED = 3;
const WITH_MAXIMUM = 1;
const [IMPORTS, MEMORIES] = [2, 5];
const MEMORY = 2; // among imports: function 0, table 1, memory 2, global 3
/**
 * The same module with its one memory, imported or its own, declared as shared.
 * @throws NotHere when it has no memory with a maximum, which shared memory needs
 */
function withSharedMemory(module) {
    const bytes = Uint8Array.from(module);
    let at = 8; // behind the magic number and the version
    const number = () => {
        let value = 0;
        for (let shift = 0;; shift += 7) {
            const byte = bytes[at++];
            value |= (byte & 127) << shift;
            if (byte < 128)
                return value >>> 0;
        }
    };
    const skipLimits = () => {
        const flags = bytes[at++];
        number();
        if (flags & 1)
            number();
    };
    const share = () => {
        if (bytes[at] !== WITH_MAXIMUM)
            throw new module_1.NotHere("a module's memory has no maximum, so it cannot be shared");
        bytes[at] = SHARED;
        return bytes;
    };
    while (at < bytes.length) {
        const id = bytes[at++];
        const size = number();
        const end = at + size;
        if (id === MEMORIES && number() === 1)
            return share();
        if (id === IMPORTS) {
            for (let left = number(); left > 0; left--) {
                for (let name = 0; name < 2; name++) {
                    const length = number();
                    at += length;
                }
                const kind = bytes[at++];
                if (kind === MEMORY)
                    return share();
                if (kind === 0)
                    number();
                else if (kind === 1) {
                    at++;
                    skipLimits();
                }
                else
                    at += 2;
            }
        }
        at = end;
    }
    throw new module_1.NotHere("a module has no memory");
}
exports.withSharedMemory = withSharedMemory;
/**
 * tfjs's SIMD build with shared memory, as an address that `setWasmPaths` takes.
 * @param file tfjs-backend-wasm-simd.wasm
 * @throws NotHere when this Node, or this machine, cannot have such a module
 */
function sharedBuild(file) {
    if (typeof SharedArrayBuffer === "undefined")
        throw new module_1.NotHere("this Node has no SharedArrayBuffer");
    const bytes = withSharedMemory((0, node_fs_1.readFileSync)(file));
    if (!module_1.WebAssembly.validate(bytes))
        throw new module_1.NotHere("this Node's WebAssembly has no shared memory");
    return `data:application/wasm;base64,${Buffer.from(bytes).toString("base64")}`;
}
exports.sharedBuild = sharedBuild;
