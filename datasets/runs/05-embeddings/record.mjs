// How the recorded runs of lesson 05 (embeddings) were made. To make them again, in about ten minutes
// of CPU time:
//
//     npm run build && node datasets/runs/05-embeddings/record.mjs
//
// With the word "rest" after it, only the amounts of text and the moving words are made again, in a
// minute; the measurements that are in runs.json stay.
//
// In both languages it makes word vectors by three methods, from the text and from the same words in
// random order, and asks the triples of src/embedding/triples.ts. It writes runs.json beside this
// file: how many were right, how that grows with the amount of text, and where some words stood
// while skip-gram was trained.
//
// The claims, written down before the first run of this script (only English vectors of seed 1 had
// been seen until then, and the settings were not changed afterwards):
//   trained     every method gets at least 75 % right, in each language, with each of the seeds
//   controls    untrained, shuffled text and frequency each get 40 to 60 % on average over the seeds
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { chineseVerse, mobyDick } = require("llm/data");
const E = require("llm/embedding");
const { Random } = require("llm/random");

const seeds = [11, 12, 13];
const [D, window] = [50, 5];
// Chinese verse is six times as long, so fewer passes make about as many steps.
const languages = [
  {
    ...{ language: "English", text: mobyDick(), triples: E.englishTriples },
    epochs: { skipGram: 5, glove: 10 },
  },
  {
    ...{ language: "Chinese", text: chineseVerse(), triples: E.chineseTriples },
    epochs: { skipGram: 2, glove: 5 },
  },
];
const rounded = (x, digits = 4) => Number(x.toFixed(digits));
const start = process.cpuUsage();
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
};

const file = fileURLToPath(new URL("runs.json", import.meta.url));
const before = process.argv[2] === "rest" ? JSON.parse(readFileSync(file, "utf8")) : undefined;
const judged = before?.judged ?? [];
const amounts = [];
let snapshots;
for (const { language, text, triples, epochs } of languages) {
  const real = E.readCorpus(text);
  const note = (where, method, seed, similarity) => {
    const began = cpuSeconds();
    const ask = similarity();
    const { right, total, accuracy, interval, wrong } = E.judgeTriples(triples, ask);
    judged.push({
      ...{ language, text: where, method, seed, right, total, accuracy: rounded(accuracy) },
      ...{ interval: interval.map((x) => rounded(x)), wrong: wrong.map((t) => t.join(" ")) },
      seconds: rounded(cpuSeconds() - began, 1),
    });
    const { wrong: _, ...shown } = judged.at(-1);
    console.log(JSON.stringify(shown));
  };
  const bySimilarity = (vectors) => (a, b) => E.similarityOf(vectors, a, b);
  if (!before) measure();
  function measure() {
    note("text", "frequency", 0, () => E.frequencySimilarity(real));
    for (const seed of seeds)
      note("text", "untrained", seed, () =>
        bySimilarity(E.randomVectors(real, D, new Random(seed).fork("untrained"))),
      );
    for (const seed of seeds) {
      const shuffled = E.shuffledCorpus(real, new Random(seed).fork("shuffled"));
      for (const [where, corpus] of [
        ["text", real],
        ["shuffled", shuffled],
      ]) {
        note(where, "PPMI + SVD", seed, () => bySimilarity(E.ppmiSvd(corpus, { seed, D, window })));
        note(where, "GloVe", seed, () => {
          const counts = E.coOccurrence(corpus, { window, weight: "inverse" });
          return bySimilarity(
            E.trained(E.glove(corpus, counts, { seed, D, epochs: epochs.glove })),
          );
        });
        note(where, "skip-gram", seed, () =>
          bySimilarity(E.trained(E.skipGram(corpus, { seed, D, window, epochs: epochs.skipGram }))),
        );
      }
    }
  }
  // How much text does it take? Words that are missing make a tie.
  for (const part of [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1]) {
    const lines = text.split("\n").filter((line) => line !== ""); // paragraphs, or poems
    const kept = lines.filter((_, i) => (i * part) % 1 < part); // every 1/part-th
    const corpus = E.readCorpus(kept.join("\n"));
    const vectors = E.ppmiSvd(corpus, { seed: seeds[0], D, window });
    const { accuracy, interval } = E.judgeTriples(triples, (a, b) =>
      corpus.ids.has(a) && corpus.ids.has(b) ? E.similarityOf(vectors, a, b) : 0,
    );
    amounts.push({
      ...{ language, part, words: corpus.total, accuracy: rounded(accuracy) },
      interval: interval.map((x) => rounded(x)),
    });
    console.log(JSON.stringify(amounts.at(-1)));
  }
  if (language === "English") {
    const groups = {
      animals: "whale whales fish leviathan sharks",
      vessels: "ship ships boat boats craft pequod",
      people: "ahab starbuck stubb flask queequeg captain",
      numbers: "two three four hundred thousand",
      body: "hand hands arm leg head eyes",
      verbs: "see hear tell speak say go",
    };
    const words = Object.values(groups).join(" ").split(" ");
    const rowsOf = (vectors) => words.flatMap((word) => Array.from(E.vectorOf(vectors, word)));
    const kept = [];
    const options = { seed: seeds[0], D, window, epochs: epochs.skipGram, reports: 20 };
    for (const { done, loss, vectors } of E.skipGram(real, options))
      kept.push({ done, loss, rows: rowsOf(vectors) });
    // All snapshots are seen along the axes of the last one.
    const { project, explained } = E.pca(kept.at(-1).rows, D, 2);
    snapshots = {
      ...{ seed: seeds[0], words, explained: explained.map((x) => rounded(x, 3)) },
      groups: Object.fromEntries(Object.entries(groups).map(([k, v]) => [k, v.split(" ")])),
      steps: kept.map(({ done, loss, rows }) => ({
        ...{ done: rounded(done, 2), loss: Number.isNaN(loss) ? null : rounded(loss, 3) },
        points: Array.from(project(rows), (x) => rounded(x, 3)),
      })),
    };
  }
}
const about = {
  command: "node datasets/runs/05-embeddings/record.mjs",
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
  cpuSeconds: before?.about.cpuSeconds ?? Math.round(cpuSeconds()),
  ...{ D, window },
  epochs: Object.fromEntries(languages.map(({ language, epochs }) => [language, epochs])),
};
writeFileSync(file, `${JSON.stringify({ about, judged, amounts, snapshots })}\n`);
