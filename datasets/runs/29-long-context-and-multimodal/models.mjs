// What the two commands of lesson 29 (long context and images) share, record.mjs and
// record-more.mjs: the text, how long each model is trained, and the trained models, which are
// made once and kept in runs/29. With the word `look`, other models (seed 1) and the other half of
// the held-out text.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { assignTensors, decodeSafetensors, encodeSafetensors } = require("llm/checkpoint");
const { mobyDick, splitText } = require("llm/data");
const L = require("llm/longContext");
const T = require("llm/longerTexts");
const { CharTokenizer } = require("llm/tokenizer");
const V = require("llm/vision");

export const look = process.argv.includes("look");
export const trained = { steps: 600, needleSteps: 400, visionSteps: 500 };

const tokenizer = CharTokenizer.train(mobyDick());
const { train, val } = splitText(tokenizer.encodeText(mobyDick()));
const half = Math.floor(val.length / 2);
const held = look ? val.subarray(0, half) : val.subarray(half);
export { held, train };

export const rounded = (x, digits = 4) => Number(x.toFixed(digits));
export const mean = (list) => list.reduce((a, b) => a + b, 0) / Math.max(1, list.length);

/** Fills `params` with the model of this name; `make` trains them where there is none yet. */
export async function kept(name, params, make) {
  const file = `runs/29/${name}${look ? "-look" : ""}.safetensors`;
  if (existsSync(file)) {
    assignTensors(params, decodeSafetensors(readFileSync(file)).tensors, file);
    return;
  }
  await make();
  mkdirSync("runs/29", { recursive: true });
  const entries = Object.entries(params);
  const tensors = entries.map(([key, p]) => [key, { shape: p.shape, data: p.dataSync() }]);
  writeFileSync(file, Buffer.concat(encodeSafetensors(Object.fromEntries(tensors))));
}

/** Letters, trained on windows of 64. */
export async function ropeModel(seed) {
  const model = L.createRopeGPT({ vocabSize: tokenizer.vocabSize, seed });
  const make = () => T.trainCharGPT(model, train, { seed, steps: trained.steps });
  await kept(`rope-${seed}`, model.params, make);
  return model;
}

/** Needles, trained on texts of 64 tokens. */
export async function needleModel(seed) {
  const model = L.createNeedleModel(seed);
  const options = { seed, steps: trained.needleSteps, maxLr: 4e-3 };
  await kept(`needle-${seed}`, model.params, () => L.trainNeedleModel(model, options));
  return model;
}

/** Encoders by contrast; `way`: captions read in "order", or as a "bag" of words. */
export async function encoders(seed, way) {
  const config = { ...V.smallVision, textLayers: way === "bag" ? 0 : 1 };
  const params = V.initVision(config, seed);
  const options = { seed, steps: trained.visionSteps, maxLr: 3e-3 };
  await kept(`${way}-${seed}`, params, () => V.trainContrastive(params, config, options));
  return { params, config };
}
