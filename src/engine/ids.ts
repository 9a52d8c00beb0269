// Ids must lie in their range. The engines do not report a wrong one: they return zeros, another
// row or rubbish. So whatever looks up rows by ids calls `checkIds` first.
// While a function is traced for `compile`, the values of its ids are only those of the first call.
// The trace (./native/trace) then takes the check over, and the compiled program repeats it at
// every call.
import type * as tf from "@tensorflow/tfjs-core";

type Ids = Pick<tf.Tensor, "dataId" | "dtype">;

/** Takes over the checks while a function is traced. */
export type IdWatcher = (dataId: object, n: number, caller: string, name: string) => void;

let watcher: IdWatcher | undefined;

/** From now on the ids of `checkIds` go to this watcher instead; undefined ends it. */
export function watchIds(next: IdWatcher | undefined): void {
  watcher = next;
}

/**
 * Checks that a tensor is int32 and that its values are from 0 to n − 1.
 *
 * @param caller the function that was given the ids, and `name` what it calls them: for the message
 * @param read gives the values; only called outside a trace
 * @throws Error when a value is out of range
 * @throws CompileError when a traced function computes the ids itself, so that no later call could
 *   check them
 */
export function checkIds(
  ids: Ids,
  n: number,
  caller: string,
  name: string,
  read: () => ArrayLike<number> = () => (ids as tf.Tensor).dataSync(),
): void {
  if (ids.dtype !== "int32")
    throw new Error(`${caller}: expected ${name} of type int32, got ${ids.dtype}`);
  if (watcher) watcher(ids.dataId, n, caller, name);
  else checkIdValues(read(), n, caller, name);
}

/** @throws Error when a value is not a whole number from 0 to n − 1 */
export function checkIdValues(
  values: ArrayLike<number>,
  n: number,
  caller: string,
  name: string,
): void {
  for (let i = 0; i < values.length; i++) {
    const id = values[i];
    if (!(Number.isInteger(id) && id >= 0 && id < n))
      throw new Error(`${caller}: expected ${name} from 0 to ${n - 1}, got ${id} at position ${i}`);
  }
}
