// `npm run bench -- --what sentences`: how many sentences of Moby-Dick become vectors in a second,
// with the real MiniLM (`npm run model minilm`), on wasm, on native and, where LLM_TORCH_PYTHON
// names a Python that has it, by transformers (bench_sentences.py): the same weights and batches,
// tokenization included. Every measurement runs in a process of its own, the peers in turn; each
// computes everything once before it is timed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { embedTexts, loadBert } from "llm/bert/index.js";
import { modelFolder } from "llm/checkpoint/index.js";
import { mobyDick } from "llm/data/index.js";
import { currentEngine, useEngine } from "llm/engine/index.js";

const here = fileURLToPath(import.meta.url);
const python = join(here, "../bench_sentences.py");
const BATCH_TOKENS = 1024;

/**
 * What a process says: seconds on the wall and of its CPUs, and the vectors.
 * @typedef {{ wall: number, cpu: number, vectors: number[][] }} Answer
 */

/** @returns {string[]} 256 sentences from all over the book, of 40 to 400 characters */
function sentences() {
  const all = mobyDick()
    .replace(/\s+/g, " ")
    .split(/(?<=[.!?]) /)
    .filter(({ length }) => length >= 40 && length <= 400);
  return Array.from({ length: 256 }, (_, i) => all[Math.floor((i * all.length) / 256)]);
}

/** The worker's side: prints an Answer. */
async function sentencesWorker(/** @type {string} */ engine, /** @type {string} */ file) {
  const { folder, texts } = JSON.parse(readFileSync(file, "utf8"));
  await useEngine({ prefer: /** @type {"wasm"} */ (engine), quiet: true });
  if (currentEngine().name !== engine) throw new Error(`there is no engine ${engine}`);
  const bert = loadBert(folder);
  await embedTexts(bert, texts, { batchTokens: BATCH_TOKENS });
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const vectors = await embedTexts(bert, texts, { batchTokens: BATCH_TOKENS });
  const { user, system } = process.cpuUsage(cpu);
  const answer = { wall: (performance.now() - wall) / 1e3, cpu: (user + system) / 1e6 };
  console.log(JSON.stringify({ ...answer, vectors: vectors.map((vector) => [...vector]) }));
}

/**
 * @param {{ rounds: number, json: boolean }} options
 * @returns {string[]} lines to print
 */
export function benchSentences({ rounds, json }) {
  const model = modelFolder("minilm");
  if (!model) return ["MiniLM is not here: npm run model minilm"];
  const folder = mkdtempSync(join(tmpdir(), "llm-bench-"));
  try {
    const file = join(folder, "job.json");
    const texts = sentences();
    const threads = availableParallelism();
    const job = { folder: model, texts, batchTokens: BATCH_TOKENS, threads };
    writeFileSync(file, JSON.stringify(job));
    const interpreter = process.env.LLM_TORCH_PYTHON ?? "";
    /** @type {Record<string, [string, string[]]>} */
    const peers = {
      ...(existsSync(interpreter) && { transformers: [interpreter, [python, file]] }),
      native: [process.execPath, [here, "native", file]],
      wasm: [process.execPath, [here, "wasm", file]],
    };
    /** @type {Record<string, Answer[]>} */
    const answers = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++)
      for (const [name, [command, args]] of Object.entries(peers)) {
        const env = { ...process.env, OMP_WAIT_POLICY: process.env.OMP_WAIT_POLICY ?? "passive" };
        const run = spawnSync(command, args, { env, encoding: "utf8", maxBuffer: 2 ** 28 });
        if (run.status !== 0) throw new Error(`${name}: ${run.stderr.trim().slice(-500)}`);
        answers[name].push(JSON.parse(run.stdout));
      }
    return report(answers, texts.length, json);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Sentences per second by the best and the median round; ratios are to the first peer. */
function report(
  /** @type {Record<string, Answer[]>} */ answers,
  /** @type {number} */ count,
  /** @type {boolean} */ json,
) {
  const [first] = Object.values(answers);
  const rows = Object.entries(answers).map(([name, list]) => {
    const sorted = (/** @type {"wall" | "cpu"} */ key) =>
      list.map((answer) => answer[key]).sort((a, b) => a - b);
    const wall = sorted("wall");
    const apart = list[0].vectors.flatMap((vector, i) =>
      vector.map((x, c) => Math.abs(x - first[0].vectors[i][c])),
    );
    return {
      name,
      best: count / wall[0],
      median: count / wall[Math.floor(wall.length / 2)],
      cpu: sorted("cpu")[0],
      apart: apart.reduce((a, b) => Math.max(a, b), 0),
    };
  });
  if (json) return [JSON.stringify({ count, rows })];
  return rows.map(
    ({ name, best, median, cpu, apart }) =>
      `${name.padEnd(14)} best ${best.toFixed(1)} sentences/s, median ${median.toFixed(1)}, ` +
      `${(median / rows[0].median).toFixed(2)} ×; CPU ${cpu.toFixed(1)} s; ` +
      `vectors at most ${apart.toExponential(1)} apart`,
  );
}

if (process.argv[1] === here) {
  const [engine, file] = process.argv.slice(2);
  await sentencesWorker(engine, file);
}
