// Values from the GPU: at once for the caller (`dataSync`), or by promise (`data`). What JavaScript
// has anyway is not asked for.
import * as tf from "@tensorflow/tfjs-core";
import {
  type DataId,
  type GpuBuffer,
  type Line,
  TENSOR,
  type TensorData,
  USAGE,
  type Values,
} from "./api";
import { begin, promised, waitUntil } from "./events";

/** Read values are remembered up to this many. */
const FEW = 1 << 12;

export class Reads {
  constructor(private readonly line: Line) {}

  /** The values, if they are known without asking the GPU. */
  private known(data: TensorData): Values | undefined {
    if (data.values || data.dtype === "string") return data.values as Values;
    return data.known?.slice() as Values | undefined;
  }

  /** The values of a tensor, if JavaScript has them. */
  knownValues(dataId: DataId): Values | undefined {
    const { values, known } = this.line.backend.tensorMap.get(dataId);
    return values ?? known;
  }

  /** The values of a tensor, wherever they are. */
  valuesOf(dataId: DataId): Values {
    return this.knownValues(dataId) ?? this.readSync(dataId);
  }

  readSync(dataId: DataId): Values {
    const data = this.line.backend.tensorMap.get(dataId);
    const known = this.known(data);
    if (known) return known;
    const complex = data.complexTensorInfos;
    if (complex) {
      const [re, im] = [complex.real, complex.imag].map((x) => this.readSync(x.dataId));
      return tf.backend_util.mergeRealAndImagArrays(re as Float32Array, im as Float32Array);
    }
    const staging = this.copyOut(data.resource!);
    const mapped = begin(() => staging.mapAsync(1));
    mapped.catch(() => {}); // seen below
    waitUntil(() => staging.mapState !== "pending");
    return this.takeIn(data, staging);
  }

  async read(dataId: DataId): Promise<Values> {
    const data = this.line.backend.tensorMap.get(dataId);
    if (this.known(data) || data.complexTensorInfos) return this.readSync(dataId);
    const staging = this.copyOut(data.resource!);
    await promised(() => staging.mapAsync(1).catch(() => {}));
    return this.takeIn(data, staging);
  }

  /** Submits, with a copy of a buffer into one that JavaScript can see. */
  private copyOut(buffer: GpuBuffer): GpuBuffer {
    const { backend, pool, counts } = this.line;
    const staging = pool.acquireBuffer(buffer.size, USAGE.mapRead | USAGE.copyTarget);
    backend.endComputePassEncoder();
    backend.ensureCommandEncoderReady();
    backend.commandEncoder!.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    this.line.submit();
    counts.reads++;
    counts.bytesRead += buffer.size;
    return staging;
  }

  private takeIn(data: TensorData, staging: GpuBuffer): Values {
    if (staging.mapState !== "mapped") this.line.check(true);
    const bytes = staging.getMappedRange().slice(0);
    staging.unmap();
    this.line.pool.releaseBuffer(staging);
    const words = data.dtype === "float32" ? new Float32Array(bytes) : new Int32Array(bytes);
    const values = data.dtype === "bool" ? Uint8Array.from(words) : words;
    if (values.length <= FEW) data.known = values.slice() as Values;
    return values as Values;
  }

  /** Waits until the GPU has done everything: by a read of one number. */
  private finish(): void {
    const { pool } = this.line;
    const one = pool.acquireBuffer(4, TENSOR);
    const staging = this.copyOut(one);
    begin(() => staging.mapAsync(1)).catch(() => {});
    waitUntil(() => staging.mapState !== "pending");
    if (staging.mapState === "mapped") staging.unmap();
    for (const buffer of [staging, one]) pool.releaseBuffer(buffer);
  }

  /** For tf.time. */
  time(work: () => void): Promise<tf.BackendTimingInfo> {
    this.finish();
    const start = performance.now();
    work();
    this.finish();
    return Promise.resolve({ kernelMs: performance.now() - start });
  }
}
