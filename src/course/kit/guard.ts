// The answer as the tests call it. Around every call the kit asks what no test should have to
// remember: is the result of the declared type; are the arguments as they were, alive, and not
// handed back; how many tensors stayed behind.

import type { ExerciseSource } from "../source";
import { engineIfAny, fail } from "./assert";
import { checkResult } from "./result";
import { type Copy, changeOf, copyOf, handedBack, remember, tensorsIn } from "./values";

// biome-ignore lint/suspicious/noExplicitAny: any function is an exercise, whatever it takes
export type AnyFunction = (...args: any[]) => any;

/** What was seen over all calls of an answer. */
export interface Watch {
  calls: number;
  /** The most tensors that one call left behind. */
  left: number;
  /** The last call, for a second look where something is wrong; without a result if it threw. */
  last?: { args: unknown[]; result?: Copy };
}

/** Errors that came out of the answer itself: a crash is told apart from a failed assertion. */
const thrownByAnswer = new WeakSet<object>();
export const isThrownByAnswer = (error: object): boolean => thrownByAnswer.has(error);

function rethrow(error: unknown): never {
  if (typeof error === "object" && error !== null) thrownByAnswer.add(error);
  throw error;
}

/** Wraps an answer; `watch` is filled in as it is called. */
export function guarded(answer: AnyFunction, source: ExerciseSource, watch: Watch): AnyFunction {
  const { name, parameters } = source;
  return (...args: unknown[]) => {
    const before = remember(args, parameters);
    const count = tensorCount();
    watch.calls++;
    watch.last = undefined;
    const judge = (result: unknown, declared?: string) => {
      const changed = changeOf(before, name);
      if (changed) fail(changed);
      checkResult(result, source, declared);
      const given = handedBack(result, args, parameters, name);
      if (given) fail(given);
      // Under tf.grads everything is kept for the way back, so only plain calls are counted.
      if (count !== undefined && tensorCount() !== undefined)
        watch.left = Math.max(watch.left, tensorCount()! - count - tensorsIn(result).size);
      watch.last = { args, result: copyOf(result) };
      return result;
    };
    let result: unknown;
    try {
      result = answer(...args);
    } catch (error) {
      watch.last = { args };
      rethrow(error);
    }
    if (!(result instanceof Promise)) return judge(result);
    if (!source.returns.startsWith("Promise")) checkResult(result, source);
    const inner = /^Promise<(.*)>$/.exec(source.returns)?.[1] ?? "";
    return result.then((value) => judge(value, inner), rethrow);
  };
}

/** Tensors alive, or undefined without an engine and while gradients are taken. */
function tensorCount(): number | undefined {
  const tf = engineIfAny();
  if (!tf || tf.engine().state.gradientDepth > 0) return undefined;
  return tf.memory().numTensors;
}
