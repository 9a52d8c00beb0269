// `npm run bench -- --what tokenize`: how fast texts become ids, and how fast byte-level BPE is
// learned, beside others on one thread: gpt-tokenizer from npm and, where LLM_TOKENIZERS_PYTHON
// names a Python that has them, tiktoken and Hugging Face's tokenizers (bench_tokenizers.py). Every
// measurement runs in a process of its own, the peers in turn, so that a busy machine disturbs all
// alike; what they made is compared by its SHA-256. "Cold" is the first text that a process
// encodes, when nothing is compiled or remembered; "warm" the best of the ten after it. The time is
// the process's own (CPU): on a busy machine the clock on the wall says little. "wall" is shown for
// the best round.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chineseVerse, datasetPath, mobyDick } from "llm/data/index.js";
import { BpeTokenizer, openAITokenizer } from "llm/tokenizer/index.js";

const here = fileURLToPath(import.meta.url);
const python = join(here, "../bench_tokenizers.py");
const require = createRequire(import.meta.url);

/**
 * One thing that is measured: a text becomes ids, or merges.
 * @typedef {{ what: "encode" | "train", text: string, name: string, vocabSize: number }} Job
 */
/**
 * What a process says: milliseconds of the first time and of the best later one, on its own clock
 * and on the wall, and the digest of what it made.
 * @typedef {{ cold: number, warm: number, wall: number, digest: string }} Answer
 */

/** @type {Record<string, { label: string, python: boolean, does: Job["what"] | "both" }>} */
const peers = {
  llm: { label: "this course", python: false, does: "both" },
  "gpt-tokenizer": { label: "gpt-tokenizer 4.0.0 (npm)", python: false, does: "encode" },
  tiktoken: { label: "tiktoken (Python, Rust)", python: true, does: "encode" },
  tokenizers: { label: "Hugging Face tokenizers (Rust)", python: true, does: "train" },
};

/** Ten million bytes of one kind: the beginning of plotly.js, program text. */
function tenMegabytes() {
  return readFileSync(require.resolve("plotly.js-dist/plotly.js")).subarray(0, 10_000_000);
}

/** @returns {(Job & { bytes: number, label: string })[]} */
function jobs(/** @type {string} */ folder) {
  const shakespeare = datasetPath("tinyshakespeare");
  const book = shakespeare === null ? mobyDick() : readFileSync(shakespeare, "utf8");
  const title = shakespeare === null ? "Moby-Dick" : "Tiny Shakespeare";
  const long = tenMegabytes();
  /** @param {string} name @param {string | Uint8Array} text */
  const write = (name, text) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return { text: path, bytes: statSync(path).size };
  };
  const short = write("book.txt", book);
  const verse = write("verse.txt", chineseVerse().slice(0, 100_000));
  const allVerse = write("all-verse.txt", chineseVerse());
  const encode = /** @type {const} */ ({ what: "encode", vocabSize: 0 });
  const train = /** @type {const} */ ({ what: "train", name: "gpt2" });
  const parts = [2_500_000, 5_000_000, 10_000_000].map((n) => write(`${n}`, long.subarray(0, n)));
  return [
    ...["gpt2", "cl100k", "o200k"].map((name) => {
      return { ...encode, ...short, name, label: `encode ${title}, ${name}` };
    }),
    { ...encode, ...verse, name: "o200k", label: "encode Chinese verse, o200k" },
    { ...train, ...short, vocabSize: 1024, label: `train on ${title}, 1,024 entries` },
    { ...train, ...allVerse, vocabSize: 2048, label: "train on Chinese verse, 2,048 entries" },
    ...parts.map((part) => {
      return {
        ...train,
        ...part,
        vocabSize: 10_256,
        label: `train on program text, 10,256 entries`,
      };
    }),
  ];
}

/**
 * The worker's side: does the job, prints an Answer.
 * @param {string} peer
 * @param {Job} job
 */
export async function tokenizeWorker(peer, { what, text: path, name, vocabSize }) {
  const text = readFileSync(path, "utf8");
  /** @type {() => Int32Array | string} */
  let run;
  if (what === "train")
    run = () => {
      const tokenizer = BpeTokenizer.train(text, { vocabSize });
      return /** @type {string[]} */ (tokenizer.toJSON().merges).join("\n");
    };
  else if (peer === "llm") {
    const tokenizer = openAITokenizer(/** @type {"gpt2"} */ (name));
    run = () => tokenizer.encodeText(text);
  } else {
    const file = name === "gpt2" ? "r50k_base" : `${name}_base`;
    const { encode } = await import(`gpt-tokenizer/encoding/${file}`);
    run = () => Int32Array.from(encode(text, { disallowedSpecial: new Set() }));
  }
  const times = [];
  let made = /** @type {Int32Array | string} */ ("");
  for (let i = 0; i < (what === "train" ? 1 : 11); i++) {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    made = run();
    const { user, system } = process.cpuUsage(cpu);
    times.push({ cpu: (user + system) / 1e3, wall: performance.now() - wall });
  }
  const later = times.length > 1 ? times.slice(1) : times;
  const bytes = typeof made === "string" ? made : new Uint8Array(made.buffer, 0, made.byteLength);
  console.log(
    JSON.stringify({
      cold: times[0].cpu,
      warm: Math.min(...later.map(({ cpu }) => cpu)),
      wall: Math.min(...later.map(({ wall }) => wall)),
      digest: createHash("sha256").update(bytes).digest("hex"),
    }),
  );
}

/**
 * @param {string} peer
 * @param {Job} job
 * @returns {Answer}
 */
function measure(peer, job) {
  const interpreter = process.env.LLM_TOKENIZERS_PYTHON;
  const ranks = dirname(require.resolve("gpt-tokenizer/data/r50k_base.tiktoken"));
  const [command, args] = peers[peer].python
    ? [/** @type {string} */ (interpreter), [python, peer, ranks, JSON.stringify(job)]]
    : [process.execPath, [here, peer, JSON.stringify(job)]];
  const env = { ...process.env, RAYON_NUM_THREADS: "1", TOKENIZERS_PARALLELISM: "false" };
  const { status, stdout, stderr } = spawnSync(command, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${peers[peer].label}: ${stderr.trim().slice(-500)}`);
  return JSON.parse(stdout);
}

/** @param {number} ms @param {number} bytes */
const speed = (ms, bytes) => `${(bytes / ms / 1e3).toFixed(1)} MB/s`;

/**
 * @param {{ rounds: number, json: boolean }} options
 * @returns {string[]} lines to print
 */
export function benchTokenizers({ rounds, json }) {
  const folder = mkdtempSync(join(tmpdir(), "llm-bench-"));
  try {
    const all = jobs(folder).map(({ bytes, label, ...job }) => {
      const names = Object.keys(peers).filter(
        (name) =>
          [job.what, "both"].includes(peers[name].does) &&
          (!peers[name].python || existsSync(process.env.LLM_TOKENIZERS_PYTHON ?? "")),
      );
      /** @type {Record<string, Answer[]>} */
      const answers = Object.fromEntries(names.map((name) => [name, []]));
      for (let round = 0; round < rounds; round++)
        for (const name of names) answers[name].push(measure(name, job));
      const best = names.map((name) => {
        const least = (/** @type {"cold" | "warm" | "wall"} */ key) =>
          Math.min(...answers[name].map((answer) => answer[key]));
        const same = answers[name].every(({ digest }) => digest === answers.llm[0].digest);
        return { name, cold: least("cold"), warm: least("warm"), wall: least("wall"), same };
      });
      return { label, bytes, what: job.what, best };
    });
    return json ? [JSON.stringify(all)] : all.flatMap(toLines);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {{ label: string, bytes: number, what: Job["what"],
 *   best: (Omit<Answer, "digest"> & { name: string, same: boolean })[] }} result */
function toLines({ label, bytes, what, best }) {
  const [ours] = best;
  return [
    "",
    `${label} (${(bytes / 1e6).toFixed(2)} MB)`,
    ...best.map(({ name, cold, warm, wall, same }) => {
      const ratio = (/** @type {number} */ a, /** @type {number} */ b) => `${(a / b).toFixed(2)} ×`;
      const seconds = (/** @type {number} */ ms) => `${(ms / 1e3).toFixed(2)} s`;
      const [first, later] = [ratio(cold, ours.cold), ratio(warm, ours.warm)];
      const times =
        what === "train"
          ? `${seconds(cold)}, ${first} ours; wall ${seconds(wall)}`
          : `cold ${speed(cold, bytes)}, ${first} our time; ` +
            `warm ${speed(warm, bytes)}, ${later} our time`;
      const verdict = same ? "" : "; OTHER RESULT";
      return `  ${peers[name].label.padEnd(32)} ${times}${verdict}`;
    }),
  ];
}

if (process.argv[1] === here) {
  const [peer, job] = process.argv.slice(2);
  await tokenizeWorker(peer, JSON.parse(job));
}
