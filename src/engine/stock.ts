// Kernels of tfjs 4.22 that are wrong outside the native engine, corrected by calling them with
// other arguments. "Stock" is what tfjs ships.
//
//   BatchMatMul, _FusedMatMul   on js: the wrong matrices are multiplied where batches are
//                               broadcast both ways, as (2, 1, …) with (1, 3, …). wasm has ours
//                               instead (./wasm/overrides)
//   Cumsum, Cumprod             on js and wasm: with axis −1 they return an empty tensor on js, and
//                               write beyond the result on wasm
import * as tf from "@tensorflow/tfjs-core";

type Info = tf.TensorInfo;
interface Backend {
  disposeIntermediateTensorInfo(x: Info): void;
}

const done = Symbol.for("llm.stock");

/** Corrects the current backend, which is "cpu" or "wasm". A second call does nothing. */
export function mendStockKernels(): void {
  const name = tf.getBackend();
  const mark = tf.backend() as unknown as Record<symbol, boolean | undefined>;
  if (mark[done]) return;
  mark[done] = true;
  for (const kernelName of ["Cumsum", "Cumprod"])
    wrap(kernelName, name, (params, stock) => {
      const { axis } = params.attrs as unknown as { axis: number };
      const { x } = params.inputs as unknown as { x: Info };
      const [wanted] = tf.util.parseAxisParam(axis, x.shape);
      return stock({ ...params, attrs: { ...params.attrs, axis: wanted } });
    });
  if (name === "cpu")
    for (const kernelName of ["BatchMatMul", "_FusedMatMul"]) wrap(kernelName, name, matMul);
}

function wrap(
  kernelName: string,
  backendName: string,
  kernelFunc: (
    params: Parameters<tf.KernelFunc>[0],
    stock: tf.KernelFunc,
  ) => ReturnType<tf.KernelFunc>,
): void {
  const stock = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...stock, kernelFunc: (params) => kernelFunc(params, stock.kernelFunc) });
}

/** Repeats the inputs first where the stock kernel would multiply the wrong ones. */
function matMul(
  params: Parameters<tf.KernelFunc>[0],
  stock: tf.KernelFunc,
): ReturnType<tf.KernelFunc> {
  const { a, b } = params.inputs as unknown as { a: Info; b: Info };
  const backend = params.backend as unknown as Backend;
  const batches = [a, b].map((x) => x.shape.slice(0, -2));
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batches[0], batches[1]);
  const n = tf.util.sizeFromShape(batch);
  if (batches.every((shape) => [1, n].includes(tf.util.sizeFromShape(shape)))) return stock(params);
  const inputs = {
    ...params.inputs,
    a: repeated(backend, a, batch),
    b: repeated(backend, b, batch),
  };
  const result = stock({ ...params, inputs });
  for (const x of [inputs.a, inputs.b]) backend.disposeIntermediateTensorInfo(x);
  return result;
}

/** x (…, M, K) as (batch, M, K). */
function repeated(backend: Backend, x: Info, batch: number[]): Info {
  const ones = Array.from({ length: batch.length + 2 - x.shape.length }, () => 1);
  const shape = [...ones, ...x.shape];
  const reps = shape.map((n, i) => (n === 1 && i < batch.length ? batch[i] : 1));
  const params = { inputs: { x: { ...x, shape } }, attrs: { reps }, backend };
  return tf.getKernel("Tile", "cpu").kernelFunc(params as never) as Info;
}
