// How often word vectors get the triples of lesson 05 (embeddings) right: every method, both
// languages, several seeds, with the controls (before training, shuffled text, frequency alone).
//
//     npm run build && node datasets/runs/05-embeddings/record.mjs
//
// The triples are in src/embedding/triples.ts, which was committed before any vector was trained.
// The seeds here were not used while the methods were written.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const dist = (room) => require(fileURLToPath(new URL(`../../../dist/${room}`, import.meta.url)));
const { chineseVerse, mobyDick } = dist("data");
const { Random } = dist("random");
const E = dist("embedding");

const seeds = [11, 12, 13];
const start = process.cpuUsage();
const rounded = (x) => Number(x.toFixed(4));
const languages = [
  { language: "English", text: mobyDick(), triples: E.englishTriples, epochs: 5, passes: 15 },
  { language: "Chinese", text: chineseVerse(), triples: E.chineseTriples, epochs: 2, passes: 6 },
];
const rows = [];
const save = () => {
  const { user, system } = process.cpuUsage(start);
  const about = {
    command: "node datasets/runs/05-embeddings/record.mjs",
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
    cpuSeconds: Math.round((user + system) / 1e6),
    settings: "50 numbers a vector, window 5, words that occur 5 times; skip-gram: 5 negatives",
    epochs: languages.map(({ language, epochs, passes }) => ({ language, skipGram: epochs, glove: passes })),
  };
  const path = fileURLToPath(new URL("runs.json", import.meta.url));
  writeFileSync(path, `${JSON.stringify({ about, rows })}\n`);
};

for (const { language, text, triples, epochs, passes } of languages) {
  const real = E.readCorpus(text);
  const judged = (similarity) => E.judgeTriples(triples, similarity);
  const ofVectors = (vectors) => judged((a, b) => E.similarityOf(vectors, a, b));
  const add = (method, condition, seed, { right, total, interval, wrong }, path) => {
    const [low, high] = interval.map(rounded);
    const row = { language, method, condition, seed, right, total, low, high };
    rows.push({ ...row, ...(path ? { path } : {}), wrong: wrong.map((t) => t.join(" ")) });
    console.log(language, method, condition, seed, right, total, low, high);
    save();
  };
  add("frequency alone", "real", null, judged(E.frequencySimilarity(real)));
  for (const condition of ["real", "shuffled"])
    for (const seed of condition === "real" ? seeds : seeds.slice(0, 1)) {
      const corpus = condition === "real" ? real : E.shuffledCorpus(real, new Random(seed));
      // An SVD has hardly any chance in it: one seed is enough.
      if (seed === seeds[0])
        add("PPMI + SVD", condition, seed, ofVectors(E.ppmiSvd(corpus, { seed })));
      const trainings = {
        "skip-gram": () => E.skipGram(corpus, { seed, epochs }),
        GloVe: () =>
          E.glove(corpus, E.coOccurrence(corpus, { weight: "inverse" }), { seed, epochs: passes }),
      };
      for (const [method, begin] of Object.entries(trainings)) {
        const path = [];
        let last;
        for (const { done, vectors } of begin()) {
          last = ofVectors(vectors);
          if (done === 0 && condition === "real") add(method, "untrained", seed, last);
          path.push([rounded(done), rounded(last.accuracy)]);
        }
        add(method, condition, seed, last, path);
      }
    }
}
