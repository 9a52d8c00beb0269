"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.checkIdValues = exports.checkIds = exports.watchIds = void 0;
let watcher;
/** From now on the ids of `checkIds` go to this watcher instead; undefined ends it. */
function watchIds(next) {
    watcher = next;
}
exports.watchIds = watchIds;
/**
 * Checks that a tensor is int32 and that its values are from 0 to n − 1.
 *
 * @param caller the function that was given the ids, and `name` what it calls them: for the message
 * @param read gives the values; only called outside a trace
 * @throws Error when a value is out of range
 * @throws CompileError when a traced function computes the ids itself, so that no later call could
 *   check them
 */
function checkIds(ids, n, caller, name, read = () => ids.dataSync()) {
    if (ids.dtype !== "int32")
        throw new Error(`${caller}: expected ${name} of type int32, got ${ids.dtype}`);
    if (watcher)
        watcher(ids.dataId, n, caller, name);
    else
        checkIdValues(read(), n, caller, name);
}
exports.checkIds = checkIds;
/** @throws Error when a value is not a whole number from 0 to n − 1 */
function checkIdValues(values, n, caller, name) {
    for (let i = 0; i < values.length; i++) {
        const id = values[i];
        if (!(Number.isInteger(id) && id >= 0 && id < n))
            throw new Error(`${caller}: expected ${name} from 0 to ${n - 1}, got ${id} at position ${i}`);
    }
}
exports.checkIdValues = checkIdValues;
