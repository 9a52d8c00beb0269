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
exports.describe = exports.setThreads = exports.pool = exports.startWasm = void 0;
// Turns tfjs's wasm backend, which is made for inference, into one that trains, on several threads
// if wanted. What is replaced and why is in ./overrides and ./wasmOps, the code in ./kernels, how
// it reaches tfjs's memory in ./heap, and the threads are in ./shared and ./pool.
const node_module_1 = require("node:module");
const node_path_1 = require("node:path");
const tf = __importStar(require("@tensorflow/tfjs-core"));
const wasm_1 = require("../repairs/wasm");
const heap_1 = require("./heap");
const module_1 = require("./module");
const overrides_1 = require("./overrides");
const shared_1 = require("./shared");
const wasmOps_1 = require("./wasmOps");
const done = Symbol.for("llm.wasm");
const requireHere = (0, node_module_1.createRequire)(__filename);
const installed = () => tf.backend()[done];
/**
 * Starts tfjs's wasm backend, makes it the current one and registers the fast kernels. A second
 * call only makes it current.
 * @param threads how many; more than one needs shared memory, which only the first call can choose
 * @param asked whether somebody asked for that number just now; otherwise a second call leaves it
 *   as it is
 * @param reasons gets a sentence when there are fewer than that
 * @returns a description of the engine: "SIMD, one thread"
 */
async function startWasm(threads, asked, reasons) {
    const wasm = await Promise.resolve().then(() => __importStar(require("@tensorflow/tfjs-backend-wasm")));
    if (!("wasm" in tf.engine().registry)) {
        const folder = (0, node_path_1.dirname)(requireHere.resolve("@tensorflow/tfjs-backend-wasm")) + node_path_1.sep;
        const shared = threads > 1
            ? orReason(() => (0, shared_1.sharedBuild)((0, node_path_1.join)(folder, "tfjs-backend-wasm-simd.wasm")), reasons)
            : undefined;
        if (shared) {
            const builds = ["", "-simd", "-threaded-simd"].map((kind) => [
                `tfjs-backend-wasm${kind}.wasm`,
                shared,
            ]);
            wasm.setWasmPaths(Object.fromEntries(builds), true);
        }
        else
            wasm.setWasmPaths(folder);
    }
    if (!(await withoutItsListeners(() => tf.setBackend("wasm"))))
        throw new Error("the wasm backend does not start");
    const first = installed() === undefined;
    tf.backend()[done] ??= install();
    (0, wasm_1.repairWasm)();
    const said = () => reasons.some((reason) => reason.startsWith("threads:"));
    if ((first || asked) && !(await setThreads(threads, reasons)) && !said())
        reasons.push("threads: tfjs was started before, on memory that cannot be shared, so one thread");
    return describe();
}
exports.startWasm = startWasm;
/**
 * tfjs's wasm code, made by Emscripten, listens to the errors of the whole process and throws each
 * of them once more, with a page of its own source: a promise that nobody awaits would end a
 * notebook's kernel. Those two listeners go.
 */
async function withoutItsListeners(start) {
    const events = ["uncaughtException", "unhandledRejection"];
    const listenersOf = (event) => process.listeners(event);
    const before = events.map(listenersOf);
    const result = await start();
    for (const [i, event] of events.entries())
        for (const listener of listenersOf(event))
            if (!before[i].includes(listener) &&
                /^function ?\((\w+)\)[\s\S]*\bthrow \1\b/.test(String(listener)))
                process.removeListener(event, listener);
    return result;
}
/** The threads of the wasm backend, the current one; undefined where its memory is not shared. */
const pool = () => installed()?.pool;
exports.pool = pool;
/**
 * Changes how many threads the wasm backend, the current one, uses.
 * @param reasons gets a sentence when they do not start
 * @returns whether it can: not if it was started with one
 */
async function setThreads(threads, reasons) {
    const all = (0, exports.pool)();
    if (!all)
        return threads === 1;
    try {
        await all.use(threads);
    }
    catch (error) {
        if (!(error instanceof module_1.NotHere))
            throw error;
        all.close();
        reasons.push(`threads: ${error.message}, so one thread`);
    }
    return true;
}
exports.setThreads = setThreads;
/** A description of the wasm backend, the current one: "SIMD, one thread". */
function describe() {
    const { kernels, pool: all } = installed();
    const threads = all?.threads ?? 1;
    return kernels.startsWith("SIMD")
        ? `${kernels}, ${threads === 1 ? "one thread" : `${threads} threads`}`
        : kernels;
}
exports.describe = describe;
function orReason(work, reasons) {
    try {
        return work();
    }
    catch (error) {
        if (!(error instanceof module_1.NotHere))
            throw error;
        reasons.push(`threads: ${error.message}, so one thread`);
        return undefined;
    }
}
function install() {
    try {
        const heap = (0, heap_1.openHeap)();
        (0, overrides_1.registerOverrides)(heap);
        (0, wasmOps_1.registerWasmOps)(heap);
        return { kernels: heap.fma ? "SIMD with FMA" : "SIMD", pool: heap.pool };
    }
    catch (error) {
        if (!(error instanceof module_1.NotHere || error instanceof module_1.WebAssembly.CompileError))
            throw error;
        (0, overrides_1.registerSegmentSum)();
        return { kernels: `tfjs's own kernels, slow: ${error.message}` };
    }
}
