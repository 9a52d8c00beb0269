// `npm run selfcheck`: do the operations compute the same on this machine's best engine as in plain
// JavaScript? Values and gradients of llm/ops, matrix products in every transposition, a training
// step, eager and compiled; with --matmul, how fast matrix products are. No test runner is needed,
// so that it can travel to a GPU host (docs/gpu.md).
import { canCompile, compile, currentEngine, tf, useEngine } from "../engine";
import { type GPTConfig, gptLoss, initGPT } from "../gpt";
import {
  causalSelfAttention,
  DropoutKey,
  dropout,
  embedding,
  gelu,
  layerNorm,
  linear,
  rmsNorm,
  rope,
  silu,
  softmaxCrossEntropy,
  swiglu,
} from "../ops";
import { distance, numbersOf, type Op, valueAndGradients } from "../ops/compare";
import { adamw, clipByGlobalNorm } from "../optim";
import { Random, randomNormal } from "../random";
import { trainStep } from "../train";
import { selfcheck } from "./commands";
import { commandLine } from "./options.cjs";

/**
 * Largest relative difference that is let through: sums of 32-bit floats in another order, or
 * TF32's 10 bits.
 */
const tolerance = () =>
  process.env.LLM_TF32 === "1" && currentEngine().name === "cuda" ? 2e-2 : 1e-4;

interface Case {
  name: string;
  shapes: number[][];
  op: Op;
}

const ids = () => tf.tensor1d([0, 3, 3, 7, 1, 6], "int32");
const cases: Case[] = [
  {
    name: "linear",
    shapes: [[3, 5, 8], [8, 7], [7]],
    op: (x, w, b) => linear(x, w as tf.Tensor2D, b as tf.Tensor1D),
  },
  {
    name: "layerNorm",
    shapes: [[4, 6, 16], [16], [16]],
    op: (x, g, b) => layerNorm(x, g as tf.Tensor1D, b as tf.Tensor1D),
  },
  { name: "rmsNorm", shapes: [[4, 6, 18], [18]], op: (x, g) => rmsNorm(x, g) },
  { name: "gelu", shapes: [[5, 33]], op: (x) => gelu(x) },
  { name: "silu", shapes: [[5, 33]], op: (x) => silu(x) },
  {
    name: "swiglu",
    shapes: [
      [5, 11],
      [5, 11],
    ],
    op: (gate, up) => swiglu(gate, up),
  },
  { name: "rope", shapes: [[2, 2, 7, 10]], op: (x) => rope(x, { offset: 5 }) },
  { name: "rope, interleaved", shapes: [[2, 7, 6]], op: (x) => rope(x, { layout: "interleaved" }) },
  {
    name: "causalSelfAttention",
    shapes: [[2, 9, 24]],
    op: (x) => causalSelfAttention(x as tf.Tensor3D, 2),
  },
  {
    name: "softmaxCrossEntropy",
    shapes: [[6, 11]],
    op: (x) => softmaxCrossEntropy(x as tf.Tensor2D, ids()),
  },
  { name: "embedding", shapes: [[8, 5]], op: (table) => embedding(table as tf.Tensor2D, ids()) },
  { name: "softmax", shapes: [[4, 17]], op: (x) => tf.softmax(x) },
  {
    name: "sum, mean, max",
    shapes: [[4, 5, 6]],
    op: (x) => tf.add(tf.sum(x, 1), tf.add(tf.mean(x, 1), tf.max(x, 1))),
  },
  {
    name: "concat, slice, transpose",
    shapes: [
      [4, 5],
      [4, 3],
    ],
    op: (a, b) => tf.transpose(tf.slice(tf.concat([a, b], 1), [1, 2], [3, 5])),
  },
  {
    name: "tanh, sigmoid, exp, log",
    shapes: [[7, 9]],
    op: (x) => tf.add(tf.tanh(x), tf.log(tf.add(1, tf.exp(tf.sigmoid(x))))),
  },
  ...[0, 1, 2, 3].map((i): Case => {
    const [ta, tb] = [(i & 1) === 1, (i & 2) === 2];
    return {
      name: `matMul${ta ? " aᵀ" : ""}${tb ? " bᵀ" : ""}`,
      shapes: [ta ? [3, 19, 13] : [3, 13, 19], tb ? [3, 11, 19] : [3, 19, 11]],
      op: (a, b) => tf.matMul(a, b, ta, tb),
    };
  }),
];

const config: GPTConfig = {
  vocabSize: 11,
  blockSize: 8,
  nLayer: 2,
  nHead: 2,
  nEmbd: 16,
  dropout: 0,
  bias: true,
};

/** Losses of a few training steps of a tiny GPT. */
function losses(compiled: boolean, steps = 4): number[][] {
  const params = initGPT(config, { seed: 5 });
  const optimizer = adamw({ beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1 });
  const state = optimizer.init(params);
  const functions = {
    loss: (p: typeof params, b: { ids: tf.Tensor2D; targets: tf.Tensor2D }) =>
      gptLoss(p, config, b.ids, b.targets),
    clip: clipByGlobalNorm,
    optimizer,
  };
  const plain = (
    p: typeof params,
    s: typeof params,
    batch: { ids: tf.Tensor2D; targets: tf.Tensor2D },
    lr: tf.Scalar | number,
  ) => trainStep(p, s, [batch], functions, { lr, maxNorm: 1 });
  const step = compiled ? compile(plain, { name: "selfcheck" }) : plain;
  const rng = new Random(9);
  const found = Array.from({ length: steps }, () =>
    tf.tidy(() => {
      const ids = tf.tensor2d(
        Array.from({ length: 4 * 8 }, () => rng.integer(11)),
        [4, 8],
        "int32",
      );
      const batch = {
        ids,
        targets: tf.tensor2d(
          ids.dataSync().map((id) => (id + 1) % 11),
          [4, 8],
          "int32",
        ),
      };
      return step(params, state, batch, compiled ? tf.scalar(1e-2) : 1e-2).loss.dataSync()[0];
    }),
  );
  tf.dispose([params, state]);
  return [found];
}

interface Row {
  name: string;
  difference: number | null;
  ok: boolean;
  error?: string;
}

async function check(json: boolean): Promise<void> {
  const engine = await useEngine({ quiet: true });
  const all: { name: string; work: () => number[][] }[] = [
    ...cases.map((c) => ({
      name: c.name,
      work: () => tf.tidy(() => numbersOf(valueAndGradients(c.op, c.shapes, 7))),
    })),
    { name: "training steps", work: () => losses(false) },
    ...(canCompile() ? [{ name: "training steps, compiled", work: () => losses(true) }] : []),
    {
      name: "dropout with a key",
      work: () => [
        [
          ...tf.tidy(() =>
            dropout(tf.ones([4, 6]), 0.5, new DropoutKey(1, tf.scalar(3, "int32"))).dataSync(),
          ),
        ].map((v) => (v === 0 || v === 2 ? 0 : 1)),
      ],
    },
  ];
  const most = tolerance();
  const here = all.map(({ work }) => attempt(work));
  await useEngine({ prefer: "js", quiet: true });
  const rows = all.map(({ name, work }, i): Row => {
    const mine = here[i];
    if (mine instanceof Error)
      return { name, difference: null, ok: false, error: mine.message.split("\n")[0] };
    const reference = name.startsWith("dropout")
      ? mine.map((list) => list.map(() => 0))
      : attempt(work);
    if (reference instanceof Error)
      return {
        name,
        difference: null,
        ok: false,
        error: `js: ${reference.message.split("\n")[0]}`,
      };
    const difference = distance(mine, reference);
    return {
      name,
      difference: Number.isFinite(difference) ? difference : null,
      ok: difference <= most,
    };
  });
  const ok = rows.every((row) => row.ok);
  if (json)
    console.log(
      JSON.stringify({
        engine: engine.name,
        description: engine.description,
        reasons: engine.reasons,
        tolerance: most,
        ok,
        rows,
      }),
    );
  else {
    console.log(engine.description);
    for (const reason of engine.reasons) console.log(`not ${reason}`);
    for (const { name, difference, ok, error } of rows)
      console.log(
        `${ok ? "✓" : "✗"} ${name.padEnd(26)} ${error ?? difference?.toExponential(1) ?? "not a number"}`,
      );
    console.log(ok ? `all within ${most} of plain JavaScript` : "some differ");
  }
  if (!ok) process.exitCode = 1;
}

function attempt(work: () => number[][]): number[][] | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}

/**
 * Best of a few rounds; a round is several products whose last is read, so that a GPU has finished.
 */
async function matmul(sizes: number[], json: boolean): Promise<void> {
  const engine = await useEngine({ quiet: true });
  const rows = [];
  for (const n of sizes) {
    const a = randomNormal([n, n], { rng: new Random(1) });
    const b = randomNormal([n, n], { rng: new Random(2) });
    const flop = 2 * n ** 3;
    const products = Math.max(
      1,
      Math.min(50, Math.round((engine.name === "cuda" ? 4e12 : 2e9) / flop)),
    );
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 4; round++) {
      const start = performance.now();
      tf.tidy(() => {
        let c = a;
        for (let i = 0; i < products; i++) c = tf.matMul(a, b);
        return tf.slice(c, [0, 0], [1, 1]).dataSync();
      });
      best = Math.min(best, (performance.now() - start) / products);
    }
    tf.dispose([a, b]);
    rows.push({ n, ms: best, tflops: flop / best / 1e9 });
  }
  if (json)
    console.log(JSON.stringify({ engine: engine.name, tf32: process.env.LLM_TF32 === "1", rows }));
  else
    for (const { n, ms, tflops } of rows)
      console.log(`${n} × ${n}: ${ms.toFixed(2)} ms, ${tflops.toFixed(3)} TFLOP/s`);
}

async function main(): Promise<void> {
  const { values } = commandLine(selfcheck);
  return values.matmul ? matmul(values.sizes, values.json) : check(values.json);
}

main().catch((error: Error) => {
  console.error(`selfcheck: ${error.message}`);
  process.exit(1);
});
