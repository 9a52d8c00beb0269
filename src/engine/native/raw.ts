// TensorFlow's operations called directly, for kernels that are made of several. Between tfjs and
// the addon lie the tape, the reference counts, argument checks and a tensor object for each
// result: 15 to 20 µs per operation, of which the addon needs 4. Inside one kernel nobody looks at
// the results in between, so here they are bare ids; all but the kernel's own results are freed
// when it is done. A trace (./trace) listens below this, at the addon, so such a kernel can be
// compiled like any other.
import type * as tf from "@tensorflow/tfjs-core";
import type { Attribute, NativeBackend, Result } from "./backend";

const FLOAT = 1;
const INT32 = 3;

/** A tensor in TensorFlow, or a number that becomes a float32 scalar. */
export type Value = Result | number;

/** The operations of one kernel. Everything is float32; shapes broadcast as in NumPy. */
export class Raw {
  private readonly ids: number[] = [];

  constructor(private readonly backend: NativeBackend) {
    this.T = this.type("T", FLOAT);
    this.reduction = [this.T, this.type("Tidx", INT32), this.flag("keep_dims", true)];
  }

  /** Any operation, by TensorFlow's name. */
  run(op: string, attributes: Attribute[], inputs: Value[], outputs = 1): Result[] {
    const ids = inputs.map((x) => (typeof x === "number" ? this.scalar(x).id : x.id));
    const results = this.backend.binding.executeOp(op, attributes, ids, outputs);
    for (const { id } of results) this.ids.push(id);
    return results;
  }

  /** A tensor that the caller owns. */
  input(x: tf.Tensor): Result {
    const [id] = this.backend.getInputTensorIds([x]);
    return { id, shape: x.shape, dtype: FLOAT };
  }

  scalar(x: number): Result {
    return this.made([], FLOAT, Float32Array.of(x));
  }

  /** A tensor of rank 1, for axes, permutations and shapes. */
  integers(x: number[]): Result {
    return this.made([x.length], INT32, Int32Array.from(x));
  }

  integer(x: number): Result {
    return this.made([], INT32, Int32Array.of(x));
  }

  add = (a: Value, b: Value): Result => this.one("AddV2", [this.T], a, b);
  sub = (a: Value, b: Value): Result => this.one("Sub", [this.T], a, b);
  mul = (a: Value, b: Value): Result => this.one("Mul", [this.T], a, b);
  square = (x: Value): Result => this.one("Square", [this.T], x);
  sqrt = (x: Value): Result => this.one("Sqrt", [this.T], x);
  rsqrt = (x: Value): Result => this.one("Rsqrt", [this.T], x);
  sigmoid = (x: Value): Result => this.one("Sigmoid", [this.T], x);
  /** dy · y · (1 − y), where y is a sigmoid's value. */
  sigmoidGrad = (y: Value, dy: Value): Result => this.one("SigmoidGrad", [this.T], y, dy);
  softmax = (x: Value): Result => this.one("Softmax", [this.T], x);
  /** The sum over all axes but the last; of rank 2 or more. */
  columnSum = (x: Value): Result => this.one("BiasAddGrad", [this.T], x);
  /** Half the sum of all squares. */
  halfSquares = (x: Value): Result => this.one("L2Loss", [this.T], x);

  /** The axis stays, with size 1. */
  mean(x: Result, axis: number): Result {
    return this.one("Mean", this.reduction, x, this.integers([axis]));
  }

  sum(x: Result, axis: number): Result {
    return this.one("Sum", this.reduction, x, this.integers([axis]));
  }

  /** For each index of the leading axes, op(a) op(b). */
  matMul(a: Result, b: Result, transposeA = false, transposeB = false): Result {
    const attributes = [this.T, this.flag("adj_x", transposeA), this.flag("adj_y", transposeB)];
    return this.one("BatchMatMulV2", attributes, a, b);
  }

  reshape(x: Result, shape: number[]): Result {
    return this.one("Reshape", [this.T, this.type("Tshape", INT32)], x, this.integers(shape));
  }

  transpose(x: Result, axes: number[]): Result {
    return this.one("Transpose", [this.T, this.type("Tperm", INT32)], x, this.integers(axes));
  }

  /** The parts along an axis; along the first they share its memory. */
  unpack(x: Result, axis = 0): Result[] {
    const n = x.shape.at(axis)!;
    return this.run("Unpack", [this.T, this.whole("num", n), this.whole("axis", axis)], [x], n);
  }

  /** The inverse of unpack. */
  pack(parts: Result[], axis = 0): Result {
    return this.run(
      "Pack",
      [this.T, this.whole("N", parts.length), this.whole("axis", axis)],
      parts,
    )[0];
  }

  /** (T, T): 0 on and below the diagonal, −10⁹ above it. */
  future(T: number): Result {
    const ones = this.one(
      "Fill",
      [this.T, this.type("index_type", INT32)],
      this.integers([T, T]),
      1,
    );
    const types = [this.T, this.type("Tindex", INT32)];
    const past = this.one("MatrixBandPart", types, ones, this.integer(-1), this.integer(0));
    return this.mul(this.sub(past, 1), 1e9);
  }

  /** A new variable inside TensorFlow, with this value; it lives as long as its handle. */
  resource(value: Result): Result {
    const dtype = this.type("dtype", FLOAT);
    const anonymous = "cd2c89b7-88b7-44c8-ad83-06c2a9158347"; // TensorFlow's name for "no name"
    const name = this.text("shared_name", anonymous);
    const [handle] = this.run("VarHandleOp", [dtype, this.shape("shape", value.shape), name], []);
    this.run("AssignVariableOp", [dtype], [handle, value], 0);
    return handle;
  }

  type(name: string, value: number): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_TYPE, value };
  }

  flag(name: string, value: boolean): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
  }

  whole(name: string, value: number): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_INT, value };
  }

  text(name: string, value: string): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_STRING, value };
  }

  shape(name: string, value: number[]): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_SHAPE, value };
  }

  /** Frees everything but these. */
  freeBut(kept: Result[]): void {
    const ids = new Set(kept.map(({ id }) => id));
    for (const id of this.ids) if (!ids.has(id)) this.backend.binding.deleteTensor(id);
  }

  private readonly T: Attribute;
  private readonly reduction: Attribute[];

  private one(op: string, attributes: Attribute[], ...inputs: Value[]): Result {
    return this.run(op, attributes, inputs)[0];
  }

  private made(shape: number[], dtype: number, values: Float32Array | Int32Array): Result {
    const id = this.backend.binding.createTensor(shape, dtype, values);
    this.ids.push(id);
    return { id, shape, dtype };
  }
}

/** Runs a kernel's body; its results become tensors of tfjs, everything else is freed. */
export function withRaw(backend: NativeBackend, body: (raw: Raw) => Result[]): tf.Tensor[] {
  const raw = new Raw(backend);
  let results: Result[] = [];
  try {
    results = body(raw);
  } finally {
    raw.freeBut(results);
  }
  return results.map((result) => backend.createOutputTensor(result));
}
