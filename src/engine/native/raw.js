"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.withRaw = exports.Raw = void 0;
const FLOAT = 1;
const INT32 = 3;
/** The operations of one kernel. Everything is float32; shapes broadcast as in NumPy. */
class Raw {
    backend;
    ids = [];
    constructor(backend) {
        this.backend = backend;
        this.T = this.type("T", FLOAT);
        this.reduction = [this.T, this.type("Tidx", INT32), this.flag("keep_dims", true)];
    }
    /** Any operation, by TensorFlow's name. */
    run(op, attributes, inputs, outputs = 1) {
        const ids = inputs.map((x) => (typeof x === "number" ? this.scalar(x).id : x.id));
        const results = this.backend.binding.executeOp(op, attributes, ids, outputs);
        for (const { id } of results)
            this.ids.push(id);
        return results;
    }
    /** A tensor that the caller owns. */
    input(x) {
        const [id] = this.backend.getInputTensorIds([x]);
        return { id, shape: x.shape, dtype: FLOAT };
    }
    scalar(x) {
        return this.made([], FLOAT, Float32Array.of(x));
    }
    /** A tensor of rank 1, for axes, permutations and shapes. */
    integers(x) {
        return this.made([x.length], INT32, Int32Array.from(x));
    }
    integer(x) {
        return this.made([], INT32, Int32Array.of(x));
    }
    add = (a, b) => this.one("AddV2", [this.T], a, b);
    sub = (a, b) => this.one("Sub", [this.T], a, b);
    mul = (a, b) => this.one("Mul", [this.T], a, b);
    square = (x) => this.one("Square", [this.T], x);
    sqrt = (x) => this.one("Sqrt", [this.T], x);
    rsqrt = (x) => this.one("Rsqrt", [this.T], x);
    sigmoid = (x) => this.one("Sigmoid", [this.T], x);
    /** dy · y · (1 − y), where y is a sigmoid's value. */
    sigmoidGrad = (y, dy) => this.one("SigmoidGrad", [this.T], y, dy);
    softmax = (x) => this.one("Softmax", [this.T], x);
    /** The sum over all axes but the last; of rank 2 or more. */
    columnSum = (x) => this.one("BiasAddGrad", [this.T], x);
    /** Half the sum of all squares. */
    halfSquares = (x) => this.one("L2Loss", [this.T], x);
    /** The axis stays, with size 1. */
    mean(x, axis) {
        return this.one("Mean", this.reduction, x, this.integers([axis]));
    }
    sum(x, axis) {
        return this.one("Sum", this.reduction, x, this.integers([axis]));
    }
    /** For each index of the leading axes, op(a) op(b). */
    matMul(a, b, transposeA = false, transposeB = false) {
        const attributes = [this.T, this.flag("adj_x", transposeA), this.flag("adj_y", transposeB)];
        return this.one("BatchMatMulV2", attributes, a, b);
    }
    reshape(x, shape) {
        return this.one("Reshape", [this.T, this.type("Tshape", INT32)], x, this.integers(shape));
    }
    transpose(x, axes) {
        return this.one("Transpose", [this.T, this.type("Tperm", INT32)], x, this.integers(axes));
    }
    /** The parts along an axis; along the first they share its memory. */
    unpack(x, axis = 0) {
        const n = x.shape.at(axis);
        return this.run("Unpack", [this.T, this.whole("num", n), this.whole("axis", axis)], [x], n);
    }
    /** The inverse of unpack. */
    pack(parts, axis = 0) {
        return this.run("Pack", [this.T, this.whole("N", parts.length), this.whole("axis", axis)], parts)[0];
    }
    /** (T, T): 0 on and below the diagonal, −10⁹ above it. */
    future(T) {
        const ones = this.one("Fill", [this.T, this.type("index_type", INT32)], this.integers([T, T]), 1);
        const types = [this.T, this.type("Tindex", INT32)];
        const past = this.one("MatrixBandPart", types, ones, this.integer(-1), this.integer(0));
        return this.mul(this.sub(past, 1), 1e9);
    }
    /** A new variable inside TensorFlow, with this value; it lives as long as its handle. */
    resource(value) {
        const dtype = this.type("dtype", FLOAT);
        const anonymous = "cd2c89b7-88b7-44c8-ad83-06c2a9158347"; // TensorFlow's name for "no name"
        const name = this.text("shared_name", anonymous);
        const [handle] = this.run("VarHandleOp", [dtype, this.shape("shape", value.shape), name], []);
        this.run("AssignVariableOp", [dtype], [handle, value], 0);
        return handle;
    }
    type(name, value) {
        return { name, type: this.backend.binding.TF_ATTR_TYPE, value };
    }
    flag(name, value) {
        return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
    }
    whole(name, value) {
        return { name, type: this.backend.binding.TF_ATTR_INT, value };
    }
    text(name, value) {
        return { name, type: this.backend.binding.TF_ATTR_STRING, value };
    }
    shape(name, value) {
        return { name, type: this.backend.binding.TF_ATTR_SHAPE, value };
    }
    /** Frees everything but these. */
    freeBut(kept) {
        const ids = new Set(kept.map(({ id }) => id));
        for (const id of this.ids)
            if (!ids.has(id))
                this.backend.binding.deleteTensor(id);
    }
    T;
    reduction;
    one(op, attributes, ...inputs) {
        return this.run(op, attributes, inputs)[0];
    }
    made(shape, dtype, values) {
        const id = this.backend.binding.createTensor(shape, dtype, values);
        this.ids.push(id);
        return { id, shape, dtype };
    }
}
exports.Raw = Raw;
/** Runs a kernel's body; its results become tensors of tfjs, everything else is freed. */
function withRaw(backend, body) {
    const raw = new Raw(backend);
    let results = [];
    try {
        results = body(raw);
    }
    finally {
        raw.freeBut(results);
    }
    return results.map((result) => backend.createOutputTensor(result));
}
exports.withRaw = withRaw;
