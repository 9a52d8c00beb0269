// TensorFlow's library writes two lines to stderr while it is loaded («All log messages before
// absl::InitializeLog()…», «oneDNN custom operations are on»), whatever TF_CPP_MIN_LOG_LEVEL says.
// Node cannot redirect a file descriptor, but a closed one is the next that is opened: so
// descriptor 2 becomes /dev/null for as long as the load takes. Linux only; where any step is not
// sure to be undone, the lines stay.
import { closeSync, fstatSync, openSync } from "node:fs";

const SAVED = "/proc/self/fd/2";

/**
 * Runs `load`, with nothing that C++ writes to stderr reaching the user. Errors that `load` throws
 * do.
 */
export function withoutStderr<T>(load: () => T): T {
  const saved = process.platform === "linux" && !process.env.LLM_NATIVE_LOG ? duplicate() : undefined;
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
  }
}
