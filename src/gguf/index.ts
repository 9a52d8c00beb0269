// GGUF files, the format of llama.cpp: metadata, directory of tensors, numbers of many types.
export { encodeGguf, type GgufEntry, type GgufNumbers } from "./encode";
export {
  type Gguf,
  type GgufTensor,
  type GgufValue,
  readGguf,
  readGgufMetadata,
} from "./metadata";
export { bytesOf, quantize, type WrittenType, writtenTypes } from "./quantize";
export { readGgufBytes, readGgufTensor } from "./tensors";
export { dequantize, typeNames, typeOf } from "./types";
