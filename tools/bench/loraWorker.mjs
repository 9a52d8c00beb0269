// The course's side of `npm run bench -- --what lora` (lora.mjs): steps on demand, eager or
// compiled.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { answerLoss, answerRows } from "llm/answers/index.js";
import { compile, currentEngine, tf, useEngine } from "llm/engine/index.js";
import { adamw, clipByGlobalNorm } from "llm/optim/index.js";
import { freezeParams } from "llm/params.js";
import { adapted, loadLora } from "llm/peft/index.js";
import { loadPretrained } from "llm/pretrained/index.js";
import { trainStep } from "llm/train/index.js";
import { B, T } from "./lora.mjs";

/** @typedef {import("llm/params.js").Params} Params */
/** @typedef {import("llm/answers/index.js").AnswerRows} Rows */

const [folder, mode] = process.argv.slice(2);
await useEngine({ quiet: true });
const { params, config } = loadPretrained(join(folder, "model"));
const lora = loadLora(join(folder, "lora"), params);
const all = adapted(params, lora);
freezeParams(params);
const bytes = new Uint8Array(readFileSync(join(folder, "batches.bin")));
const ids = new Int32Array(bytes.buffer);
const optimizer = adamw({ weightDecay: 0 });
const state = optimizer.init(lora.params);

/**
 * @param {Params} p
 * @param {Params} s
 * @param {Rows[]} batches
 * @param {tf.Scalar | number} lr
 */
const plain = (p, s, batches, lr) =>
  trainStep(
    p,
    s,
    batches,
    { loss: (_, rows) => answerLoss(all, config, rows), clip: clipByGlobalNorm, optimizer },
    { lr, maxNorm: 1 },
  );
const step = mode === "compiled" ? compile(plain, { name: "LoRA step" }) : plain;

/**
 * Batch i of the text: the first token of each row is the prompt.
 * @param {number} i
 */
function batch(i) {
  const count = Math.floor(ids.length / (B * (T + 1)));
  const texts = Array.from({ length: B }, (_, b) => {
    const row = [...ids.subarray(((i % count) * B + b) * (T + 1)).subarray(0, T + 1)];
    return { prompt: row.slice(0, 1), answer: row.slice(1) };
  });
  return answerRows(texts, { length: T + 1, answerLength: T });
}

console.log(currentEngine().description);
for await (const line of createInterface({ input: process.stdin })) {
  /** @type {{ from: number, steps: number }} */
  const { from, steps } = JSON.parse(line);
  /** @type {{ losses: number[], ms: number[], cpu: number[], rss: number }} */
  const answer = { losses: [], ms: [], cpu: [], rss: 0 };
  for (let i = from; i < from + steps; i++) {
    const rows = batch(i);
    const [started, used] = [performance.now(), process.cpuUsage()];
    const { loss, norm } = step(
      lora.params,
      state,
      [rows],
      mode === "compiled" ? tf.scalar(1e-4) : 1e-4,
    );
    answer.losses.push((await loss.data())[0]);
    answer.ms.push(performance.now() - started);
    const { user, system } = process.cpuUsage(used);
    answer.cpu.push((user + system) / 1000);
    tf.dispose([loss, norm, rows]);
  }
  answer.rss = 1024 * process.resourceUsage().maxRSS;
  console.log(JSON.stringify(answer));
}
