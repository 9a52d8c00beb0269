"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.whyNoGpu = exports.cudaFlags = exports.quoted = exports.hasCuda = void 0;
// What else the CUDA build of TensorFlow (`npm run native -- --cuda`) needs, and the reason when it
// finds no GPU.
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
/** The oldest driver that runs CUDA 12 (NVIDIA, "CUDA Compatibility", minor version). */
const MINIMUM_DRIVER = [525, 60];
/** Whether the library in this folder (native/cuda or native/cpu) is the CUDA build. */
const hasCuda = (library) => (0, node_fs_1.existsSync)((0, node_path_1.join)(library, "nvidia"));
exports.hasCuda = hasCuda;
/** A value in XLA_FLAGS and TF_XLA_FLAGS, which are split at white space. */
const quoted = (value) => (/\s/.test(value) ? `"${value}"` : value);
exports.quoted = quoted;
/** XLA_FLAGS with the folder where XLA finds ptxas and libdevice, unless the user names one. */
function cudaFlags(library, flags = "") {
    if (flags.includes("--xla_gpu_cuda_data_dir"))
        return flags;
    return `${flags} --xla_gpu_cuda_data_dir=${(0, exports.quoted)((0, node_path_1.join)(library, "nvidia", "cuda_nvcc"))}`.trim();
}
exports.cudaFlags = cudaFlags;
/**
 * One sentence.
 * @param library the folder of the library that is in use
 * @param driver the kernel module's version, undefined where there is none
 * @param opens whether the loader finds one of the driver's libraries
 */
function whyNoGpu(library, driver = driverVersion(), opens = canOpen) {
    const none = "TensorFlow finds no CUDA GPU";
    if (!(0, exports.hasCuda)(library))
        return driver
            ? `${none}: the library is the one for CPUs, and \`npm run native -- --cuda\` gets the other`
            : none;
    const visible = process.env.CUDA_VISIBLE_DEVICES;
    if (visible !== undefined && /^(-1.*|\s*)$/.test(visible))
        return `${none}: CUDA_VISIBLE_DEVICES=${visible} hides them`;
    if (!driver)
        return `${none}: no NVIDIA driver is running here`;
    const [major, minor] = driver.split(".").map(Number);
    if (major < MINIMUM_DRIVER[0] || (major === MINIMUM_DRIVER[0] && minor < MINIMUM_DRIVER[1]))
        return (`${none}: the NVIDIA driver ${driver} is too old for CUDA 12, ` +
            `which needs ${MINIMUM_DRIVER.join(".")} or newer`);
    // TensorFlow never mentions the second one.
    const missing = ["libcuda.so.1", "libnvidia-ml.so.1"].find((name) => !opens(name));
    if (missing)
        return (`${none}: the driver ${driver} is running, but its library ${missing} is not found ` +
            "(in a container, set NVIDIA_DRIVER_CAPABILITIES=compute,utility; " +
            "elsewhere, add its folder to LD_LIBRARY_PATH)");
    return (`${none}, although NVIDIA's driver ${driver} is running: ` +
        "LLM_NATIVE_LOG=1 TF_CPP_MIN_LOG_LEVEL=0 shows what TensorFlow says");
}
exports.whyNoGpu = whyNoGpu;
/**
 * Node opens the file, finds that it is no addon, and closes it. A file that is not there gives
 * another error.
 */
function canOpen(library) {
    try {
        process.dlopen({ exports: {} }, library);
        return true;
    }
    catch (error) {
        return !/cannot open shared object file/.test(String(error));
    }
}
/** The version of NVIDIA's kernel module; undefined where there is none. */
function driverVersion() {
    for (const file of ["/sys/module/nvidia/version", "/proc/driver/nvidia/version"])
        try {
            return /\b(\d{3,}\.\d+(\.\d+)?)\b/.exec((0, node_fs_1.readFileSync)(file, "utf8"))?.[1];
        }
        catch { }
    return (0, node_fs_1.existsSync)("/dev/nvidiactl") || (0, node_fs_1.existsSync)("/dev/dxg") ? "of unknown version" : undefined;
}
