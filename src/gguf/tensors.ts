// The numbers of a GGUF file, tensor by tensor: a file need not fit into memory at once.
import { closeSync, openSync, readSync } from "node:fs";
import type { Gguf } from "./metadata";
import { dequantize } from "./types";

/**
 * One tensor as float32.
 * @param gguf what `readGguf` gave
 * @returns its shape, the fastest axis last, and its numbers
 * @throws if the file has no such tensor, or has become shorter since
 */
export function readGgufTensor(gguf: Gguf, name: string): { shape: number[]; data: Float32Array } {
  const { shape, type, bytes } = readGgufBytes(gguf, name);
  return { shape, data: dequantize(type, bytes) };
}

/** One tensor as the bytes of its type (`typeOf`), for those who do not want it unpacked. */
export function readGgufBytes(
  gguf: Gguf,
  name: string,
): { shape: number[]; type: number; bytes: Uint8Array } {
  const tensor = gguf.tensors.get(name);
  if (!tensor)
    throw new Error(`readGgufTensor: ${gguf.file}: expected ${name}, got no such tensor`);
  const bytes = new Uint8Array(tensor.end - tensor.begin);
  const file = openSync(gguf.file, "r");
  try {
    for (let at = 0; at < bytes.length; ) {
      const got = readSync(file, bytes, at, bytes.length - at, tensor.begin + at);
      if (got === 0)
        throw new Error(`readGgufTensor: ${gguf.file}: expected all of ${name}, got its beginning`);
      at += got;
    }
  } finally {
    closeSync(file);
  }
  return { shape: tensor.shape, type: tensor.type, bytes };
}
