// The kernels behind src/ops on the native engine, registered as `llm/<name>` as ./../wasm/fused
// registers its own: each the shortest list of TensorFlow operations, forward and backward, that
// one kernel call can run through. src/ops has checked shapes, types and ids, holds the formulas,
// and knows which of them a trace does without.
import * as tf from "@tensorflow/tfjs-core";
import type { NativeBackend, Result } from "./backend";
import { Raw, withRaw } from "./raw";

type Inputs = Record<string, Result>;
type Body = (o: Raw, inputs: Inputs, attrs: Record<string, number>) => Result[];

/** gelu(x) = x · σ(x · (A + B x²)), because (1 + tanh u)/2 = σ(2u). */
const A = 2 * Math.sqrt(2 / Math.PI);
const B = A * 0.044715;

/** Queries, keys and values as (B, H, T, D); the queries are divided by √D. */
function heads(o: Raw, qkv: Result, nHead: number): Result[] {
  const [batch, T, width] = qkv.shape;
  const D = width / 3 / nHead;
  const parts = o.transpose(o.reshape(qkv, [batch, T, 3, nHead, D]), [2, 0, 3, 1, 4]); // (3, B, H, T, D)
  const [q, k, v] = o.unpack(parts);
  return [o.mul(q, 1 / Math.sqrt(D)), k, v];
}

/** σ + x σ (1 − σ). */
const siluSlope = (o: Raw, x: Result, sigmoid: Result): Result => o.add(sigmoid, o.sigmoidGrad(sigmoid, x));

const bodies: Record<string, Body> = {
  Linear: (o, { x, weight, bias }) => [o.add(o.matMul(x, weight), bias)],

  ColumnSum: (o, { x }) => [o.columnSum(x)],

  Gelu: (o, { x }) => {
    const gate = o.sigmoid(o.mul(x, o.add(o.mul(o.square(x), B), A)));
    return [o.mul(x, gate), gate];
  },
  // ∂x = ∂y · (σ + x σ (1 − σ) (A + 3 B x²))
  GeluGrad: (o, { x, gate, dy }) => {
    const slope = o.mul(x, o.add(o.mul(o.square(x), 3 * B), A));
    return [o.mul(dy, o.add(gate, o.sigmoidGrad(gate, slope)))];
  },

  LayerNorm: (o, { x, gain, bias }, { eps }) => {
    const last = x.shape.length - 1;
    const centred = o.sub(x, o.mean(x, last));
    const scale = o.rsqrt(o.add(o.mean(o.square(centred), last), eps));
    const normalised = o.mul(centred, scale);
    return [o.add(o.mul(normalised, gain), bias), normalised, scale];
  },
  LayerNormGrad: (o, { dy, normalised, scale, gain }) => {
    const last = dy.shape.length - 1;
    const g = o.mul(dy, gain);
    const along = o.mul(normalised, o.mean(o.mul(g, normalised), last));
    const dx = o.mul(o.sub(o.sub(g, o.mean(g, last)), along), scale);
    const rows = (t: Result) => o.reshape(t, [-1, t.shape[last]]); // x may be one row, of rank 1
    return [dx, o.columnSum(rows(o.mul(dy, normalised))), o.columnSum(rows(dy))];
  },

  RmsNorm: (o, { x, gain }, { eps }) => {
    const scale = o.rsqrt(o.add(o.mean(o.square(x), x.shape.length - 1), eps));
    return [o.mul(o.mul(x, scale), gain), scale];
  },
  RmsNormGrad: (o, { dy, x, scale, gain }) => {
    const last = dy.shape.length - 1;
    const normalised = o.mul(x, scale);
    const g = o.mul(dy, gain);
    const along = o.mul(normalised, o.mean(o.mul(g, normalised), last));
    const rows = o.reshape(o.mul(dy, normalised), [-1, dy.shape[last]]);
    return [o.mul(scale, o.sub(g, along)), o.columnSum(rows)];
  },

  Silu: (o, { x }) => [o.mul(x, o.sigmoid(x))],
  SiluGrad: (o, { x, dy }) => [o.mul(dy, siluSlope(o, x, o.sigmoid(x)))],
  Swiglu: (o, { gate, up }) => [o.mul(o.mul(gate, o.sigmoid(gate)), up)],
  SwigluGrad: (o, { gate, up, dy }) => {
    const s = o.sigmoid(gate);
    return [o.mul(o.mul(dy, up), siluSlope(o, gate, s)), o.mul(dy, o.mul(gate, s))];
  },

  Rope: (o, { x, cos, sin }, { interleaved, sign }) => {
    const [last, half] = [x.shape.length - 1, x.shape[x.shape.length - 1] / 2];
    const [c, s] = [cos, sin].map((table) => {
      if (table.shape.length === 2) return table; // (T, D/2) fits every leading axis
      const ones = new Array(x.shape.length - 3).fill(1);
      return o.reshape(table, [table.shape[0], ...ones, table.shape[1], half]); // (B, 1, …, T, D/2)
    });
    const T = o.type("T", 1);
    const [a, b] = interleaved
      ? o.unpack(o.reshape(x, [...x.shape.slice(0, -1), half, 2]), -1)
      : o.run(
          "SplitV",
          [T, o.whole("num_split", 2), o.type("Tlen", 3)],
          [x, o.integers([half, half]), o.integer(last)],
          2,
        );
    const [ac, as, bc, bs] = [o.mul(a, c), o.mul(a, s), o.mul(b, c), o.mul(b, s)];
    const turned = sign === 1 ? [o.sub(ac, bs), o.add(bc, as)] : [o.add(ac, bs), o.sub(bc, as)];
    if (interleaved) return [o.reshape(o.pack(turned, -1), x.shape)];
    return o.run("ConcatV2", [T, o.whole("N", 2), o.type("Tidx", 3)], [...turned, o.integer(last)]);
  },

  Attention: (o, { qkv }, { nHead }) => {
    const [batch, T, width] = qkv.shape;
    const [q, k, v] = heads(o, qkv, nHead);
    const weights = o.softmax(o.add(o.matMul(q, k, false, true), o.future(T))); // (B, H, T, T)
    const y = o.transpose(o.matMul(weights, v), [0, 2, 1, 3]); // (B, T, H, D)
    return [o.reshape(y, [batch, T, width / 3]), weights];
  },
  AttentionGrad: (o, { qkv, weights, dy }, { nHead }) => {
    const [batch, T, width] = qkv.shape;
    const D = width / 3 / nHead;
    const [q, k, v] = heads(o, qkv, nHead);
    const dHeads = o.transpose(o.reshape(dy, [batch, T, nHead, D]), [0, 2, 1, 3]); // (B, H, T, D)
    const dWeights = o.matMul(dHeads, v, false, true);
    const dScores = o.mul(weights, o.sub(dWeights, o.sum(o.mul(dWeights, weights), 3)));
    const dq = o.mul(o.matMul(dScores, k), 1 / Math.sqrt(D));
    const dk = o.matMul(dScores, q, true, false);
    const dv = o.matMul(weights, dHeads, true, false);
    return [o.reshape(o.transpose(o.pack([dq, dk, dv]), [1, 3, 0, 2, 4]), [batch, T, width])];
  },

  // TensorFlow's kernel answers with the losses and with their gradient, softmax − onehot, which is
  // what is saved.
  CrossEntropy: (o, { logits, targets }) => {
    const types = [o.type("T", 1), o.type("Tlabels", 3)];
    const [losses, slopes] = o.run("SparseSoftmaxCrossEntropyWithLogits", types, [logits, targets], 2);
    return [o.reshape(o.mean(losses, 0), []), slopes];
  },
  CrossEntropyGrad: (o, { p: slopes, dy }) => [o.mul(slopes, o.mul(dy, 1 / slopes.shape[0]))],

  SumOfSquares: (o, { x }) => [o.mul(o.halfSquares(x), 2)],
};

/** Puts them into the native backend, the current one. */
export function registerNativeOps(backend: NativeBackend): void {
  const register = (name: string, kernelFunc: tf.KernelFunc) =>
    tf.registerKernel({ kernelName: `llm/${name}`, backendName: "tensorflow", kernelFunc });
  for (const [name, body] of Object.entries(bodies))
    register(name, ({ inputs, attrs }) => {
      const tensors = withRaw(backend, (o) => {
        const results = Object.entries(inputs as unknown as Record<string, tf.Tensor>).map(
          ([key, x]): [string, Result] => [key, o.input(x)],
        );
        return body(o, Object.fromEntries(results), (attrs ?? {}) as unknown as Record<string, number>);
      });
      return tensors.length === 1 ? tensors[0] : tensors;
    });
  register("AdamW", ({ inputs, attrs }) => adamw(backend, inputs as never, attrs as never));
}

/**
 * TensorFlow's ResourceApplyAdam: one pass over a parameter instead of fourteen. It works on
 * «resources», TensorFlow's own variables: three are made for the call, given the three tensors,
 * and read back. The buffers change hands without a copy; should somebody else hold one (a reshape
 * shares it), TensorFlow copies before it writes. Answers with a tensor of one element when it has
 * written, of none when it must not: a tensor that tfjs shares (a clone) would change under its
 * other owner's feet.
 */
function adamw(
  backend: NativeBackend,
  { param, grad, m, v }: Record<"param" | "grad" | "m" | "v", tf.Tensor>,
  { lr, beta1, beta2, eps, weightDecay, step }: Record<string, number>,
): tf.TensorInfo {
  const written = [param, m, v];
  const free =
    written.every(({ dataId }) => backend.refCount(dataId) === 1) &&
    new Set(written.map(({ dataId }) => dataId)).size === 3;
  if (free) {
    const o = new Raw(backend);
    const dtype = [o.type("dtype", 1)];
    // The corrections for starting at zero are made here, in 64 bits: 1 − 0.999ᵗ in 32 is wrong in
    // the fifth digit.
    const root = Math.sqrt(1 - beta2 ** step);
    const numbers = [0, 0, (lr * root) / (1 - beta1 ** step), beta1, beta2, eps * root].map((x) =>
      o.scalar(x),
    );
    const g = o.input(grad);
    const values = written.map((x) => o.input(x));
    if (weightDecay !== 0) values[0] = o.mul(values[0], 1 - lr * weightDecay);
    const resources = values.map((value) => o.resource(value));
    const data = written.map(({ dataId }) => backend.tensorMap.get(dataId));
    for (const { id } of data) backend.binding.deleteTensor(id); // the resources are now the only owners
    let kept: Result[] = [];
    try {
      o.run("ResourceApplyAdam", [o.type("T", 1)], [...resources, ...numbers, g], 0);
    } finally {
      kept = resources.map((resource) => o.run("ReadVariableOp", dtype, [resource])[0]);
      data.forEach((entry, i) => {
        entry.id = kept[i].id;
      });
      o.freeBut(kept);
    }
  }
  const size = free ? 1 : 0;
  return {
    dataId: backend.write(new Float32Array(size), [size], "float32"),
    shape: [size],
    dtype: "float32",
  };
}
