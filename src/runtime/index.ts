// A GPT on plain memory, for lessons 21 (inference) and 22 (compression): packed weights, and keys
// and values in blocks.
export { type AttendOptions, type AttentionInputs, attendInBlocks } from "./attendInBlocks";
export {
  columnsOf,
  formatOf,
  multiply,
  type PackedMatrix,
  packedBytes,
  packMatrix,
  paddedRows,
  type Rows,
  roundedBytes,
  rowsOf,
  unpackRow,
  type WeightFormat,
  type WeightRow,
  weightFormats,
} from "./packing";
export { PagedGPT, type PagedGPTOptions, type RecordedStep } from "./pagedGpt";
export { preferredKernels } from "./preferred";
