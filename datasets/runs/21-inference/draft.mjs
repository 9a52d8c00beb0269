// A small GPT that is trained to be a draft for the base model (lesson 21, inference): one layer, 64
// wide, the same tokenizer and the same text. To make draft.jsonl again, in about five minutes of CPU
// time:
//
//     npm run build && node datasets/runs/21-inference/draft.mjs
//
// Then the base model continues 24 held-out beginnings of 48 tokens by 48 more, without a draft, with
// this one, with its own first two layers, and with look-up; greedily and at temperature 1. CPU and wall
// time are measured in turn within each text.
//
// Claims, committed before the first run:
// 12. Trained for it, a small draft is a better guesser than the model's own first layers: at least 0.4
//     of its guesses stay greedily, and at least 1.5 times as many as of the first two layers.
// 13. It saves passes: with four guesses at a time, at most 0.6 passes per new token, greedily.
// 14. On this small base model it does not pay all the same: by the clock, writing takes longer than
//     without a draft (median over the texts), because a pass of the draft is not cheap enough.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const { baseDocuments, baseText, loadBaseModel } = require("llm/baseModel");
const { baseParts, bookPassages } = require("llm/decoding");
const { useEngine } = require("llm/engine");
const I = require("llm/inference");
const { loadGPT, pretrain } = require("llm/pretrain");
const { Random } = require("llm/random");
const { PagedGPT } = require("llm/runtime");

const dir = fileURLToPath(new URL("../../../runs/21-draft", import.meta.url));
const { has, write, lap } = recorder(new URL("draft.jsonl", import.meta.url));
const settings = {
  model: {
    ...{ family: "llama", blockSize: 256, nLayer: 1, nHead: 4, nEmbd: 64, nInner: 176 },
    ...{ dropout: 0, bias: false, qkNorm: true },
  },
  ...{ seed: 21, steps: 900, batchSize: 16, accumulate: 1, maxLr: 6e-3, minLr: 6e-5 },
  ...{ warmupSteps: 50, beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1, clip: 1 },
  ...{ evalEvery: 900, evalLimit: 48, checkpointEvery: 900, sampleLength: 0 },
};

const { description } = await useEngine();
if (!has({ run: "about" })) write(aboutLine(description, { steps: settings.steps }));
const { params, config, tokenizer } = loadBaseModel();
if (!existsSync(`${dir}/checkpoint.safetensors`)) {
  const text = baseText(baseDocuments());
  const data = { name: "the text of llm/baseModel" };
  const trainer = pretrain({ text, data, settings, dir, tokenizer });
  const { metrics } = await trainer.run({ onEval: () => {} });
  const parameters = Object.values(trainer.task.params).reduce((sum, { size }) => sum + size, 0);
  trainer.dispose();
  write({ run: "trained", parameters, val: metrics.val, cpuSeconds: lap() });
}

const small = loadGPT(dir);
const [base, trained] = await Promise.all(
  [
    [params, config],
    [small.params, small.config],
  ].map(([weights, of]) => PagedGPT.fromParams(weights, of, { cacheTokens: 512 })),
);
const drafts = {
  none: () => ({ propose: () => ({ ids: [] }) }),
  "trained, one layer": () => new I.ModelDraft(trained),
  "first two layers": () => new I.ModelDraft(base.firstLayers(2, { cacheTokens: 512 })),
  "look-up": () => new I.LookupDraft(),
};
const beginnings = bookPassages(baseParts(), tokenizer, { prompt: 48, rest: 52 }).slice(0, 24);
for (const temperature of [0, 1]) {
  if (has({ run: "draft", temperature })) continue;
  const made = Object.entries(drafts).map(([name, make]) => [name, make()]);
  const sums = made.map(([name]) => ({ name, passes: 0, proposed: 0, accepted: 0, times: [] }));
  let same = true;
  for (const [n, { prompt }] of [beginnings[0], ...beginnings].entries()) {
    let plain;
    for (const [i, [, draft]] of made.entries()) {
      const cpu = process.cpuUsage();
      const start = performance.now();
      const { ids, ...counts } = await I.speculate(base, prompt, {
        ...{ maxNewTokens: 48, temperature, draft, draftTokens: 4, rng: new Random(n) },
      });
      const wall = performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      plain ??= ids;
      if (temperature === 0) same &&= String(ids) === String(plain);
      if (n === 0) continue; // the first time warms up
      for (const key of ["passes", "proposed", "accepted"]) sums[i][key] += counts[key];
      sums[i].times.push({ cpu: (user + system) / 1e6, wall: wall / 1e3 });
    }
  }
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const list = sums.map(({ times, ...rest }) => ({
    ...{ ...rest, tokens: 48 * beginnings.length },
    ...{ cpu: median(times.map((one, t) => one.cpu / sums[0].times[t].cpu)) },
    ...{ wall: median(times.map((one, t) => one.wall / sums[0].times[t].wall)) },
  }));
  write({ run: "draft", temperature, same, list, cpuSeconds: lap() });
}
base.close();
