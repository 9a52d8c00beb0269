// A traced function as a list that the GPU runs again: for each operation the shader, its bindings
// and its size, with all parameters in one buffer. No tensor is made on the way, no shader looked
// up, nothing uploaded but the arguments, and all of it is one submission.
import * as tf from "@tensorflow/tfjs-core";
import { checkIdValues } from "../ids";
import { CompileError } from "../native/errors";
import { type GpuBuffer, TENSOR, USAGE } from "./api";
import type { Commands } from "./backend";
import { type GpuTrace, ownBuffer, type Slot } from "./trace";

const ALIGN = 256;

export class GpuProgram {
  readonly recorded: number;
  readonly operations: number;
  private readonly parameters: GpuBuffer;
  private readonly offsets: number[];
  private readonly bindings: (object | undefined)[];
  /** What stands for an input or a variable in the list, and what it stands for now. */
  private readonly standIns = new Map<GpuBuffer, GpuBuffer>();
  private isDisposed = false;

  constructor(
    private readonly commands: Commands,
    readonly trace: GpuTrace,
  ) {
    const { operations } = trace;
    this.recorded = this.operations = operations.length;
    this.bindings = operations.map(() => undefined);
    this.offsets = [];
    let size = 0;
    for (const { parameters } of operations) {
      this.offsets.push(size);
      size += Math.ceil(parameters.byteLength / ALIGN) * ALIGN;
    }
    this.parameters = trace.pool.acquireBuffer(
      Math.max(size, ALIGN),
      USAGE.uniform | USAGE.copyTarget,
    );
    const all = new Uint8Array(Math.max(size, ALIGN));
    operations.forEach(({ parameters }, i) => {
      all.set(new Uint8Array(parameters), this.offsets[i]);
    });
    commands.backend.device.queue.writeBuffer(this.parameters, 0, all.buffer, 0, all.length);
    // The arguments of a call are copied to buffers that stay, so that the bindings stay, too. Free
    // buffers of the pool are those that the list works with.
    for (const buffer of new Set(trace.inputs))
      this.standIns.set(buffer, trace.pool.acquireBuffer(buffer.size, TENSOR, false, false));
  }

  /**
   * Runs the list and gives the variables their new values.
   * @returns the outputs, in the trace's order
   */
  run(inputs: tf.Tensor[]): tf.Tensor[] {
    const { commands, trace } = this;
    const { backend } = commands;
    for (const slot of trace.slots) this.prepare(slot);
    for (const { input, n, caller, name } of trace.ranges)
      checkIdValues(commands.reads.valuesOf(inputs[input].dataId), n, caller, name);
    for (const { dataId } of inputs) backend.uploadToGPU(dataId);
    trace.inputs.forEach((buffer, i) => {
      const given = backend.tensorMap.get(inputs[i].dataId).resource!;
      commands.copy(given, this.standIns.get(buffer)!);
    });
    commands.replay(trace.operations, (i) => this.bindingOf(i));
    const outputs = trace.outputs.map(({ buffer, dtype, shape }) => {
      const info = backend.makeTensorInfo(shape, dtype);
      if (!shape.includes(0)) {
        backend.uploadToGPU(info.dataId);
        commands.copy(this.now(buffer), backend.tensorMap.get(info.dataId).resource!);
      } else backend.tensorMap.get(info.dataId).values = new Float32Array(0);
      return tf.engine().makeTensorFromTensorInfo(info);
    });
    this.writeVariables();
    commands.submit();
    return outputs;
  }

  /** A new value may be another variable's old one: those are kept before any is overwritten. */
  private writeVariables(): void {
    const { commands, trace } = this;
    const kept: GpuBuffer[] = [];
    const writes = trace.slots.flatMap(({ variable, next }) => {
      if (!next) return [];
      let from = this.now(next.buffer);
      if (next.ref.kind === "variable") {
        const copy = commands.pool.acquireBuffer(from.size, TENSOR);
        commands.copy(from, copy);
        kept.push(copy);
        from = copy;
      }
      return [{ variable, from }];
    });
    for (const { variable, from } of writes) {
      const data = commands.backend.tensorMap.get(variable.dataId);
      commands.copy(from, data.resource!);
      data.known = undefined;
    }
    for (const buffer of kept) commands.pool.releaseBuffer(buffer);
  }

  /** Looks where a variable's values are now. */
  private prepare({ variable, buffer, place, next }: Slot): void {
    const { backend } = this.commands;
    if (variable.isDisposed)
      throw new CompileError(
        `the variable ${variable.name}, which the function uses, was disposed`,
        place,
        "Compile the function again for the new variables, " +
          "or change values with variable.assign(…).",
      );
    if (next) ownBuffer(this.commands, variable);
    backend.uploadToGPU(variable.dataId);
    const now = backend.tensorMap.get(variable.dataId).resource!;
    if (this.now(buffer) === now) return;
    this.standIns.set(buffer, now);
    this.trace.operations.forEach(({ buffers }, i) => {
      if (buffers.includes(buffer)) this.bindings[i] = undefined;
    });
  }

  private now(buffer: GpuBuffer): GpuBuffer {
    return this.standIns.get(buffer) ?? buffer;
  }

  private bindingOf(i: number): object {
    const { pipeline, buffers, parameters } = this.trace.operations[i];
    this.bindings[i] ??= this.commands.bind(
      pipeline,
      buffers.map((buffer) => this.now(buffer)),
      { buffer: this.parameters, offset: this.offsets[i], size: parameters.byteLength },
    );
    return this.bindings[i]!;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.commands.submit();
    this.trace.pool.dispose();
  }
}
