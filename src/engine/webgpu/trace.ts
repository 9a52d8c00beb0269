// Traces one call of an ordinary tfjs function on the WebGPU engine: the function really runs, and
// every operation that goes to the GPU is written down with its shader, its parameters and its
// buffers. ./program runs the list again. The rules are those of native's trace (../tracing,
// docs/compile.md). Buffers that the function makes come from a pool of its own and stay: because
// the list is always run in the same order, a buffer that served several tensors in turn does so
// again.
import * as tf from "@tensorflow/tfjs-core";
import { checkIdValues, watchIds } from "../ids";
import { CompileError, Place, TRACE_DEPTH } from "../native/errors";
import {
  disposeTape,
  Guards,
  idsAreComputed,
  madeOutside,
  notAsync,
  valuesAreRead,
} from "../tracing";
import type { DataId, GpuBuffer, GpuPipeline, Values } from "./api";
import type { Commands, Dispatch } from "./backend";
import type { Pool } from "./pool";
import { broadcast, moved } from "./strided";

/** Where a tensor of the trace comes from. */
export type Ref =
  | { kind: "input"; index: number }
  | { kind: "variable"; variable: tf.Variable }
  | { kind: "constant"; constant: Constant }
  | { kind: "output"; op: Operation; index: number };

/** A tensor made from JavaScript values inside the function. */
export interface Constant {
  dtype: tf.DataType;
  shape: number[];
  values: Values;
  place: Place;
}

/** One operation of the list. */
export interface Operation {
  key: string;
  pipeline: GpuPipeline;
  groups: readonly [number, number, number];
  parameters: ArrayBuffer;
  /** Of results and inputs. */
  buffers: GpuBuffer[];
  refs: Ref[];
  place: Place;
}

export interface Slot {
  variable: tf.Variable;
  /** Its buffer during the trace. */
  buffer: GpuBuffer;
  place: Place | undefined;
  /** Its value at the end, if that is new. */
  next?: { ref: Ref; buffer: GpuBuffer };
}

export interface IdRange {
  input: number;
  n: number;
  caller: string;
  name: string;
}

export interface GpuTrace {
  operations: Operation[];
  slots: Slot[];
  ranges: IdRange[];
  outputs: { ref: Ref; buffer: GpuBuffer; dtype: tf.DataType; shape: number[] }[];
  /** The buffers of the inputs during the trace. */
  inputs: GpuBuffer[];
  pool: Pool;
  result: unknown;
}

/**
 * Runs `fn` once and records it. Variables have their old values again afterwards, and the tensors
 * it made are gone.
 * @throws CompileError for what a trace cannot capture
 */
export function traceOnGpu(
  commands: Commands,
  inputs: tf.Tensor[],
  fn: () => unknown,
  tensorsOf: (result: unknown) => tf.Tensor[],
): GpuTrace {
  const variables = Object.values(tf.engine().state.registeredVariables).filter(
    (v) => !v.isDisposed,
  );
  for (const variable of variables) ownBuffer(commands, variable);
  for (const { dataId } of [...inputs, ...variables]) commands.backend.uploadToGPU(dataId);
  const before = variables.map((variable) => tf.tidy(() => tf.keep(variable.clone())));
  const recorder = new GpuRecorder(commands, inputs, variables);
  const limit = Error.stackTraceLimit;
  let result: unknown;
  let tensors: tf.Tensor[] = [];
  let isWhole = false;
  try {
    Error.stackTraceLimit = TRACE_DEPTH;
    watchIds((...ids) => recorder.declareIds(...ids));
    recorder.listen();
    const count = tf.memory().numTensors;
    result = tf.tidy(() => notAsync(fn()) as tf.TensorContainer);
    tensors = tensorsOf(result);
    recorder.finish(tensors, count);
    isWhole = true;
  } catch (error) {
    disposeTape();
    throw recorder.failure ?? error;
  } finally {
    watchIds(undefined);
    Error.stackTraceLimit = limit;
    variables.forEach((variable, i) => {
      if (!variable.isDisposed && variable.dataId !== before[i].dataId) variable.assign(before[i]);
    });
    tf.dispose([before, tensors.filter((t) => !inputs.includes(t))]);
    recorder.stopListening();
    if (!isWhole) recorder.drop();
  }
  return { ...recorder.parts, result };
}

/** Gives the variable a copy if a tensor shares its buffer: the two could not be told apart. */
export function ownBuffer(commands: Commands, variable: tf.Variable): void {
  if (commands.backend.refCount(variable.dataId) <= 1) return;
  tf.tidy(() => {
    commands.backend.uploadToGPU(variable.dataId);
    const copy = moved(commands, broadcast(variable, variable.shape), variable.shape);
    variable.assign(tf.engine().makeTensorFromTensorInfo(copy));
  });
}

/** Whether it depends on nothing that comes from outside: a constant, tf.range(0, T). */
const isFixed = (ref: Ref): boolean =>
  ref.kind === "constant" || (ref.kind === "output" && inputsOf(ref.op).every(isFixed));

/** What an operation reads; its results come first and point at itself. */
const inputsOf = (op: Operation): Ref[] =>
  op.refs.filter((ref) => !(ref.kind === "output" && ref.op === op));

class GpuRecorder extends Guards {
  readonly parts: Omit<GpuTrace, "result">;
  private readonly refs = new Map<DataId, Ref>();
  private readonly written = new Map<DataId, Constant>();
  private readonly variableOf = new Map<DataId, tf.Variable>();
  private readonly usual: Pool;

  constructor(
    private readonly commands: Commands,
    private readonly inputs: tf.Tensor[],
    private readonly variables: tf.Variable[],
  ) {
    super();
    for (const variable of variables) this.variableOf.set(variable.dataId, variable);
    inputs.forEach(({ dataId }, index) => {
      if (!this.refs.has(dataId)) this.refs.set(dataId, { kind: "input", index });
    });
    this.usual = commands.pool;
    const pool = commands.ownPool();
    const buffers = inputs.map(({ dataId }) => this.bufferOf(dataId));
    this.parts = { operations: [], slots: [], ranges: [], outputs: [], inputs: buffers, pool };
  }

  private bufferOf(dataId: DataId): GpuBuffer {
    return this.commands.backend.tensorMap.get(dataId).resource!;
  }

  listen(): void {
    const { commands } = this;
    const { backend } = commands;
    commands.usePool(this.parts.pool);
    commands.listener = (dispatch) => this.note(dispatch);
    const { write } = backend;
    this.replace(backend, "write", (values, shape, dtype) => {
      const dataId = write.call(backend, values, shape, dtype);
      if (values && dtype !== "string") {
        const copy = (values as Values).slice() as Values;
        this.written.set(dataId, { dtype, shape, values: copy, place: new Place() });
      }
      return dataId;
    });
    this.forbid(backend as never, this.inputs);
  }

  override stopListening(): void {
    super.stopListening();
    this.commands.listener = undefined;
    this.commands.submit();
    this.commands.usePool(this.usual);
  }

  /** The trace has failed: what a tensor from outside was given stays with that. */
  drop(): void {
    this.parts.pool.drop();
  }

  private note({ key, pipeline, tensors, groups, parameters, results }: Dispatch): void {
    const place = new Place();
    const buffers = tensors.map(({ dataId }) => this.bufferOf(dataId));
    const refs = tensors.slice(results).map(({ dataId }) => this.resolve(dataId, place));
    const op: Operation = { key, pipeline, groups, parameters, buffers, refs, place };
    const made = tensors.slice(0, results).map(({ dataId }, index): Ref => {
      const ref: Ref = { kind: "output", op, index };
      if (this.variableOf.has(dataId) || this.refs.get(dataId)?.kind === "input")
        throw new CompileError(
          "the function writes into a tensor in place",
          place,
          "Leave that outside the compiled function.",
        );
      this.refs.set(dataId, ref);
      return ref;
    });
    op.refs = [...made, ...refs];
    this.parts.operations.push(op);
  }

  private resolve(dataId: DataId, place: Place | undefined): Ref {
    const known = this.refs.get(dataId);
    if (known) return known;
    const constant = this.written.get(dataId);
    const variable = this.variableOf.get(dataId);
    if (!constant && !variable) throw madeOutside(place);
    const ref: Ref = constant
      ? { kind: "constant", constant }
      : { kind: "variable", variable: variable! };
    if (variable && !this.parts.slots.some((slot) => slot.variable === variable))
      this.parts.slots.push({ variable, buffer: this.bufferOf(dataId), place });
    this.refs.set(dataId, ref);
    return ref;
  }

  protected readProblem(dataId: DataId): CompileError | undefined {
    const ref = this.refs.get(dataId);
    const isConstant = this.written.has(dataId) && (!ref || ref.kind === "constant");
    return isConstant ? undefined : valuesAreRead(); // JavaScript may read its own values again
  }

  /** Notes results and written variables, and looks for what the function left behind. */
  finish(tensors: tf.Tensor[], countBefore: number): void {
    this.expectNothingKept(this.inputs, tensors, countBefore);
    const settled = (tensor: tf.Tensor) => {
      this.commands.backend.uploadToGPU(tensor.dataId);
      return { ref: this.resolve(tensor.dataId, undefined), buffer: this.bufferOf(tensor.dataId) };
    };
    for (const tensor of tensors) {
      const { dtype, shape } = tensor;
      this.parts.outputs.push({ ...settled(tensor), dtype, shape });
    }
    for (const variable of this.variables) {
      if (variable.isDisposed)
        throw new CompileError(
          `the function disposes the variable ${variable.name}`,
          undefined,
          "Dispose of it outside.",
        );
      if (this.variableOf.get(variable.dataId) === variable) continue;
      let slot = this.parts.slots.find((slot) => slot.variable === variable);
      if (!slot) {
        const [dataId] = [...this.variableOf].find(([, v]) => v === variable)!;
        slot = { variable, buffer: this.bufferOf(dataId), place: undefined };
        this.parts.slots.push(slot);
      }
      slot.next = settled(variable);
    }
  }

  /** Checks ids now, and notes which inputs they come from, so that later calls check those. */
  declareIds(dataId: DataId, n: number, caller: string, name: string): void {
    const { commands } = this;
    const ref = this.resolve(dataId, new Place());
    const follow = (at: Ref): void => {
      if (isFixed(at)) return; // the same at every call
      if (at.kind === "input") {
        this.parts.ranges.push({ input: at.index, n, caller, name });
        checkIdValues(commands.reads.valuesOf(this.inputs[at.index].dataId), n, caller, name);
      } else if (at.kind === "output" && at.op.key.startsWith("move ")) inputsOf(at.op).map(follow);
      else throw idsAreComputed(caller, name);
    };
    if (isFixed(ref) && commands.reads.knownValues(dataId))
      checkIdValues(commands.reads.knownValues(dataId)!, n, caller, name);
    follow(ref);
  }
}
