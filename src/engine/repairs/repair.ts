// How a kernel of tfjs is repaired. A repair looks at the inputs and options of one call: where
// tfjs is right it returns undefined, and the kernel runs as tfjs ships it ("stock"); elsewhere it
// gives the result itself, written with other operations, or refuses by name. It stands in front of
// the kernel in tfjs's registry, so functions, methods and gradients all meet it. What a repair
// calls is not recorded for a gradient: that is the registered one of the kernel (../gradients).
import * as tf from "@tensorflow/tfjs-core";

/** The engines by their names in tfjs. */
export type Backend = "cpu" | "wasm" | "webgpu" | "tensorflow";

export type Inputs = Record<string, tf.Tensor>;
// biome-ignore lint/suspicious/noExplicitAny: the attributes of kernels have no common type
export type Attributes = Record<string, any>;
export type Result = tf.Tensor | tf.Tensor[];

/** undefined: the stock kernel is right here. */
export type Repair = (inputs: Inputs, attrs: Attributes, kernelName: string) => Result | undefined;

/** The engine in use, by the name that `useEngine` knows it by. */
const engineName = (): string =>
  ({ cpu: "js", wasm: "wasm", tensorflow: "native" })[tf.getBackend()] ?? tf.getBackend();

/** Something that this engine does not do, or would do wrongly. */
export class EngineRefusal extends Error {
  /**
   * @param operation as it is called: `tf.complex`
   * @param instead what to do, a clause that follows "use"
   */
  constructor(
    readonly operation: string,
    what: string,
    readonly instead: string,
  ) {
    super(`${operation}: ${what} on the ${engineName()} engine; use ${instead}`);
    this.name = "EngineRefusal";
  }
}

export const words = (text: string): string[] => text.trim().split(/\s+/);

/** Runs a kernel by its name, repaired as it may be. */
export function run<R extends Result = tf.Tensor>(
  kernelName: string,
  inputs: object,
  attrs: Attributes = {},
): R {
  return tf.engine().runKernel(kernelName, inputs as tf.NamedTensorMap, attrs) as R;
}

/** Puts a repair in front of kernels of the engine in use; the last one put is asked first. */
export function repair(kernels: string | string[], mend: Repair): void {
  const backendName = tf.getBackend();
  for (const kernelName of typeof kernels === "string" ? words(kernels) : kernels) {
    const stock = tf.getKernel(kernelName, backendName);
    if (stock) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      ...stock,
      kernelName,
      backendName,
      kernelFunc: (params) => {
        const inputs = params.inputs as Inputs;
        const mended = mend(inputs, (params.attrs ?? {}) as Attributes, kernelName);
        if (mended) return mended;
        if (stock) return stock.kernelFunc(params);
        throw new EngineRefusal(nameOf(kernelName), "this is missing", "another engine");
      },
    });
  }
}

const nameOf = (kernelName: string): string =>
  `tf.${kernelName[0].toLowerCase()}${kernelName.slice(1)}`;

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The inputs, a record or a list, with each of them cast whose type is among `from`. */
export function castInputs(inputs: Inputs, from: readonly string[], to: tf.DataType): Inputs {
  const cast = (x: tf.Tensor) => (from.includes(x?.dtype) ? tf.cast(x, to) : x);
  if (Array.isArray(inputs)) return inputs.map(cast) as unknown as Inputs;
  return Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, cast(x)]));
}

/** Whether an input is of one of these types. Asked at every call, so it makes nothing. */
export function hasType(inputs: Inputs, types: readonly tf.DataType[]): boolean {
  for (const name in inputs) if (types.includes(inputs[name]?.dtype)) return true;
  return false;
}
