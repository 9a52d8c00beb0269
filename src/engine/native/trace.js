"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __importStar = (this && this.__importStar) || function (mod) {
    if (mod && mod.__esModule) return mod;
    var result = {};
    if (mod != null) for (var k in mod) if (k !== "default" && Object.prototype.hasOwnProperty.call(mod, k)) __createBinding(result, mod, k);
    __setModuleDefault(result, mod);
    return result;
};
var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.trace = exports.isTracing = exports.opTable = void 0;
// Traces one call of an ordinary tfjs function: the function really runs, operation by operation,
// and everything that passes from tfjs to TensorFlow is recorded. The idea is JAX's and
// tf.function's (Frostig et al., 2018, "Compiling machine learning programs via high-level
// tracing"); what listens here is put between tfjs and tfjs-node's addon. What comes from outside
// must be an argument or a tf.Variable. Anything else, and anything that JavaScript does with
// values instead of tensors, is refused with the user's line. ./compare finds what shows only in a
// second trace.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const ids_1 = require("../ids");
const backend_1 = require("./backend");
const errors_1 = require("./errors");
const ops_json_1 = __importDefault(require("./ops.json"));
exports.opTable = ops_json_1.default;
let active;
/** Whether a function is being traced now. */
const isTracing = () => active !== undefined;
exports.isTracing = isTracing;
/**
 * Operations that check their indices, while XLA's forms of them do not: they skip an element or
 * take another one.
 */
const UNCHECKED = ["GatherNd", "ScatterNd", "SparseToDense", "TensorScatterUpdate"];
/**
 * Operations that only move values around, so that ids stay in their range. The number says how
 * many of the inputs are values.
 */
const MOVES = {
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
function trace(inputs, fn, tensorsOf) {
    const backend = (0, backend_1.nativeBackend)();
    const variables = Object.values(tf.engine().state.registeredVariables).filter((v) => !v.isDisposed);
    variables.forEach((variable) => {
        ownBuffer(backend, variable);
    });
    const before = variables.map((variable) => tf.tidy(() => tf.keep(variable.clone())));
    const recorder = new Recorder(backend, inputs, variables);
    const limit = Error.stackTraceLimit;
    let result;
    let tensors = [];
    try {
        Error.stackTraceLimit = errors_1.TRACE_DEPTH;
        active = recorder;
        (0, ids_1.watchIds)((...ids) => recorder.declareIds(...ids));
        recorder.listen();
        const count = tf.memory().numTensors;
        result = tf.tidy(() => notAsync(fn()));
        tensors = tensorsOf(result);
        recorder.finish(inputs, tensors, count);
    }
    catch (error) {
        disposeTape();
        throw recorder.failure ?? error;
    }
    finally {
        recorder.stopListening();
        active = undefined;
        (0, ids_1.watchIds)(undefined);
        Error.stackTraceLimit = limit;
        variables.forEach((variable, i) => {
            if (!variable.isDisposed && variable.dataId !== before[i].dataId)
                variable.assign(before[i]);
        });
        tf.dispose([before, tensors.filter((t) => !inputs.includes(t))]);
    }
    return { ...recorder.parts, result };
}
exports.trace = trace;
/** When the forward pass throws, tfjs keeps what it saved for the backward pass: this frees it. */
function disposeTape() {
    const state = tf.engine().state;
    for (const { saved } of state.activeTape ?? [])
        tf.dispose(saved ?? []);
    state.activeTape = null;
}
function notAsync(result) {
    if (!(result instanceof Promise))
        return result;
    result.catch(() => { }); // what it throws later no longer matters
    throw new errors_1.CompileError("the function is async", undefined, "Only a function that returns its tensors at once can be compiled: take `await` out of it.");
}
/**
 * Gives the variable a copy if a tensor shares its buffer: the two could not be told apart.
 */
function ownBuffer(backend, variable) {
    if (backend.refCount(variable.dataId) > 1)
        tf.tidy(() => variable.assign(tf.tensor((0, backend_1.valuesOf)(backend, variable.dataId).slice(), variable.shape, variable.dtype)));
    backend.getInputTensorIds([variable]);
}
/** Whether it depends on nothing that comes from outside: a constant, tf.range(0, T). */
const isFixed = (ref) => ref.kind === "constant" || (ref.kind === "output" && ref.op.inputs.every(isFixed));
class Recorder {
    backend;
    inputs;
    variables;
    parts = { operations: [], slots: [], ranges: [], outputs: [] };
    /** The first thing that went wrong where an error would not reach the caller. */
    failure;
    refs = new Map();
    types = new Map();
    variableOf = new Map();
    written = new Map();
    startIds;
    kept = [];
    undo = [];
    constructor(backend, inputs, variables) {
        this.backend = backend;
        this.inputs = inputs;
        this.variables = variables;
        this.startIds = backend.getInputTensorIds(variables);
        this.startIds.forEach((id, i) => {
            this.variableOf.set(id, variables[i]);
            this.types.set(id, backend.getDTypeInteger(variables[i].dtype));
        });
        backend.getInputTensorIds(inputs).forEach((id, index) => {
            if (!this.refs.has(id))
                this.refs.set(id, { kind: "input", index });
            this.types.set(id, backend.getDTypeInteger(inputs[index].dtype));
        });
    }
    /** Stands between tfjs and the addon until `stopListening`. */
    listen() {
        const { backend } = this;
        const real = backend.binding;
        const executeOp = (op, attributes, ids, count) => {
            const place = new errors_1.Place();
            if (exports.opTable[op] === undefined)
                throw new errors_1.CompileError(`the operation ${op} has no compiled form`, place, "Leave it outside the compiled function, or write it with other operations " +
                    "(one-hot sums, masks, matMul).");
            if (UNCHECKED.includes(op))
                throw new errors_1.CompileError(`the operation ${op} does not check its indices once it is compiled`, place, "Use tf.gather with int32 indices that are an argument, or multiply with a one-hot " +
                    "matrix (tf.oneHot).");
            const operation = {
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
        const createTensor = (shape, dtype, values) => {
            const id = real.createTensor(shape, dtype, values);
            this.addConstant(id, shape, dtype, values, new errors_1.Place());
            return id;
        };
        const hooks = { executeOp: { value: executeOp }, createTensor: { value: createTensor } };
        // The addon's own properties cannot be written, so an object with other ones is put before it.
        this.replace(backend, "binding", Object.create(real, hooks));
        const { getInputTensorIds, write } = backend;
        this.replace(backend, "getInputTensorIds", (tensors) => {
            for (const { dataId } of tensors)
                this.upload(dataId, real);
            return getInputTensorIds.call(backend, tensors);
        });
        this.replace(backend, "write", (values, shape, dtype) => {
            const dataId = write.call(backend, values, shape, dtype);
            this.written.set(dataId, new errors_1.Place());
            return dataId;
        });
        this.replace(tf.engine(), "makeVariable", () => {
            throw new errors_1.CompileError("the function makes a variable", new errors_1.Place(), "Make it before, outside the function. " +
                "An optimizer of tf.train makes its own at its first step: " +
                "run one step uncompiled, or use adamwInit and adamwStep (llm/optim).");
        });
        const readSync = backend.readSync;
        this.replace(backend, "readSync", (dataId) => {
            const problem = this.readProblem(dataId);
            if (problem)
                throw problem;
            return readSync.call(backend, dataId);
        });
        this.replace(backend, "read", (dataId) => {
            this.failure ??= this.readProblem(dataId); // thrown in a promise, nobody would see it
            return this.failure ? new Promise(() => { }) : Promise.resolve(readSync.call(backend, dataId));
        });
        this.replace(Math, "random", () => {
            throw new errors_1.CompileError("Math.random would be drawn once and then stay the same in every call", new errors_1.Place(), "Draw outside and pass the numbers as an argument, " +
                "or use dropout with a DropoutKey (llm/ops).");
        });
        this.replace(tf.engine(), "setBackend", () => {
            throw new errors_1.CompileError("the function changes the engine", new errors_1.Place(), "Call useEngine before, outside.");
        });
        const { keep } = tf.engine();
        this.replace(tf.engine(), "keep", (tensor) => {
            this.kept.push({ tensor, place: new errors_1.Place() });
            return keep.call(tf.engine(), tensor);
        });
        for (const input of new Set(this.inputs))
            this.replace(input, "dispose", () => {
                throw new errors_1.CompileError("the function disposes one of its arguments", new errors_1.Place(), "Dispose of it where it was made, after the call.");
            });
        const prototype = tf.Tensor.prototype;
        prototype[Symbol.toPrimitive] = function (hint) {
            if (hint === "string")
                return this.toString(); // which reads the values
            throw new errors_1.CompileError("a tensor is used as a number", new errors_1.Place(), "Use tensor operations: tf.mul(x, 2) for x * 2, tf.where(condition, a, b) for an if.");
        };
        this.undo.push(() => delete prototype[Symbol.toPrimitive]);
    }
    stopListening() {
        for (const undo of this.undo.reverse())
            undo();
        this.undo = [];
    }
    /** Notes results and written variables, and looks for what the function left behind. */
    finish(inputs, tensors, countBefore) {
        if (this.failure)
            throw this.failure;
        const made = new Set(tensors.filter((t) => !inputs.includes(t))).size;
        const kept = tf.memory().numTensors - countBefore - made;
        if (kept > 0)
            throw new errors_1.CompileError(`the function keeps ${kept} tensor${kept > 1 ? "s" : ""} made inside it ` +
                "(tf.keep, or stored outside)", this.kept.find(({ tensor }) => !tensor.isDisposed && !tensors.includes(tensor))?.place, "Return what is needed afterwards, or assign it to a tf.Variable made outside.");
        this.backend.getInputTensorIds(tensors).forEach((id, i) => {
            const { dtype, shape } = tensors[i];
            const ref = this.resolve(id, undefined);
            this.parts.outputs.push({ ref, dtype: this.backend.getDTypeInteger(dtype), shape });
        });
        this.variables.forEach((variable, i) => {
            if (variable.isDisposed)
                throw new errors_1.CompileError(`the function disposes the variable ${variable.name}`, undefined, "Dispose of it outside.");
            const [id] = this.backend.getInputTensorIds([variable]);
            if (id !== this.startIds[i])
                this.slotOf(variable, undefined).next = this.resolve(id, undefined);
        });
    }
    /** Checks ids now, and notes which inputs they come from, so that later calls check those. */
    declareIds(dataId, n, caller, name) {
        const { backend } = this;
        this.upload(dataId, Object.getPrototypeOf(backend.binding));
        const [id] = backend.getInputTensorIds([{ dataId }]);
        (0, ids_1.checkIdValues)((0, backend_1.valuesOf)(backend, dataId), n, caller, name);
        const follow = (ref) => {
            if (isFixed(ref))
                return; // the same at every call, and checked now
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
            throw new errors_1.CompileError(`${caller}: the ${name} are computed inside the function, ` +
                "so that their range cannot be checked before XLA uses them", new errors_1.Place(), "Pass them as an int32 argument, or multiply a one-hot matrix with the table.");
        };
        follow(this.resolve(id, new errors_1.Place()));
    }
    replace(object, key, value) {
        const own = Object.hasOwn(object, key);
        const old = object[key];
        object[key] = value;
        this.undo.push(() => {
            if (own)
                object[key] = old;
            else
                delete object[key];
        });
    }
    /**
     * Brings values to TensorFlow before tfjs does. They are a constant only if they were made during
     * the trace.
     */
    upload(dataId, real) {
        const data = this.backend.tensorMap.get(dataId);
        if (data.values === null)
            return;
        const place = this.written.get(dataId);
        data.id = real.createTensor(data.shape, data.dtype, data.values);
        if (place)
            this.addConstant(data.id, data.shape, data.dtype, data.values, place);
        data.values = null;
    }
    readProblem(dataId) {
        const data = this.backend.tensorMap.get(dataId);
        if (this.written.has(dataId) &&
            (data.values !== null || this.refs.get(data.id)?.kind === "constant"))
            return undefined; // made from JavaScript values in here, so JavaScript may read them again
        return new errors_1.CompileError("the values of a tensor are read in JavaScript (dataSync, data, array, print)", new errors_1.Place(), "Compiled code never comes back to JavaScript: use tensor operations (tf.where for an if), " +
            "or return the tensor and read it outside.");
    }
    addConstant(id, shape, dtype, values, place) {
        if (!ArrayBuffer.isView(values))
            throw new errors_1.CompileError("strings cannot be compiled", place, "Keep text outside the function.");
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
        this.refs.set(id, { kind: "constant", constant: { dtype, shape: [...shape], bytes, place } });
        this.types.set(id, dtype);
    }
    slotOf(variable, place) {
        let slot = this.parts.slots.find((slot) => slot.variable === variable);
        if (!slot) {
            slot = { variable, dtype: this.backend.getDTypeInteger(variable.dtype), place };
            this.parts.slots.push(slot);
        }
        return slot;
    }
    resolve(id, place) {
        const known = this.refs.get(id);
        if (known)
            return known;
        const variable = this.variableOf.get(id);
        if (!variable)
            throw new errors_1.CompileError("the function uses a tensor that was made outside it", place, place?.isIn(/Optimizer\w*\.applyGradients/)
                ? "This optimizer of tf.train keeps its learning rate in a tensor of its own. " +
                    "Use adamwStep (llm/optim), or tf.variableGrads and " +
                    "w.assign(w.sub(gradient.mul(learningRate)))."
                : "It would stay as it is now even if you replaced it. " +
                    "Pass it as an argument, or make it a tf.variable.");
        const ref = { kind: "variable", slot: this.slotOf(variable, place) };
        this.refs.set(id, ref);
        return ref;
    }
}
