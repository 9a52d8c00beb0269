// How the recorded runs of lesson 20 (decoding) on the course's own models were made; smol.mjs has
// those on SmolLM2. To make them again, in about five minutes of CPU time on the native engine:
//
//     npm run build && node datasets/runs/20-decoding/record.mjs
//
// With names of parts after it (curves, open, end, translate, forms), only those are made; with the
// word "large", there are more and longer texts, in large.jsonl.
// thresholds.md, written before, has the claims. One line of JSON per run is written to runs.jsonl as
// soon as the run has ended; started again, the command goes on with what is missing. Eight texts of
// each setting go to runs/20-decoding/texts12.jsonl, which git ignores: SmolLM2 judges them (smol.mjs).

import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { Ajv2020 } = require("ajv/dist/2020.js");
const { loadBaseModel, END_OF_TEXT } = require("llm/baseModel");
const D = require("llm/decoding");
const { useEngine } = require("llm/engine");
const E = require("llm/evaluate");
const { initGPT } = require("llm/gpt");
const { Constraint, jsonGrammar } = require("llm/grammar");
const { KVCache, sampleBatch } = require("llm/inference");
const { KneserNey } = require("llm/ngram");
const { Random } = require("llm/random");
const T = require("llm/translation");

/** How much is written; with the word "large" more, which takes a quarter of an hour of CPU time. */
const isLarge = process.argv.includes("large");
const sizes = isLarge
  ? { texts: 32, tokens: 128, beams: 8, open: 48, end: 64, pairs: 100, forced: 20 }
  : { texts: 12, tokens: 64, beams: 4, open: 32, end: 40, pairs: 60, forced: 8 };
const parts = process.argv.slice(2).filter((word) => word !== "large");
const wanted = (part) => parts.length === 0 || parts.includes(part);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const file = here(isLarge ? "large.jsonl" : "runs.jsonl");
const texts = here(`../../../runs/20-decoding/texts${sizes.texts}.jsonl`);
mkdirSync(here("../../../runs/20-decoding"), { recursive: true });
const done = new Set(
  existsSync(file)
    ? readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line).key)
    : [],
);
const seeds = [1, 2, 3];
const rounded = (x, digits = 4) => Number(x.toFixed(digits));
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

const { description } = await useEngine({ quiet: true });
let since = process.cpuUsage();
function note(key, run, line) {
  const { user, system } = process.cpuUsage(since);
  since = process.cpuUsage();
  done.add(key);
  const cpuSeconds = rounded((user + system) / 1e6, 1);
  appendFileSync(file, `${JSON.stringify({ key, run, ...line, cpuSeconds })}\n`);
  console.log(key, JSON.stringify(line).slice(0, 240));
}
if (!done.has("about"))
  note("about", "about", {
    made: new Date().toISOString().slice(0, 10),
    machine: `${platform()} ${arch()}, ${cpus()[0].model}, ${description}, Node ${process.version}`,
    ...sizes,
  });

const model = loadBaseModel();
const { params, config, tokenizer } = model;
const base = D.baseParts();
const passages = new Random(20).shuffle(D.bookPassages(base, tokenizer));
const own = (seed, count) => passages.slice((seed - 1) * count, seed * count);
const score = E.gptScorer(model);
const judge = KneserNey.train(
  tokenizer.encode(base.book.read.join(END_OF_TEXT)), 4, config.vocabSize,
);
const judged = E.countingScorer(judge);
const endId = tokenizer.encode(END_OF_TEXT)[0];

/** What a set of continuations is like; `written` are ids without the prompts. */
function measure(prompts, written) {
  const nats = (scorer) =>
    written.map((ids, i) => {
      const logs = scorer([...prompts[i], ...ids]);
      return -mean(Array.from(logs.slice(prompts[i].length - 1)));
    });
  const judgedTexts = nats(judged);
  const words = written.map((ids) => tokenizer.decode(ids));
  return {
    own: rounded(mean(nats(score))),
    judge: rounded(mean(judgedTexts)),
    judgedTexts: judgedTexts.map((x) => rounded(x, 2)),
    repeated: rounded(mean(written.map((ids) => E.repeatedShare(ids, 4)))),
    distinct2: rounded(E.distinctNgrams(written, 2)),
    distinct3: rounded(E.distinctNgrams(written, 3)),
    selfBleu: rounded(E.selfBleu(words.slice(0, 16)), 2),
    sample: words[0],
  };
}

const settings = {
  temperature: [0, 0.3, 0.5, 0.7, 0.85, 1, 1.2].map((temperature) => ({ temperature })),
  topP: [0.5, 0.7, 0.9, 0.95].map((topP) => ({ topP })),
  topK: [3, 10, 30, 100].map((topK) => ({ topK })),
  minP: [0.3, 0.1, 0.03].map((minP) => ({ minP })),
  penalty: [1.2].map((repetitionPenalty) => ({ temperature: 0, repetitionPenalty })),
};
/** Forbids the end of the document: behind it the model would write something else than the book. */
const neverEnding = {
  mask: (logits) => logits.map((z, id) => (id === endId ? -Infinity : z)),
  accept: () => {},
  done: false,
};
const cache = new KVCache(params, config, { rows: sizes.texts, length: 32 + sizes.tokens, compiled: true });
for (const seed of wanted("curves") ? seeds : []) {
  const some = own(seed, sizes.texts);
  const prompts = some.map(({ prompt }) => prompt);
  const keep = (name, written) =>
    appendFileSync(
      texts,
      `${JSON.stringify({
        ...{ name, seed },
        texts: written.slice(0, 8).map((ids, i) => [prompts[i], ids].map((x) => tokenizer.decode(x))),
      })}\n`,
    );
  if (!done.has(`human ${seed}`)) {
    const written = some.map(({ rest }) => rest.slice(0, sizes.tokens));
    keep("human", written);
    note(`human ${seed}`, "curves", { family: "human", seed, ...measure(prompts, written) });
  }
  for (const [family, list] of Object.entries(settings))
    for (const options of list) {
      const name = `${family} ${Object.values(options).at(-1)}`;
      if (done.has(`${name} ${seed}`)) continue;
      const rngs = prompts.map((_, i) => new Random(seed).fork(name, i));
      const constraints = prompts.map(() => neverEnding);
      const found = await sampleBatch(params, config, prompts, {
        ...{ maxNewTokens: sizes.tokens, rngs, constraints, cache },
        ...options,
      });
      const written = found.map(({ ids }) => ids.slice(32));
      keep(name, written);
      note(`${name} ${seed}`, "curves", { family, options, seed, ...measure(prompts, written) });
    }
}

cache.dispose();

// Beam search in open text: no token ends it, so all are equally long.
for (const seed of wanted("open") ? seeds : [])
  for (const width of [1, 4, 8]) {
    if (done.has(`open ${width} ${seed}`)) continue;
    const some = own(seed, sizes.beams);
    const written = [];
    const logs = [];
    for (const { prompt } of some) {
      const options = { width, maxLength: sizes.open, lengthPenalty: 1 };
      const [best] = await D.writeByBeam(params, config, prompt, options);
      written.push(best.ids);
      logs.push(best.logProbability);
    }
    const all = measure(some.map(({ prompt }) => prompt), written);
    note(`open ${width} ${seed}`, "open", { width, seed, logProbability: rounded(mean(logs)), ...all });
    if (width === 1) {
      const human = measure(some.map(({ prompt }) => prompt), some.map(({ rest }) => rest.slice(0, sizes.open)));
      note(`open human ${seed}`, "open", { width: 0, seed, logProbability: rounded(-sizes.open * human.own), ...human });
    }
  }

// Scripted paragraphs, which end: how long is what a beam finds?
const scripted = new Random(21).shuffle(
  base.scripted.heldOut.map((text) => tokenizer.encode(text)).filter(({ length }) => length > 40),
);
for (const seed of wanted("end") ? seeds : [])
  for (const lengthPenalty of [0, 1])
    for (const width of [1, 4, 8]) {
      if (done.has(`end ${width} ${lengthPenalty} ${seed}`)) continue;
      const some = scripted.slice((seed - 1) * sizes.beams, seed * sizes.beams);
      const found = [];
      for (const ids of some) {
        const options = { width, maxLength: sizes.end, endId, lengthPenalty };
        found.push((await D.writeByBeam(params, config, ids.slice(0, 16), options))[0]);
      }
      note(`end ${width} ${lengthPenalty} ${seed}`, "end", {
        ...{ width, lengthPenalty, seed },
        length: mean(found.map(({ ids }) => ids.length)),
        human: mean(some.map(({ length }) => length - 16)),
        finished: mean(found.map(({ finished }) => Number(finished))),
        logProbability: rounded(mean(found.map((one) => one.logProbability))),
        sample: tokenizer.decode(found[0].ids),
      });
    }

// A closed task: the translator of lesson 08 (the Transformer), after 400 of 2,500 steps.
const half = T.loadTranslator("08-transformer/translator-half.safetensors");
const ownLogProbability = (source, target) => {
  // ln p of the right translation with its end
  const ids = [...half.vocabulary.encode(target), half.config.endId];
  const rows = T.nextLogProbabilities(half, source, ids.map((_, i) => ids.slice(0, i)));
  return ids.reduce((sum, id, i) => sum + rows[i][id], 0);
};
for (const seed of wanted("translate") ? seeds : []) {
  if (done.has(`translate ${seed}`)) continue;
  const rng = new Random(seed).fork("translate");
  const pairs = Array.from({ length: sizes.pairs }, (_, i) => T.courseSources[i % 3].draw(rng, "held out"));
  const exact = {};
  let [wrong, searchErrors] = [0, 0];
  for (const [width, lengthPenalty] of [[1, 0], [4, 0], [8, 0], [8, 1]]) {
    let right = 0;
    for (const { source, target } of pairs) {
      const [best] = await T.translateByBeam(half, source, { width, lengthPenalty });
      if (best.text === target) right++;
      else if (width === 1) {
        wrong++;
        if (ownLogProbability(source, target) > best.logProbability + 1e-4) searchErrors++;
      }
    }
    exact[`${width} ${lengthPenalty}`] = right / pairs.length;
  }
  note(`translate ${seed}`, "translate", { seed, exact, wrong, searchErrors });
}

// Five schemas; the base model and one that was not trained, forced and not.
const person = {
  type: "object",
  properties: { name: { type: "string", maxLength: 12 }, age: { type: "integer", minimum: 0, maximum: 120 } },
  required: ["name", "age"],
};
const schemas = {
  person,
  feeling: { enum: ["positive", "negative", "neither"] },
  numbers: { type: "array", items: { type: "integer", minimum: -9, maximum: 99 }, minItems: 1, maxItems: 6 },
  order: {
    type: "object",
    properties: {
      id: { type: "string", pattern: "^[A-Z]{2}-[0-9]{3}$" },
      day: { type: "string", format: "date" },
      paid: { type: "boolean" },
      note: { type: ["string", "null"], maxLength: 10 },
    },
    required: ["id", "paid"],
  },
  crew: { type: "array", items: person, minItems: 1, maxItems: 2 },
};
const ajv = new Ajv2020({ strict: false });
ajv.addFormat("date", (text) => {
  const [y, m, d] = text.split("-").map(Number);
  const day = new Date(Date.UTC(2000, m - 1, d));
  day.setUTCFullYear(y, m - 1, d);
  return day.getUTCMonth() === m - 1 && day.getUTCDate() === d;
});
const untrained = initGPT(config, { seed: 20 });
for (const [name, weights] of Object.entries(wanted("forms") ? { base: params, untrained } : {}))
  for (const seed of seeds)
    for (const [schema, value] of Object.entries(schemas)) {
      const key = `forms ${name} ${schema} ${seed}`;
      if (done.has(key)) continue;
      const grammar = jsonGrammar(value, tokenizer);
      const isValid = ajv.compile(value);
      const prompts = Array.from({ length: sizes.forced }, () => [endId]);
      const rngs = () => prompts.map((_, i) => new Random(seed).fork(key, i));
      const shareValid = (found) =>
        mean(
          found.map(({ ids }) => {
            try {
              return Number(isValid(JSON.parse(tokenizer.decode(ids.slice(1)))));
            } catch {
              return 0;
            }
          }),
        );
      const maxNewTokens = grammar.shortest + 40;
      const steps = { mask: 0, count: 0 };
      const constraints = prompts.map(() => timed(new Constraint(grammar, { maxNewTokens }), steps));
      const options = { maxNewTokens, stopIds: [endId] };
      const forced = await sampleBatch(weights, config, prompts, { ...options, rngs: rngs(), constraints });
      const free = await sampleBatch(weights, config, prompts, { ...options, rngs: rngs() });
      note(key, "forms", {
        ...{ model: name, schema, seed, shortest: grammar.shortest },
        ...{ valid: shareValid(forced), free: shareValid(free) },
        maskMicroseconds: Math.round(steps.mask / steps.count),
        samples: forced.slice(0, 3).map(({ ids }) => tokenizer.decode(ids.slice(1))),
      });
    }

/** The same constraint, which counts the CPU time of its masks in microseconds. */
function timed(constraint, steps) {
  return {
    mask(logits) {
      const start = process.cpuUsage();
      const masked = constraint.mask(logits);
      const { user, system } = process.cpuUsage(start);
      steps.mask += user + system;
      steps.count++;
      return masked;
    },
    accept: (id) => constraint.accept(id),
    get done() {
      return constraint.done;
    },
  };
}

// What a step of the base model costs beside it, one text at a time.
if (wanted("forms") && !done.has("step")) {
  const rngs = () => [new Random(1)];
  const write = (n) => sampleBatch(params, config, [[endId]], { maxNewTokens: n, rngs: rngs() });
  await write(8);
  const start = process.cpuUsage();
  await write(64);
  const { user, system } = process.cpuUsage(start);
  note("step", "step", { microseconds: Math.round((user + system) / 64) });
}
console.log("all runs are recorded");
