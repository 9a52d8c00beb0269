// tfjs's WebGPU backend as the course uses it: tfjs has the kernels, and how their commands reach
// the GPU is written anew here. Why, and what each part saves:
//
//   reads        wait in place (./events); tfjs needs a browser's canvas for that
//   submissions  one for up to 256 operations, not 15, and one before a read
//   parameters   of all operations in one buffer, written once for each submission, not one buffer
//                and one write for every operation
//   buffers      serve the next operation at once (./pool)
//   values       of integers that came from JavaScript are remembered, so that token ids are checked
//                without asking the GPU
//
// What is counted here (`gpuCounts`) is what a test can say about speed without a GPU.
import * as tf from "@tensorflow/tfjs-core";
import {
  type DataId,
  type GpuBuffer,
  type GpuDevice,
  type GpuPipeline,
  type GpuProgram,
  type Line,
  TENSOR,
  type Uniform,
  USAGE,
  type Values,
  type WebGpuBackend,
} from "./api";
import { Pool } from "./pool";
import { Reads } from "./reads";

/** Operations until the GPU gets what has been recorded: it computes while more is recorded. */
const BATCH = 256;
/** Parameters of operations begin at multiples of this: WebGPU's default limit. */
const ALIGN = 256;
const ROOM = 2 * BATCH * ALIGN;
/** What has gone to and come from the GPU since the engine started. */
export interface GpuCounts {
  /** operations */
  dispatches: number;
  /** of lists of operations */
  submissions: number;
  /** times that the engine waited for values */
  reads: number;
  bytesRead: number;
  bytesWritten: number;
  /** buffers that tensors and waiting operations hold, and all bytes taken from the system */
  buffers: number;
  bytes: number;
}

/** One operation as it goes to the GPU. */
export interface Dispatch {
  pipeline: GpuPipeline;
  /** the result first */
  tensors: tf.TensorInfo[];
  parameters: ArrayBuffer;
  groups: readonly [number, number, number];
  key: string;
  /** How many of the tensors are results. */
  results: number;
}

/** What is put in place of tfjs's own way to the GPU. */
export class Commands implements Line {
  readonly reads: Reads;
  pool: Pool;
  readonly counts = { dispatches: 0, submissions: 0, reads: 0, bytesRead: 0, bytesWritten: 0 };
  /** Is told of every operation: while a function is traced. */
  listener: ((dispatch: Dispatch) => void) | undefined;
  /** Writes one value into all elements of a tensor that has its buffer (./kernels). */
  fill: (tensor: tf.TensorInfo, value: number) => void = () => {};
  private readonly parameters: GpuBuffer;
  private readonly staged = new Uint8Array(ROOM);
  private filled = 0;
  private waiting = 0;
  private readonly layouts = new WeakMap<GpuPipeline, object>();
  private readonly layOut: WebGpuBackend["makeUniforms"];

  constructor(
    readonly backend: WebGpuBackend,
    /** @throws Error when the GPU has reported a fault, or is gone: `noAnswer` says that it must be */
    readonly check: (noAnswer?: boolean) => void,
  ) {
    const { device } = backend;
    this.layOut = backend.makeUniforms;
    this.pool = new Pool(this.make);
    this.parameters = device.createBuffer({ size: ROOM, usage: USAGE.uniform | USAGE.copyTarget });
    backend.bufferManager.dispose();
    backend.bufferManager = this.pool;
    backend.commandQueueOwnedIds = { has: () => false, add: () => {} };
    backend.recordAndSubmit = (...args) => this.record(...args);
    backend.submitQueue = () => this.submit();
    backend.uploadToGPU = (dataId) => this.upload(dataId);
    this.reads = new Reads(this);
    backend.readSync = (dataId) => this.reads.readSync(dataId) as never;
    backend.read = (dataId) => this.reads.read(dataId) as never;
    backend.time = (work) => this.reads.time(work);
  }

  private readonly make = (wanted: Parameters<GpuDevice["createBuffer"]>[0]): GpuBuffer => {
    const buffer = this.backend.device.createBuffer(wanted);
    this.check();
    return buffer;
  };

  /** A pool for a list of operations that will be run again. */
  ownPool(): Pool {
    return new Pool(this.make, true);
  }

  /** From now on buffers come from this pool. */
  usePool(pool: Pool): void {
    this.pool = pool;
    this.backend.bufferManager = pool;
  }

  /** Records one operation of tfjs. */
  private record(
    program: GpuProgram,
    output: tf.TensorInfo,
    inputs: tf.TensorInfo[],
    own?: Uniform[] | null,
  ): void {
    const size = tf.util.sizeFromShape(program.outputShape);
    const shapes: Uniform[] = [...inputs, output].flatMap(({ shape }) => [
      { type: "int32", data: shape },
      { type: "int32", data: tf.util.computeStrides(shape) },
    ]);
    const parameters = this.bytesOf([
      { type: "float32", data: [Number.NaN] },
      { type: "float32", data: [Number.POSITIVE_INFINITY] },
      ...shapes,
      ...(program.size
        ? [{ type: "int32" as const, data: [size / (program.outputComponent || 1)] }]
        : []),
      ...(own ?? []),
    ]);
    const { pipeline, dispatch: groups, shaderKey: key } = program;
    try {
      this.check(); // before a shader that is not valid spoils what has been recorded
    } catch (error) {
      delete this.backend.pipelineCache[key];
      throw error;
    }
    const tensors = [output, ...inputs];
    this.runOwn({ pipeline, tensors, parameters, groups, key, results: 1 });
  }

  /** Records one operation, and tells whoever traces. */
  runOwn(dispatch: Dispatch): void {
    this.run(dispatch);
    this.listener?.(dispatch);
  }

  /** The bytes of a list of parameters: as tfjs lays them out, without the buffer that it fills. */
  private bytesOf(list: Uniform[]): ArrayBuffer {
    let bytes = new ArrayBuffer(0);
    const keep = {
      bufferManager: { acquireBuffer: () => undefined },
      queue: {
        writeBuffer: (_: unknown, __: number, data: ArrayBuffer) => {
          bytes = data;
        },
      },
      uniformPendingDisposal: [],
    };
    this.layOut.call(keep as never, list);
    return bytes;
  }

  /** Records an operation, and submits where many are waiting. */
  private run({ pipeline, tensors, parameters, groups }: Dispatch): void {
    const { backend } = this;
    const room = Math.ceil(parameters.byteLength / ALIGN) * ALIGN;
    if (this.filled + room > ROOM) this.submit();
    this.staged.set(new Uint8Array(parameters), this.filled);
    const buffers = tensors.map(({ dataId }) => backend.tensorMap.get(dataId).resource!);
    const bindings = this.bind(pipeline, buffers, {
      buffer: this.parameters,
      offset: this.filled,
      size: parameters.byteLength,
    });
    this.check(); // what is not valid must not be recorded: it would spoil the rest
    this.filled += room;
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
    backend.computePassEncoder.setPipeline(pipeline);
    backend.computePassEncoder.setBindGroup(0, bindings);
    backend.computePassEncoder.dispatchWorkgroups(...groups);
    this.counts.dispatches++;
    this.check();
    if (++this.waiting >= BATCH) this.submit();
  }

  bind(pipeline: GpuPipeline, buffers: GpuBuffer[], parameters: object): object {
    let layout = this.layouts.get(pipeline);
    if (!layout) {
      layout = pipeline.getBindGroupLayout(0);
      this.layouts.set(pipeline, layout);
    }
    const entries = [...buffers.map((buffer) => ({ buffer })), parameters];
    return this.backend.device.createBindGroup({
      layout,
      entries: entries.map((resource, binding) => ({ binding, resource })),
    });
  }

  /** Gives the GPU what has been recorded. */
  submit(): void {
    const { backend, staged, filled } = this;
    backend.endComputePassEncoder();
    if (!backend.commandEncoder) return;
    const { queue } = backend.device;
    if (filled > 0) queue.writeBuffer(this.parameters, 0, staged.buffer, 0, filled);
    queue.submit([backend.commandEncoder.finish()]);
    backend.commandEncoder = null;
    [this.filled, this.waiting] = [0, 0];
    this.counts.submissions++;
    this.pool.submitted();
    this.check();
  }

  private upload(dataId: DataId): void {
    const data = this.backend.tensorMap.get(dataId);
    if (data.resource) return;
    const size = 4 * tf.util.sizeFromShape(data.shape);
    const { values } = data;
    if (!values) {
      data.resource = this.pool.acquireBuffer(size, TENSOR);
      return;
    }
    const Words = data.dtype === "float32" ? Float32Array : Int32Array;
    const words = values instanceof Words ? values : Words.from(values as Values);
    data.values = null;
    if (words.length > ALIGN && words.every((x) => x === words[0])) {
      // tf.ones and tf.zeros make their values in JavaScript
      data.resource = this.pool.acquireBuffer(size, TENSOR);
      this.fill({ dataId, shape: data.shape, dtype: data.dtype }, words[0]);
      return;
    }
    data.resource = this.pool.acquireIdle(size, TENSOR);
    const { queue } = this.backend.device;
    queue.writeBuffer(data.resource, 0, words.buffer as ArrayBuffer, words.byteOffset, size);
    this.counts.bytesWritten += size;
    if (data.dtype !== "float32" || values.length <= 1) data.known = values.slice() as Values;
    this.check();
  }

  /** Records a copy of a whole buffer. */
  copy(from: GpuBuffer, to: GpuBuffer): void {
    if (from === to) return;
    const { backend } = this;
    backend.endComputePassEncoder();
    backend.ensureCommandEncoderReady();
    backend.commandEncoder!.copyBufferToBuffer(from, 0, to, 0, to.size);
  }

  /** Records a list of operations whose bindings are made. */
  replay(list: Pick<Dispatch, "pipeline" | "groups">[], bindingOf: (i: number) => object): void {
    const { backend } = this;
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
    const pass = backend.computePassEncoder;
    list.forEach(({ pipeline, groups }, i) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindingOf(i));
      pass.dispatchWorkgroups(...groups);
    });
    this.counts.dispatches += list.length;
    this.check();
  }

  /** buffer[rows[j]] = values[j], each of so many bytes, in place. */
  writeRows(buffer: tf.Tensor, rows: number[], values: tf.Tensor, bytes: number): void {
    const { backend } = this;
    for (const { dataId } of [buffer, values]) backend.uploadToGPU(dataId);
    const [to, from] = [buffer, values].map(({ dataId }) => backend.tensorMap.get(dataId));
    backend.endComputePassEncoder();
    backend.ensureCommandEncoderReady();
    rows.forEach((row, j) => {
      const [target, source] = [to.resource!, from.resource!];
      backend.commandEncoder!.copyBufferToBuffer(source, j * bytes, target, row * bytes, bytes);
    });
    to.known = undefined;
    this.check();
  }
}

const key = Symbol.for("llm.webgpu");

/** Marks a backend with its commands. */
export function attach(backend: WebGpuBackend, commands: Commands): void {
  Object.defineProperty(backend, key, { value: commands });
}

/** The engine's commands, or undefined when another engine is in use. */
export function gpuCommands(): Commands | undefined {
  return (tf.backend() as unknown as Record<symbol, Commands | undefined>)?.[key];
}

/** What the WebGPU engine has done so far; undefined when another engine is in use. */
export function gpuCounts(): GpuCounts | undefined {
  const commands = gpuCommands();
  if (!commands) return undefined;
  const { numUsedBuffers: buffers, numBytesAllocated: bytes } = commands.pool;
  return { ...commands.counts, buffers, bytes };
}
