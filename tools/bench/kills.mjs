// `npm run bench -- --what kills`: is a training run that is killed at any moment, and resumed, the
// run that was never killed? One run goes through undisturbed; then one after another is killed
// with SIGKILL, half of them at a random time after the start of the process, half just after a
// random line of the log, and resumed until it is done. Each must have the losses of the first, bit
// for bit, and leave nothing half-written in its folder. The runs are `npm run train`'s own, on a
// short text; the moments are drawn from a seed, but the clock of the machine decides where in a
// run they fall, so what was hit is counted.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const trainer = fileURLToPath(new URL("../../dist/cli/train.js", import.meta.url));
const STEPS = 40;
const EVERY = 5; // steps between two checkpoints
/** A run that is killed so often that it never ends would be a fault of this file. */
const MOST_STARTS = 12;

/** @typedef {{ milliseconds: number } | { line: number, after: number }} Moment */
/** @typedef {{ runs: number, kills: number, before: number, during: number, late: number,
 *   writing: number, different: string[] }} Tally */

/**
 * Numbers from 0 to 1, drawn from a seed (mulberry32).
 * @param {number} seed
 */
function drawer(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param {string} dir */
function logged(dir) {
  const file = join(dir, "log.jsonl");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

/**
 * What must be the same in both runs: every record of the log but its times.
 * @param {string} dir
 */
const losses = (dir) =>
  logged(dir).map((line) => {
    const { ms: _, ...record } = JSON.parse(line);
    return JSON.stringify(record);
  });

/**
 * One process of the trainer, killed at a moment if one is given.
 * @param {string[]} args
 * @param {string} dir
 * @param {Moment} [moment]
 * @returns {Promise<{ killed: boolean, code: number | null, output: string, ms: number }>}
 */
function train(args, dir, moment) {
  const started = performance.now();
  const child = spawn(process.execPath, [trainer, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LLM_ENGINE: process.env.LLM_ENGINE ?? "wasm" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      output = (output + text).slice(-2000);
    });
  const kill = () => child.kill("SIGKILL");
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  if (moment && "milliseconds" in moment) timer = setTimeout(kill, moment.milliseconds);
  else if (moment)
    timer = setInterval(() => {
      if (logged(dir).length < moment.line) return;
      clearInterval(timer);
      timer = setTimeout(kill, moment.after);
    }, 2);
  return new Promise((done) =>
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      done({ killed: signal === "SIGKILL", code, output, ms: performance.now() - started });
    }),
  );
}

/**
 * @param {number} runs how many runs are killed, each once or more
 * @param {number} seed of the moments
 * @param {(line: string) => void} say
 * @returns {Promise<Tally>}
 */
export async function kills(runs, seed, say) {
  const draw = drawer(seed);
  const folder = mkdtempSync(join(tmpdir(), "llm-kills-"));
  const text = join(folder, "text.txt");
  const words = ["call", "me", "ishmael", "some", "years", "ago"];
  writeFileSync(text, Array.from({ length: 1500 }, () => words[Math.floor(draw() * 6)]).join(" "));
  const fresh = (/** @type {string} */ dir) =>
    ["--data", text, "--steps", `${STEPS}`, "--checkpoint-every", `${EVERY}`].concat([
      "--seed",
      "3",
      "--quiet",
      "--out",
      dir,
    ]);
  /** @type {Tally} */
  const tally = { runs: 0, kills: 0, before: 0, during: 0, late: 0, writing: 0, different: [] };
  try {
    const whole = join(folder, "whole");
    const first = await train(fresh(whole), whole);
    if (first.code !== 0) throw new Error(`the undisturbed run failed:\n${first.output}`);
    const right = losses(whole).join("\n");
    const files = readdirSync(whole).sort().join(" ");
    const usual = { ms: first.ms, records: losses(whole).length };
    say(`undisturbed: ${usual.records} records in ${(first.ms / 1000).toFixed(1)} s`);
    for (; tally.runs < runs; tally.runs++) {
      const dir = join(folder, `killed-${tally.runs}`);
      const trouble = await disturb(fresh(dir), dir, draw, usual, tally);
      const same = losses(dir).join("\n") === right;
      const left = existsSync(dir) ? readdirSync(dir).sort().join(" ") : "";
      if (trouble || !same || left !== files) {
        const why = trouble ?? (same ? `it left ${left}` : "other losses");
        tally.different.push(`run ${tally.runs}: ${why}`);
        say(tally.different[tally.different.length - 1]);
      }
      rmSync(dir, { recursive: true, force: true });
      if ((tally.runs + 1) % 20 === 0) say(told({ ...tally, runs: tally.runs + 1 }));
    }
    return tally;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Starts a run, kills it at least once, and goes on until it is done.
 * @param {string[]} fresh
 * @param {string} dir
 * @param {() => number} draw
 * @param {{ ms: number, records: number }} usual of the undisturbed run
 * @param {Tally} tally
 * @returns {Promise<string | undefined>} what went wrong
 */
async function disturb(fresh, dir, draw, usual, tally) {
  let kills = 0;
  for (let starts = 0; starts < MOST_STARTS; starts++) {
    const checkpoint = join(dir, "checkpoint.safetensors");
    const args = existsSync(checkpoint) ? ["--resume", dir, "--quiet"] : fresh;
    // At least one kill, then one more as often as not.
    const again = kills === 0 || (kills < 4 && draw() < 0.5);
    const line = 1 + Math.floor(draw() * (STEPS + 4));
    const moment =
      draw() < 0.5 ? { milliseconds: draw() * usual.ms } : { line, after: draw() * 30 };
    const ended = await train(args, dir, again ? moment : undefined);
    if (!ended.killed) {
      if (ended.code !== 0) return `code ${ended.code}: ${ended.output.trim().slice(-300)}`;
      if (kills > 0) return undefined;
      // It was done before its moment came: a new run, and the machine is quicker than it was.
      usual.ms = Math.min(usual.ms, ended.ms);
      rmSync(dir, { recursive: true, force: true });
      continue;
    }
    kills++;
    tally.kills++;
    const names = existsSync(dir) ? readdirSync(dir) : [];
    if (names.some((name) => name.endsWith(".tmp"))) tally.writing++;
    if (!existsSync(checkpoint)) tally.before++;
    else if (logged(dir).length >= usual.records) tally.late++;
    else tally.during++;
  }
  return `not done after ${MOST_STARTS} starts`;
}

/**
 * What was hit, in words.
 * @param {Tally} tally
 */
export const told = ({ runs, kills, before, during, late, writing, different }) =>
  `${runs} runs, ${kills} kills: ${before} before the first checkpoint, ${during} after it, ` +
  `${late} after the last record; ${writing} of them while a file was being written; ` +
  (different.length === 0
    ? "every run resumed to identical losses"
    : `${different.length} runs differ`);
