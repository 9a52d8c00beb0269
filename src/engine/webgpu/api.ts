// What of WebGPU and of tfjs's WebGPU backend is used here. Both come from the opt-in folder
// webgpu/ (`npm run gpu`), so their own types are not there when the course is compiled. Neither
// part of the backend is documented; the packages are pinned in tools/gpu/pins.json.
// WebGPU: W3C, https://www.w3.org/TR/webgpu.
import type * as tf from "@tensorflow/tfjs-core";

export interface GpuBuffer {
  readonly size: number;
  readonly usage: number;
  readonly mapState: "unmapped" | "pending" | "mapped";
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}
export interface GpuPipeline {
  getBindGroupLayout(group: number): object;
}
export interface GpuPass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(group: number, bindings: object): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
  end(): void;
}
export interface GpuEncoder {
  beginComputePass(): GpuPass;
  copyBufferToBuffer(from: GpuBuffer, at: number, to: GpuBuffer, there: number, n: number): void;
  finish(): object;
}
export interface GpuQueue {
  submit(commands: object[]): void;
  writeBuffer(to: GpuBuffer, at: number, data: ArrayBuffer, from: number, bytes: number): void;
}
export interface GpuError {
  message: string;
  constructor: { name: string };
}
export interface GpuDevice {
  readonly queue: GpuQueue;
  readonly limits: Record<string, number>;
  readonly features: { has(name: string): boolean };
  readonly lost: Promise<{ reason: string; message: string }>;
  createBuffer(wanted: { size: number; usage: number; mappedAtCreation?: boolean }): GpuBuffer;
  createBindGroup(wanted: { layout: object; entries: object[] }): object;
  createCommandEncoder(): GpuEncoder;
  createShaderModule(wanted: { code: string }): object;
  createComputePipeline(wanted: object): GpuPipeline;
  addEventListener(name: "uncapturederror", hear: (event: { error: GpuError }) => void): void;
  destroy(): void;
}
export interface GpuAdapter {
  readonly info: { vendor: string; architecture: string; device: string; description: string };
  readonly isFallbackAdapter?: boolean;
  readonly limits: Record<string, number>;
  readonly features: Iterable<string> & { has(name: string): boolean };
  requestDevice(wanted: object): Promise<GpuDevice>;
}
export interface Gpu {
  requestAdapter(wanted: object): Promise<GpuAdapter | null>;
}
/** The package `webgpu`: Dawn, Chromium's WebGPU, for Node. */
export interface Dawn {
  create(options: string[]): Gpu;
  globals: Record<string, unknown>;
}

export const USAGE = {
  mapRead: 1,
  copySource: 4,
  copyTarget: 8,
  uniform: 64,
  storage: 128,
} as const;
/** Of a tensor's buffer. */
export const TENSOR = USAGE.storage | USAGE.copySource | USAGE.copyTarget;

export type Values = Float32Array | Int32Array | Uint8Array;

/** Where a tensor's data is: `values` in JavaScript until an operation needs it, then `resource`. */
export interface TensorData {
  dtype: tf.DataType;
  shape: number[];
  values: Values | null;
  refCount: number;
  resource?: GpuBuffer | null;
  complexTensorInfos?: { real: tf.TensorInfo; imag: tf.TensorInfo } | null;
  /** A copy of what is in `resource`, where it is known without reading it. */
  known?: Values;
}

export interface Uniform {
  type: "int32" | "uint32" | "float32";
  data: number[];
}
/** A kernel of tfjs for certain shapes; `pipeline` is its compiled shader. */
export interface GpuProgram {
  outputShape: number[];
  variableNames: string[];
  shaderKey: string;
  dispatch: [number, number, number];
  pipeline: GpuPipeline;
  size?: boolean;
  outputComponent?: number;
}

/** tfjs's buffers, as ./pool replaces them. */
export interface BufferManager {
  acquireBuffer(size: number, usage: number, mapped?: boolean, reuse?: boolean): GpuBuffer;
  releaseBuffer(buffer: GpuBuffer, reuse?: boolean): void;
  readonly numBytesUsed: number;
  readonly numBytesAllocated: number;
  dispose(): void;
}

export type DataId = tf.Tensor["dataId"];

/** tfjs's backend. */
export interface WebGpuBackend extends tf.KernelBackend {
  device: GpuDevice;
  bufferManager: BufferManager;
  pipelineCache: Record<string, GpuPipeline>;
  tensorMap: { get(dataId: DataId): TensorData; has(dataId: DataId): boolean };
  commandQueueOwnedIds: { has(dataId: DataId): boolean; add(dataId: DataId): void };
  commandEncoder: GpuEncoder | null;
  computePassEncoder: GpuPass | null;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(dataId: DataId): void;
  makeUniforms(list: Uniform[]): object;
  getBufferData(buffer: GpuBuffer): Promise<ArrayBuffer>;
  recordAndSubmit(
    program: GpuProgram,
    output: tf.TensorInfo,
    inputs: tf.TensorInfo[],
    own?: Uniform[] | null,
  ): void;
  makeTensorInfo(shape: number[], dtype: tf.DataType): tf.TensorInfo;
}

/** Where operations are lined up for the GPU: ./backend, as ./reads sees it. */
export interface Line {
  readonly backend: WebGpuBackend;
  readonly pool: BufferManager;
  readonly counts: { reads: number; bytesRead: number };
  check(noAnswer?: boolean): void;
  submit(): void;
}
