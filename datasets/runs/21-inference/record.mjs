// How the recorded runs of lesson 21 (inference) were made. To make them again, in about ten minutes of
// CPU time (most of it SmolLM2; without `npm run model smollm2` only the base model's parts are made):
//
//     npm run build && node datasets/runs/21-inference/record.mjs
//
// One line of JSON per part, model and round is written to runs.jsonl beside this file at once; started
// again, the command goes on with what is missing. With words after it, only those parts or
// models are made.
// Everything is on one thread of the wasm kernels. What is compared is measured in turn within a round,
// in CPU time and wall time; conclusions are medians over the rounds of ratios within a round.
//
// Written down and committed before anything of this was run. Known before: what the runtime's log says
// of decoding one text (39 tokens per CPU second at 4 bits, 16 in float32).
//  1. A pass is bound by memory: on SmolLM2 in float32, reading 4 tokens in one pass costs less than 2
//     times as much as reading 1 (arithmetic alone would make it 4), and 64 tokens less than 64 / 3 times.
//  2. Without a cache the cost is quadratic: on the base model, 128 tokens cost at least 10 times as much
//     as with it, and the ratio at 128 is at least 1.6 times the ratio at 64.
//  3. "A bigger cache is a faster model": true of a pool that is too small (four times as many blocks
//     make the same work at least 1.2 times faster, and preemptions vanish), false beyond it (twice as
//     many blocks again change the time by less than 10 %), and false of a text: after 1,500 tokens a
//     new one costs at least 1.1 times as much as after 16.
//  4. "Batching makes each text slower by as much as it gains": refuted if, with 4 texts on SmolLM2 in
//     float32, the gain in throughput is at least 1.5 times the slowdown of each text. Control: 64 texts,
//     where the claim may well be true.
//  5. Continuous batching writes at least 1.3 times as many tokens per CPU second as static batches, and
//     has a lower mean latency, with each of three draws of arrivals (base model). Control: texts of equal
//     length that come together; there the difference is below 10 %.
//  6. Chunked prefill: when a prompt of 400 tokens arrives, the longest wait of the others for a token is
//     at most half of what it is with the prompt in one pass. Price: the long prompt's own first token
//     comes later; by less than half.
//  7. Prefix cache: the second question to a document of 300 tokens has its first token for at most 0.2
//     of the CPU time of the first question. Control: a question to another document, at least 0.8.
//  8. Speculative decoding with prompt look-up is at least 1.3 times as fast on copying, on SmolLM2 in
//     float32 and at 4 bits. Control: on free text it is less than 1.3 times as fast.
//  9. The model's own first layers as a draft do not pay: with 10 and with 20 of 30 layers, SmolLM2 is
//     slower than without a draft.
// 10. With 16 texts at once even look-up on copying does not pay: a pass over 16 · 5 tokens costs more, in
//     passes over 16, than the tokens that it leaves (1 + accepted per pass of claim 8).
// 11. "Speculative decoding changes the text": refuted if all greedy texts are those without a draft and
//     sampled ones with look-up are the same number for number. Control: a rule that accepts every
//     proposed token gives another text.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { loadBaseModel } = require("llm/baseModel");
const { useEngine } = require("llm/engine");
const I = require("llm/inference");
const { findModel, openGguf } = require("llm/pretrained");
const { Random } = require("llm/random");
const { PagedGPT } = require("llm/runtime");

const path = fileURLToPath(new URL("runs.jsonl", import.meta.url));
const wanted = process.argv.slice(2);
const done = existsSync(path)
  ? readFileSync(path, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line))
  : [];
const isNeeded = (part, model, round) =>
  (wanted.length === 0 || wanted.includes(part) || wanted.includes(model)) &&
  !done.some((one) => one.part === part && one.model === model && one.round === round);
const note = (line) => {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
  console.log(JSON.stringify(line).slice(0, 160));
};
const rounded = (x) => Number(x.toPrecision(4));
/** Seconds of CPU and of the clock on the wall since it was made, or since it was asked last. */
function stopwatch() {
  let [cpu, wall] = [process.cpuUsage(), performance.now()];
  return () => {
    const used = process.cpuUsage(cpu);
    const times = {
      cpu: rounded((used.user + used.system) / 1e6),
      wall: rounded((performance.now() - wall) / 1e3),
    };
    [cpu, wall] = [process.cpuUsage(), performance.now()];
    return times;
  };
}
const idsOf = (rng, n, V) => Array.from({ length: n }, () => 50 + rng.integer(V - 50));
const rounds = (n) => Array.from({ length: n }, (_, i) => i + 1);
const range = (from, n) => Array.from({ length: n }, (_, i) => from + i);
/** The model with fewer blocks. */
const withBlocks = (model, blocks) => Object.create(model, { blocks: { value: blocks } });

/** Claims 1, 4, 10: what a pass costs by how much it reads, of one text and of many. */
function passes(name, model, most) {
  const sizes = [1, 2, 4, 5, 8, 16, 32, 64, 80].filter((n) => n <= most);
  const start = 48; // three blocks, which all texts share
  const ids = idsOf(new Random(1), 200, model.vocabSize);
  const prefix = range(0, 3);
  model.step([{ ids: ids.slice(0, start), start: 0, table: prefix, logits: "none" }]);
  const table = (t) => [...prefix, 3 + t];
  const many = (n) =>
    range(0, n).map((t) => ({ ids: [ids[t]], start, table: table(t), logits: "last" }));
  const one = (n) => [
    { ids: ids.slice(0, n), start, table: [...prefix, ...range(3, 6)], logits: "last" },
  ];
  const kinds = [["texts", many], ["text", one]];
  for (const round of rounds(3)) {
    if (!isNeeded("pass", name, round)) continue;
    const times = kinds.map(([kind, pieces]) => {
      const list = sizes.map((n) => {
        const again = Math.max(1, Math.round(8 / n));
        const watch = stopwatch();
        for (let i = 0; i < again; i++) model.step(pieces(n));
        const { cpu, wall } = watch();
        return { n, cpu: rounded(cpu / again), wall: rounded(wall / again) };
      });
      return [kind, list];
    });
    const bytes = model.weightBytes;
    note({ part: "pass", model: name, round, bytes, ...Object.fromEntries(times) });
  }
}

/** Claim 2: with a cache and without. */
function growth(name, model) {
  const ids = idsOf(new Random(2), 200, model.vocabSize);
  const table = range(0, 16);
  for (const round of rounds(3)) {
    if (!isNeeded("growth", name, round)) continue;
    const list = [16, 32, 64, 128].map((tokens) => {
      const watch = stopwatch();
      for (let i = 0; i < tokens; i++)
        model.step([{ ids: [ids[i]], start: i, table, logits: "last" }]);
      const cached = watch();
      for (let i = 0; i < tokens; i++)
        model.step([{ ids: ids.slice(0, i + 1), start: 0, table, logits: "last" }]);
      return { tokens, cached, plain: watch() };
    });
    note({ part: "growth", model: name, round, list });
  }
}

/** Claim 3, first half: the same work with pools of three sizes. */
function pools(name, model) {
  const rng = new Random(3);
  const requests = range(0, 12).map((seed) => ({
    ...{ ids: idsOf(rng, 24, model.vocabSize), maxNewTokens: 72, seed, at: 0 },
  }));
  for (const round of rounds(3)) {
    if (!isNeeded("pool", name, round)) continue;
    const list = [18, 72, 144].map((blocks) => {
      const engine = new I.InferenceEngine(withBlocks(model, blocks));
      const watch = stopwatch();
      const { steps } = I.serveArrivals(engine, requests);
      const { preemptions, read } = engine.stats();
      return { blocks, steps, read, preemptions, ...watch() };
    });
    note({ part: "pool", model: name, round, list });
  }
}

/** Claim 3, second half: what one more token costs after long texts. */
function contexts(name, model) {
  if (!rounds(5).some((round) => isNeeded("context", name, round))) return;
  const ids = idsOf(new Random(4), 1504, model.vocabSize);
  const table = range(0, Math.ceil(1504 / model.blockTokens));
  for (let at = 0; at < 1500; at += 60)
    model.step([{ ids: ids.slice(at, at + 60), start: at, table, logits: "none" }]);
  for (const round of rounds(5)) {
    if (!isNeeded("context", name, round)) continue;
    const list = [16, 256, 512, 1024, 1500].map((start) => {
      const watch = stopwatch();
      for (let i = 0; i < 4; i++) model.step([{ ids: [ids[start]], start, table, logits: "last" }]);
      const { cpu, wall } = watch();
      return { tokens: start, cpu: rounded(cpu / 4), wall: rounded(wall / 4) };
    });
    note({ part: "context", model: name, round, list });
  }
}

/** Claim 5: one by one, in static batches, continuously; the clock counts seconds of CPU. */
function arrivals(name, model, { texts, seeds, scale = 1 }) {
  const pass = (() => {
    const watch = stopwatch();
    for (let i = 0; i < 10; i++) model.step([{ ids: [60], start: 0, table: [0], logits: "last" }]);
    return watch().cpu / 10;
  })();
  for (const [kind, seed] of [...seeds.map((s) => ["mixed", s]), ["equal", 1]]) {
    const round = `${kind} ${seed}`;
    if (!isNeeded("arrivals", name, round)) continue;
    const rng = new Random(seed);
    let at = 0;
    const requests = range(0, texts).map((i) => {
      if (kind === "equal")
        return { ids: idsOf(rng, 32, model.vocabSize), maxNewTokens: 40 * scale, seed: i, at: 0 };
      at += -Math.log(1 - rng.uniform()) * 10 * scale * pass;
      const maxNewTokens = Math.min(120, 6 + Math.round(-Math.log(1 - rng.uniform()) * 40 * scale));
      const ids = idsOf(rng, 16 + rng.integer(80), model.vocabSize);
      return { ids, maxNewTokens, seed: i, at };
    });
    const ways = [["one by one", 1], ["static", 8], ["continuous", undefined]];
    const list = ways.map(([way, batch]) => {
      const engine = new I.InferenceEngine(model, { maxRunning: 8, prefixCache: false });
      const watch = stopwatch();
      const cost = () => watch().cpu;
      const { served, end, steps } = I.serveArrivals(engine, requests, { batch, cost });
      const latency = served.map((one) => rounded(one.times.at(-1) - one.at));
      const first = served.map((one) => rounded(one.times[0] - one.at));
      const tokens = served.reduce((sum, one) => sum + one.times.length, 0);
      return { way, steps, tokens, end: rounded(end), latency, first };
    });
    note({ part: "arrivals", model: name, round, list });
  }
}

/** Claim 6: a long prompt among texts that are being written. */
function chunks(name, model) {
  const rng = new Random(6);
  const short = range(0, 4).map((seed) => ({
    ...{ ids: idsOf(rng, 8, model.vocabSize), maxNewTokens: 40, seed, at: 0 },
  }));
  const long = { ids: idsOf(rng, 400, model.vocabSize), maxNewTokens: 2, at: 0.6 };
  for (const round of rounds(2)) {
    if (!isNeeded("chunks", name, round)) continue;
    const list = [16, 64, 512].map((tokenBudget) => {
      const engine = new I.InferenceEngine(model, { tokenBudget, prefixCache: false });
      const watch = stopwatch();
      const options = { cost: () => watch().cpu };
      const { served } = I.serveArrivals(engine, [...short, long], options);
      const others = served.slice(0, 4).flatMap(({ times }) =>
        times.slice(1).map((time, i) => time - times[i]),
      );
      const first = served[4].times[0] - long.at;
      const times = served[0].times.map(rounded);
      return { tokenBudget, gap: rounded(Math.max(...others)), first: rounded(first), times };
    });
    note({ part: "chunks", model: name, round, list });
  }
}

/** Claim 7: two questions to a document, and one to another. */
function prefixes(name, model) {
  for (const round of rounds(3)) {
    if (!isNeeded("prefix", name, round)) continue;
    const rng = new Random(70 + round);
    const [a, b] = [0, 1].map(() => idsOf(rng, 300, model.vocabSize));
    const engine = new I.InferenceEngine(model);
    const ask = (document) => {
      const ids = [...document, ...idsOf(rng, 12, model.vocabSize)];
      const generation = engine.submit({ ids, maxNewTokens: 1, temperature: 0 });
      const watch = stopwatch();
      let read = 0;
      while (!generation.finished) read += engine.step();
      return { read, cached: generation.finished.cachedTokens, ...watch() };
    };
    note({ part: "prefix", model: name, round, first: ask(a), second: ask(a), other: ask(b) });
  }
}

const story =
  "The captain opened the old chest and found a brass compass, three letters from Lisbon, a torn " +
  "map of the harbour and eleven silver coins. He counted the coins twice, folded the map, and " +
  "put the letters into his coat.";
const tasks = {
  copy: `<|im_start|>user\nRepeat this text exactly:\n${story}<|im_end|>\n<|im_start|>assistant\n`,
  free: "Once upon a time, in a village by the sea, there lived",
};
const none = { propose: () => ({ ids: [] }) };

/** Claims 8, 9, 11: drafts. The prompt is read before, and found in the prefix cache. */
async function speculation(name, model, tokenizer, drafts, count) {
  const pool = new I.BlockPool(model);
  for (const round of rounds(count))
    for (const [task, prompt] of Object.entries(tasks)) {
      if (!isNeeded("speculate", name, `${task} ${round}`)) continue;
      const ids = [...tokenizer.encode(prompt)];
      const write = (draft, options) =>
        I.speculate(model, ids, {
          ...{ maxNewTokens: 48, temperature: 0, draft, draftTokens: 4, pool },
          ...{ rng: new Random(round), ...options },
        });
      await write(none, { maxNewTokens: 1 });
      const list = [];
      let plain;
      for (const [draft, make] of Object.entries(drafts)) {
        const own = make();
        if (own.model) await write(own, { maxNewTokens: 2 }); // it reads the prompt, too
        const watch = stopwatch();
        const { ids: text, ...counts } = await write(own);
        const times = watch();
        plain ??= text;
        list.push({ draft, ...counts, ...times, same: String(text) === String(plain) });
        own.release?.();
      }
      const sampled = [];
      for (const draft of [none, new I.LookupDraft()])
        sampled.push(String((await write(draft, { temperature: 1, maxNewTokens: 24 })).ids));
      const text = tokenizer.decode(plain.slice(ids.length));
      const accepting = String(acceptAll(model, pool, ids, 24)) === String(plain.slice(0, ids.length + 24));
      const checks = { sampledSame: sampled[0] === sampled[1], acceptingAllSame: accepting };
      note({ part: "speculate", model: name, round: `${task} ${round}`, list, ...checks, text });
    }
}

/** The control of claim 11: greedy text in which every guess of prompt look-up stays. */
function acceptAll(model, pool, prompt, count) {
  const draft = new I.LookupDraft();
  const table = new I.BlockTable(pool);
  table.adopt(table.match(prompt));
  const text = [...prompt];
  while (text.length < prompt.length + count) {
    text.push(...draft.propose(text, 4).ids);
    const logits = I.readText(model, table, text);
    table.advance(text.length, text);
    text.push(logits.indexOf(logits.reduce((a, b) => Math.max(a, b))));
  }
  table.release();
  return text.slice(0, prompt.length + count);
}

await useEngine({ prefer: "wasm", quiet: true });
const machine = `${platform()} ${arch()}, ${cpus()[0].model}, wasm, one thread, Node ${process.version}`;
if (!done.some(({ part }) => part === "about"))
  note({ part: "about", made: new Date().toISOString().slice(0, 10), machine });
const layers = (model, n) => () => new I.ModelDraft(model.firstLayers(n, { cacheTokens: 512 }));
const lookup = { none: () => none, "look-up": () => new I.LookupDraft() };

const base = loadBaseModel();
const small = await PagedGPT.fromParams(base.params, base.config, {
  ...{ cacheTokens: 2560, rowsAtOnce: 80 },
});
passes("base float32", small, 80);
growth("base float32", small);
pools("base float32", small);
arrivals("base float32", small, { texts: 24, seeds: [1, 2, 3] });
await speculation("base float32", small, base.tokenizer, {
  ...lookup, "2 of 6 layers": layers(small, 2), "4 of 6 layers": layers(small, 4),
}, 3);
small.close();

let file;
try {
  file = findModel("smollm2");
} catch (error) {
  console.log(error.message);
}
if (file) {
  const opened = openGguf(file);
  // Which parts there are, so that a model is not packed for nothing.
  const parts = {
    "smollm2 float32": [["pass", 3], ["speculate", "free 2"], ["arrivals", "equal 1"]],
    "smollm2 int4": [
      ...[["pass", 3], ["speculate", "free 3"], ["chunks", 2], ["prefix", 3], ["context", 5]],
      ["arrivals", "equal 1"],
    ],
  };
  const isAnyNeeded = (name) => parts[name].some(([part, last]) => isNeeded(part, name, last));
  const drafts = (model) => ({
    ...lookup,
    ...{ "10 of 30 layers": layers(model, 10), "20 of 30 layers": layers(model, 20) },
  });
  for (const format of ["float32", "int4"]) {
    const name = `smollm2 ${format}`;
    if (!isAnyNeeded(name)) continue;
    const options = { cacheTokens: 2560, maxLength: 1536, rowsAtOnce: 80 };
    const model = await PagedGPT.fromGguf(opened, { ...options, format });
    passes(name, model, 80);
    await speculation(name, model, opened.tokenizer, drafts(model), format === "int4" ? 3 : 2);
    // In float32 for comparison only: added after the base model's result for claim 5 was seen.
    arrivals(name, model, { texts: 10, seeds: [1], scale: 0.5 });
    if (format === "int4") {
      chunks(name, model);
      prefixes(name, model);
      contexts(name, model);
    }
    model.close();
  }
}
