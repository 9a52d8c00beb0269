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
exports.allowTf32 = exports.startNative = void 0;
// Starts the native engine: TensorFlow in C++ through tfjs-node, if its compiled addon is installed
// (`npm run native`, tools/native/native.mjs). The library reads some settings only while it is
// loaded, so they are set before: how much it prints, which devices it sees, and where XLA keeps
// compiled programs for the next process.
const node_crypto_1 = require("node:crypto");
const node_fs_1 = require("node:fs");
const node_module_1 = require("node:module");
const node_os_1 = require("node:os");
const node_path_1 = require("node:path");
const tf = __importStar(require("@tensorflow/tfjs-core"));
const native_1 = require("../repairs/native");
const backend_1 = require("./backend");
const cuda_1 = require("./cuda");
const kernels_1 = require("./kernels");
const link_1 = require("./link");
const quiet_1 = require("./quiet");
const requireHere = (0, node_module_1.createRequire)(__filename);
/** @throws Error whose message says why the engine is not there */
async function startNative(wanted, tf32 = false) {
    let home;
    try {
        home = (0, node_path_1.dirname)(requireHere.resolve("@tensorflow/tfjs-node-gpu/package.json"));
    }
    catch {
        throw new Error("@tensorflow/tfjs-node-gpu is not installed");
    }
    const addon = (0, node_path_1.join)(home, "lib", "napi-v8", "tfjs_binding.node");
    if (!(0, node_fs_1.existsSync)(addon))
        link(); // `npm ci` has removed the link that `npm run native` made
    if (!(0, node_fs_1.existsSync)(addon))
        throw new Error("the native TensorFlow library is not installed");
    const library = (0, node_path_1.join)((0, node_path_1.dirname)((0, node_fs_1.realpathSync)(addon)), "..");
    if (wanted === "native")
        process.env.CUDA_VISIBLE_DEVICES ??= "-1";
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
    // A notebook, its check and a training run share the GPU's memory.
    process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
    // Programs for a GPU are not kept: it is not proven yet that they can be read back from a file.
    if (wanted === "native" || !(0, cuda_1.hasCuda)(library)) {
        process.env.XLA_FLAGS = cpuFlags(process.env.XLA_FLAGS);
        process.env.TF_XLA_FLAGS ??= cacheFlags(library, process.env.XLA_FLAGS);
    }
    else
        process.env.XLA_FLAGS = (0, cuda_1.cudaFlags)(library, process.env.XLA_FLAGS);
    // ./link does the same in tfjs-node's file, but a link made by an older version did not.
    const util = requireHere("node:util");
    util.isNullOrUndefined = (x) => x === null || x === undefined;
    util.isArray = Array.isArray;
    (0, quiet_1.withoutStderr)(() => requireHere(addon));
    requireHere("@tensorflow/tfjs-node-gpu");
    if (!(await tf.setBackend("tensorflow")))
        throw new Error("the native TensorFlow library does not load");
    const onGpu = tf.backend().isUsingGpuDevice === true;
    if (wanted === "cuda" && !onGpu)
        throw new Error((0, cuda_1.whyNoGpu)(library));
    if (wanted === "native" && onGpu)
        throw new Error("this process has started on the GPU already; LLM_ENGINE=native before the start");
    (0, kernels_1.registerNativeKernels)();
    (0, native_1.repairNative)();
    allowTf32(tf32);
    return onGpu ? `CUDA GPU${tf32 ? ", TF32" : ""}` : "TensorFlow on the CPU";
}
exports.startNative = startNative;
function link() {
    try {
        (0, link_1.linkNative)();
    }
    catch (error) {
        throw new Error("the native library is in native/, but cannot be linked into node_modules: " +
            error.message);
    }
}
/**
 * Whether matrix products on a GPU may round their factors to TF32 (10 bits of mantissa instead of
 * 23). TensorFlow's default is yes, the course's is no: fp32 means fp32. A CPU ignores it.
 */
function allowTf32(allow) {
    const { binding } = (0, backend_1.nativeBackend)();
    if (binding.allowTf32)
        binding.allowTf32(allow);
    else if (allow)
        throw new Error("tf32 needs a newer addon: npm run native");
}
exports.allowTf32 = allowTf32;
const CACHE_LIMIT = 200e6; // bytes; a program for a small GPT is 1 to 3 MB
/**
 * With this flag the largest of some numbers is NaN if one of them is, as on the other engines. No
 * cost could be measured.
 */
function cpuFlags(flags = "") {
    return flags.includes("fast_min_max")
        ? flags
        : `${flags} --xla_cpu_enable_fast_min_max=false`.trim();
}
/**
 * A program is compiled for one processor, one TensorFlow and one set of flags, and must not run
 * with others: each combination has a folder of its own.
 */
function cacheFlags(home, flags) {
    let folder;
    try {
        const made = (0, node_fs_1.readFileSync)((0, node_path_1.join)(home, "OK"), "utf8");
        const digest = (0, node_crypto_1.createHash)("sha256")
            .update(`${(0, node_os_1.cpus)()[0]?.model} ${process.arch} ${made} ${flags}`)
            .digest("hex");
        folder = (0, node_path_1.join)(home, "..", "xla-cache", digest.slice(0, 12));
        (0, node_fs_1.mkdirSync)(folder, { recursive: true });
        const files = (0, node_fs_1.readdirSync)(folder).map((file) => (0, node_path_1.join)(folder, file));
        if (files.reduce((sum, file) => sum + (0, node_fs_1.statSync)(file).size, 0) > CACHE_LIMIT)
            for (const file of files)
                (0, node_fs_1.rmSync)(file, { force: true });
    }
    catch {
        return ""; // the folder cannot be written: every process compiles for itself
    }
    return `--tf_xla_persistent_cache_directory=${(0, cuda_1.quoted)(folder)}`;
}
