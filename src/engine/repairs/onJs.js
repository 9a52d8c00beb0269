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
exports.onJs = void 0;
// The js engine's kernel in place of one that another engine lacks or has wrong: the inputs are
// copied out, computed in JavaScript, and the results are copied in. The js engine has the most
// kernels, and ./js has repaired those that were wrong.
const node_module_1 = require("node:module");
const tf = __importStar(require("@tensorflow/tfjs-core"));
const js_1 = require("./js");
const repair_1 = require("./repair");
const requireHere = (0, node_module_1.createRequire)(__filename);
const copyOf = (x) => ({
    values: x.dataSync(),
    shape: x.shape,
    dtype: x.dtype,
});
const tensorOf = ({ values, shape, dtype }) => tf.tensor(values, shape, dtype);
/** The same with something else for each tensor. */
function replaced(given, isTensor, by) {
    if (given === undefined || given === null)
        return undefined;
    if (isTensor(given))
        return by(given);
    if (Array.isArray(given))
        return given.map((item) => replaced(item, isTensor, by));
    const entries = Object.entries(given).map(([name, item]) => [name, replaced(item, isTensor, by)]);
    return Object.fromEntries(entries);
}
const isTensor = (value) => value instanceof tf.Tensor;
const isCopy = (value) => "values" in value && "dtype" in value;
/**
 * Runs a kernel on the js engine.
 * @param inputs a record or, as some kernels have it, a list of tensors
 * @returns tensors of the engine in use, which is the same afterwards
 * @throws CompileError where a function is being traced for `compile`, because values are read
 */
function onJs(kernelName, inputs, attrs) {
    const given = replaced(inputs, isTensor, copyOf);
    let isList = false;
    let copies = [];
    onEngineJs(() => {
        tf.tidy(() => {
            const there = replaced(given, isCopy, tensorOf);
            const made = (0, repair_1.run)(kernelName, there, attrs);
            isList = Array.isArray(made);
            copies = [made].flat().map(copyOf);
        });
    });
    const results = copies.map(tensorOf);
    return isList ? results : results[0];
}
exports.onJs = onJs;
/** Makes js the engine in use for the time of a function, which must not be async. */
function onEngineJs(work) {
    if (!tf.engine().findBackendFactory("cpu"))
        requireHere("@tensorflow/tfjs-backend-cpu");
    const engine = tf.engine();
    const { backendName, backendInstance } = engine;
    const js = tf.engine().findBackend("cpu");
    Object.assign(engine, { backendName: "cpu", backendInstance: js });
    try {
        (0, js_1.repairJs)();
        work();
    }
    finally {
        Object.assign(engine, { backendName, backendInstance });
    }
}
