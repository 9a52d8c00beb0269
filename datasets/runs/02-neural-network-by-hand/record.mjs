// The recorded runs of lesson 02 (a neural network by hand): the network of scalar values on two
// moons, with twenty seeds, and what it is compared with. To make them again:
//
//     npm run build && node datasets/runs/02-neural-network-by-hand/record.mjs
//
// takes about a minute of processor time. Sizes, steps and learning rate were chosen on seeds 1 to
// 8 and the threshold (97 % of 1,000 new points) was set before seeds 21 to 40 were run. Points,
// weights and batches all come from the seed. "nearest" says of each new point what the nearest
// training point is: the strongest simple method for points in a plane.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";

const require = createRequire(import.meta.url);
const { accuracyOf, trainClassifier } = require("../../../dist/autograd");
const { twoMoons } = require("../../../dist/data");
const { Random } = require("../../../dist/random");

const settings = { hidden: [8, 8], steps: 400, batchSize: 32, lr: 0.1, trainPoints: 400 };
const { trainPoints, ...options } = settings;
const seeds = Array.from({ length: 20 }, (_, i) => 21 + i);
const began = process.cpuUsage();

const runs = seeds.map((seed) => {
  const rng = new Random(seed);
  const train = twoMoons(trainPoints, { rng: rng.fork("train") });
  const test = twoMoons(1000, { rng: rng.fork("test") });
  const shuffled = { ...train, targets: rng.fork("labels").shuffle([...train.targets]) };
  const accuracy = (data, more) =>
    accuracyOf(trainClassifier(data, { ...options, seed, ...more }).network, test);
  const run = {
    seed,
    network: accuracy(train),
    linear: accuracy(train, { hidden: [] }),
    zero: accuracy(train, { init: "zero" }),
    shuffled: accuracy(shuffled),
    nearest: nearestNeighbour(train, test),
  };
  console.log(JSON.stringify(run));
  return run;
});

const about = {
  command: "node datasets/runs/02-neural-network-by-hand/record.mjs",
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0].model.trim()}, shared; Node ${process.version}`,
  cpuSeconds: Math.round((process.cpuUsage().user - began.user) / 1e6),
};
const file = new URL("runs.json", import.meta.url);
writeFileSync(file, `${JSON.stringify({ about, settings, runs }, null, 1)}\n`);

function nearestNeighbour(train, test) {
  const right = test.points.filter(([x, y], i) => {
    const away = train.points.map(([a, b]) => Math.hypot(a - x, b - y));
    return train.targets[away.indexOf(Math.min(...away))] === test.targets[i];
  });
  return right.length / test.points.length;
}
