// `npm run bench -- --what parallel`: what a second worker process is worth (llm/parallel). The
// same training run on one process, on one process whose engine has two threads, and on two
// workers, with and without ZeRO, in turn: the same batches, the same losses. Then a pipeline of
// two stages for several numbers of micro-batches: the share of the time in which a stage waits,
// beside the formula.
import { availableParallelism } from "node:os";
import { mobyDick } from "llm/data/index.js";
import { currentEngine, useEngine } from "llm/engine/index.js";
import {
  measuredBubble,
  predictedBubble,
  startWorkers,
  trainParallel,
} from "llm/parallel/index.js";

/** @typedef {import("llm/parallel/index.js").Workers} Workers */

const model = { blockSize: 64, nLayer: 4, nHead: 4, nEmbd: 128, dropout: 0, bias: true };
/** Two batches of 6 for each step: config a of the other benchmark. */
const settings = {
  ...{ seed: 1, steps: 14, accumulate: 2, maxLr: 1e-3, evalEvery: 1000, evalLimit: 1 },
  ...{ checkpointEvery: 1000, batchSize: 6, sampleLength: 0, model },
};
const WARM = 4; // steps that are not timed
const TOLERANCE = 1e-3; // nats, as in the other benchmark
const MICRO_BATCHES = [1, 2, 4, 8];

/** @type {Record<string, { size: number, threads: number, zero?: 0 | 1 }>} */
const peers = {
  "one process": { size: 1, threads: 1 },
  "one process, 2 threads": { size: 1, threads: 2 },
  "two workers": { size: 2, threads: 1 },
  "two workers, ZeRO 1": { size: 2, threads: 1, zero: 1 },
};

/** @param {number} share */
const percent = (share) => (100 * share).toFixed(0);

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * @param {{ rounds: number, json: boolean }} options
 * @returns {Promise<string[]>} lines to print
 */
export async function benchParallel({ rounds, json }) {
  await useEngine({ prefer: "wasm", quiet: true });
  const text = mobyDick().slice(0, 8_000); // little to evaluate at the end;
  /**
   * @type {Record<string, { ms: number[], losses: number[], bytes: number, stateBytes: number,
   *   cpu: number }>}
   */
  const found = {};
  for (let round = 0; round < rounds; round++)
    for (const [name, { size, threads, zero }] of Object.entries(peers)) {
      const run = await withThreads(threads, size, (workers) =>
        trainParallel({
          ...{ workers, settings, zero, args: { text, settings } },
          task: ({ llm }, args) => llm("pretrain").gptTask(args),
        }),
      );
      const { steps } = run.history;
      const [{ traffic, stateBytes, cpu }] = run.workers.slice(-1); // it does nothing but steps
      const each = { bytes: traffic.bytes / steps.length, cpu: cpu / steps.length, stateBytes };
      found[name] ??= { ms: [], losses: [], ...each };
      found[name].cpu = Math.min(found[name].cpu, each.cpu);
      found[name].ms.push(...steps.slice(WARM).map(({ ms }) => ms));
      found[name].losses = steps.map(({ loss }) => loss);
    }
  const bubbles = await withThreads(1, 2, (workers) => pipeline(workers, rounds));
  const [first] = Object.values(found);
  const rows = Object.entries(found).map(([name, { ms, losses, ...each }]) => ({
    ...{ name, median: median(ms), speed: median(first.ms) / median(ms), ...each },
    difference: Math.max(...losses.map((loss, i) => Math.abs(loss - first.losses[i]))),
  }));
  const wrong = rows.filter(({ difference }) => !(difference < TOLERANCE));
  if (wrong.length > 0)
    throw new Error(`the losses of ${wrong.map(({ name }) => name).join(", ")} differ`);
  const date = new Date().toISOString();
  if (json) return [JSON.stringify({ what: "parallel", date, rows, bubbles })];
  return [
    `${currentEngine().description}; ${availableParallelism()} cores; 4 layers × 128, 12 × 64 ` +
      "tokens per step",
    ...rows.map(
      ({ name, median, speed, cpu, bytes, stateBytes, difference }) =>
        `${name.padEnd(24)} ${median.toFixed(0)} ms per step, ${speed.toFixed(2)} ×; ` +
        `CPU ${cpu.toFixed(0)} ms per step and process; ` +
        `sends ${(bytes / 1e6).toFixed(2)} MB per step; ` +
        `state ${(stateBytes / 1e6).toFixed(2)} MB; ` +
        `losses at most ${difference.toExponential(1)} apart`,
    ),
    ...bubbles.map(
      ({ microBatches, measured, predicted }) =>
        `pipeline of 2 stages, ${microBatches} micro-batches: waiting ` +
        `${percent(median(measured))} % (${measured.map(percent).join(", ")}), ` +
        `by the formula ${percent(predicted)} %`,
    ),
  ];
}

/**
 * Starts workers whose engines have so many threads, and stops them.
 * @template T
 * @param {number} threads
 * @param {number} size
 * @param {(workers: Workers) => Promise<T>} use
 */
async function withThreads(threads, size, use) {
  const before = process.env.LLM_THREADS;
  process.env.LLM_THREADS = String(threads); // the workers read it when they start their engine
  const workers = await startWorkers(size, { engine: "wasm" });
  try {
    return await use(workers);
  } finally {
    await workers.stop();
    if (before === undefined) delete process.env.LLM_THREADS;
    else process.env.LLM_THREADS = before;
  }
}

/**
 * The bubbles of GPipe over two stages of the same model, `rounds` times each.
 * @param {Workers} workers
 * @param {number} rounds
 */
async function pipeline(workers, rounds) {
  const config = { ...model, vocabSize: 65 };
  const results = await workers.run(
    ({ group, llm }, { config, rounds, counts }) => {
      const { stageParams, pipelineStep } = llm("parallel");
      const { tf } = llm("engine");
      const params = stageParams(llm("gpt").initGPT(config, { seed: 1 }), config, group);
      const row = Array.from({ length: 64 }, (_, t) => (t * 7) % 65);
      const rows = Array.from({ length: 6 }, () => row);
      /** @param {number} M */
      const once = (M) => {
        const micros = Array.from({ length: M }, () => ({ ids: rows, targets: rows }));
        group.barrier();
        const { grads, timeline } = pipelineStep(group, params, config, micros);
        tf.dispose(grads);
        return timeline;
      };
      once(2); // warms the engine up
      return counts.map((M) => Array.from({ length: rounds }, () => once(M)));
    },
    { config, rounds, counts: MICRO_BATCHES },
  );
  return MICRO_BATCHES.map((microBatches, i) => ({
    microBatches,
    predicted: predictedBubble({ stages: 2, microBatches }),
    measured: Array.from({ length: rounds }, (_, round) =>
      measuredBubble(results.flatMap((stage) => stage[i][round])),
    ),
  }));
}
