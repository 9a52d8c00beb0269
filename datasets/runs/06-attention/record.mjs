// How the recorded runs of lesson 06 (attention) were made. To make them again, in about a minute
// of CPU time:
//
//     npm run build && node datasets/runs/06-attention/record.mjs
//
// It trains the lesson's one-layer model with the seeds below, 600 steps each, measures what each
// link of its attention is worth, and writes two files beside this one: the model of the first seed
// (model.safetensors), and the numbers of all of them with snapshots of the first (runs.json).
//
// The seeds are 21 to 32, because the thresholds of the lesson's experiment were written down when
// only seeds below 20 had been looked at.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { tf, useEngine } = require("llm/engine");
const L = require("llm/lookBack");

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const seeds = Array.from({ length: 12 }, (_, i) => 21 + i);
const [steps, sentence] = [600, "the cat on the mat"];
const snapshotSteps = [0, 25, 50, 75, 100, 125, 150, 175, 200, 250, 300, 400, 500, 600];
const rounded = (value) => Number(value.toFixed(3));

const { description } = await useEngine();
const start = process.cpuUsage();
const [snapshots, links] = [[], []];
for (const seed of seeds) {
  const model = L.createLookBack(seed);
  const untrained = {};
  for (const kind of ["told", "asked"])
    untrained[kind] = L.measureLinks(model, { kind, seed }).links.map((l) => rounded(l.weight));
  const losses = [];
  const look = (step) => {
    if (seed !== seeds[0] || !snapshotSteps.includes(step)) return;
    const weights = L.readSentence(model, sentence).weights.map((head) =>
      head.map((row) => row.map(rounded)),
    );
    const recent = losses.slice(-25); // one step's loss jumps about with its 32 sentences
    const loss = recent.length ? rounded(recent.reduce((a, b) => a + b) / recent.length) : null;
    snapshots.push({ step, loss, weights });
  };
  look(0);
  await L.trainLookBack(model, {
    ...{ seed, steps },
    onStep: (step, loss) => {
      losses.push(loss);
      look(step);
    },
  });
  if (seed === seeds[0]) writeFileSync(here("model.safetensors"), L.saveLookBack(model));
  for (const kind of ["told", "asked"]) {
    const measured = L.measureLinks(model, { kind, seed });
    const round = (l) => ({
      ...{ role: l.role, weight: rounded(l.weight) },
      ...{ uniform: rounded(l.uniform), accuracy: rounded(l.accuracy) },
    });
    const [accuracy, all] = [rounded(measured.accuracy), measured.links.map(round)];
    links.push({ seed, kind, accuracy, links: all, untrained: untrained[kind] });
  }
  console.log(`seed ${seed}: ${JSON.stringify(links.slice(-2))}`);
  tf.dispose(Object.values(model));
}
const { user, system } = process.cpuUsage(start);
const about = {
  command: "node datasets/runs/06-attention/record.mjs",
  date: new Date().toISOString().slice(0, 10),
  engine: description,
  machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
  cpuSeconds: Math.round((user + system) / 1e6),
  ...{ steps, sentencesPerStep: 32, testSentences: 300 },
};
const runs = { about, seed: seeds[0], sentence, snapshots, links };
writeFileSync(here("runs.json"), `${JSON.stringify(runs)}\n`);
