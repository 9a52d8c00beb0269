// `npm run operations`: compares the operations of tfjs on all engines, with arguments drawn from
// seeds (./catalogue). The js engine says what is right, where a difference of values does not
// show that its gradient is wrong. Every engine runs in a process of its own (./worker).
//
//   npm run operations -- --cases 200 --seed 1 --engines wasm,native --only sum,gather
//
// The engines are wasm, native, and "compiled": native with each case as a compiled function.
// `--cases` is per operation. What is printed: for every kind of difference how many cases show
// it, and the smallest of them as one would write it. The exit status is 1 if there is any.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { commandLine, nearest, quoted } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { draw, inputsOf, textOf } from "./cases.mjs";
import { catalogue } from "./catalogue/index.mjs";
import { differences, isRefused, slopeDifferences } from "./compare.mjs";

/** @typedef {import("./cases.mjs").Report} Report */
/** @typedef {{ report: Report, overwritten: boolean, crashed?: string }} Answer */

/** Milliseconds after which a case has hung. */
const PATIENCE = 120_000;

/** One engine's process, begun again when it dies. */
class Runner {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;

  /** @param {string} engine */
  constructor(engine) {
    this.engine = engine;
  }

  /** @returns {Promise<import("node:child_process").ChildProcess>} */
  #start() {
    if (this.#child) return Promise.resolve(this.#child);
    const worker = fileURLToPath(new URL("worker.mjs", import.meta.url));
    const child = fork(worker, [this.engine], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    return new Promise((done, failed) => {
      child.once("message", (/** @type {{ ready: string }} */ { ready }) => {
        if (ready !== this.engine) {
          child.kill();
          failed(new Error(`operations: expected the engine ${this.engine}, got ${ready}`));
        }
        this.#child = child;
        done(child);
      });
      child.once("exit", (code) => failed(new Error(`operations: ${this.engine} ended (${code})`)));
    });
  }

  /**
   * @param {string} name
   * @param {number[]} seeds
   * @returns {Promise<Map<number, Answer>>}
   */
  async run(name, seeds) {
    /** @type {Map<number, Answer>} */
    const answers = new Map();
    let left = seeds;
    while (left.length > 0) {
      const child = await this.#start();
      await new Promise((done) => {
        let said = "";
        let timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
        const finish = () => {
          clearTimeout(timer);
          child.off("message", listen);
          child.stderr?.off("data", hear);
          child.off("exit", end);
          done(undefined);
        };
        const hear = (/** @type {Buffer} */ data) => {
          said += data;
        };
        const listen = (/** @type {Answer & { seed: number }} */ answer) => {
          answers.set(answer.seed, answer);
          clearTimeout(timer);
          timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
          if (answers.size === seeds.length) finish();
        };
        const end = (/** @type {number} */ code, /** @type {string} */ signal) => {
          this.#child = undefined;
          const seed = left.find((s) => !answers.has(s));
          const crashed = `${signal ?? code}: ${said.split("\n").find((l) => l.trim()) ?? ""}`;
          /** @type {Report} */
          const report = { value: { error: crashed, refused: false }, left: 0 };
          if (seed !== undefined) answers.set(seed, { report, overwritten: false, crashed });
          finish();
        };
        child.on("message", listen);
        child.stderr?.on("data", hear);
        child.on("exit", end);
        child.send({ name, seeds: left });
      });
      left = seeds.filter((s) => !answers.has(s));
    }
    return answers;
  }

  stop() {
    this.#child?.kill();
  }
}

/** @typedef {{ count: number, size: number, text: string, call: string, seed: number }} Group */

async function main() {
  const { values: options } = commandLine(commands.operations);
  const { cases: count, engines: others } = options;
  const first = options.seed * 1_000_000;
  const names = options.only ?? Object.keys(catalogue);
  const strange = names.find((name) => !Object.hasOwn(catalogue, name));
  if (strange !== undefined) {
    const meant = nearest(strange, Object.keys(catalogue));
    console.error(
      `operations: --only: expected names of the catalogue, got ${quoted(strange)}` +
        (meant === undefined ? "" : `; did you mean ${meant}?`),
    );
    process.exit(2);
  }
  const seeds = Array.from({ length: count }, (_, i) => first + i);
  const js = new Runner("js");
  const runners = others.map((engine) => new Runner(engine));
  const { tf } = await import("llm/engine/index.js");
  /** @type {Map<string, Group>} */
  const groups = new Map();
  /** @type {Map<string, number>} */
  const refusals = new Map();
  let [cases, gradients, fails, kinds] = [0, 0, 0, 0];
  for (const name of names) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}`);
    const entry = catalogue[name];
    const isMethod = name in tf.Tensor.prototype;
    const [right, ...answers] = await Promise.all([js, ...runners].map((r) => r.run(name, seeds)));
    const note = (
      /** @type {string} */ engine,
      /** @type {number} */ seed,
      /** @type {{ kind: string, text: string }} */ { kind, text },
    ) => {
      const one = draw(name, entry, seed, isMethod);
      const types = [...new Set(inputsOf(one.args).map((x) => x.dtype))].sort().join(", ");
      const failed = /fails/.test(kind)
        ? ` · ${text.replace(/[\d.,[\]]+/g, "#").slice(0, 60)}`
        : "";
      const key = `${name} · ${engine} · ${kind} · ${types}${failed}`;
      const size =
        inputsOf(one.args).reduce((sum, x) => sum + x.size + x.rank, 0) + (one.method ? 1 : 0);
      const group = groups.get(key) ?? {
        count: 0,
        size: Number.POSITIVE_INFINITY,
        text,
        call: "",
        seed,
      };
      group.count++;
      if (size < group.size) Object.assign(group, { size, text, call: textOf(one), seed });
      groups.set(key, group);
    };
    for (const seed of seeds) {
      const one = draw(name, entry, seed, isMethod);
      const { report } = /** @type {Answer} */ (right.get(seed));
      cases++;
      if (report.gradient && "results" in report.gradient) gradients++;
      if ("error" in report.value) fails++;
      for (const d of slopeDifferences(one, report)) note("js", seed, d);
      answers.forEach((list, k) => {
        const answer = /** @type {Answer} */ (list.get(seed));
        if (answer.crashed)
          note(others[k], seed, { kind: "the process ends", text: answer.crashed });
        if (answer.overwritten)
          note(others[k], seed, { kind: "writes beyond its result", text: "" });
        if (isRefused(answer.report)) {
          const key = `${name} · ${others[k]}`;
          refusals.set(key, (refusals.get(key) ?? 0) + 1);
        }
        for (const d of differences(one, entry, report, answer.report)) note(others[k], seed, d);
      });
    }
    for (const [key, { count, text, call, seed }] of groups)
      console.log(`${key}: ${count} of ${seeds.length}\n    ${text}\n    ${call}   (seed ${seed})`);
    kinds += groups.size;
    groups.clear();
  }
  for (const [key, n] of refusals) console.log(`refused by name: ${key}: ${n} of ${seeds.length}`);
  console.log(
    `\n${names.length} operations, ${cases} cases (${gradients} with gradients, ${fails} that js ` +
      `does not take) on js, ${others.join(", ")}: ${kinds} kinds of differences`,
  );
  for (const runner of [js, ...runners]) runner.stop();
  process.exit(kinds > 0 ? 1 : 0);
}

await main();
