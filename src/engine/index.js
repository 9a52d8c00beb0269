"use strict";
/// <reference types="@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops" preserve="true" />
// The one door to the tensor engine. Everything else in the course imports `tf` from here and runs
// on whichever engine works best on this machine: CUDA, native CPU, wasm or plain JavaScript.
// The engines are TensorFlow.js 4.22.0 (Smilkov et al., 2019, "TensorFlow.js: Machine Learning for
// the Web and Beyond", arXiv:1901.05350). What makes the wasm engine fast enough to train on is in
// ./wasm; `compile`, which turns a training step into a single program on the native engine, is in
// ./compile.
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
exports.measureGflops = exports.currentEngine = exports.useEngine = exports.tf = exports.ownKernels = exports.ownArrays = exports.writeRows = exports.EngineRefusal = exports.statelessUniform = exports.requestInterrupt = exports.nextFrame = exports.interrupted = exports.clearInterrupt = exports.isTracing = exports.compile = exports.canCompile = exports.CompileError = void 0;
// Registers the gradients, which tfjs-core's Node bundle leaves out.
require("@tensorflow/tfjs-layers");
const chained_1 = require("./chained");
const gradients_1 = require("./gradients");
const momentum_1 = require("./momentum");
const install_1 = require("./native/install");
const js_1 = require("./repairs/js");
const tf = __importStar(require("./tf"));
exports.tf = tf;
const install_2 = require("./wasm/install");
const pool_1 = require("./wasm/pool");
var compile_1 = require("./compile");
Object.defineProperty(exports, "CompileError", { enumerable: true, get: function () { return compile_1.CompileError; } });
Object.defineProperty(exports, "canCompile", { enumerable: true, get: function () { return compile_1.canCompile; } });
Object.defineProperty(exports, "compile", { enumerable: true, get: function () { return compile_1.compile; } });
Object.defineProperty(exports, "isTracing", { enumerable: true, get: function () { return compile_1.isTracing; } });
var interrupt_1 = require("./interrupt");
Object.defineProperty(exports, "clearInterrupt", { enumerable: true, get: function () { return interrupt_1.clearInterrupt; } });
Object.defineProperty(exports, "interrupted", { enumerable: true, get: function () { return interrupt_1.interrupted; } });
Object.defineProperty(exports, "nextFrame", { enumerable: true, get: function () { return interrupt_1.nextFrame; } });
Object.defineProperty(exports, "requestInterrupt", { enumerable: true, get: function () { return interrupt_1.requestInterrupt; } });
var random_1 = require("./native/random");
Object.defineProperty(exports, "statelessUniform", { enumerable: true, get: function () { return random_1.statelessUniform; } });
var repair_1 = require("./repairs/repair");
Object.defineProperty(exports, "EngineRefusal", { enumerable: true, get: function () { return repair_1.EngineRefusal; } });
var rows_1 = require("./rows");
Object.defineProperty(exports, "writeRows", { enumerable: true, get: function () { return rows_1.writeRows; } });
var own_1 = require("./wasm/own");
Object.defineProperty(exports, "ownArrays", { enumerable: true, get: function () { return own_1.ownArrays; } });
Object.defineProperty(exports, "ownKernels", { enumerable: true, get: function () { return own_1.ownKernels; } });
tf.enableProdMode(); // no banner, no warnings on stderr; argument checks stay
(0, chained_1.registerChainedOps)(); // before an engine: the methods exist, and say that there is none yet
const order = ["cuda", "native", "wasm", "js"];
let current;
async function startJs() {
    await Promise.resolve().then(() => __importStar(require("@tensorflow/tfjs-backend-cpu")));
    await tf.setBackend("cpu");
    (0, js_1.repairJs)();
    return "plain JavaScript, slow";
}
/**
 * Starts the fastest tensor engine that works here and makes it tfjs's current backend. Call it
 * once before the first tensor; calling it again returns the engine in use.
 *
 * @param options.prefer the best engine to try; better ones are left out. Default: `LLM_ENGINE`,
 *   else `cuda`. Naming another one later switches to it (tensors move by themselves when they are
 *   next used).
 * @param options.quiet do not print the line and do not measure the speed.
 * @param options.tf32 on a CUDA GPU, matrix products in TF32 (factors rounded to 10 bits): several
 *   times faster, about three correct digits. Default: `LLM_TF32=1`. Decide before the first
 *   `compile`d step. Other engines ignore it.
 * @param options.threads of the wasm engine: 1 to 32, or "auto" for as many as there are cores, at
 *   most 8. Default: `LLM_THREADS`, else 1. Decide at the first call; an engine that started with
 *   several may change their number later. Results do not depend on it. Other engines ignore it.
 *   See docs/engines.md.
 * @throws Error when `prefer` (or `LLM_ENGINE`) is not one of cuda, native, wasm, js; when
 *   `threads` (or `LLM_THREADS`) is no such number; or when the wasm engine already runs with one
 *   thread and more are asked for.
 */
async function useEngine({ prefer, quiet = false, tf32, threads, } = {}) {
    const wanted = prefer ?? (process.env.LLM_ENGINE || undefined);
    if (wanted !== undefined && !order.includes(wanted)) {
        const origin = prefer === undefined ? "LLM_ENGINE" : "prefer";
        throw new Error(`useEngine: expected ${origin} to be one of ${order.join(", ")}, ` +
            `got ${JSON.stringify(wanted)}`);
    }
    const count = threads !== undefined
        ? (0, pool_1.threadCount)(threads)
        : (0, pool_1.threadCount)(process.env.LLM_THREADS || 1, "LLM_THREADS");
    if (current && (prefer === undefined || prefer === current.name)) {
        if (tf32 !== undefined && (current.name === "cuda" || current.name === "native"))
            (0, install_1.allowTf32)(tf32);
        if (threads !== undefined && current.name === "wasm")
            await changeThreads(current, count, quiet);
        return current;
    }
    const reasons = [];
    for (const name of order.slice(wanted ? order.indexOf(wanted) : 0)) {
        try {
            let detail;
            if (name === "js")
                detail = await startJs();
            else if (name === "wasm")
                detail = await (0, install_2.startWasm)(count, threads !== undefined, reasons);
            else
                detail = await (0, install_1.startNative)(name, tf32 ?? process.env.LLM_TF32 === "1");
            await tf.ready();
            (0, gradients_1.registerGradients)();
            (0, chained_1.registerChainedOps)();
            (0, momentum_1.mendMomentum)();
            current = { name, description: `engine: ${name} (${detail})`, reasons };
            // A cell that ends with `await useEngine()` has printed its line; the kernel need not print
            // the object as well.
            Object.defineProperty(current, Symbol.for("llm.silent"), { value: true });
            if (!quiet)
                await say(current);
            return current;
        }
        catch (error) {
            reasons.push(`${name}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
        }
    }
    throw new Error(`useEngine: no tensor engine starts here. ${reasons.join(". ")}. Run: npm run doctor`);
}
exports.useEngine = useEngine;
/** Prints the engine's line, with its speed. */
async function say(engine) {
    if (engine.name !== "js")
        engine.description += ` · ${Math.round(await measureGflops(60))} GFLOP/s`;
    console.log(engine.description);
}
async function changeThreads(engine, threads, quiet) {
    if (!(await (0, install_2.setThreads)(threads, engine.reasons))) {
        throw new Error(`useEngine: expected threads: ${threads} at the first call, but the wasm engine runs with ` +
            "one thread already, on memory that cannot be shared. " +
            `Set LLM_THREADS=${threads}, or restart the kernel and begin with ` +
            `useEngine({ threads: ${threads} })`);
    }
    const description = `engine: wasm (${(0, install_2.describe)()})`;
    if (engine.description.startsWith(description))
        return;
    engine.description = description;
    if (!quiet)
        await say(engine);
}
/**
 * The engine in use.
 * @throws Error before `useEngine()` has finished.
 */
function currentEngine() {
    if (!current)
        throw new Error("currentEngine: no engine yet. Call `await useEngine()` first");
    return current;
}
exports.currentEngine = currentEngine;
/**
 * The speed of a 256 × 256 × 256 matrix product, in units of 10⁹ floating-point operations per
 * second: the best of the runs that fit in the time.
 * @param milliseconds how long to measure; at least three products are done
 */
async function measureGflops(milliseconds = 500) {
    const n = 256;
    const a = tf.ones([n, n]);
    const b = tf.ones([n, n]);
    const start = performance.now();
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3 || performance.now() - start < milliseconds; i++) {
        const before = performance.now();
        const c = tf.matMul(a, b);
        // A GPU returns before it has finished, so its result is waited for.
        if (i === 0 || currentEngine().name === "cuda")
            await c.data();
        c.dispose();
        best = Math.min(best, performance.now() - before);
    }
    tf.dispose([a, b]);
    return (2 * n ** 3) / (best * 1e6);
}
exports.measureGflops = measureGflops;
