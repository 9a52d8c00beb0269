// `npm run bench -- --what inference`: SmolLM2-135M (`npm run model smollm2`) continuing a text
// greedily by 128 tokens, one text at a time and many, in llm/runtime beside transformers (float32;
// where LLM_TORCH_PYTHON names a Python that has it) and llama.cpp (the same 4-bit file, one
// thread; `npm run llamacpp`). Every measurement runs in a process of its own, the peers in turn;
// each writes a few tokens before it is timed. Tokens per second are of decoding: those after the
// first, over the time after the first.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelFolder } from "llm/checkpoint/index.js";
import { useEngine, whyNoNativeKernels } from "llm/engine/index.js";
import { loadGguf, savePretrained } from "llm/pretrained/index.js";
import { PagedGPT } from "llm/runtime/index.js";

const here = fileURLToPath(import.meta.url);
const python = join(here, "../bench_inference.py");
/** A module of tools/llamacpp. */
const llamaCpp = (/** @type {string} */ name) =>
  import(String(new URL(`../llamacpp/${name}.mjs`, import.meta.url)));
const TOKENS = 128;
const PROMPT = "Once upon a time, in a village by the sea, there lived";

/**
 * What every process is told: the file, the same in a folder of Hugging Face's form, the prompt.
 * @typedef {{ file: string, folder: string, ids: number[], tokens: number, threads: number }} Job
 */

/**
 * What a process says: the first text's new ids, seconds until the first token, seconds in all and
 * of its CPUs, how many texts were written at once, and bytes of weights and of resident memory.
 * @typedef {{ ids: number[], first: number, wall: number, cpu: number, texts: number,
 *   weights?: number, resident?: number }} Answer
 */

const argmax = (/** @type {Float32Array} */ row) => {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  return best;
};

/** Continues `texts` copies of the prompt, each in blocks of its own. @returns {Answer} */
function write(
  /** @type {PagedGPT} */ model,
  /** @type {number[]} */ prompt,
  /** @type {number} */ texts,
  /** @type {number} */ tokens,
) {
  const perText = Math.ceil((prompt.length + tokens) / model.blockTokens);
  const tables = Array.from({ length: texts }, (_, t) =>
    Array.from({ length: perText }, (_, n) => t * perText + n),
  );
  const V = model.vocabSize;
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const read = (/** @type {number[][]} */ ids, /** @type {number} */ at) => {
    const pieces = ids.map((some, t) => ({
      ...{ ids: some, start: at, table: tables[t], logits: /** @type {"last"} */ ("last") },
    }));
    const logits = model.step(pieces);
    return ids.map((_, t) => argmax(logits.subarray(t * V, (t + 1) * V)));
  };
  let next = read(Array(texts).fill(prompt), 0);
  const first = (performance.now() - start) / 1e3;
  const ids = [next[0]];
  for (let i = 0; i < tokens - 1; i++) {
    next = read(
      next.map((id) => [id]),
      prompt.length + i,
    );
    ids.push(next[0]);
  }
  const { user, system } = process.cpuUsage(cpu);
  const wall = (performance.now() - start) / 1e3;
  return { ids, first, wall, cpu: (user + system) / 1e6, texts };
}

/** Our side of a process: prints an Answer. */
async function ours(
  /** @type {Job} */ { file, ids, tokens },
  /** @type {string} */ engine,
  /** @type {string} */ threads,
  /** @type {string} */ format,
  /** @type {string} */ texts,
) {
  const count = Number(texts);
  const model = await PagedGPT.fromGguf(file, {
    engine: /** @type {"wasm"} */ (engine),
    threads: Number(threads),
    ...(format === "file" ? {} : { format: /** @type {"float32"} */ (format) }),
    cacheTokens: count * (ids.length + tokens + 16),
  });
  write(model, ids, count, 4);
  const answer = write(model, ids, count, tokens);
  const more = { weights: model.weightBytes, resident: process.memoryUsage().rss };
  console.log(JSON.stringify({ ...answer, ...more }));
  model.close();
}

/** llama.cpp's side of a process: prints an Answer. */
async function theirs(/** @type {Job} */ { file, ids, tokens }) {
  const { openLlamaCpp } = await llamaCpp("judge");
  const judge = await openLlamaCpp(file);
  await judge.greedy(ids, 8);
  const start = performance.now();
  await judge.greedy(ids, 1);
  const first = (performance.now() - start) / 1e3;
  const [again, cpu] = [performance.now(), process.cpuUsage()];
  const written = await judge.greedy(ids, tokens);
  const { user, system } = process.cpuUsage(cpu);
  const wall = (performance.now() - again) / 1e3;
  const answer = { ids: written, first, wall, cpu: (user + system) / 1e6, texts: 1 };
  console.log(JSON.stringify({ ...answer, resident: process.memoryUsage().rss }));
  await judge.dispose();
}

/**
 * @param {{ rounds: number, json: boolean }} options
 * @returns {Promise<string[]>} lines to print
 */
export async function benchInference({ rounds, json }) {
  const home = modelFolder("smollm2");
  const name = home && readdirSync(home).find((file) => file.endsWith(".gguf"));
  if (!home || !name) return ["SmolLM2 is not here: npm run model smollm2"];
  const file = join(home, name);
  const folder = mkdtempSync(join(tmpdir(), "llm-bench-"));
  try {
    const job = join(folder, "job.json");
    const threads = availableParallelism();
    const interpreter = process.env.LLM_TORCH_PYTHON ?? "";
    await useEngine({ prefer: "wasm", quiet: true });
    const model = loadGguf(file);
    const ids = [...model.tokenizer.encode(PROMPT)];
    const unpacked = join(folder, "model");
    writeFileSync(job, JSON.stringify({ file, folder: unpacked, ids, tokens: TOKENS, threads }));
    if (existsSync(interpreter)) savePretrained(unpacked, model);
    const us = (/** @type {string[]} */ ...args) => [
      process.execPath,
      [here, "ours", job, ...args],
    ];
    const { llamaCppEntry } = await llamaCpp("llamacpp");
    const two = String(Math.min(2, threads));
    const native = whyNoNativeKernels();
    /** @type {Record<string, any>} */
    const peers = {
      ...(existsSync(interpreter) && { "transformers, float32": [interpreter, [python, job]] }),
      ...(llamaCppEntry() && { "llama.cpp, 4 bits": [process.execPath, [here, "theirs", job]] }),
      "wasm, float32": us("wasm", "1", "float32", "1"),
      [`wasm, float32, ${two} threads`]: us("wasm", two, "float32", "1"),
      "wasm, float32, 4 texts": us("wasm", "1", "float32", "4"),
      "wasm, float32, 16 texts": us("wasm", "1", "float32", "16"),
      "wasm, 4 bits": us("wasm", "1", "file", "1"),
      "wasm, 4 bits, 16 texts": us("wasm", "1", "file", "16"),
      ...(native === undefined && {
        "native, float32": us("native", "1", "float32", "1"),
        "native, float32, 4 texts": us("native", "1", "float32", "4"),
        "native, float32, 16 texts": us("native", "1", "float32", "16"),
        "native, 4 bits": us("native", "1", "file", "1"),
        "native, 4 bits, 16 texts": us("native", "1", "file", "16"),
      }),
    };
    /** @type {Record<string, Answer[]>} */
    const answers = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++)
      for (const [name, [command, args]] of Object.entries(peers)) {
        const env = { ...process.env, OMP_WAIT_POLICY: process.env.OMP_WAIT_POLICY ?? "passive" };
        const run = spawnSync(command, args, { env, encoding: "utf8", maxBuffer: 2 ** 28 });
        if (run.status !== 0) throw new Error(`${name}: ${run.stderr.trim().slice(-500)}`);
        answers[name].push(JSON.parse(run.stdout.trim().split("\n").at(-1) ?? ""));
      }
    const lines = report(answers, json);
    return native === undefined || json ? lines : [...lines, `Without native kernels: ${native}`];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Tokens per second by the median round, and per second of CPU. */
function report(/** @type {Record<string, Answer[]>} */ answers, /** @type {boolean} */ json) {
  const median = (/** @type {number[]} */ list) =>
    list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const rows = Object.entries(answers).map(([name, list]) => ({
    name,
    speed: median(
      list.map(({ ids, texts, wall, first }) => ((ids.length - 1) * texts) / (wall - first)),
    ),
    perCpu: median(list.map(({ ids, texts, cpu }) => (ids.length * texts) / cpu)),
    first: median(list.map(({ first }) => first)),
    weights: list[0].weights,
    resident: list[0].resident,
    ids: list[0].ids,
  }));
  if (json) return [JSON.stringify({ tokens: TOKENS, rows })];
  const mega = (/** @type {number | undefined} */ bytes) =>
    bytes === undefined ? "" : `${(bytes / 1e6).toFixed(0)} MB`;
  const same = (/** @type {number[]} */ ids) => {
    const other = rows[0].ids.findIndex((id, i) => id !== ids[i]);
    return other < 0 ? "the same text" : `another text from token ${other} on`;
  };
  return rows.map(
    ({ name, speed, perCpu, first, weights, resident, ids }) =>
      `${name.padEnd(27)} ${speed.toFixed(1).padStart(6)} tokens/s, per CPU second ` +
      `${perCpu.toFixed(1).padStart(6)}; first token after ${(first * 1e3).toFixed(0)} ms; ` +
      `weights ${mega(weights) || "?"}, resident ${mega(resident) || "?"}; ${same(ids)}`,
  );
}

if (process.argv[1] === here) {
  const [side, file, engine, threads, format, texts] = process.argv.slice(2);
  const job = JSON.parse(readFileSync(file, "utf8"));
  await (side === "ours" ? ours(job, engine, threads, format, texts) : theirs(job));
}
