import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { currentEngine, tf, useEngine } from "llm/engine";
import { openHeap } from "llm/engine/wasm/heap";
import { NotHere } from "llm/engine/wasm/module";
import {
  adamwInPlace,
  causalSelfAttention,
  embedding,
  gelu,
  layerNorm,
  linear,
  softmaxCrossEntropy,
} from "llm/ops";
import { Random, randomNormal } from "llm/random";
import { afterEach, beforeAll, describe, expect, test } from "vitest";

const wasm = () => useEngine({ prefer: "wasm", quiet: true });
beforeAll(wasm);
afterEach(wasm);

interface WasmBackend {
  wasm: { HEAPU8: Uint8Array; asm: { memory?: unknown }; _malloc(bytes: number): number };
  refCount(dataId: object): number;
}
const backend = () => tf.backend() as unknown as WasmBackend;

/**
 * Runs `compute` on both engines from the same random inputs and compares shapes, types and values.
 */
async function sameOnJs(
  name: string,
  compute: (rng: Random) => tf.Tensor | tf.Tensor[],
  tolerance = 2e-6,
): Promise<void> {
  const seen: { shape: number[]; dtype: string; values: number[] }[][] = [];
  for (const prefer of ["js", "wasm"] as const) {
    await useEngine({ prefer, quiet: true });
    const before = tf.memory().numTensors;
    seen.push(
      tf.tidy(() =>
        [compute(new Random(7))]
          .flat()
          .map((t) => ({ shape: t.shape, dtype: t.dtype, values: Array.from(t.dataSync()) })),
      ),
    );
    expect(tf.memory().numTensors, `${name} leaks on ${prefer}`).toBe(before);
  }
  const [js, fast] = seen;
  expect(fast.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    js.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  js.forEach((t, k) => {
    const size = Math.max(1, ...t.values.map(Math.abs));
    t.values.forEach((v, i) => {
      const same =
        Object.is(v, fast[k].values[i]) || Math.abs(v - fast[k].values[i]) / size <= tolerance;
      if (!same)
        expect.fail(
          `${name}: value ${i} of result ${k} is ${fast[k].values[i]} on wasm, ${v} on js`,
        );
    });
  });
}

const normal =
  (...shape: number[]) =>
  (rng: Random) =>
    randomNormal(shape, { rng });

test("the fast kernels are in: the engine says so", () => {
  expect(currentEngine().description).toMatch(
    /^engine: wasm \(SIMD( with FMA)?, (one thread|3 threads)\)/,
  );
  expect(tf.getKernel("llm/Gelu", "wasm")).toBeDefined();
});

test("matMul: every transpose, batch, broadcast and odd size", async () => {
  const cases: [number[], number[], boolean, boolean][] = [];
  for (const [ta, tb] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const) {
    for (const [M, N, K] of [
      [1, 1, 1],
      [1, 6, 9],
      [1, 35, 64],
      [1, 4096, 30],
      [3, 5, 7],
      [4, 8, 16],
      [17, 9, 300],
      [100, 24, 33],
    ]) {
      const a = ta ? [K, M] : [M, K];
      const b = tb ? [N, K] : [K, N];
      for (const [x, y] of [
        [[], []],
        [[3], [3]],
        [
          [2, 3],
          [2, 3],
        ],
        [[3], [1]],
        [[1], [3]],
        [
          [2, 1],
          [1, 3],
        ],
        [[2, 3], []],
      ]) {
        cases.push([[...x, ...a], [...y, ...b], ta, tb]);
      }
    }
  }
  await sameOnJs(
    "matMul",
    (rng) => cases.map(([a, b, ta, tb]) => tf.matMul(normal(...a)(rng), normal(...b)(rng), ta, tb)),
    1e-5,
  );
});

test("matMul: empty sizes, wrong sizes, fused bias and activation", async () => {
  await sameOnJs("empty", () => [
    tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])),
    tf.matMul(tf.zeros([2, 3]), tf.zeros([3, 0])),
  ]);
  await sameOnJs("fused", (rng) => {
    const [a, b, bias] = [normal(5, 6)(rng), normal(6, 7)(rng), normal(7)(rng)] as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor1D,
    ];
    return [
      tf.fused.matMul({ a, b }),
      tf.fused.matMul({ a, b, bias }),
      tf.fused.matMul({ a, b, bias, activation: "relu" }),
      tf.fused.matMul({ a: a.transpose(), b, bias, transposeA: true, activation: "elu" }),
    ];
  });
  await wasm();
  tf.tidy(() => {
    expect(() => tf.matMul(tf.zeros([2, 3]), tf.zeros([4, 5]))).toThrow("inner shapes (3) and (4)");
  });
});

test("transpose: every order of up to five axes, both types, and one that moves nothing shares the buffer", async () => {
  const orders = (n: number): number[][] =>
    n === 0
      ? [[]]
      : orders(n - 1).flatMap((p) =>
          Array.from({ length: n }, (_, i) => [...p.slice(0, i), n - 1, ...p.slice(i)]),
        );
  await sameOnJs("transpose", (rng) => [
    ...[[5], [3, 4], [2, 3, 4], [2, 3, 1, 5], [2, 1, 3, 2, 4]].flatMap((shape) => {
      const x = normal(...shape)(rng);
      return orders(shape.length).map((p) => tf.transpose(x, p));
    }),
    tf.transpose(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3], "int32")),
    tf.transpose(tf.tensor2d([1, 0, 1, 1, 0, 0], [2, 3], "bool")),
    tf.transpose(tf.zeros([0, 3])),
  ]);
  await wasm();
  tf.tidy(() => {
    const x = tf.ones([2, 1, 3]);
    const y = tf.transpose(x, [1, 0, 2]);
    expect(backend().refCount(x.dataId)).toBe(2);
    y.dispose();
    expect(Array.from(x.dataSync())).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

test("moving and adding up: split, concat, stack, unstack, slice, gather, sum, mean, pow, where", async () => {
  await sameOnJs("shapes", (rng) => {
    const x = normal(3, 4, 5)(rng);
    const ints = tf.range(0, 60, 1, "int32").reshape([3, 4, 5]);
    const bools = x.greater(0);
    return [
      ...[x, ints].flatMap((t) => [
        ...tf.split(t, 2, 1),
        ...tf.split(t, [1, 0, 4], -1),
        ...tf.unstack(t, 0),
        ...tf.unstack(t, -1),
        ...[0, 1, 2].map((axis) => tf.concat([t, t.slice([0, 0, 0], [3, 4, 5])], axis)),
        tf.concat([t, tf.zeros([3, 0, 5], t.dtype as "int32")], 1),
        ...[0, 1, -1].map((axis) => tf.stack([t, t, t], axis)),
        t.slice([1, 0, 0], [2, 4, 5]),
        t.slice([0, 1, 0], [-1, 2, 5]),
        t.slice([0, 0, 2]),
        t.slice([1, 1, 1], [1, 2, 3]),
        tf.gather(
          t,
          tf.tensor2d(
            [
              [2, 0],
              [1, 1],
            ],
            [2, 2],
            "int32",
          ),
        ),
        tf.gather(t, [3, 0], 1),
      ]),
      tf.concat([bools, bools], 1),
      ...tf.unstack(bools),
      ...[undefined, 0, 1, 2, -1, [0, 1], [1, 2], [0, 2], []].flatMap((axis) => [
        x.sum(axis),
        x.mean(axis, true),
        ints.sum(axis),
      ]),
      tf.sum(tf.zeros([0, 3]), 0),
      ...[2, 3, 0.5, -1, 0].map((e) => tf.pow(tf.abs(x), e)),
      tf.pow(x, tf.tensor1d([1, 2, 3, 2, 1])),
      tf.where(bools, bools, bools.logicalNot()),
      tf.where(bools, x, tf.zerosLike(x)),
      x.cast("float32"),
      x.cast("int32"),
      bools.cast("float32"),
      tf.unsortedSegmentSum(x, tf.tensor1d([1, 1, 0], "int32"), 3),
    ];
  });
  await wasm();
  const before = tf.memory().numTensors;
  const ids = tf.tensor1d([0, 4], "int32");
  tf.tidy(() => {
    expect(() => tf.gather(tf.zeros([4, 2]), ids)).toThrow("from 0 to 3, got 4 at position 1");
    expect(() => tf.concat([tf.zeros([2, 3]), tf.zeros([3, 3])], 1)).toThrow("concat");
  });
  ids.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test("indices beyond the tensor are errors in words and change nothing; right ones do as on js", async () => {
  const ints = (values: number[], shape: number[]) => tf.tensor(values, shape, "int32");
  await sameOnJs("indices", (rng) => {
    const x = normal(2, 3)(rng);
    return [
      tf.gatherND(x, ints([1, 2, 0, 0], [2, 2])),
      tf.gatherND(x, ints([1], [1, 1])),
      tf.scatterND(ints([3, 0], [2, 1]), tf.tensor1d([1, 2]), [4]),
      tf.tensorScatterUpdate(x, ints([1], [1, 1]), normal(1, 3)(rng)),
      tf.sparseToDense(ints([3, 0], [2]), tf.tensor1d([1, 2]), [4]),
    ];
  });
  await wasm();
  tf.tidy(() => {
    const neighbours = Array.from({ length: 9 }, () => tf.ones([4]));
    const x = tf.ones([2, 3]);
    const one = tf.tensor1d([1]);
    const beyond: [() => tf.Tensor, string][] = [
      [
        () => tf.gatherND(x, ints([0, 0, 1, 3], [2, 2])),
        "gatherND: expected indices into a tensor (2, 3), got (1, 3)",
      ],
      [() => tf.gatherND(x, ints([-1], [1, 1])), "got (-1) at position 0"],
      [
        () => tf.scatterND(ints([9], [1, 1]), one, [4]),
        "scatterND: expected indices into a tensor (4), got (9)",
      ],
      [
        () => tf.tensorScatterUpdate(tf.zeros([4]), ints([4], [1, 1]), one),
        "tensorScatterUpdate: expected",
      ],
      [() => tf.sparseToDense(ints([-2], [1]), one, [4]), "sparseToDense: expected"],
    ];
    for (const [act, message] of beyond) expect(act).toThrow(message);
    for (const t of neighbours) expect(Array.from(t.dataSync())).toEqual([1, 1, 1, 1]);
  });
});

test("their gradients, as a recurrent network uses them", async () => {
  await sameOnJs("gradients", (rng) => {
    const [x, w] = [normal(3, 4, 6)(rng), normal(6, 8)(rng)];
    const loss = (x: tf.Tensor, w: tf.Tensor) => {
      const steps = tf.unstack(x, 1).map((t) => {
        const [a, b] = tf.split(tf.matMul(t as tf.Tensor2D, w as tf.Tensor2D), 2, 1);
        return tf.mul(tf.tanh(a), tf.sigmoid(b));
      });
      const all = tf.stack(steps, 1);
      return tf.add(
        tf.mean(tf.pow(all, 2)),
        tf.sum(tf.concat([all, tf.slice(all, [0, 1, 0], [3, 2, 4])], 1)),
      ) as tf.Scalar;
    };
    return tf.grads(loss as (...t: tf.Tensor[]) => tf.Scalar)([x, w]);
  });
});

test("matMul of any shape (fast-check)", async () => {
  await wasm();
  const n = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(
      n,
      n,
      fc.integer({ min: 1, max: 600 }),
      fc.boolean(),
      fc.boolean(),
      fc.nat(),
      (M, N, K, ta, tb, seed) => {
        tf.tidy(() => {
          const rng = new Random(seed);
          const a = randomNormal(ta ? [K, M] : [M, K], { rng });
          const b = randomNormal(tb ? [N, K] : [K, N], { rng });
          const [A, B, C] = [a.dataSync(), b.dataSync(), tf.matMul(a, b, ta, tb).dataSync()];
          for (const [i, j] of [
            [0, 0],
            [M - 1, N - 1],
            [rng.integer(M), rng.integer(N)],
          ]) {
            let sum = 0;
            for (let k = 0; k < K; k++)
              sum += A[ta ? k * M + i : i * K + k] * B[tb ? j * K + k : k * N + j];
            expect(Math.abs(C[i * N + j] - sum)).toBeLessThan(1e-4);
          }
        });
      },
    ),
    { numRuns: 60 },
  );
});

test("shared buffers: a clone outlives its original", () => {
  const x = tf.tensor1d([1, 2, 3]);
  const y = x.clone();
  const z = y.reshape([3, 1]);
  x.dispose();
  const other = tf.fill([3], 9);
  expect(Array.from(y.dataSync())).toEqual([1, 2, 3]);
  y.dispose();
  expect(Array.from(z.dataSync())).toEqual([1, 2, 3]);
  tf.dispose([z, other]);
});

test("growing memory between operations changes nothing", () => {
  const size = backend().wasm.HEAPU8.length;
  const a = randomNormal([64, 64], { rng: new Random(1) }) as tf.Tensor2D;
  const before = tf.tidy(() => tf.matMul(a, a).transpose().dataSync());
  const big = tf.zeros([Math.ceil(size / 4) + 1]);
  expect(backend().wasm.HEAPU8.length).toBeGreaterThan(size);
  expect(Array.from(tf.tidy(() => tf.matMul(a, a).transpose().dataSync()))).toEqual(
    Array.from(before),
  );
  tf.dispose([a, big]);
});

test("memory full is an error in words, not values written over address 0", () => {
  for (const bytes of [2 ** 32 - 64, 2 ** 32, 2 ** 34])
    expect(() => backend().wasm._malloc(bytes)).toThrow("wasm: out of memory (a tensor of");
  const held = [1, 2, 3].map(() => tf.zeros([2 ** 18]));
  const { numTensors } = tf.memory();
  expect(() => backend().wasm._malloc(2 ** 34)).toThrow(
    new RegExp(
      `${numTensors} tensors hold [\\d.,]+ MiB: dispose of those that are no longer needed`,
    ),
  );
  tf.dispose(held);
});

test("tfjs's listeners to the errors of the whole process are gone", () => {
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    const listeners = process.listeners(event as NodeJS.Signals).map(String);
    expect(
      listeners.filter((code) => code.includes("ExitStatus") || /throw reason/.test(code)),
    ).toEqual([]);
  }
});

test("another tfjs inside: a sentence instead of the fast kernels", () => {
  const { asm } = backend().wasm;
  try {
    backend().wasm.asm = {};
    expect(() => openHeap()).toThrow(NotHere);
    expect(() => openHeap()).toThrow("the memory of tfjs's wasm backend is not reachable");
  } finally {
    backend().wasm.asm = asm;
  }
});

describe("a training step", () => {
  const [B, T, C, H, V] = [3, 7, 12, 2, 11];

  function model(seed: number) {
    const rng = new Random(seed);
    const shapes = {
      wte: [V, C],
      qkv: [C, 3 * C],
      qkvb: [3 * C],
      gain: [C],
      bias: [C],
      fc: [C, 4 * C],
      out: [4 * C, C],
    };
    return Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        tf.tidy(() => tf.variable(randomNormal(shape, { rng, std: 0.2 }))),
      ]),
    );
  }

  function loss(p: Record<string, tf.Variable>, ids: tf.Tensor2D): tf.Scalar {
    let x = embedding(p.wte, ids) as tf.Tensor3D;
    x = tf.add(x, causalSelfAttention(linear(layerNorm(x, p.gain, p.bias), p.qkv, p.qkvb), H));
    x = tf.add(x, linear(gelu(linear(x, p.fc)), p.out));
    const logits = tf.matMul(
      tf.reshape(x, [B * T, C]) as tf.Tensor2D,
      p.wte as unknown as tf.Tensor2D,
      false,
      true,
    ) as tf.Tensor2D;
    return softmaxCrossEntropy(logits, tf.reshape(ids, [B * T]) as tf.Tensor1D);
  }

  const ids = () =>
    tf.tensor2d(
      Int32Array.from({ length: B * T }, (_, i) => (i * 5) % V),
      [B, T],
      "int32",
    );

  test("has the same loss and gradients on js", () =>
    sameOnJs(
      "step",
      () => {
        const p = model(1);
        const { value, grads } = tf.variableGrads(() => loss(p, ids() as tf.Tensor2D));
        const results = [value, ...Object.keys(p).map((name) => tf.clone(grads[p[name].name]))];
        tf.dispose(p);
        return results;
      },
      1e-5,
    ));

  test("200 steps learn, and leave neither tensors nor memory behind", () => {
    const p = model(2);
    const zeros = () =>
      Object.fromEntries(
        Object.keys(p).map((k) => [k, tf.tidy(() => tf.variable(tf.zeros(p[k].shape)))]),
      );
    const [m, v, x] = [zeros(), zeros(), ids()];
    let [first, last, tensors, memory] = [0, 0, 0, 0];
    for (let step = 1; step <= 200; step++) {
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => loss(p, x as tf.Tensor2D));
        for (const k of Object.keys(p)) {
          const options = { lr: 0.01, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, step };
          expect(adamwInPlace(p[k], grads[p[k].name], m[k], v[k], options)).toBe(true);
        }
        last = value.dataSync()[0];
      });
      if (step === 1) first = last;
      if (step === 20) [tensors, memory] = [tf.memory().numTensors, backend().wasm.HEAPU8.length];
    }
    expect(last).toBeLessThan(first / 4);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(backend().wasm.HEAPU8.length).toBe(memory);
    tf.dispose([p, m, v]);
    x.dispose();
  });
});

describe("plain lesson code has the same loss and gradients on js", () => {
  const ids = (n: number, shape: number[], seed: number) => {
    const rng = new Random(seed);
    return tf.tensor(
      Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.integer(n)),
      shape,
      "int32",
    );
  };
  /** Loss, and the parameters after some steps of gradient descent. */
  const descend = (
    params: tf.Variable[],
    loss: () => tf.Scalar,
    optimizer: tf.Optimizer,
  ): tf.Tensor[] => {
    const losses = Array.from({ length: 4 }, () => optimizer.minimize(loss, true, params)!);
    const results = [...losses, ...params.map((p) => tf.clone(p))];
    optimizer.dispose();
    tf.dispose(params);
    return results;
  };
  const parameter = (shape: number[], rng: Random) =>
    tf.tidy(() => tf.variable(randomNormal(shape, { rng, std: 0.5 })));

  test.each([
    ["sgd", () => tf.train.sgd(0.5)],
    ["adam", () => tf.train.adam(0.01)],
  ] as const)("word2vec: skip-gram with negative sampling, %s", (_, optimizer) =>
    sameOnJs(
      "skip-gram",
      (rng) => {
        const [V, D, B, K] = [37, 11, 19, 5]; // ids repeat, within a batch and within a row
        const [input, output] = [parameter([V, D], rng), parameter([V, D], rng)];
        const [centre, context, negatives] = [ids(V, [B], 1), ids(V, [B], 2), ids(V, [B, K], 3)];
        const logSigmoid = (x: tf.Tensor) => tf.neg(tf.softplus(tf.neg(x)));
        const loss = () => {
          const v = tf.gather(input, centre as tf.Tensor1D); // (B, D)
          const u = tf.gather(output, context as tf.Tensor1D);
          const others = tf.gather(output, negatives as never); // (B, K, D)
          const near = tf.sum(tf.mul(v, u), 1);
          const far = tf.sum(tf.mul(tf.expandDims(v, 1), others), 2); // (B, K)
          return tf.neg(
            tf.mean(tf.add(logSigmoid(near), tf.sum(logSigmoid(tf.neg(far)), 1))),
          ) as tf.Scalar;
        };
        return descend([input, output], loss, optimizer());
      },
      1e-5,
    ),
  );

  test("a LLaMA layer with grouped queries, RMS norm and SwiGLU written by hand", () =>
    sameOnJs(
      "LLaMA layer",
      (rng) => {
        const [B, T, G, R, D, F] = [2, 5, 2, 3, 4, 7]; // G groups of R queries share their keys and values
        const C = G * R * D;
        const shapes = [[C], [C, C], [C, G * D], [C, G * D], [C, C], [C], [C, F], [C, F], [F, C]];
        const params = shapes.map((shape) => parameter(shape, rng));
        const [norm1, wq, wk, wv, wo, norm2, gate, up, down] = params;
        const x = randomNormal([B, T, C], { rng });
        const rms = (x: tf.Tensor, gain: tf.Tensor) =>
          tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), gain);
        const groups = (x: tf.Tensor, n: number) =>
          tf.transpose(tf.reshape(x, [B, T, G, n, D]), [0, 2, 3, 1, 4]); // (B, G, n, T, D)
        const loss = () => {
          const h = rms(x, norm1);
          const [q, k, v] = [
            groups(tf.matMul(h, wq), R),
            groups(tf.matMul(h, wk), 1),
            groups(tf.matMul(h, wv), 1),
          ];
          const weights = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(D))); // (B, G, R, T, T)
          const mixed = tf.reshape(tf.transpose(tf.matMul(weights, v), [0, 3, 1, 2, 4]), [B, T, C]);
          const y = tf.add(x, tf.matMul(mixed, wo));
          const z = rms(y, norm2);
          const g = tf.matMul(z, gate);
          const out = tf.matMul(tf.mul(tf.mul(g, tf.sigmoid(g)), tf.matMul(z, up)), down);
          return tf.mean(tf.square(tf.add(y, out))) as tf.Scalar;
        };
        return descend(params, loss, tf.train.sgd(0.05));
      },
      1e-5,
    ));
});

test("the committed .wasm files were built from the committed sources", async () => {
  const folder = new URL("../../../../src/engine/wasm/", import.meta.url);
  const { digest } = (await import(
    fileURLToPath(new URL("../../../tools/native/wasm.mjs", folder))
  )) as {
    digest(): string;
  };
  expect(readFileSync(new URL("kernels.sha256", folder), "utf8").trim()).toBe(digest());
});
