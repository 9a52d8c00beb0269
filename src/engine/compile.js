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
Object.defineProperty(exports, "__esModule", { value: true });
exports.canCompile = exports.compile = exports.isTracing = exports.CompileError = void 0;
// `compile(fn)` is the same function, but on the native engine it is traced once and compiled by
// XLA into one program, which runs a training step two to five times as fast as its operations one
// by one. On wasm and js it is `fn` itself. How a trace is made is in ./native/trace; what it
// cannot capture, and why, is in docs/compile.md.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const backend_1 = require("./native/backend");
const compare_1 = require("./native/compare");
const errors_1 = require("./native/errors");
const program_1 = require("./native/program");
const trace_1 = require("./native/trace");
var errors_2 = require("./native/errors");
Object.defineProperty(exports, "CompileError", { enumerable: true, get: function () { return errors_2.CompileError; } });
var trace_2 = require("./native/trace");
Object.defineProperty(exports, "isTracing", { enumerable: true, get: function () { return trace_2.isTracing; } });
/** These calls, and then every 1,000th, are traced again, so that a frozen value is found soon. */
const CHECKED = [2, 10, 30, 100, 300];
const isChecked = (call) => CHECKED.includes(call) || call % 1000 === 0;
/**
 * Compiles a function of tensors: forward pass, gradients, optimizer, all in one program.
 *
 * Arguments are tensors, variables, and arrays and plain records of them. The function returns the
 * same kinds of things, or nothing. It may read and assign variables that were made outside.
 * Everything else must be the same at every call: a number that changes comes as `tf.scalar(x)`.
 * At its first call, and again at calls 2, 10, 30, 100, 300, 1,000, 2,000, … the function really
 * runs and is compared with what was compiled. What cannot be compiled is an Error that names the
 * line. For new shapes it is compiled again.
 *
 * @example const step = compile((x: tf.Tensor2D, lr: tf.Scalar) => { …; weight.assign(…); return
 *   loss; }); const loss = step(x, lr); // disposed by the caller, as always step.dispose();
 *
 * @param fn an ordinary tfjs function; side effects other than on variables happen only when it is
 *   traced
 * @throws {CompileError} from the returned function
 */
function compile(fn, { name = fn.name || "function", notice = console.log } = {}) {
    const programs = new Map();
    const infos = [];
    const compiledAt = new errors_1.Place();
    const run = (args, uncompiled, backend) => {
        const { inputs, signature } = readArguments(args);
        const traced = () => (0, trace_1.trace)(inputs, uncompiled, tensorsIn);
        let entry = programs.get(signature);
        if (entry && isChecked(++entry.calls)) {
            check(entry, traced());
            entry = programs.get(signature); // the function itself may have called dispose()
        }
        if (entry)
            return rebuild(entry.program.trace.result, entry.program.run(inputs));
        if (programs.size > 0)
            notice(`compile: "${name}" is compiled again, now for ${shapesOf(inputs)} ` +
                `(program ${programs.size + 1})`);
        const started = performance.now();
        const program = new program_1.Program(backend, traced(), inputs);
        try {
            const outputs = program.run(inputs);
            const { recorded, operations } = program.def;
            const ms = Math.round(performance.now() - started);
            programs.set(signature, { program, calls: 1 });
            infos.push({ shapes: shapesOf(inputs), recorded, operations, ms });
            return rebuild(program.trace.result, outputs);
        }
        catch (error) {
            program.dispose();
            throw error;
        }
    };
    const call = function (...args) {
        const uncompiled = () => fn.apply(this, args);
        const backend = (0, backend_1.nativeBackend)();
        if (!backend?.binding.addFunction)
            return uncompiled();
        // Inside another trace, and where its gradient is taken, the operations themselves are needed.
        if ((0, trace_1.isTracing)() || tf.engine().state.gradientDepth > 0)
            return uncompiled();
        try {
            return run(args, uncompiled, backend);
        }
        catch (error) {
            throw error instanceof errors_1.CompileError ? error.of(name, compiledAt) : error;
        }
    };
    const dispose = () => {
        for (const { program } of programs.values())
            program.dispose();
        programs.clear();
        infos.length = 0;
    };
    return Object.assign(call, { dispose, programs: infos });
}
exports.compile = compile;
/** @throws {CompileError} saying which calls may have been computed with a frozen value */
function check({ program, calls }, now) {
    try {
        (0, compare_1.compareTraces)(program.trace, now);
    }
    catch (error) {
        if (error instanceof errors_1.CompileError && calls > 2)
            error.message += `\n  This was found at call ${calls}; calls before it may have used the old value.`;
        throw error;
    }
}
/**
 * The tensors among the arguments; and the signature, which must be equal for a program to fit:
 * types, shapes, which variables, and which arguments are the same tensor.
 */
function readArguments(args) {
    const inputs = [];
    const seen = new Map();
    const read = (value, path) => {
        if (value instanceof tf.Variable) {
            if (value.isDisposed)
                throw disposed(path);
            return `variable ${value.id}`;
        }
        if (value instanceof tf.Tensor) {
            if (value.isDisposed)
                throw disposed(path);
            if (!["float32", "int32", "bool"].includes(value.dtype))
                throw new errors_1.CompileError(`${path} is of type ${value.dtype}`, undefined, "Pass float32, int32 or bool.");
            const twin = seen.get(value.dataId);
            seen.set(value.dataId, twin ?? inputs.length);
            inputs.push(value);
            return `${value.dtype}[${value.shape}]${twin === undefined ? "" : `=${twin}`}`;
        }
        if (Array.isArray(value))
            return `(${value.map((item, i) => read(item, `${path}[${i}]`)).join(" ")})`;
        if (isRecord(value))
            return `{${Object.entries(value).map(([key, item]) => `${key}:${read(item, `${path}.${key}`)}`)}}`;
        if (value === undefined || value === null)
            return "–";
        throw new errors_1.CompileError(`${path} is ${describe(value)}`, undefined, "Arguments are tensors, and arrays and plain records of tensors: anything else would be " +
            "frozen at its first value. Pass tf.scalar(number) or tf.tensor1d(numbers), or leave " +
            "what never changes to a closure.");
    };
    const signature = args.map((arg, i) => read(arg, `argument ${i + 1}`)).join(", ");
    return { inputs, signature };
}
const shapesOf = (inputs) => inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(", ") || "no arguments";
const disposed = (path) => new errors_1.CompileError(`${path} was disposed`, undefined, "Pass a tensor that is still there.");
const describe = (value) => {
    if (typeof value === "function")
        return "a function";
    return typeof value === "object"
        ? `an object of class ${value?.constructor?.name ?? "unknown"}`
        : `the ${typeof value} ${String(value)}`;
};
const isRecord = (value) => typeof value === "object" &&
    value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value));
/** The tensors in what the function returned, in a fixed order. */
function tensorsIn(result) {
    if (result instanceof tf.Variable)
        throw new errors_1.CompileError(`the function returns the variable ${result.name}`, undefined, "Return its value: variable.clone().");
    if (result instanceof tf.Tensor)
        return [result];
    if (Array.isArray(result))
        return result.flatMap(tensorsIn);
    if (isRecord(result))
        return Object.values(result).flatMap(tensorsIn);
    if (result === undefined || result === null)
        return [];
    const kind = typeof result === "object"
        ? "an object that is no plain record"
        : `the ${typeof result} ${result}`;
    throw new errors_1.CompileError(`the function returns ${kind}`, undefined, "It would be frozen. Return tensors, or arrays and plain records of tensors.");
}
/** The same structure with other tensors. */
function rebuild(result, outputs) {
    let next = 0;
    const copy = (value) => {
        if (value instanceof tf.Tensor)
            return outputs[next++];
        if (Array.isArray(value))
            return value.map(copy);
        if (isRecord(value))
            return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
        return value;
    };
    return copy(result);
}
/** Whether `compile` compiles here. */
const canCompile = () => (0, backend_1.nativeBackend)()?.binding.addFunction !== undefined;
exports.canCompile = canCompile;
