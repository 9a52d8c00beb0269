// Records the run of lesson 17 (light fine-tuning) on SmolLM2-135M-Instruct: a LoRA that teaches it
// to answer as {"answer":"..."}, with its controls. thresholds.md, written before, has the claims.
//
//     npm run model smollm2 && npm run build && node datasets/runs/17-light-fine-tuning/smol.mjs
//
// About 25 minutes of CPU time on the native engine and 4.6 GB of memory. Lines are added to
// smol.jsonl as results come; those that are there are left out when the command is started again.
// The LoRA is written to smol-lora/, in PEFT's form with numbers of 16 bits.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { answerTask } = require("llm/answers");
const { useEngine } = require("llm/engine");
const { isRightAnswer, questionText } = require("llm/instructions");
const peft = require("llm/peft");
const { loadModel } = require("llm/pretrained");
const { Random } = require("llm/random");
const { Trainer } = require("llm/train");

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const file = here("smol.jsonl");
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const done = new Set(lines.filter((line) => line !== "").map((line) => JSON.parse(line).key));
const { description: engine } = await useEngine({ quiet: true });
const { params: base, config: whole, tokenizer } = loadModel("smollm2");
const config = { ...whole, blockSize: 256 };
const about = { date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model, engine };

function note(key, result) {
  done.add(key);
  appendFileSync(file, `${JSON.stringify({ key, ...result, ...about })}\n`);
  console.log(key, JSON.stringify(result).slice(0, 400));
}
const cpuSeconds = (since) => {
  const { user, system } = process.cpuUsage(since);
  return Math.round((user + system) / 1e5) / 10;
};

const kinds = peft.formedKinds.filter((kind) => kind !== "json");
const data = peft.skillData({ kinds, languages: ["en"], train: 1200, heldOut: 96 }, new Random(17));
const inForm = (output) => JSON.stringify({ answer: output });
const asJson = (examples) => examples.map((e) => ({ ...e, output: inForm(e.output) }));
const form = peft.smolForm;

/** The prompt of a question, in the three ways of asking. */
const ways = {
  asked: (e) => form.user + questionText(e) + form.assistant,
  told: (e) =>
    `${form.user}${questionText(e)}\nReply only with JSON of the form {"answer":"..."}.` +
    form.assistant,
  shown: (e) => {
    const two = data.train.filter(({ kind }) => kind === e.kind).slice(0, 2);
    const shown = two.map(
      (one) => `${ways.asked(one)}${inForm(one.output)}${form.end}\n`,
    );
    return shown.join("") + ways.asked(e);
  },
};

/** What an answer says if it is the JSON that was asked for, else undefined. */
function said(answer) {
  try {
    const value = JSON.parse(answer);
    const isRight = Object.keys(value).join() === "answer" && typeof value.answer === "string";
    return isRight ? value.answer : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the right answer stands anywhere in a text, as a word of its own. */
function contains(text, right) {
  const at = (i) => text[i] ?? " ";
  for (let i = text.indexOf(right); i !== -1; i = text.indexOf(right, i + 1))
    if (!/[\p{L}\d]/u.test(at(i - 1) + at(i + right.length))) return true;
  return false;
}

/** Scores of a model on the held-out questions. */
async function scored(params, way) {
  const end = tokenizer.encode(form.end)[0];
  const prompts = data.heldOut.map((e) => tokenizer.encode(ways[way](e)));
  const options = { maxNewTokens: 24, stopIds: [end], rows: 16 };
  const ids = await peft.writeAnswers(params, config, prompts, options);
  const answers = ids.map((own) => tokenizer.decode(own).trim());
  const share = (is) => Math.round((1000 * answers.filter(is).length) / answers.length) / 1000;
  const isRight = (a, i) => isRightAnswer(data.heldOut[i], said(a) ?? "");
  const byKind = kinds.map((kind) => {
    const own = data.heldOut.flatMap((e, i) => (e.kind === kind ? [i] : []));
    return [kind, own.filter((i) => isRight(answers[i], i)).length, own.length];
  });
  return {
    formed: share((a) => said(a) !== undefined),
    strict: share(isRight),
    lenient: share((a, i) => contains(a, data.heldOut[i].output)),
    byKind,
    answers: data.heldOut.slice(0, 16).map((e, i) => [questionText(e), e.output, answers[i]]),
  };
}

/** A LoRA on q_proj and v_proj; `stops` says after which steps it is measured. */
async function adapt(name, examples, stops) {
  if (stops.every((step) => done.has(`${name} ${step}`))) return;
  const lora = peft.initLora(base, { r: 8, targets: ["q_proj", "v_proj"] }, { seed: 17 });
  const params = peft.adapted(base, lora);
  const texts = asJson(examples).map((e) => peft.chatIds(e, tokenizer, form));
  const heldOut = asJson(data.heldOut).map((e) => peft.chatIds(e, tokenizer, form));
  const task = answerTask({
    ...{ model: { params, config, tokenizer }, trained: lora.params },
    ...{ draw: (rng) => texts[rng.integer(texts.length)], heldOut },
    ...{ batchSize: 8, length: 64, answerLength: 20, seed: 17 },
  });
  const settings = {
    ...{ steps: 300, maxLr: 1e-3, minLr: 1e-4, warmupSteps: 20, seed: 17, evalEvery: 300 },
    ...{ evalLimit: 8, compile: true },
  };
  const trainer = new Trainer({ task, settings });
  const { trained, share } = peft.trainingCost(base, lora.params);
  let [at, seconds] = [0, 0];
  for (const stop of stops) {
    const since = process.cpuUsage();
    const { history } = await trainer.run({ steps: stop - at });
    [at, seconds] = [stop, seconds + cpuSeconds(since)];
    const losses = history.steps.map(({ loss }) => Math.round(1e3 * loss) / 1e3);
    const val = await peft.meanAnswerLoss(params, config, heldOut, { batchSize: 8 });
    const figures = { trained, share, steps: stop, trainSeconds: seconds, val, losses };
    const rss = Math.round(process.resourceUsage().maxRSS / 1024);
    if (!done.has(`${name} ${stop}`))
      note(`${name} ${stop}`, { ...figures, megabytes: rss, ...(await scored(params, "asked")) });
  }
  if (name === "lora") {
    const baseName = "HuggingFaceTB/SmolLM2-135M-Instruct";
    await peft.saveLora(here("smol-lora"), lora, { base, baseName, type: "F16" });
  }
  trainer.dispose();
  peft.disposeAddition(lora);
}

for (const way of Object.keys(ways))
  if (!done.has(way)) note(way, await scored(base, way));
await adapt("lora", data.train, [100, 300]);
const shuffled = peft.withShuffledAnswers(data.train, new Random(17).fork("shuffled"));
await adapt("shuffled", shuffled, [100]);
console.log("all runs are recorded");
