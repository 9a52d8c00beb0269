// Records what lesson 20 (decoding) asks of SmolLM2-135M-Instruct: answers forced into JSON with their
// controls, what a mask costs, and SmolLM2 as the second judge of texts that record.mjs, which must
// have run before, left in runs/20-decoding/texts12.jsonl. thresholds.md, written before, has the
// claims.
//
//     npm run model smollm2 && npm run build && node datasets/runs/20-decoding/smol.mjs
//
// About seven minutes of CPU time on the native engine. Lines are added to smol.jsonl as
// results come; those that are there are left out when the command is started again.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { gptScorer } = require("llm/evaluate");
const { Constraint, jsonGrammar, regexGrammar } = require("llm/grammar");
const { CachedGPT, generate, sampleBatch } = require("llm/inference");
const { questionText } = require("llm/instructions");
const peft = require("llm/peft");
const { loadModel } = require("llm/pretrained");
const { Random } = require("llm/random");

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const file = here("smol.jsonl");
const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
const done = new Set(lines.map((line) => JSON.parse(line).key));
const { description: engine } = await useEngine({ quiet: true });
const { params, config: whole, tokenizer } = loadModel("smollm2");
const config = { ...whole, blockSize: 256 };
const about = { date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model, engine };
const rounded = (x, digits = 4) => Number(x.toFixed(digits));
const cpuMicroseconds = (since) => {
  const { user, system } = process.cpuUsage(since);
  return user + system;
};
let since = process.cpuUsage();
function note(key, result) {
  done.add(key);
  const cpuSeconds = rounded(cpuMicroseconds(since) / 1e6, 1);
  since = process.cpuUsage();
  appendFileSync(file, `${JSON.stringify({ key, ...result, ...about, cpuSeconds })}\n`);
  console.log(key, JSON.stringify(result).slice(0, 300));
}

// The questions of smol.mjs of lesson 17 (light fine-tuning); the first 72 of its 96.
const kinds = peft.formedKinds.filter((kind) => kind !== "json");
const data = peft.skillData({ kinds, languages: ["en"], train: 1200, heldOut: 96 }, new Random(17));
const questions = data.heldOut.slice(0, 72);
const form = peft.smolForm;
const end = tokenizer.encode(form.end)[0];
const inForm = (output) => JSON.stringify({ answer: output });
const asked = (e) => form.user + questionText(e) + form.assistant;
const shown = (e) => {
  const two = data.train.filter(({ kind }) => kind === e.kind).slice(0, 2);
  return two.map((one) => `${asked(one)}${inForm(one.output)}${form.end}\n`).join("") + asked(e);
};
const maxNewTokens = 24;

/** Greedy answers to prompts; each may have a constraint. */
async function answers(prompts, constraintOf) {
  const ids = prompts.map((text) => tokenizer.encode(text));
  const order = ids.map((_, i) => i).sort((i, j) => ids[i].length - ids[j].length);
  const written = [];
  for (let at = 0; at < order.length; at += 12) {
    const some = order.slice(at, at + 12);
    const found = await sampleBatch(params, config, some.map((i) => ids[i]), {
      ...{ maxNewTokens, temperature: 0, stopIds: [end] },
      rngs: some.map((i) => new Random(i)),
      ...(constraintOf ? { constraints: some.map(constraintOf) } : {}),
    });
    for (const [k, i] of some.entries())
      written[i] = tokenizer.decode(found[k].ids.slice(ids[i].length).filter((id) => id !== end));
  }
  return written;
}

/** What an answer says if it is the JSON that was asked for, else null. */
function said(answer) {
  try {
    const { answer: text } = JSON.parse(answer);
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}

/** Whether a text stands anywhere in another, as a word of its own. */
function contains(text, right) {
  const at = (i) => text[i] ?? " ";
  for (let i = text.indexOf(right); i !== -1; i = text.indexOf(right, i + 1))
    if (!/[\p{L}\d]/u.test(at(i - 1) + at(i + right.length))) return true;
  return false;
}

/** The answers among which a question chooses, or null. */
function choices({ kind, input }) {
  if (kind === "feeling") return ["positive", "negative"];
  if (kind === "larger" || kind === "pick") return input.split(/,\s*/);
  return null;
}
const schema = { type: "object", properties: { answer: { type: "string" } }, required: ["answer"] };
const grammars = { "": jsonGrammar(schema, tokenizer), " ": jsonGrammar(schema, tokenizer, { space: " " }) };
const forced = (space) => () => new Constraint(grammars[space], { maxNewTokens });
const listed = (e, json) => {
  const grammar = json
    ? jsonGrammar({ ...schema, properties: { answer: { enum: choices(e) } } }, tokenizer)
    : regexGrammar(choices(e).join("|"), tokenizer);
  return new Constraint(grammar, { maxNewTokens });
};

/** One condition: for each question what was said, and whether that is right. */
async function condition(key, { prompt, constraintOf, read, some = questions }) {
  if (done.has(key)) return;
  const written = await answers(some.map(prompt), constraintOf && ((i) => constraintOf(some[i])));
  const rows = written.map((text, i) => {
    const own = read(text);
    const { output, kind } = some[i];
    const others = (choices(some[i]) ?? []).filter((one) => one !== output);
    return {
      ...{ question: questionText(some[i]), kind, right: output, written: text },
      strict: own !== null && own.trim() === output,
      lenient: contains(text, output),
      alone: contains(text, output) && !others.some((one) => contains(text, one)),
      formed: own !== null,
    };
  });
  const share = (of) => rounded(rows.filter((row) => row[of]).length / rows.length);
  note(key, {
    run: "answers",
    ...Object.fromEntries(["strict", "lenient", "alone", "formed"].map((of) => [of, share(of)])),
    choices: some.map((e) => choices(e)?.length ?? 0),
    rows,
  });
}

/** The form's beginning in the tokenizer's own tokens, as part of the prompt; the mask from there on. */
const continued = (space) => () => {
  const beginning = tokenizer.encode(`{"answer":${space}"`);
  const constraint = new Constraint(grammars[space], { maxNewTokens: maxNewTokens + beginning.length });
  for (const id of beginning) constraint.accept(id);
  return constraint;
};
const toQuote = (text) => (text.includes('"') ? text.slice(0, text.indexOf('"')) : null);
const closed = questions.filter((e) => choices(e) !== null);
await condition("asked, free", { prompt: asked, read: (text) => text });
await condition("asked, forced", { prompt: asked, constraintOf: forced(""), read: said });
await condition("asked, forced with spaces", { prompt: asked, constraintOf: forced(" "), read: said });
await condition("asked, begun", { prompt: (e) => `${asked(e)}{"answer":"`, read: toQuote });
await condition("asked, begun with spaces", { prompt: (e) => `${asked(e)}{"answer": "`, read: toQuote });
await condition("shown, free", { prompt: shown, read: said });
await condition("shown, forced", { prompt: shown, constraintOf: forced(""), read: said });
for (const space of ["", " "])
  await condition(`asked, begun${space ? " with spaces" : ""}, masked`, {
    prompt: (e) => `${asked(e)}{"answer":${space}"`,
    constraintOf: continued(space),
    read: (text) => said(`{"answer":"${text}`),
  });
const plain = (text) => text;
await condition("choice, bare", { prompt: asked, constraintOf: (e) => listed(e, false), read: plain, some: closed });
await condition("choice, in JSON", { prompt: asked, constraintOf: (e) => listed(e, true), read: said, some: closed });

// What a mask costs beside a step, at batch 1.
if (!done.has("speed")) {
  const long = jsonGrammar(
    { type: "array", items: { type: "string", maxLength: 20 }, minItems: 4, maxItems: 4 },
    tokenizer,
  );
  const model = new CachedGPT(params, config);
  const ids = tokenizer.encode(asked(questions[0]));
  const write = async (constraint) => {
    const start = process.cpuUsage();
    const text = await generate(params, config, ids, {
      ...{ maxNewTokens: 48, temperature: 1, rng: new Random(1), model, constraint },
    });
    return { cpu: cpuMicroseconds(start), tokens: text.length - ids.length };
  };
  await write();
  const free = await write();
  let [mask, count] = [0, 0];
  const constraint = new Constraint(long, { maxNewTokens: 48 });
  const timed = {
    mask(logits) {
      const start = process.cpuUsage();
      const masked = constraint.mask(logits);
      mask += cpuMicroseconds(start);
      count++;
      return masked;
    },
    accept: (id) => constraint.accept(id),
    get done() {
      return constraint.done;
    },
  };
  await write(timed);
  model.dispose();
  note("speed", {
    run: "speed",
    stepMicroseconds: Math.round(free.cpu / free.tokens),
    maskMicroseconds: Math.round(mask / count),
    tokens: count,
  });
}

// The second judge: nats per byte of the continuations.
const judgedNames = ["human", "temperature 0", "temperature 0.7", "temperature 1"];
const textFile = here("../../../runs/20-decoding/texts12.jsonl");
const score = gptScorer({ params, config });
for (const line of existsSync(textFile) ? readFileSync(textFile, "utf8").split("\n").filter(Boolean) : []) {
  const { name, seed, texts } = JSON.parse(line);
  const key = `judge ${name} ${seed}`;
  if (!judgedNames.includes(name) || done.has(key)) continue;
  let [nats, bytes] = [0, 0];
  for (const [prompt, rest] of texts) {
    const [before, after] = [prompt, rest].map((text) => tokenizer.encode(text));
    const logs = score([...before, ...after]);
    nats -= Array.from(logs.slice(before.length - 1)).reduce((a, b) => a + b, 0);
    bytes += Buffer.byteLength(rest);
  }
  note(key, { run: "judge", name, seed, natsPerByte: rounded(nats / bytes) });
}
console.log("all runs are recorded");
