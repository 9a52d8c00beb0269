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
exports.hasType = exports.castInputs = exports.sizeOf = exports.repair = exports.run = exports.words = exports.EngineRefusal = void 0;
// How a kernel of tfjs is repaired. A repair looks at the inputs and options of one call: where tfjs
// is right it returns undefined, and the kernel runs as tfjs ships it ("stock"); elsewhere it gives
// the result itself, written with other operations, or refuses by name. It stands in front of the
// kernel in tfjs's registry, so functions, methods and gradients all meet it. What a repair calls is
// not recorded for a gradient: that is the registered one of the kernel (../gradients).
const tf = __importStar(require("@tensorflow/tfjs-core"));
/** The engine in use, by the name that `useEngine` knows it by. */
const engineName = () => ({ cpu: "js", wasm: "wasm", tensorflow: "native" })[tf.getBackend()] ?? tf.getBackend();
/** Something that this engine does not do, or would do wrongly. */
class EngineRefusal extends Error {
    operation;
    instead;
    /**
     * @param operation as it is called: `tf.complex`
     * @param instead what to do, a clause that follows "use"
     */
    constructor(operation, what, instead) {
        super(`${operation}: ${what} on the ${engineName()} engine; use ${instead}`);
        this.operation = operation;
        this.instead = instead;
        this.name = "EngineRefusal";
    }
}
exports.EngineRefusal = EngineRefusal;
const words = (text) => text.trim().split(/\s+/);
exports.words = words;
/** Runs a kernel by its name, repaired as it may be. */
function run(kernelName, inputs, attrs = {}) {
    return tf.engine().runKernel(kernelName, inputs, attrs);
}
exports.run = run;
/** Puts a repair in front of kernels of the engine in use; the last one put is asked first. */
function repair(kernels, mend) {
    const backendName = tf.getBackend();
    for (const kernelName of typeof kernels === "string" ? (0, exports.words)(kernels) : kernels) {
        const stock = tf.getKernel(kernelName, backendName);
        if (stock)
            tf.unregisterKernel(kernelName, backendName);
        tf.registerKernel({
            ...stock,
            kernelName,
            backendName,
            kernelFunc: (params) => {
                const inputs = params.inputs;
                const mended = mend(inputs, (params.attrs ?? {}), kernelName);
                if (mended)
                    return mended;
                if (stock)
                    return stock.kernelFunc(params);
                throw new EngineRefusal(nameOf(kernelName), "this is missing", "another engine");
            },
        });
    }
}
exports.repair = repair;
const nameOf = (kernelName) => `tf.${kernelName[0].toLowerCase()}${kernelName.slice(1)}`;
const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);
exports.sizeOf = sizeOf;
/** The inputs, a record or a list, with each of them cast whose type is among `from`. */
function castInputs(inputs, from, to) {
    const cast = (x) => (from.includes(x?.dtype) ? tf.cast(x, to) : x);
    if (Array.isArray(inputs))
        return inputs.map(cast);
    return Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, cast(x)]));
}
exports.castInputs = castInputs;
/** Whether an input is of one of these types. Asked at every call, so it makes nothing. */
function hasType(inputs, types) {
    for (const name in inputs)
        if (types.includes(inputs[name]?.dtype))
            return true;
    return false;
}
exports.hasType = hasType;
