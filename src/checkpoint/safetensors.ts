// Reading and writing safetensors, Hugging Face's file format for tensors: 8 bytes with the header's length, a JSON
// header (name → dtype, shape, place), then the bytes of all tensors. No code runs on loading, unlike pickle.
// Here: float32, little endian (as every machine that Node runs on). Other types are read in later lessons.

/** Tensors as plain data: what a file holds. */
export interface TensorData {
  shape: number[];
  data: Float32Array;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Lays tensors out as a safetensors file.
 *
 * @param tensors by name
 * @param metadata strings for the header's `__metadata__`
 * @returns the file in pieces, to be written one after the other (tensors are not copied)
 */
export function encodeSafetensors(
  tensors: Record<string, TensorData>,
  metadata: Record<string, string> = {},
): Uint8Array[] {
  const header: Record<string, HeaderEntry | Record<string, string>> = { __metadata__: metadata };
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const name in tensors) {
    const { shape, data } = tensors[name];
    header[name] = { dtype: "F32", shape, data_offsets: [at, at + data.byteLength] };
    chunks.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    at += data.byteLength;
  }
  let json = JSON.stringify(header);
  json += " ".repeat((8 - (Buffer.byteLength(json) % 8)) % 8); // so that the numbers start on a multiple of 8
  const text = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return [length, text, ...chunks];
}

/**
 * Reads a safetensors file.
 *
 * @throws when the bytes are not a whole, consistent safetensors file of float32 tensors
 */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: Record<string, TensorData>;
  metadata: Record<string, string>;
} {
  const damaged = (what: string) => new Error(`decodeSafetensors: not a whole safetensors file: ${what}`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 8) throw damaged(`it has ${view.length} bytes`);
  const headerLength = Number(view.readBigUInt64LE());
  if (headerLength > view.length - 8) throw damaged("its header is cut off");
  let header: { __metadata__?: Record<string, string> };
  try {
    header = JSON.parse(view.toString("utf8", 8, 8 + headerLength));
  } catch {
    throw damaged("its header cannot be read");
  }
  const start = 8 + headerLength;
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors: Record<string, TensorData> = {};
  for (const [name, entry] of Object.entries(entries as Record<string, HeaderEntry>)) {
    const { dtype, shape, data_offsets: offsets } = entry;
    if (dtype !== "F32") throw new Error(`decodeSafetensors: ${name}: expected F32, got ${dtype}`);
    const size = shape.reduce((a, b) => a * b, 1) * 4;
    if (offsets[1] - offsets[0] !== size) throw damaged(`${name} has the wrong length`);
    if (offsets[0] < 0 || start + offsets[1] > view.length)
      throw damaged(`the numbers of ${name} are cut off`);
    const copy = view.buffer.slice(
      view.byteOffset + start + offsets[0],
      view.byteOffset + start + offsets[1],
    );
    tensors[name] = { shape, data: new Float32Array(copy) };
  }
  return { tensors, metadata };
}
