// Records what llama.cpp makes of the GGUF files that the course writes from SmolLM2-135M-Instruct
// (`npm run model smollm2`, `npm run llamacpp`), for lesson 22 (compression):
//
//     npm run build && node datasets/runs/22-compression/llamacpp.mjs [F32 F16 Q8_0 Q4_0]
//
// About a minute of CPU time for each type. For each type of numbers one line in llamacpp.jsonl:
// the file's size, whether greedy texts are the same as ours, and along llama.cpp's texts how far
// its tokens are below our best ones (the criterion of lesson 11 (GPT): quantized files are
// multiplied with quantized inputs there). If LLM_ORACLE_PYTHON names a Python with the package
// gguf, it reads the file too, and its numbers are compared with ours.

import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PROMPTS, theirAnswers } from "../../../tools/llamacpp/compare.mjs";

const require = createRequire(import.meta.url);
const { fillTemplate } = require("llm/chat");
const { modelFolder } = require("llm/checkpoint");
const { useEngine } = require("llm/engine");
const { readGguf, readGgufTensor } = require("llm/gguf");
const { PagedReader } = require("llm/inference");
const { loadGguf, saveGguf } = require("llm/pretrained");
const { PagedGPT } = require("llm/runtime");

const file = fileURLToPath(new URL("llamacpp.jsonl", import.meta.url));
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
const done = new Set(lines.filter((line) => line !== "").map((line) => JSON.parse(line).type));
await useEngine({ prefer: "wasm", quiet: true });
const folder = modelFolder("smollm2");
const name = readdirSync(folder).find((one) => one.endsWith(".gguf"));
const original = join(folder, name);
const model = loadGguf(original);
const texts = PROMPTS.map((content) =>
  fillTemplate(model.chatTemplate, [{ role: "user", content }]),
);
const prompts = texts.map((text) => [...model.tokenizer.encode(text)]);
const only = process.argv.slice(2);
/** C++ where `npm run native` has made the kernels. */
const kernels = existsSync(new URL("../../../native/kernels", import.meta.url)) ? "native" : "wasm";
const temporary = mkdtempSync(join(tmpdir(), "llm-22-"));

const [MOST, WINDOW] = [64, 256]; // tokens of an answer, and of prompt and answer together

/** Our greedy answers, the token that ends each included, on the file's numbers as floats. */
async function ourAnswers(reader) {
  const answers = [];
  for (const ids of prompts) {
    const answer = [];
    let scores = await reader.begin(ids);
    while (answer.length < MOST && answer.at(-1) !== model.generation.eos_token_id) {
      let best = 0;
      for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
      answer.push(best);
      if (answer.length < MOST) scores = await reader.next(best);
    }
    answers.push(answer);
  }
  return answers;
}

/** For each token of an answer, how far its score is below our best one; 0 where it is the best. */
async function below(reader, prompt, answer) {
  const gaps = [];
  let scores = await reader.begin(prompt);
  for (const id of answer) {
    let most = -Infinity;
    for (const x of scores) most = Math.max(most, x);
    gaps.push(most - scores[id]);
    scores = await reader.next(id);
  }
  return gaps;
}

/** Sums of all numbers of a file, by the Python package gguf and by ours. */
function readByPython(path) {
  const python = process.env.LLM_ORACLE_PYTHON ?? "/tmp/oracle-venv/bin/python";
  const script = `
import sys, json, gguf
from gguf.quants import dequantize
sums = {}
for t in gguf.GGUFReader(sys.argv[1]).tensors:
    x = dequantize(t.data, t.tensor_type).astype("float64")
    sums[t.name] = [float(x.sum()), float(abs(x).sum())]
print(json.dumps(sums))`;
  const { status, stdout } = spawnSync(python, ["-c", script, path], { encoding: "utf8" });
  if (status !== 0) return undefined;
  const theirs = JSON.parse(stdout);
  const gguf = readGguf(path);
  let farthest = 0;
  for (const tensor of gguf.tensors.keys()) {
    const { data } = readGgufTensor(gguf, tensor);
    let [sum, size] = [0, 0];
    for (const x of data) {
      sum += x;
      size += Math.abs(x);
    }
    const [theirSum, theirSize] = theirs[tensor];
    const difference = Math.max(Math.abs(sum - theirSum), Math.abs(size - theirSize));
    farthest = Math.max(farthest, difference / theirSize);
  }
  return { tensors: gguf.tensors.size, farthest };
}

try {
  for (const type of ["F32", "F16", "Q8_0", "Q4_0"]) {
    if (done.has(type) || (only.length > 0 && !only.includes(type))) continue;
    const start = process.cpuUsage();
    const path = join(temporary, `${type}.gguf`);
    saveGguf(path, model, { tokenizerFrom: original, type });
    const back = await PagedGPT.fromGguf(path, {
      ...{ format: "float32", engine: kernels, maxLength: WINDOW, cacheTokens: WINDOW },
    });
    const reader = new PagedReader(back);
    const ours = await ourAnswers(reader);
    const { answers } = await theirAnswers(path, prompts, []);
    const gaps = [];
    for (const [i, answer] of answers.entries())
      gaps.push(...(await below(reader, prompts[i], answer)));
    const { user, system } = process.cpuUsage(start);
    const line = {
      type,
      bytes: statSync(path).size,
      same: answers.filter((answer, i) => String(answer) === String(ours[i])).length,
      of: prompts.length,
      places: gaps.length,
      best: gaps.filter((gap) => gap === 0).length,
      farthest: Number(Math.max(...gaps).toFixed(4)),
      texts: PROMPTS.map((prompt, i) => ({
        prompt,
        ours: model.tokenizer.decode(ours[i]),
        theirs: model.tokenizer.decode(answers[i]),
      })),
      python: readByPython(path),
      ...{ date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model, kernels },
      seconds: Math.round((user + system) / 1e6),
    };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    console.log(JSON.stringify({ ...line, texts: undefined }));
    back.close();
    rmSync(path);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
process.exit(0);
