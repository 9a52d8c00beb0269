// Turns tfjs's wasm backend, made for inference, into one that trains (first version: the missing kernel only).
import * as tf from "@tensorflow/tfjs-core";

interface TensorInfo {
  dataId: object;
  shape: number[];
  dtype: tf.DataType;
}

interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): TensorInfo;
  typedArrayFromHeap(x: TensorInfo): Float32Array | Int32Array;
}

export function installWasmKernels(): string {
  if (!tf.getKernel("UnsortedSegmentSum", "wasm")) {
    tf.registerKernel({
      kernelName: "UnsortedSegmentSum",
      backendName: "wasm",
      kernelFunc: ({ inputs, backend, attrs }) => {
        const { x, segmentIds } = inputs as unknown as Record<string, TensorInfo>;
        const b = backend as unknown as WasmBackend;
        const numSegments = (attrs as unknown as { numSegments: number }).numSegments;
        const n = tf.util.sizeFromShape(segmentIds.shape);
        const rest = x.shape.slice(segmentIds.shape.length);
        const C = tf.util.sizeFromShape(rest);
        const out = b.makeOutput([numSegments, ...rest], x.dtype);
        const X = b.typedArrayFromHeap(x);
        const S = b.typedArrayFromHeap(segmentIds);
        const O = b.typedArrayFromHeap(out).fill(0);
        for (let i = 0; i < n; i++) {
          if (S[i] < 0 || S[i] >= numSegments) continue;
          for (let j = 0, p = S[i] * C, q = i * C; j < C; j++) O[p + j] += X[q + j];
        }
        return out as unknown as tf.TensorInfo;
      },
    });
  }
  return "SIMD, one thread";
}
