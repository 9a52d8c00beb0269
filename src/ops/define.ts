// How every operation of llm/ops is made. An operation has a clear version, a few tfjs calls that
// read like its formula, and may have a fast one: a kernel that does all of it at once, with a
// gradient written by hand. wasm has such kernels (../engine/wasm/wasmOps) and native has others
// (../engine/native/nativeOps); elsewhere the clear version runs. `op` puts the two behind one
// door, which checks the arguments. Kernels have no second derivative, except rope's: take it of
// `operation.clear`.
import { isTracing, tf } from "../engine";
import { checkShapes, parseShapes } from "./shapes";

// biome-ignore lint/suspicious/noExplicitAny: only `any` accepts every list of parameters
type TensorFunction = (...args: any[]) => tf.Tensor;
type NamedTensors = Record<string, tf.Tensor>;

/** What an operation is made of. */
export interface OpDefinition<F extends TensorFunction> {
  /** For messages. */
  name: string;
  /** The shapes of its first arguments, such as "x (…, C), gain (C)": see ./shapes. */
  shapes: string;
  /** Looks at what shapes do not say. Returns what was expected and what was there, or nothing. */
  check?: (...args: Parameters<F>) => string | undefined;
  /** The clear version. It need neither check its arguments nor tidy up. */
  clear: F;
  /** Name of the kernel, `llm/<kernel>`. It reads float32 only, and no empty tensors. */
  kernel?: string;
  /** In a compiled function the clear version is used, because XLA makes faster code of it. */
  clearWhenCompiled?: boolean;
  /** How the kernel is called for these arguments; null where the clear version is as fast. */
  fast?: (...args: Parameters<F>) => KernelCall | null;
}

/** One call of a kernel, and its gradient. */
export interface KernelCall {
  /** What is differentiated by, in the order in which the gradient comes. */
  inputs: NamedTensors;
  /** What the kernel reads as well. */
  constants?: NamedTensors;
  attributes?: Record<string, number>;
  /** Names of its results, of which the first is the value. Engines may leave out the last ones. */
  outputs?: string[];
  /** Which of all these the gradient needs. */
  saved: string[];
  /**
   * From ∂y to the gradient of each input. Default: the kernel `<kernel>Grad`, which takes ∂y as
   * `dy`.
   */
  gradient?: (dy: tf.Tensor, saved: NamedTensors) => tf.Tensor[];
  /** The shape of the result, where the kernel's is another one. */
  shape?: number[];
}

/** An operation: the fast version where there is one, and the clear one as `clear`. */
export type Op<F extends TensorFunction> = F & { readonly clear: F };

/** Makes an operation of its clear version, its checks and its kernel. */
export function op<F extends TensorFunction>(definition: OpDefinition<F>): Op<F> {
  const { name, check, clear, kernel, clearWhenCompiled, fast } = definition;
  const shapes = parseShapes(definition.shapes);
  const withChecks = (run: (...args: Parameters<F>) => tf.Tensor): F => {
    const door = (...args: Parameters<F>): tf.Tensor => {
      checkShapes(name, shapes, args);
      const problem = check?.(...args);
      if (problem !== undefined) throw new Error(`${name}: expected ${problem}`);
      return tf.tidy(() => run(...args));
    };
    return Object.defineProperty(door as F, "name", { value: name });
  };
  const fastest = (...args: Parameters<F>): tf.Tensor => {
    const useKernel = kernel && hasKernel(kernel) && !(clearWhenCompiled && isTracing());
    const call = useKernel ? fast?.(...args) : null;
    return kernel && call && fitsKernel(call) ? callKernel(kernel, call) : clear(...args);
  };
  return Object.assign(withChecks(fastest), { clear: withChecks(clear) });
}

const fitsKernel = ({ inputs }: KernelCall): boolean =>
  Object.values(inputs).every(({ dtype, size }) => dtype === "float32" && size > 0);

/** The kernel's value, as an operation that has the gradient declared in `call`. */
export function callKernel(kernel: string, call: KernelCall): tf.Tensor {
  const { inputs, constants, attributes, outputs = ["y"], saved, shape } = call;
  const names = Object.keys(inputs);
  const gradient =
    call.gradient ?? ((dy, saved) => runKernel(`${kernel}Grad`, { ...saved, dy }, attributes));
  const differentiable = tf.customGrad((...args) => {
    const save = args.pop() as tf.GradSaveFunc;
    const tensors = { ...byName(names, args as tf.Tensor[]), ...constants };
    const results = runKernel(kernel, tensors, attributes);
    const all = { ...tensors, ...byName(outputs, results) };
    const kept = saved.filter((name) => all[name] !== undefined);
    save(kept.map((name) => all[name]));
    return {
      value: results[0],
      gradFunc: (dy: tf.Tensor, values: tf.Tensor[]) => gradient(dy, byName(kept, values)),
    };
  });
  const y = differentiable(...Object.values(inputs));
  return shape ? tf.reshape(y, shape) : y;
}

const byName = (names: string[], tensors: tf.Tensor[]): NamedTensors =>
  Object.fromEntries(tensors.map((tensor, i) => [names[i], tensor]));

/** Whether the current engine has the kernel `llm/<kernel>`. */
export function hasKernel(kernel: string): boolean {
  return tf.getKernel(`llm/${kernel}`, tf.getBackend()) !== undefined;
}

/** Runs the kernel `llm/<kernel>`, without a gradient. */
export function runKernel(
  kernel: string,
  inputs: NamedTensors,
  attributes: Record<string, number> = {},
): tf.Tensor[] {
  return [tf.engine().runKernel(`llm/${kernel}`, inputs, attributes)].flat();
}
