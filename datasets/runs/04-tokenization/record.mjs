// How the recorded runs of lesson 04 (tokenization) were made. To make them again:
//
//     npm run build
//     node datasets/runs/04-tokenization/record.mjs letters     writes letters.json
//     node datasets/runs/04-tokenization/record.mjs sums        writes sums.json
//
// A small GPT (2 layers, 4 heads, 64 wide) learns to count letters in words and to add numbers, in
// several notations, with three seeds each, and is asked questions that it was not trained on: words
// that never occurred, sums that never occurred in either order. The seeds are 41 to 43: when the
// lesson's thresholds were written down, only seed 1 had been looked at.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { mobyDick } = require("llm/data");
const { useEngine } = require("llm/engine");
const { Random } = require("llm/random");
const { BpeTokenizer } = require("llm/tokenizer");
const T = require("llm/tokenTasks");

const seeds = [41, 42, 43];
const letterSteps = 1500;
const sumSteps = { 2: 2000, 3: 4000 };
const rounded = (value) => Number(value.toFixed(4));

const part = process.argv[2];
if (part !== "letters" && part !== "sums")
  throw new Error(`record: expected letters or sums, got ${part}`);
const { description } = await useEngine();
const start = process.cpuUsage();
save(part === "letters" ? await letters() : await sums());

/** The words: nine in ten for training, one in ten held out. The tokenizer has read the whole text. */
async function letters() {
  const words = T.wordsOf(mobyDick());
  const [train, test] = [words.filter((_, i) => i % 10 !== 3), words.filter((_, i) => i % 10 === 3)];
  const bpe = BpeTokenizer.train(mobyDick(), { vocabSize: 1024 });
  const cut = (word) => bpe.encode(` ${word}`).map((id) => bpe.decode([id]));
  const tokens = [...new Set(words.concat("strawberry").flatMap(cut))].sort();
  const asked = new T.LetterQuestions(train);
  const rng = new Random(4).fork("letters");
  const heldOut = Array.from({ length: 1000 }, () => new T.LetterQuestions(test).draw(rng));

  const curves = [];
  for (const seed of seeds)
    for (const name of T.letterNotations) {
      const { notation, write } = T.letterNotation(name, cut, tokens);
      const examples = heldOut.map(write);
      const model = T.createAnswering(notation, { seed });
      const curve = { notation: name, seed, parameters: T.sizeOf(model), steps: [], accuracy: [] };
      const onLook = (step) => {
        curve.steps.push(step);
        curve.accuracy.push(rounded(T.accuracy(model, examples, 1)));
      };
      const draw = (r) => write(asked.draw(r));
      await T.trainAnswering(model, { seed, steps: letterSteps, draw, look: { every: 150, onLook } });
      const size = ({ word }) => Math.min(4, cut(word).length);
      curve.byTokens = [1, 2, 3, 4].map((n) => {
        const some = examples.filter((_, i) => size(heldOut[i]) === n);
        return some.length < 20 ? null : rounded(T.accuracy(model, some, 1));
      });
      const letters = [..."strawbey"];
      const questions = letters.map((l) => write({ word: "strawberry", letter: l, count: 0 }));
      const said = T.answer(model, questions.map((q) => q.question));
      curve.strawberry = letters.map((letter, i) => ({ letter, answer: said[i].join(" ") }));
      if (name === "tokens, spelled out") curve.spelling = spelling(model, examples, heldOut);
      console.log(JSON.stringify(curve));
      curves.push(curve);
      T.disposeAnswering(model);
    }
  const guess = T.guessByLength(asked, new Random(4).fork("guess"));
  const guessByLength = heldOut.filter((q) => guess(q) === q.count).length / heldOut.length;
  const settings = { steps: letterSteps, words: words.length, vocabulary: bpe.vocabSize };
  return { settings, curves, guessByLength };
}

/** How the word is spelt, and whether the number is that of the model's own spelling. */
function spelling(model, examples, questions) {
  const said = T.answer(model, examples.map((e) => e.question));
  const own = said.map((symbols) => symbols.slice(0, -2).map((s) => s.slice(1)).join(""));
  const share = (some, holds) => rounded(some.filter(holds).length / Math.max(1, some.length));
  const all = questions.map((_, i) => i);
  const count = (i) => Number(said[i].at(-1));
  const misspelt = all.filter((i) => own[i] !== questions[i].word);
  return {
    rightWord: share(all, (i) => own[i] === questions[i].word),
    countsOwn: share(all, (i) => count(i) === Math.min(3, T.countOf(own[i], questions[i].letter))),
    rightWhereSpelt: share(
      all.filter((i) => own[i] === questions[i].word),
      (i) => count(i) === questions[i].count,
    ),
    countsOwnWhereMisspelt: share(
      misspelt,
      (i) => count(i) === Math.min(3, T.countOf(own[i], questions[i].letter)),
    ),
  };
}

async function sums() {
  const curves = [];
  for (const digits of [2, 3])
    for (const seed of seeds)
      for (const name of T.sumNotations) {
        if (digits === 2 && name === "groups from the right") continue; // the same as from the left
        const { notation, write } = T.sumNotation(name, digits);
        const rng = new Random(4).fork("sums", digits);
        const asked = Array.from({ length: 1000 }, () => T.drawSum(rng, { digits, heldOut: true }));
        const examples = asked.map(write);
        const model = T.createAnswering(notation, { seed });
        const curve = { notation: name, digits, seed, parameters: T.sizeOf(model) };
        Object.assign(curve, { steps: [], accuracy: [] });
        const onLook = (step) => {
          curve.steps.push(step);
          curve.accuracy.push(rounded(T.accuracy(model, examples)));
        };
        const draw = (r) => write(T.drawSum(r, { digits, heldOut: false }));
        const steps = sumSteps[digits];
        await T.trainAnswering(model, { seed, steps, draw, look: { every: steps / 10, onLook } });
        const said = T.answer(model, examples.map((e) => e.question)).map((s) => Number(s.join("")));
        const near = (most) =>
          rounded(said.filter((n, i) => Math.abs(n - asked[i].a - asked[i].b) <= most).length / 1000);
        curve.off = { within10: near(10), within100: near(100) };
        console.log(JSON.stringify(curve));
        curves.push(curve);
        T.disposeAnswering(model);
      }
  return { settings: { steps2: sumSteps[2], steps3: sumSteps[3] }, curves };
}

function save({ settings, ...found }) {
  const { user, system } = process.cpuUsage(start);
  const about = {
    command: `node datasets/runs/04-tokenization/record.mjs ${part}`,
    date: new Date().toISOString().slice(0, 10),
    engine: description,
    machine: `${cpus().length} × ${cpus()[0].model}, ${platform()} ${arch()}, shared with other work`,
    cpuSeconds: Math.round((user + system) / 1e6),
    ...{ ...settings, examplesPerStep: 64, heldOutQuestions: 1000 },
  };
  const file = fileURLToPath(new URL(`${part}.json`, import.meta.url));
  writeFileSync(file, `${JSON.stringify({ about, ...found })}\n`);
}
