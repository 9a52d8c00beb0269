"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.withoutStderr = void 0;
// TensorFlow's library writes two lines to stderr while it is loaded ("All log messages before
// absl::InitializeLog()…", "oneDNN custom operations are on"), whatever TF_CPP_MIN_LOG_LEVEL says.
// Node cannot redirect a file descriptor, but the next file that is opened takes the number of a
// closed one: so descriptor 2 becomes /dev/null while the library is loaded. Linux only; where a
// step might not be undone, the lines stay.
const node_fs_1 = require("node:fs");
const SAVED = "/proc/self/fd/2";
/**
 * Runs `load` without showing what C++ writes to stderr. Errors that `load` throws are passed on.
 */
function withoutStderr(load) {
    const saved = process.platform === "linux" && !process.env.LLM_NATIVE_LOG ? duplicate() : undefined;
    if (saved === undefined)
        return load();
    (0, node_fs_1.closeSync)(2);
    const nothing = (0, node_fs_1.openSync)("/dev/null", "w");
    try {
        return load();
    }
    finally {
        (0, node_fs_1.closeSync)(nothing);
        (0, node_fs_1.openSync)(`/proc/self/fd/${saved}`, "a"); // becomes 2 again
        (0, node_fs_1.closeSync)(saved);
    }
}
exports.withoutStderr = withoutStderr;
/**
 * A second descriptor for stderr; undefined if 0 and 1 are not open, or it is a socket, which
 * cannot be opened again.
 */
function duplicate() {
    try {
        for (const fd of [0, 1])
            (0, node_fs_1.fstatSync)(fd); // else they would be the next to be opened, not 2
        if ((0, node_fs_1.fstatSync)(2).isSocket())
            return undefined;
        return (0, node_fs_1.openSync)(SAVED, "a");
    }
    catch {
        return undefined;
    }
}
