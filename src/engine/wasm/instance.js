"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.instantiate = void 0;
// An instance of the kernels' module on a memory: tfjs's (./heap) or one of its own (./own).
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const module_1 = require("./module");
const shared_1 = require("./shared");
/**
 * The kernels on a memory, with fused multiply-add where the processor and Node have it.
 * @param shared whether the memory is a shared one
 * @throws WebAssembly.CompileError on a processor without SIMD
 */
function instantiate(memory, shared) {
    const files = ["kernels-fma.wasm", "kernels.wasm"].map((name) => {
        const bytes = (0, node_fs_1.readFileSync)((0, node_path_1.join)(__dirname, name));
        return shared ? (0, shared_1.withSharedMemory)(bytes) : bytes;
    });
    const fma = module_1.WebAssembly.validate(files[0]);
    const module = new module_1.WebAssembly.Module(files[fma ? 0 : 1]);
    const { exports } = new module_1.WebAssembly.Instance(module, { env: { memory, log: Math.log } });
    return { kernels: exports, module, fma };
}
exports.instantiate = instantiate;
