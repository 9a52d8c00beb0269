// TensorFlow's library writes two lines to stderr while it is loaded ("All log messages before
// absl::InitializeLog()…", "oneDNN custom operations are on"), whatever TF_CPP_MIN_LOG_LEVEL says.
// Node cannot redirect a file descriptor, but the next file that is opened takes the number of a
// closed one: so descriptor 2 becomes /dev/null while the library is loaded. Linux only; where a
// step might not be undone, the lines stay.
import { closeSync, fstatSync, openSync, statSync } from "node:fs";

const SAVED = "/proc/self/fd/2";

/**
 * Runs `load` without showing what C++ writes to stderr. Errors that `load` throws are passed on.
 */
export function withoutStderr<T>(load: () => T): T {
  const saved =
    process.platform === "linux" && !process.env.LLM_NATIVE_LOG ? duplicate() : undefined;
  if (saved === undefined) return load();
  closeSync(2);
  const nothing = openSync("/dev/null", "w");
  try {
    return load();
  } finally {
    closeSync(nothing);
    openSync(`/proc/self/fd/${saved}`, "a"); // becomes 2 again
    closeSync(saved);
  }
}

/**
 * A second descriptor for stderr; undefined if 0 and 1 are not open, or it is a socket, which
 * cannot be opened again.
 */
function duplicate(): number | undefined {
  try {
    for (const fd of [0, 1]) fstatSync(fd); // else they would be the next to be opened, not 2
    if (fstatSync(2).isSocket()) return undefined;
    return openSync(SAVED, "a");
  } catch {
    return undefined;
  } finally {
    // Node's realpathSync takes what was looked at last for a pipe, if it was one, and stops half
    // way: a module would be found under two names, and loaded twice (Node 20:
    // `isFileType(statValues, …)`).
    statSync(__filename);
  }
}
