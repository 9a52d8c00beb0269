// `npm run bench`: how long one training step takes here, on each engine and, where
// LLM_TORCH_PYTHON or LLM_JAX_PYTHON names a Python that has them, in PyTorch (bench_torch.py) and
// JAX (bench_jax.py): the same model from the same weights, the same batches, 32-bit floats, the
// same AdamW and clipping. Everybody runs in a process of its own, first 50 steps whose losses are
// compared, then rounds of a few timed steps in turn, so that a busy machine disturbs all alike.
// What the step is is in llm/train. `--what decode` times decoding in the same way: a text of
// Moby-Dick is read token by token with a KV cache (llm/inference), and what is compared is the
// loss at every token, so that no draw can lead to another text. It imports the compiled `llm`,
// which `npm run bench` builds first (tools/run.mjs).
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { mobyDick } from "llm/data/index.js";
import { compile, currentEngine, gpuAdapter, tf, useEngine } from "llm/engine/index.js";
import { gptLoss, gptShapes, initGPT } from "llm/gpt/index.js";
import { CachedGPT } from "llm/inference/index.js";
import { adamw, clipByGlobalNorm } from "llm/optim/index.js";
import { trainStep } from "llm/train/index.js";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { benchInference } from "./inference.mjs";
import { kills, told } from "./kills.mjs";
import { benchLora } from "./lora.mjs";
import { benchParallel } from "./parallel.mjs";
import { reportBlock } from "./report.mjs";
import { benchSentences } from "./sentences.mjs";
import { benchTokenizers } from "./tokenizers.mjs";
import { Worker } from "./worker.mjs";

/** @typedef {import("llm/params.js").Params} Params */
/** @typedef {{ ids: tf.Tensor2D, targets: tf.Tensor2D }} Batch */
/**
 * @typedef {import("llm/gpt/index.js").GPTConfig & { batchSize: number, lr: number, beta1: number,
 *   beta2: number, eps: number, weightDecay: number, clip: number }} Setup
 */
/** @typedef {"train" | "decode"} What */
/** @typedef {import("./worker.mjs").Answer} Answer */

const shared = {
  vocabSize: 65,
  dropout: 0,
  bias: true,
  lr: 1e-3,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0.1,
  clip: 1,
};
/** @type {Record<string, Setup & { timed: number }>} */
const setups = {
  a: { ...shared, nLayer: 4, nHead: 4, nEmbd: 128, blockSize: 64, batchSize: 12, timed: 20 },
  b: { ...shared, nLayer: 6, nHead: 8, nEmbd: 256, blockSize: 128, batchSize: 8, timed: 6 },
  c: { ...shared, nLayer: 6, nHead: 6, nEmbd: 384, blockSize: 256, batchSize: 64, timed: 10 },
  tiny: { ...shared, nLayer: 1, nHead: 2, nEmbd: 32, blockSize: 16, batchSize: 4, timed: 2 },
};
/**
 * Decoding: the model b with room for 256 tokens, one text.
 * @type {Setup & { timed: number }}
 */
const decoding = {
  ...shared,
  nLayer: 6,
  nHead: 8,
  nEmbd: 256,
  blockSize: 256,
  batchSize: 1,
  timed: 256,
};
const here = fileURLToPath(import.meta.url);
/** The first word of what the benchmark tells its own processes. */
const WORKER = "worker:";
const COMPARED = 50; // steps from the same weights, or tokens
const TOLERANCE = 1e-3; // nats: 32-bit sums in another order, amplified by 50 updates
const ROUNDED = 5e-2; // factors rounded to 10 (TF32) or 7 bits (bf16)

/** Who takes part in decoding unless told. */
const decoders = ["wasm", "native", "compiled", "sdpa", "jax"];

/**
 * Who takes part: tfjs engines by name and mode; PyTorch by attention; JAX. js takes minutes: only
 * by --only.
 * @type {Record<string, { engine: import("llm/engine/index.js").EngineName, compiled: boolean,
 *   label: string, tf32?: boolean, threads?: number }>}
 */
const engines = {
  js: { engine: "js", compiled: false, label: "tfjs js" },
  wasm: { engine: "wasm", compiled: false, label: "tfjs wasm, one thread" },
  "wasm-2": { engine: "wasm", compiled: false, threads: 2, label: "tfjs wasm, 2 threads" },
  native: { engine: "native", compiled: false, label: "tfjs native, eager" },
  compiled: { engine: "native", compiled: true, label: "tfjs native, compiled" },
  webgpu: { engine: "webgpu", compiled: false, label: "tfjs WebGPU, eager" },
  "webgpu-compiled": { engine: "webgpu", compiled: true, label: "tfjs WebGPU, compiled" },
  cuda: { engine: "cuda", compiled: false, label: "tfjs CUDA, eager, fp32" },
  "cuda-compiled": { engine: "cuda", compiled: true, label: "tfjs CUDA, compiled, fp32" },
  "cuda-compiled-tf32": {
    engine: "cuda",
    compiled: true,
    tf32: true,
    label: "tfjs CUDA, compiled, TF32",
  },
};
/** @type {Record<string, string>} */
const peers = {
  jax: "JAX, jit",
  manual: "PyTorch eager, manual attention",
  sdpa: "PyTorch eager, SDPA",
  "torch.compile": "PyTorch, torch.compile",
  fp32: "PyTorch CUDA, eager, fp32",
  tf32: "PyTorch CUDA, eager, TF32",
  bf16: "PyTorch CUDA, eager, bf16",
  "compile-fp32": "PyTorch CUDA, torch.compile, fp32",
  "compile-tf32": "PyTorch CUDA, torch.compile, TF32",
  "compile-bf16": "PyTorch CUDA, torch.compile, bf16",
};
/** @param {string} name */
const onGpu = (name) => /^cuda|32$|bf16$/.test(name);
/**
 * Its losses may differ by more.
 * @param {string} name
 */
const isRounded = (name) => /tf32$|bf16$/.test(name);

/** @type {Record<What, string>} */
const unit = { train: "step", decode: "token" };

/**
 * Batches of Moby-Dick with its 64 most frequent characters; the rest are one more.
 * @param {Setup} setup
 * @param {number} count
 */
function makeBatches({ batchSize, blockSize, vocabSize }, count) {
  const text = mobyDick().slice(0, 300_000);
  const frequency = /** @type {Map<string, number>} */ (new Map());
  for (const c of text) frequency.set(c, (frequency.get(c) ?? 0) + 1);
  const rank = new Map(
    [...frequency].sort((a, b) => b[1] - a[1]).map(([c], i) => [c, Math.min(i, vocabSize - 1)]),
  );
  const ids = Int32Array.from(text, (c) => rank.get(c) ?? 0);
  const row = blockSize + 1;
  const all = new Int32Array(count * batchSize * row);
  for (let i = 0; i < count * batchSize; i++) {
    const start = (i * 7919 * 13) % (ids.length - row);
    all.set(ids.subarray(start, start + row), i * row);
  }
  return all;
}

const BATCHES = 50;

/**
 * Writes weights, batches and the set-up into a folder that every worker reads.
 * @param {string} folder
 * @param {Setup} setup
 */
async function writeStart(folder, setup) {
  await useEngine({ prefer: "wasm", quiet: true });
  const params = initGPT(setup, { seed: 1 });
  const values = Object.values(params).map((p) => p.dataSync());
  writeFileSync(
    join(folder, "weights.bin"),
    Buffer.concat(values.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength))),
  );
  writeFileSync(join(folder, "batches.bin"), new Uint8Array(makeBatches(setup, BATCHES).buffer));
  writeFileSync(
    join(folder, "setup.json"),
    JSON.stringify({ ...setup, batches: BATCHES, shapes: gptShapes(setup) }),
  );
}

/**
 * The worker's side: does as it is told on stdin.
 * @param {string} folder
 * @param {What} what
 * @param {boolean} compiled
 */
async function work(folder, what, compiled) {
  const engine = await useEngine({ quiet: true });
  const fewer = engine.reasons.some((reason) => reason.startsWith("threads:"));
  if (process.env.LLM_ENGINE !== engine.name || fewer) throw new Error(engine.reasons.join("; "));
  /** @type {Setup} */
  const setup = JSON.parse(readFileSync(join(folder, "setup.json"), "utf8"));
  const weights = new Float32Array(
    new Uint8Array(readFileSync(join(folder, "weights.bin"))).buffer,
  );
  const rows = new Int32Array(new Uint8Array(readFileSync(join(folder, "batches.bin"))).buffer);
  /** @type {Params} */
  const params = {};
  let at = 0;
  for (const [name, shape] of Object.entries(gptShapes(setup))) {
    const size = shape.reduce((a, b) => a * b, 1);
    params[name] = tf.tidy(() => tf.variable(tf.tensor(weights.slice(at, at + size), shape)));
    at += size;
  }
  const one = (what === "train" ? trainingStep : decodingStep)(setup, params, rows, compiled);
  const adapter = gpuAdapter();
  console.log(currentEngine().description + (adapter ? `, ${adapter}` : ""));
  for await (const line of createInterface({ input: process.stdin })) {
    /** @type {{ from: number, steps: number }} */
    const { from, steps } = JSON.parse(line);
    /** @type {Answer} */
    const answer = { losses: [], ms: [] };
    for (let i = from; i < from + steps; i++) {
      const started = performance.now();
      answer.losses.push(await one(i));
      answer.ms.push(performance.now() - started);
    }
    console.log(JSON.stringify(answer));
  }
}

/**
 * Token i of the text (modulo its length, with another beginning) through the decoder: the loss of
 * the one after it.
 * @param {Setup} setup
 * @param {Params} params
 * @param {Int32Array} rows
 * @param {boolean} compiled
 */
function decodingStep(setup, params, rows, compiled) {
  const decoder = new CachedGPT(params, setup, { compiled });
  return async (/** @type {number} */ i) => {
    const t = i % setup.blockSize;
    const logits = t === 0 ? await decoder.begin([rows[0]]) : await decoder.next(rows[t]);
    const largest = Math.max(...logits);
    return (
      largest +
      Math.log(logits.reduce((sum, z) => sum + Math.exp(z - largest), 0)) -
      logits[rows[t + 1]]
    );
  };
}

/**
 * Step i of training, from batch i: its loss.
 * @param {Setup} setup
 * @param {Params} params
 * @param {Int32Array} rows
 * @param {boolean} compiled
 */
function trainingStep(setup, params, rows, compiled) {
  const { batchSize: B, blockSize: T, clip: maxNorm, beta1, beta2, eps, weightDecay } = setup;
  const optimizer = adamw({ beta1, beta2, eps, weightDecay });
  const state = optimizer.init(params);
  /**
   * @param {Params} p
   * @param {Batch} batch
   */
  const loss = (p, { ids, targets }) => gptLoss(p, setup, ids, targets);
  /**
   * @param {Params} p
   * @param {Params} s
   * @param {Batch[]} batches
   * @param {tf.Scalar | number} lr
   */
  const plain = (p, s, batches, lr) =>
    trainStep(p, s, batches, { loss, clip: clipByGlobalNorm, optimizer }, { lr, maxNorm });
  const step = compiled ? compile(plain, { name: "step" }) : plain;
  return (/** @type {number} */ i) => {
    const [ids, targets] = [new Int32Array(B * T), new Int32Array(B * T)];
    for (let b = 0; b < B; b++) {
      const start = ((i % BATCHES) * B + b) * (T + 1);
      ids.set(rows.subarray(start, start + T), b * T);
      targets.set(rows.subarray(start + 1, start + T + 1), b * T);
    }
    return tf.tidy(() => {
      const batch = {
        ids: tf.tensor2d(ids, [B, T], "int32"),
        targets: tf.tensor2d(targets, [B, T], "int32"),
      };
      const lr = setup.lr * Math.min(1, (i + 1) / 10);
      return step(params, state, [batch], compiled ? tf.scalar(lr) : lr).loss.dataSync()[0];
    });
  };
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * Starts everybody who can take part; tells why the others cannot.
 * @param {What} what
 * @param {string[]} names
 * @param {string} folder
 * @param {(line: string) => void} say
 */
async function start(what, names, folder, say) {
  /** @type {Worker[]} */
  const workers = [];
  for (const name of names) {
    const [python, file] =
      name === "jax"
        ? [process.env.LLM_JAX_PYTHON, "bench_jax.py"]
        : [process.env.LLM_TORCH_PYTHON, "bench_torch.py"];
    const script = join(here, "..", file);
    if (name in peers && !(python && existsSync(script))) continue;
    const worker =
      name in peers
        ? new Worker(
            name,
            peers[name],
            /** @type {string} */ (python),
            [script, folder, name, what],
            {
              OMP_WAIT_POLICY: "passive",
              ...process.env,
            },
          )
        : new Worker(
            name,
            engines[name].label,
            process.execPath,
            [
              here,
              WORKER,
              folder,
              "--what",
              what,
              ...(engines[name].compiled ? ["--compiled"] : []),
            ],
            {
              ...process.env,
              LLM_ENGINE: engines[name].engine,
              LLM_THREADS: String(engines[name].threads ?? 1),
              ...(onGpu(name) && { LLM_TF32: engines[name].tf32 ? "1" : "0" }),
            },
          );
    try {
      await worker.ready();
      const started = performance.now();
      const { losses } = await worker.ask(0, COMPARED);
      worker.losses.push(...losses);
      say(
        `${worker.label}: ${COMPARED} ${unit[what]}s in ` +
          `${((performance.now() - started) / 1000).toFixed(0)} s, loss ` +
          `${losses[0].toFixed(4)} → ${losses[losses.length - 1].toFixed(4)}`,
      );
      workers.push(worker);
    } catch (error) {
      say(`${worker.label}: left out. ${messageOf(error).replaceAll("\n", " | ")}`);
      worker.end();
    }
  }
  return workers;
}

/**
 * @param {What} what
 * @param {string} config
 * @param {number} rounds
 * @param {string[] | undefined} only
 * @param {{ json: boolean, paste: boolean }} how
 */
async function bench(what, config, rounds, only, { json, paste }) {
  const { timed, ...setup } = what === "train" ? setups[config] : decoding;
  // What tells how it goes: with --json the only line on stdout is the answer.
  const say = (/** @type {string} */ line) => (json ? console.error : console.log)(line);
  process.once("SIGINT", () => {}); // see below
  const folder = mkdtempSync(join(tmpdir(), "llm-bench-"));
  const everybody = [...Object.keys(engines), ...Object.keys(peers)].filter(
    (name) => name !== "js" && !onGpu(name),
  );
  const names = only ?? (what === "train" ? everybody : decoders);
  /** @type {Worker[]} */
  let workers = [];
  try {
    await writeStart(folder, setup);
    const { nLayer, nEmbd, blockSize, batchSize } = setup;
    say(
      `${what === "train" ? `config ${config}` : "decoding"}: ${nLayer} layers × ${nEmbd}, ` +
        `${blockSize} tokens, batches of ${batchSize}; ${cpus().length} × ${cpus()[0].model}; ` +
        `node ${process.version}`,
    );
    workers = await start(what, names, folder, say);
    try {
      for (let round = 0; round < rounds; round++)
        for (const worker of workers) {
          const { ms } = await worker.ask(what === "train" ? COMPARED + round * timed : 0, timed);
          worker.ms.push(...ms);
          worker.rounds.push(
            what === "train" ? median(ms) : ms.reduce((sum, x) => sum + x, 0) / ms.length,
          );
        }
    } catch (error) {
      // One that crashes, or Ctrl-C, which ends the workers: what has been measured is still
      // reported.
      workers = workers.filter((worker) => worker.ms.length > 0);
      if (workers.length === 0) throw error;
      say(`stopped early: ${messageOf(error)}`);
      process.exitCode = 1;
    }
    const rows = report(what, workers, config, json);
    if (paste && what === "train")
      console.log(`\n${reportBlock(config, batchSize * blockSize, rows).join("\n")}`);
  } finally {
    for (const worker of workers) worker.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {What} what
 * @param {Worker[]} workers
 * @param {string} config
 * @param {boolean} json
 */
function report(what, workers, config, json) {
  const base =
    workers.find(({ name }) => name === "manual" || name === "fp32") ??
    workers.find(({ name }) => name in peers && name !== "jax") ??
    workers[0];
  const rows = workers.map(({ name, label, about, losses, ms, rounds }) => ({
    name,
    label,
    about,
    median: median(ms),
    best: Math.min(...rounds),
    speed: median(base.ms) / median(ms),
    difference: Math.max(...losses.map((loss, i) => Math.abs(loss - base.losses[i]))),
  }));
  if (json)
    console.log(
      JSON.stringify({ what, config, base: base?.name, date: new Date().toISOString(), rows }),
    );
  else {
    const [title, per] =
      what === "train" ? [`config ${config}`, "ms/step"] : ["decoding", "tokens/s"];
    const number = (/** @type {number} */ ms) =>
      what === "train" ? ms.toFixed(1) : (1000 / ms).toFixed(0);
    console.log(
      `\n| ${title} | median ${per} | best round | speed | losses differ by |\n` +
        "|---|---|---|---|---|",
    );
    for (const { label, median, best, speed, difference } of rows)
      console.log(
        `| ${label} | ${number(median)} | ${number(best)} | ${speed.toFixed(2)} × | ` +
          `${difference.toExponential(1)} |`,
      );
    console.log(
      `speed: against ${base?.label}. Losses: the largest difference to it over ${COMPARED} ` +
        `${unit[what]}s.`,
    );
  }
  const off = rows.filter(
    ({ name, difference }) => !(difference < (isRounded(name) ? ROUNDED : TOLERANCE)),
  );
  if (off.length > 0) {
    console.error(
      `the losses of ${off.map(({ label }) => label).join(", ")} differ by more than they ` +
        `may (fp32: ${TOLERANCE})`,
    );
    process.exitCode = 1;
  }
  return rows;
}

async function main() {
  const [first, ...rest] = process.argv.slice(2);
  if (first === WORKER) {
    const { values, words } = commandLine(commands.benchWorker, rest);
    return work(words[0], /** @type {What} */ (values.what), values.compiled);
  }
  const { values } = commandLine(commands.bench);
  const { config, rounds, only, json, seed } = values;
  const what =
    /** @type {What | "kills" | "tokenize" | "sentences" | "parallel" | "lora" | "inference"} */ (
      values.what
    );
  if (what === "inference") return console.log((await benchInference({ rounds, json })).join("\n"));
  if (what === "lora") return console.log((await benchLora({ rounds, json })).join("\n"));
  if (what === "parallel") return console.log((await benchParallel({ rounds, json })).join("\n"));
  if (what === "tokenize" || what === "sentences") {
    const run = what === "tokenize" ? benchTokenizers : benchSentences;
    console.log(run({ rounds, json }).join("\n").trim());
    return;
  }
  if (what !== "kills")
    return bench(what, config, rounds, only, { json, paste: values.report && !json });
  const tally = await kills(rounds, seed, console.error);
  console.log(json ? JSON.stringify(tally) : told(tally));
  if (tally.different.length > 0) process.exitCode = 1;
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

main().catch((error) => {
  console.error(`bench: ${messageOf(error)}`);
  process.exit(1);
});
