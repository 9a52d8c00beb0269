// How the chat model's answers and verdicts of lesson 13 (evaluation) were recorded, for readers who
// have not fetched it. To make them again, in about twenty minutes of CPU time:
//
//     npm run model smollm2 && npm run build && node datasets/runs/13-evaluation/judge.mjs
//
// SmolLM2-135M-Instruct answers 24 multiple-choice questions by likelihood (choices), and judges four
// answers to each of 16 of them in pairs, in both orders (verdicts): right or wrong, short or padded
// with words that say nothing.
//
// Written down and committed before anything of this was run:
//  1. By ln p per byte, it answers more questions than chance: the 95 % bootstrap interval of its
//     accuracy lies above 25 %.
//  2. As a judge it has a position bias: over all verdicts, the share for the first place lies
//     outside 35 … 65 %.
//  3. Among pairs of a right and a wrong answer of the same length that it judges alike in both
//     orders, it prefers the right one more often than not: the bootstrap interval lies above 50 %.
//  4. It prefers length: among pairs that are equally right, the padded answer wins more than half of
//     the verdicts, with an interval above 50 %.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { fillTemplate } = require("llm/chat");
const { useEngine } = require("llm/engine");
const E = require("llm/evaluate");
const { CachedGPT } = require("llm/inference");
const { loadModel } = require("llm/pretrained");
const { Random } = require("llm/random");

const { description } = await useEngine();
const start = process.cpuUsage();
const path = fileURLToPath(new URL("judge.json", import.meta.url));
const { params, config: whole, tokenizer, chatTemplate } = loadModel("smollm2");
const config = { ...whole, blockSize: 256 };
const rounded = (x) => Number(x.toFixed(4));
const results = { about: {}, choices: [], verdicts: [] };

const scorer = E.gptScorer({ params, config });
for (const [i, one] of E.questions.entries()) {
  const { options, right } = E.shuffled(one, new Random(13).fork("options", i));
  const context = `Question: ${one.question}\nAnswer:`;
  const scores = E.scoreOptions(scorer, tokenizer, context, options);
  const short = ({ logProb, alone, bytes }) => ({
    ...{ logProb: rounded(logProb), alone: rounded(alone), bytes },
  });
  results.choices.push({ question: one.question, options, right, scores: scores.map(short) });
  console.log(i, right, E.choiceProbabilities(scores).map((p) => p.toFixed(2)).join(" "));
}
save();

const padded = (answer) =>
  `Thank you for this question. I have thought about it for a while, and I would say ${answer}. ` +
  "I hope that this helps.";
const [A, B] = ["A", "B"].map((letter) => tokenizer.encode(letter)[0]);
const cached = new CachedGPT(params, config);
for (const [i, { question, options }] of E.questions.slice(0, 16).entries()) {
  const [right, wrong] = options;
  const answers = [`${right}.`, `${wrong}.`, padded(right), padded(wrong)];
  for (let first = 0; first < 4; first++)
    for (let second = 0; second < 4; second++) {
      if (first === second) continue;
      const content = E.judgePrompt(question, answers[first], answers[second]);
      const text = fillTemplate(chatTemplate, [{ role: "user", content }]);
      const logits = await cached.continueTo(tokenizer.encode(text));
      // ln of the odds for the first place
      results.verdicts.push([i, first, second, rounded(logits[A] - logits[B])]);
    }
  console.log(i, question, results.verdicts.slice(-12).map((v) => v[3]).join(" "));
  save();
}

function save() {
  const { user, system } = process.cpuUsage(start);
  results.about = {
    command: "node datasets/runs/13-evaluation/judge.mjs",
    model: "SmolLM2-135M-Instruct, Q4_1",
    date: new Date().toISOString().slice(0, 10),
    engine: description,
    machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
    cpuSeconds: Math.round((user + system) / 1e6),
    answers: ["right, short", "wrong, short", "right, padded", "wrong, padded"],
  };
  writeFileSync(path, `${JSON.stringify(results)}\n`);
}
