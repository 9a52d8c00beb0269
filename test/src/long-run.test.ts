// A thousand training steps on each engine, in a process of its own: nothing stays behind, neither tensors of tfjs nor
// TensorFlow's handles nor memory, and the losses of the same seed agree. They do to the rounding of 32-bit sums, which
// engines add in different orders; over 50 updates of this model that stays below 1e-5 nats, after hundreds it grows.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const built = existsSync(join(root, "dist", "train", "index.js"));
const STEPS = 1000;

interface Report {
  engine: string;
  losses: number[];
  /** after 20 steps, and after all: tensors, buffers, TensorFlow's own handles, bytes of wasm memory */
  early: number[];
  late: number[];
  left: number[];
  /** MiB that the process has grown by, from step 500 on */
  grown: number;
}

/** What the child runs: a tiny GPT with clipping and AdamW; every fifth step an evaluation beside it. */
const program = `
const { compile, currentEngine, tf, useEngine } = require("llm/engine");
const { disposeParams, gptLoss, initGPT } = require("llm/gpt");
const { adamwInit, adamwStep, clipByGlobalNorm, trainStep } = require("llm/train");
(async () => {
  await useEngine({ quiet: true });
  const compiled = process.env.COMPILED === "1";
  const backend = tf.backend();
  const count = () => {
    const { numTensors, numDataBuffers } = tf.memory();
    return [numTensors, numDataBuffers, backend.getNumOfTFTensors?.() ?? 0, backend.wasm?.HEAPU8.byteLength ?? 0];
  };
  const before = count().slice(0, 3);
  const config = { vocabSize: 11, blockSize: 4, nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0, bias: true };
  const params = initGPT(config, { seed: 1 });
  const state = adamwInit(params);
  const loss = (p, { ids, targets }) => gptLoss(p, config, ids, targets);
  const functions = { loss, clip: clipByGlobalNorm, optimizer: adamwStep };
  const numbers = { maxNorm: 1, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1 };
  const plain = (p, s, batches, lr) => trainStep(p, s, batches, functions, { ...numbers, lr });
  const step = compiled ? compile(plain, { name: "step" }) : plain;
  const evaluate = compiled ? compile((p, b) => loss(p, b), { name: "loss" }) : loss;
  const losses = [];
  let early, middle;
  for (let i = 0; i < ${STEPS}; i++) {
    losses.push(tf.tidy(() => {
      const row = (shift) => tf.tensor2d(Int32Array.from({ length: 8 }, (_, k) => (k * k + 3 * i + shift) % 11), [2, 4], "int32");
      const batch = { ids: row(0), targets: row(1) };
      if (i % 5 === 0) evaluate(params, batch).dataSync();
      const lr = 1e-2 / (1 + i / 100);
      return step(params, state, [batch], compiled ? tf.scalar(lr) : lr).loss.dataSync()[0];
    }));
    if (i === 19) early = count();
    if (i === 499) middle = process.memoryUsage().rss;
  }
  const late = count();
  const grown = (process.memoryUsage().rss - middle) / 2 ** 20;
  if (compiled) { step.dispose(); evaluate.dispose(); }
  disposeParams(params);
  disposeParams(state);
  const left = count().slice(0, 3).map((n, i) => n - before[i]);
  console.log(JSON.stringify({ engine: currentEngine().name, losses, early, late, left, grown }));
})();
`;

function run(engine: string, env: Record<string, string>): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["-e", program], {
      cwd: root,
      env: { ...process.env, LLM_ENGINE: engine, ...env },
      timeout: 150_000,
    });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (errors += text));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`${engine} ended with ${code}: ${errors}`)),
    );
  });
}

const settings: Record<string, [engine: string, env: Record<string, string>]> = {
  js: ["js", {}],
  wasm: ["wasm", {}],
  "wasm, 2 threads": ["wasm", { LLM_THREADS: "2" }],
  "native, eager": ["native", {}],
  "native, compiled": ["native", { COMPILED: "1" }],
};

if (!built)
  console.log("skipped: a thousand steps on each engine, because dist/ is not built (npm run build)");

describe.skipIf(!built)(`${STEPS} training steps`, () => {
  const reports: Record<string, Report> = {};
  beforeAll(async () => {
    await Promise.all(
      Object.entries(settings).map(async ([name, [engine, env]]) => {
        reports[name] = await run(engine, env);
        if (reports[name].engine !== engine)
          console.log(`skipped: ${STEPS} steps on «${name}», because this machine has no such engine`);
      }),
    );
  }, 170_000);

  test.for(Object.keys(settings))("%s: nothing is left behind", (name, { skip }) => {
    const report = reports[name];
    if (report.engine !== settings[name][0]) skip();
    expect(report.losses).toHaveLength(STEPS);
    expect(report.losses.at(-1)!).toBeLessThan(0.5 * report.losses[0]);
    expect(report.late, "tensors, buffers, handles of TensorFlow, bytes of wasm memory").toEqual(
      report.early,
    );
    expect(report.left, "after everything was disposed").toEqual([0, 0, 0]);
    expect(report.grown, "MiB in the last 500 steps").toBeLessThan(60);
  });

  test.for(Object.keys(settings).slice(1))("%s: the losses are those of js", (name, { skip }) => {
    const report = reports[name];
    if (report.engine !== settings[name][0]) skip();
    report.losses.slice(0, 50).forEach((loss, i) => {
      expect(Math.abs(loss - reports.js.losses[i]), `step ${i}`).toBeLessThan(1e-5);
    });
  });
});
