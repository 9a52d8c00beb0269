// The kernels behind src/ops: one call of ./kernels each, registered as `llm/<name>`. src/ops has checked shapes,
// types and ids, and holds the formulas.
import * as tf from "@tensorflow/tfjs-core";
import { count, type Heap, type TensorInfo } from "./heap";
import { batchMatMul } from "./overrides";

type Inputs = Record<string, TensorInfo>;
type Kernel = (inputs: Inputs, attrs: Record<string, number>) => TensorInfo | TensorInfo[];

export function registerFused(heap: Heap): void {
  const { kernels: K, pointer: p, output } = heap;
  const rowsOf = (x: TensorInfo): [number, number] => {
    const N = x.shape[x.shape.length - 1];
    return [count(x.shape) / N, N];
  };

  const table: Record<string, Kernel> = {
    Linear: ({ x, weight, bias }) => batchMatMul(heap, x, weight, {}, bias)!,

    ColumnSum: ({ x }) => {
      const out = output([x.shape[1]]);
      K.sumMiddle(p(x), p(out), 1, x.shape[0], x.shape[1], 1);
      return out;
    },

    Gelu: ({ x }) => {
      const y = output(x.shape);
      K.gelu(p(x), p(y), count(x.shape));
      return y;
    },
    GeluGrad: ({ x, dy }) => {
      const dx = output(x.shape);
      K.geluGrad(p(x), p(dy), p(dx), count(x.shape));
      return dx;
    },

    LayerNorm: ({ x, gain, bias }, { eps }) => {
      const [R, N] = rowsOf(x);
      const [y, normalised, scale] = [output(x.shape), output(x.shape), output([R])];
      K.layerNorm(p(x), p(gain), p(bias), p(y), p(normalised), p(scale), R, N, eps);
      return [y, normalised, scale];
    },
    LayerNormGrad: ({ dy, normalised, scale, gain }) => {
      const [R, N] = rowsOf(dy);
      const [dx, dgain, dbias] = [output(dy.shape), output([N]), output([N])];
      K.layerNormGrad(p(dy), p(normalised), p(scale), p(gain), p(dx), p(dgain), p(dbias), R, N);
      return [dx, dgain, dbias];
    },

    RmsNorm: ({ x, gain }, { eps }) => {
      const [R, N] = rowsOf(x);
      const [y, scale] = [output(x.shape), output([R])];
      K.rmsNorm(p(x), p(gain), p(y), p(scale), R, N, eps);
      return [y, scale];
    },
    RmsNormGrad: ({ dy, x, scale, gain }) => {
      const [R, N] = rowsOf(dy);
      const [dx, dgain] = [output(dy.shape), output([N])];
      K.rmsNormGrad(p(dy), p(x), p(scale), p(gain), p(dx), p(dgain), R, N);
      return [dx, dgain];
    },

    Silu: ({ x }) => {
      const y = output(x.shape);
      K.silu(p(x), p(y), count(x.shape));
      return y;
    },
    SiluGrad: ({ x, dy }) => {
      const dx = output(x.shape);
      K.siluGrad(p(x), p(dy), p(dx), count(x.shape));
      return dx;
    },
    Swiglu: ({ gate, up }) => {
      const y = output(gate.shape);
      K.swiglu(p(gate), p(up), p(y), count(gate.shape));
      return y;
    },
    SwigluGrad: ({ gate, up, dy }) => {
      const [dgate, dup] = [output(gate.shape), output(gate.shape)];
      K.swigluGrad(p(gate), p(up), p(dy), p(dgate), p(dup), count(gate.shape));
      return [dgate, dup];
    },

    Rope: ({ x, cos, sin }, { interleaved, sign }) => {
      const [T, half] = cos.shape.slice(-2);
      const tables = count(cos.shape.slice(0, -2)); // one for all, or one for each text
      const y = output(x.shape);
      const each = count(x.shape) / (tables * T * 2 * half);
      K.rope(p(x), p(cos), p(sin), p(y), tables, each, T, half, interleaved, sign);
      return y;
    },

    Attention: ({ qkv }, { nHead }) => {
      const [B, T, L] = qkv.shape;
      const [y, weights] = [output([B, T, L / 3]), output([B, nHead, T, T])];
      const scratch = heap.scratch(K.gemmScratch());
      K.attention(p(qkv), p(y), p(weights), B, T, nHead, L / 3 / nHead, scratch);
      return [y, weights];
    },
    AttentionGrad: ({ qkv, weights, dy }, { nHead }) => {
      const [B, T, L] = qkv.shape;
      const dqkv = output(qkv.shape);
      const square = (4 * T * T + 15) & ~15;
      const scratch = heap.scratch(square + K.gemmScratch());
      K.attentionGrad(
        p(qkv),
        p(weights),
        p(dy),
        p(dqkv),
        B,
        T,
        nHead,
        L / 3 / nHead,
        scratch,
        scratch + square,
      );
      return dqkv;
    },

    CrossEntropy: ({ logits, targets }) => {
      const [R, N] = logits.shape;
      const [loss, probabilities] = [output([]), output([R, N])];
      const value = K.crossEntropy(p(logits), p(targets), p(probabilities), R, N);
      heap.view(loss)[0] = value;
      return [loss, probabilities];
    },
    CrossEntropyGrad: ({ p: probabilities, targets, dy }) => {
      const [R, N] = probabilities.shape;
      const out = output([R, N]);
      K.crossEntropyGrad(p(probabilities), p(targets), p(out), R, N, heap.view(dy)[0] / R);
      return out;
    },

    // Answers with a tensor of one element when it has written, of none when it must not: a buffer with a second
    // user (a clone, a reshape, the tensor a variable was made from) would change under that user's feet.
    AdamW: ({ param, grad, m, v }, { lr, beta1, beta2, eps, weightDecay, step }) => {
      const written = [param, m, v];
      const free =
        written.every((x) => heap.users(x) === 1) && new Set(written.map((x) => x.dataId)).size === 3;
      if (free) {
        const [keep, rate, root] = [
          1 - lr * weightDecay,
          lr / (1 - beta1 ** step),
          1 / Math.sqrt(1 - beta2 ** step),
        ];
        K.adamw(p(param), p(grad), p(m), p(v), count(param.shape), beta1, beta2, keep, rate, root, eps);
      }
      return output([free ? 1 : 0]);
    },
  };

  for (const [name, kernel] of Object.entries(table)) {
    tf.registerKernel({
      kernelName: `llm/${name}`,
      backendName: "wasm",
      kernelFunc: ({ inputs, attrs }) =>
        kernel(inputs as unknown as Inputs, (attrs ?? {}) as unknown as Record<string, number>) as never,
    });
  }
}
