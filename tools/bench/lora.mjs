// `npm run bench -- --what lora`: one training step of a LoRA (r = 8, all matrices of the blocks)
// beside SmolLM2-135M: 8 rows of 64 tokens of Moby-Dick, the loss of all of them. On the native
// engine operation by operation and compiled, and with LLM_TORCH_PYTHON naming a Python with
// torch, transformers and peft, by these (bench_lora.py). All read the same files: the model as a
// folder of Hugging Face's, the LoRA as a folder of PEFT's, the batches. Everybody is a process of
// its own and they take steps in turn; the first losses are compared. CPU time is of all threads
// together.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mobyDick } from "llm/data/index.js";
import { useEngine } from "llm/engine/index.js";
import { adapted, initLora, saveLora } from "llm/peft/index.js";
import { loadModel, savePretrained } from "llm/pretrained/index.js";
import { Worker } from "./worker.mjs";

const COMPARED = 3; // steps from the same weights
const TOLERANCE = 1e-3; // nats
export const [B, T] = [8, 64];
const BATCHES = 8;

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * Writes model, LoRA and batches into a folder.
 * @param {string} folder
 */
async function writeStart(folder) {
  await useEngine({ prefer: "native", quiet: true });
  const model = loadModel("smollm2");
  const lora = initLora(model.params, { r: 8 }, { seed: 1 });
  await savePretrained(join(folder, "model"), { ...model, chatTemplate: undefined });
  await saveLora(join(folder, "lora"), lora, { base: model.params });
  adapted(model.params, lora);
  const ids = model.tokenizer?.encode(mobyDick().slice(0, 40_000)) ?? [];
  const rows = BATCHES * B * (T + 1);
  writeFileSync(
    join(folder, "batches.bin"),
    new Uint8Array(Int32Array.from(ids.slice(0, rows)).buffer),
  );
}

/**
 * @param {{ rounds: number, json: boolean }} options
 * @returns {Promise<string[]>} lines to print
 */
export async function benchLora({ rounds, json }) {
  const folder = mkdtempSync(join(tmpdir(), "llm-bench-lora-"));
  /** @type {{ worker: Worker, cpu: number[], rss: number }[]} */
  const peers = [];
  const script = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
  try {
    await writeStart(folder);
    const node = (/** @type {string} */ mode) =>
      new Worker(
        mode,
        `native, ${mode}`,
        process.execPath,
        [script("loraWorker.mjs"), folder, mode],
        {
          ...process.env,
          LLM_ENGINE: "native",
        },
      );
    const workers = [node("eager"), node("compiled")];
    const python = process.env.LLM_TORCH_PYTHON;
    if (python)
      workers.push(
        new Worker("torch", "PyTorch, peft", python, [script("bench_lora.py"), folder], {
          OMP_WAIT_POLICY: "passive",
          ...process.env,
        }),
      );
    for (const worker of workers) {
      await worker.ready();
      const { losses } = await worker.ask(0, COMPARED);
      worker.losses.push(...losses);
      console.error(`${worker.label}: losses ${losses.map((x) => x.toFixed(4)).join(", ")}`);
      peers.push({ worker, cpu: [], rss: 0 });
    }
    for (let round = 0; round < rounds; round++)
      for (const peer of peers) {
        const { ms, cpu = [], rss = 0 } = await peer.worker.ask(COMPARED + round, 1);
        peer.worker.ms.push(...ms);
        peer.cpu.push(...cpu);
        peer.rss = rss;
      }
    return report(peers, json);
  } finally {
    for (const { worker } of peers) worker.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {{ worker: Worker, cpu: number[], rss: number }[]} peers
 * @param {boolean} json
 */
function report(peers, json) {
  const last = peers[peers.length - 1].worker;
  const rows = peers.map(({ worker: { label, losses, ms }, cpu, rss }) => ({
    label,
    cpuSeconds: median(cpu) / 1000,
    wallSeconds: median(ms) / 1000,
    gigabytes: rss / 1e9,
    difference: Math.max(...losses.map((loss, i) => Math.abs(loss - last.losses[i]))),
  }));
  if (rows.some(({ difference }) => !(difference < TOLERANCE))) process.exitCode = 1;
  if (json) return [JSON.stringify({ what: "lora", B, T, rows })];
  return [
    "| LoRA beside SmolLM2-135M, 512 tokens | CPU s per step | wall s | largest memory, GB " +
      "| losses differ by |",
    "|---|---:|---:|---:|---:|",
    ...rows.map(
      ({ label, cpuSeconds, wallSeconds, gigabytes, difference }) =>
        `| ${label} | ${cpuSeconds.toFixed(2)} | ${wallSeconds.toFixed(2)} | ` +
        `${gigabytes.toFixed(1)} | ${difference.toExponential(1)} |`,
    ),
  ];
}
