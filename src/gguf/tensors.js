"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.readGgufTensor = void 0;
// The numbers of a GGUF file, tensor by tensor: a file need not fit into memory at once.
const node_fs_1 = require("node:fs");
const types_1 = require("./types");
/**
 * One tensor as float32.
 * @param gguf what `readGguf` gave
 * @returns its shape, the fastest axis last, and its numbers
 * @throws if the file has no such tensor, or has become shorter since
 */
function readGgufTensor(gguf, name) {
    const tensor = gguf.tensors.get(name);
    if (!tensor)
        throw new Error(`readGgufTensor: ${gguf.file}: expected ${name}, got no such tensor`);
    const bytes = new Uint8Array(tensor.end - tensor.begin);
    const file = (0, node_fs_1.openSync)(gguf.file, "r");
    try {
        for (let at = 0; at < bytes.length;) {
            const got = (0, node_fs_1.readSync)(file, bytes, at, bytes.length - at, tensor.begin + at);
            if (got === 0)
                throw new Error(`readGgufTensor: ${gguf.file}: expected all of ${name}, got its beginning`);
            at += got;
        }
    }
    finally {
        (0, node_fs_1.closeSync)(file);
    }
    return { shape: tensor.shape, data: (0, types_1.dequantize)(tensor.type, bytes) };
}
exports.readGgufTensor = readGgufTensor;
