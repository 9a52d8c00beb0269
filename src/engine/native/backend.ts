// The internal parts of tfjs-node that are used here: its backend, and the C++ addon below it.
// Neither is documented; both are pinned to 4.22.0 in package.json.
import * as tf from "@tensorflow/tfjs-core";

/** An attribute of an operation; `type` is one of the binding's TF_ATTR_… numbers. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** A tensor as the addon returns it; dtype is TensorFlow's number: 1 float32, 3 int32, 10 bool. */
export interface Result {
  id: number;
  shape: number[];
  dtype: number;
}

export type Values = Float32Array | Int32Array | Uint8Array;

/** The C++ addon. */
export interface Binding {
  executeOp(op: string, attributes: Attribute[], inputs: number[], outputs: number): Result[];
  createTensor(shape: number[], dtype: number, values: Values): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Values;
  /** Added by tools/native/addon.mjs; an older addon does not have them. */
  addFunction?(functionDef: Uint8Array): void;
  removeFunction?(name: string): void;
  allowTf32?(allow: boolean): void;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
}

/**
 * Where a tensor's data is: `values` in JavaScript until an operation needs it, then `id` in
 * TensorFlow.
 */
export interface TensorData {
  shape: number[];
  dtype: number;
  values: Values | null;
  id: number;
  refCount: number;
}

export type DataId = tf.Tensor["dataId"];

/** tfjs-node's backend. */
export interface NativeBackend {
  binding: Binding;
  tensorMap: { get(dataId: DataId): TensorData; has(dataId: DataId): boolean };
  getInputTensorIds(tensors: { dataId: DataId }[]): number[];
  createOutputTensor(result: Result): tf.Tensor;
  getDTypeInteger(dtype: tf.DataType): number;
  refCount(dataId: DataId): number;
  incRef(dataId: DataId): void;
  readSync(dataId: DataId): Values;
  read(dataId: DataId): Promise<Values>;
  write(values: Values, shape: number[], dtype: tf.DataType): DataId;
}

/** The native backend, or undefined when another one is current. */
export function nativeBackend(): NativeBackend | undefined {
  return tf.getBackend() === "tensorflow" ? (tf.backend() as unknown as NativeBackend) : undefined;
}

/** The values of a tensor, wherever they are. */
export function valuesOf(backend: NativeBackend, dataId: DataId): Values {
  const data = backend.tensorMap.get(dataId);
  return data.values ?? backend.binding.tensorDataSync(data.id);
}
