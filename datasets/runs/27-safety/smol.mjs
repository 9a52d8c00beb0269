// How SmolLM2-135M-Instruct was asked for lesson 27 (safety), and what was measured without any model;
// thresholds.md says what is claimed. To make smol.jsonl again, in about six minutes of CPU time:
//
//     npm run model smollm2 && npm run build && node datasets/runs/27-safety/smol.mjs
//
// With words after it only those parts are made: notices, names, capitals, facts, pii.
import { createRequire } from "node:module";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const { useEngine } = require("llm/engine");
const { calibrationBins, expectedCalibrationError } = require("llm/evaluate");
const { openLanguageModel, writeAll } = require("llm/languageModel");
const { Random } = require("llm/random");
const { retrievalDocuments, retrievalQuestions, SearchIndex } = require("llm/retrieval");
const { bootstrapInterval } = require("llm/evaluate");
const S = require("llm/safety");

const numbers = { notices: 24, samples: 8, temperature: 1, maxTokens: 14, piiTexts: 1200 };
const wanted = process.argv.slice(2);
const { description } = await useEngine({ quiet: true });
const { has, lap, write } = recorder(new URL("smol.jsonl", import.meta.url));
if (!has({ run: "about" })) write(aboutLine(description, numbers));
const note = (line) => write({ seed: 1, ...line, cpuSeconds: lap() });
const rounded = (x) => Number(x.toFixed(3));
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const share = (list, f) => rounded(mean(list.map((one) => Number(f(one)))));
let opened;
const model = async () => {
  opened ??= await openLanguageModel("smollm2", { maxLength: 768, maxRunning: 32 });
  return opened;
};

async function notices() {
  const tasks = S.noticeTasks(numbers.notices, 1);
  for (const [name, defence] of Object.entries(S.defences))
    for (const attack of [undefined, ...Object.keys(S.attacks)]) {
      const about = { run: "notices", defence: name, attack: attack ?? "none" };
      if (has(about)) continue;
      const asked = await S.askNotices(await model(), tasks, { attack, defence });
      note({
        ...about,
        right: share(asked, (one) => one.right),
        hit: share(asked, (one) => one.hit),
        each: asked.map((one) => [Number(one.right), Number(one.hit)]),
        samples: asked.slice(0, 2).map(({ text }) => text),
      });
    }
}

async function names() {
  if (has({ run: "names" })) return;
  const scores = await S.nameScores(await model());
  const groups = S.personNames;
  /** Gaps of two lists of names, with intervals over names drawn again within each list. */
  const gapsOf = (first, second, rng) =>
    S.occupations.map((_, o) => {
      const of = (name) => mean(scores.filter((s) => s.name === name).map((s) => s.logShares[o]));
      const [a, b] = [first.map(of), second.map(of)];
      const value = mean(a) - mean(b);
      const draw = (list) => mean(list.map(() => list[rng.integer(list.length)]));
      const all = Array.from({ length: 1000 }, () => draw(a) - draw(b)).sort((x, y) => x - y);
      return [value, all[25], all[974]].map(rounded);
    });
  const gaps = gapsOf(groups.she, groups.he, new Random(1));
  // control: each group against itself, halves drawn at random
  const control = [];
  for (let i = 0; i < 10; i++)
    for (const group of [groups.she, groups.he]) {
      const rng = new Random(i).fork(group[0]);
      const half = rng.shuffle([...group]);
      control.push(...gapsOf(half.slice(0, 4), half.slice(4), rng));
    }
  const excludes = share(control, ([, low, high]) => low > 0 || high < 0);
  note({ run: "names", occupations: S.occupations, gaps, control: excludes });
}

async function capitals() {
  if (has({ run: "capitals" })) return;
  // two of three, and eight that do not exist: the whole list took too long on a shared machine
  const questions = [
    ...S.capitalQuestions().filter((_, i) => i % 3 < 2),
    ...S.inventedQuestions().slice(0, 8),
  ];
  const ask = ({ question }) => ({
    messages: [{ role: "user", content: `${question} Answer with the name of the city.` }],
    ...{ maxTokens: numbers.maxTokens, stop: ["\n"] },
  });
  const lm = await model();
  const greedy = await writeAll(lm, questions.map((q) => ({ ...ask(q), temperature: 0, logprobs: 0 })));
  const sampled = await Promise.all(
    questions.map((q, i) => {
      const request = { ...ask(q), temperature: numbers.temperature, seed: i };
      return Promise.all(lm.write(request, numbers.samples).map(({ done }) => done));
    }),
  );
  const rows = questions.map((q, i) => {
    const texts = sampled[i].map(({ text }) => text.trim());
    const meaning = (text) => S.nameIn(text, q.question);
    const own = meaning(greedy[i].text);
    return {
      ...{ country: q.country, capital: q.capital, answer: greedy[i].text.trim() },
      right: S.namesCapital(q, greedy[i].text),
      entropy: rounded(S.semanticEntropy(texts, meaning)),
      textEntropy: rounded(S.semanticEntropy(texts)),
      surprise: rounded(-mean(greedy[i].tokens.map(({ logprob }) => logprob))),
      agreement: share(texts, (text) => meaning(text) === own),
      meanings: S.clusters(texts, meaning).slice(0, 3).map((group) => [meaning(group[0]), group.length]),
    };
  });
  const right = rows.map((row) => row.right);
  const rng = new Random(1);
  const scores = {
    entropy: rows.map((row) => row.entropy),
    textEntropy: rows.map((row) => row.textEntropy),
    surprise: rows.map((row) => row.surprise),
    random: rows.map(() => rng.uniform()),
  };
  const areas = Object.fromEntries(
    Object.entries(scores).map(([name, score]) => {
      const area = (some) => S.aurocOfErrors([...some].map((i) => score[i]), [...some].map((i) => right[i]));
      const { value, low, high } = bootstrapInterval(rows.length, area, { rng: rng.fork(name), resamples: 500 });
      return [name, [value, low, high].map(rounded)];
    }),
  );
  const bins = calibrationBins(rows.map((row) => row.agreement), right, 5);
  note({ run: "capitals", areas, ece: rounded(expectedCalibrationError(bins)), bins, rows });
}

async function facts() {
  if (has({ run: "facts" })) return;
  const index = new SearchIndex();
  for (const [name, text] of retrievalDocuments("course")) await index.put(name, text);
  const questions = retrievalQuestions("course").filter(({ document }) => document !== null);
  const line = { run: "facts", n: questions.length };
  for (const by of ["question", "both"])
    for (const k of [1, 3, 10]) {
      const supported = async (answerOf) => {
        const all = await Promise.all(
          questions.map(({ question }, i) =>
            S.checkFact(index, { question, answer: answerOf(i) }, { k, by }),
          ),
        );
        return share(all, (one) => one.supported);
      };
      line[`${by}, ${k}`] = {
        right: await supported((i) => questions[i].answers[0]),
        wrong: await supported((i) => questions[(i + 7) % questions.length].answers[0]),
      };
    }
  note(line);
}

function pii() {
  if (has({ run: "pii" })) return;
  const line = { run: "pii" };
  for (const language of ["en", "zh"]) {
    const texts = S.drawPiiTexts(numbers.piiTexts, { rng: new Random(1), language });
    const names = S.listedNames[language];
    line[language] = {
      checked: S.piiScores(texts, { names }),
      unchecked: S.piiScores(texts, { names, checked: false }),
    };
  }
  note(line);
}

for (const [name, make] of Object.entries({ pii, facts, notices, names, capitals }))
  if (wanted.length === 0 || wanted.includes(name)) await make();
