// Traces one call of an ordinary tfjs function: the function really runs, operation by operation,
// and everything that passes from tfjs to TensorFlow is recorded. The idea is JAX's and
// tf.function's (Frostig et al., 2018, "Compiling machine learning programs via high-level
// tracing"); what listens here is put between tfjs and tfjs-node's addon. What comes from outside
// must be an argument or a tf.Variable. Anything else, and anything that JavaScript does with
// values instead of tensors, is refused with the user's line. ./compare finds what shows only in a
// second trace.
import * as tf from "@tensorflow/tfjs-core";
import { checkIdValues, watchIds } from "../ids";
import {
  disposeTape,
  Guards,
  idsAreComputed,
  madeOutside,
  notAsync,
  valuesAreRead,
} from "../tracing";
import {
  type Attribute,
  type Binding,
  type DataId,
  type NativeBackend,
  nativeBackend,
  type Values,
  valuesOf,
} from "./backend";
import { CompileError, Place, TRACE_DEPTH } from "./errors";
import OPS from "./ops.json";

/** Where a tensor of the trace comes from. */
export type Ref =
  | { kind: "input"; index: number }
  | { kind: "variable"; slot: Slot }
  | { kind: "constant"; constant: Constant }
  | { kind: "output"; op: Operation; index: number };

/** A variable that the function reads or writes; `next` is its value at the end, if that is new. */
export interface Slot {
  variable: tf.Variable;
  dtype: number;
  /** Where it was first used. */
  place: Place | undefined;
  next?: Ref;
}

/** A tensor made from JavaScript values inside the function. */
export interface Constant {
  dtype: number;
  shape: number[];
  bytes: Uint8Array;
  place: Place | undefined;
}

export interface Operation {
  op: string;
  attributes: Attribute[];
  inputs: Ref[];
  /** TensorFlow's type numbers of the inputs. */
  types: number[];
  place: Place;
}

/**
 * The values of an input must be whole numbers from 0 to n − 1. XLA would not report a wrong one;
 * it would take another row.
 */
export interface IdRange {
  input: number;
  n: number;
  /** The function that was given the ids, and what it calls them. */
  caller: string;
  name: string;
}

export interface Trace {
  operations: Operation[];
  slots: Slot[];
  ranges: IdRange[];
  outputs: { ref: Ref; dtype: number; shape: number[] }[];
  /** What the function returned. Its tensors are disposed by then: only the structure counts. */
  result: unknown;
}

export const opTable = OPS as unknown as Record<
  string,
  [inputs: [string, string, string][], outputs: [string, string, string][]]
>;

export { isTracing } from "../tracing";

/**
 * Operations that check their indices, while XLA's forms of them do not: they skip an element or
 * take another one.
 */
const UNCHECKED = ["GatherNd", "ScatterNd", "SparseToDense", "TensorScatterUpdate"];

/**
 * Operations that only move values around, so that ids stay in their range. The number says how
 * many of the inputs are values.
 */
const MOVES: Record<string, number> = {
  Reshape: 1,
  Identity: 1,
  ExpandDims: 1,
  Squeeze: 1,
  Transpose: 1,
  Slice: 1,
  StridedSlice: 1,
  SplitV: 1,
  Tile: 1,
  ReverseV2: 1,
  Unpack: 1,
  Pack: Number.POSITIVE_INFINITY,
  ConcatV2: Number.POSITIVE_INFINITY,
};

/**
 * Runs `fn` once and records it. Variables have their old values again afterwards, and the tensors
 * it made are gone.
 * @param inputs the tensors among the arguments, in order; no variables
 * @param fn the call to trace
 * @param tensorsOf finds the tensors in what the function returns
 * @throws CompileError for what a trace cannot capture
 */
export function trace(
  inputs: tf.Tensor[],
  fn: () => unknown,
  tensorsOf: (result: unknown) => tf.Tensor[],
): Trace {
  const backend = nativeBackend()!;
  const variables = Object.values(tf.engine().state.registeredVariables).filter(
    (v) => !v.isDisposed,
  );
  variables.forEach((variable) => {
    ownBuffer(backend, variable);
  });
  const before = variables.map((variable) => tf.tidy(() => tf.keep(variable.clone())));
  const recorder = new Recorder(backend, inputs, variables);
  const limit = Error.stackTraceLimit;
  let result: unknown;
  let tensors: tf.Tensor[] = [];
  try {
    Error.stackTraceLimit = TRACE_DEPTH;
    watchIds((...ids) => recorder.declareIds(...ids));
    recorder.listen();
    const count = tf.memory().numTensors;
    result = tf.tidy(() => notAsync(fn()) as tf.TensorContainer);
    tensors = tensorsOf(result);
    recorder.finish(inputs, tensors, count);
  } catch (error) {
    disposeTape();
    throw recorder.failure ?? error;
  } finally {
    recorder.stopListening();
    watchIds(undefined);
    Error.stackTraceLimit = limit;
    variables.forEach((variable, i) => {
      if (!variable.isDisposed && variable.dataId !== before[i].dataId) variable.assign(before[i]);
    });
    tf.dispose([before, tensors.filter((t) => !inputs.includes(t))]);
  }
  return { ...recorder.parts, result };
}

/**
 * Gives the variable a copy if a tensor shares its buffer: the two could not be told apart.
 */
function ownBuffer(backend: NativeBackend, variable: tf.Variable): void {
  if (backend.refCount(variable.dataId) > 1)
    tf.tidy(() =>
      variable.assign(
        tf.tensor(valuesOf(backend, variable.dataId).slice(), variable.shape, variable.dtype),
      ),
    );
  backend.getInputTensorIds([variable]);
}

/** Whether it depends on nothing that comes from outside: a constant, tf.range(0, T). */
const isFixed = (ref: Ref): boolean =>
  ref.kind === "constant" || (ref.kind === "output" && ref.op.inputs.every(isFixed));

class Recorder extends Guards {
  readonly parts: Omit<Trace, "result"> = { operations: [], slots: [], ranges: [], outputs: [] };
  private readonly refs = new Map<number, Ref>();
  private readonly types = new Map<number, number>();
  private readonly variableOf = new Map<number, tf.Variable>();
  private readonly written = new Map<DataId, Place>();
  private readonly startIds: number[];

  constructor(
    private readonly backend: NativeBackend,
    private readonly inputs: tf.Tensor[],
    private readonly variables: tf.Variable[],
  ) {
    super();
    this.startIds = backend.getInputTensorIds(variables);
    this.startIds.forEach((id, i) => {
      this.variableOf.set(id, variables[i]);
      this.types.set(id, backend.getDTypeInteger(variables[i].dtype));
    });
    backend.getInputTensorIds(inputs).forEach((id, index) => {
      if (!this.refs.has(id)) this.refs.set(id, { kind: "input", index });
      this.types.set(id, backend.getDTypeInteger(inputs[index].dtype));
    });
  }

  /** Stands between tfjs and the addon until `stopListening`. */
  listen(): void {
    const { backend } = this;
    const real = backend.binding;
    const executeOp: Binding["executeOp"] = (op, attributes, ids, count) => {
      const place = new Place();
      if (opTable[op] === undefined)
        throw new CompileError(
          `the operation ${op} has no compiled form`,
          place,
          "Leave it outside the compiled function, or write it with other operations " +
            "(one-hot sums, masks, matMul).",
        );
      if (UNCHECKED.includes(op))
        throw new CompileError(
          `the operation ${op} does not check its indices once it is compiled`,
          place,
          "Use tf.gather with int32 indices that are an argument, or multiply with a one-hot " +
            "matrix (tf.oneHot).",
        );
      const operation: Operation = {
        op,
        attributes,
        inputs: ids.map((id) => this.resolve(id, place)),
        types: ids.map((id) => this.types.get(id) ?? 0),
        place,
      };
      const results = real.executeOp(op, attributes, ids, count);
      this.parts.operations.push(operation);
      results.forEach(({ id, dtype }, index) => {
        this.refs.set(id, { kind: "output", op: operation, index });
        this.types.set(id, dtype);
      });
      return results;
    };
    const createTensor: Binding["createTensor"] = (shape, dtype, values) => {
      const id = real.createTensor(shape, dtype, values);
      this.addConstant(id, shape, dtype, values, new Place());
      return id;
    };
    const hooks = { executeOp: { value: executeOp }, createTensor: { value: createTensor } };
    // The addon's own properties cannot be written, so an object with other ones is put before it.
    this.replace(backend, "binding", Object.create(real, hooks));
    const { getInputTensorIds, write } = backend;
    this.replace(backend, "getInputTensorIds", (tensors) => {
      for (const { dataId } of tensors) this.upload(dataId, real);
      return getInputTensorIds.call(backend, tensors);
    });
    this.replace(backend, "write", (values, shape, dtype) => {
      const dataId = write.call(backend, values, shape, dtype);
      this.written.set(dataId, new Place());
      return dataId;
    });
    this.forbid(backend, this.inputs);
  }

  /** Notes results and written variables, and looks for what the function left behind. */
  finish(inputs: tf.Tensor[], tensors: tf.Tensor[], countBefore: number): void {
    this.expectNothingKept(inputs, tensors, countBefore);
    this.backend.getInputTensorIds(tensors).forEach((id, i) => {
      const { dtype, shape } = tensors[i];
      const ref = this.resolve(id, undefined);
      this.parts.outputs.push({ ref, dtype: this.backend.getDTypeInteger(dtype), shape });
    });
    this.variables.forEach((variable, i) => {
      if (variable.isDisposed)
        throw new CompileError(
          `the function disposes the variable ${variable.name}`,
          undefined,
          "Dispose of it outside.",
        );
      const [id] = this.backend.getInputTensorIds([variable]);
      if (id !== this.startIds[i])
        this.slotOf(variable, undefined).next = this.resolve(id, undefined);
    });
  }

  /** Checks ids now, and notes which inputs they come from, so that later calls check those. */
  declareIds(dataId: DataId, n: number, caller: string, name: string): void {
    const { backend } = this;
    this.upload(dataId, Object.getPrototypeOf(backend.binding) as Binding);
    const [id] = backend.getInputTensorIds([{ dataId }]);
    checkIdValues(valuesOf(backend, dataId), n, caller, name);
    const follow = (ref: Ref): void => {
      if (isFixed(ref)) return; // the same at every call, and checked now
      if (ref.kind === "input") {
        this.parts.ranges.push({ input: ref.index, n, caller, name });
        return;
      }
      if (ref.kind === "output" && MOVES[ref.op.op]) {
        const { op, inputs } = ref.op;
        const count = op === "ConcatV2" ? -1 : MOVES[op]; // the last input of ConcatV2 is the axis
        const values = inputs.slice(0, count);
        values.forEach(follow);
        return;
      }
      throw idsAreComputed(caller, name);
    };
    follow(this.resolve(id, new Place()));
  }

  /**
   * Brings values to TensorFlow before tfjs does. They are a constant only if they were made during
   * the trace.
   */
  private upload(dataId: DataId, real: Binding): void {
    const data = this.backend.tensorMap.get(dataId);
    if (data.values === null) return;
    const place = this.written.get(dataId);
    data.id = real.createTensor(data.shape, data.dtype, data.values);
    if (place) this.addConstant(data.id, data.shape, data.dtype, data.values, place);
    data.values = null;
  }

  protected readProblem(dataId: DataId): CompileError | undefined {
    const data = this.backend.tensorMap.get(dataId);
    const isConstant =
      this.written.has(dataId) &&
      (data.values !== null || this.refs.get(data.id)?.kind === "constant");
    return isConstant ? undefined : valuesAreRead(); // JavaScript may read its own values again
  }

  private addConstant(
    id: number,
    shape: number[],
    dtype: number,
    values: Values,
    place: Place,
  ): void {
    if (!ArrayBuffer.isView(values))
      throw new CompileError(
        "strings cannot be compiled",
        place,
        "Keep text outside the function.",
      );
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    this.refs.set(id, { kind: "constant", constant: { dtype, shape: [...shape], bytes, place } });
    this.types.set(id, dtype);
  }

  private slotOf(variable: tf.Variable, place: Place | undefined): Slot {
    let slot = this.parts.slots.find((slot) => slot.variable === variable);
    if (!slot) {
      slot = { variable, dtype: this.backend.getDTypeInteger(variable.dtype), place };
      this.parts.slots.push(slot);
    }
    return slot;
  }

  private resolve(id: number, place: Place | undefined): Ref {
    const known = this.refs.get(id);
    if (known) return known;
    const variable = this.variableOf.get(id);
    if (!variable) throw madeOutside(place);
    const ref: Ref = { kind: "variable", slot: this.slotOf(variable, place) };
    this.refs.set(id, ref);
    return ref;
  }
}
