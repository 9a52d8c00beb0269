// How the recorded runs of lesson 23 (prompting) were made. To make them again, in about twenty
// minutes of CPU time on the native engine:
//
//     npm run model smollm2 && npm run build && node datasets/runs/23-prompting/record.mjs
//
// thresholds.md, written and committed before, has the claims. One line of JSON for each run is written
// to runs.jsonl beside this file as soon as the run has ended; started again, the command goes on with
// what is missing. With words after it, only those runs are made: shots, labels, orders, wordings,
// advice, steps, tree, branches, copy, confirm, copyLogProbs,
// copySentences. The calculators of "tree" are learnt first; that of seed 1 is kept in calculator/.

import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const { saveCheckpoint } = require("llm/checkpoint");
const { datasetPath, mobyDick } = require("llm/data");
const { useEngine } = require("llm/engine");
const { openLanguageModel, openRun, sumUsage } = require("llm/languageModel");
const { disposeParams } = require("llm/params");
const P = require("llm/prompting");
const { Random } = require("llm/random");
const Q = require("llm/reasoning");
const { majority } = require("llm/rlhf");

const words = process.argv.slice(2);
const isWanted = (run) => words.length === 0 || words.includes(run);
const { has, lap, write } = recorder(new URL("runs.jsonl", import.meta.url));
const note = (line) => write({ ...line, cpuSeconds: lap(1) });
const { description } = await useEngine({ quiet: true });
const numbers = { questions: 40, adviceQuestions: 32, seeds: 3, sums: 256 };
if (!has({ run: "about" })) note(aboutLine(description, numbers));
const seeds = [1, 2, 3];
const rounded = (x, digits = 3) => Number(x.toFixed(digits));
const tasks = P.promptTasks();
const taskOf = (name) => tasks.find((task) => task.name === name);

let opened;
/** SmolLM2, opened when it is first needed. */
const smol = async () =>
  (opened ??= await openLanguageModel("smollm2", {
    ...{ maxLength: 768, maxRunning: 40, cacheTokens: 24576 },
  }));

/** Examples of a seed: the task's 16 in random order, the first `count` of them. */
const shotsOf = (task, count, seed) => new Random(seed).shuffle([...task.train]).slice(0, count);
const neutralInputs = ["N/A", "[MASK]", ""];

/** Asks all questions of a task with these examples; where there are choices, neutral inputs as well. */
async function ask(task, examples, fields, form = task) {
  const model = await smol();
  const prompt = (input) => P.fewShotPrompt({ ...task, instruction: form.instruction }, examples, input);
  const make = (_, item) => ({ prompt: prompt(item.input) });
  const options = { tasks: [task], prompts: { "": make }, by: "choices", stop: ["\n"], maxTokens: 12 };
  const rows = await P.runPrompts(model, options);
  const usage = sumUsage(rows.map((row) => row.usage));
  const line = { ...fields, right: rows.map(({ right }) => Number(right)) };
  if (task.choices) {
    const choices = task.choices.map((choice) => ` ${choice}`);
    const neutral = await P.scoreChoices(model, neutralInputs.map((input) => prompt(input)), choices);
    line.logProbs = rows.map(({ logProbs }) => logProbs.map((x) => rounded(x)));
    line.neutral = neutral.map(({ logProbs }) => logProbs.map((x) => rounded(x)));
  } else line.texts = rows.map(({ text }) => text.trim());
  note({ ...line, ...usage });
}

if (isWanted("shots"))
  for (const task of tasks)
    for (const shots of [0, 1, 2, 4, 8])
      for (const seed of shots === 0 ? [1] : seeds) {
        const fields = { run: "shots", task: task.name, shots, seed };
        if (!has(fields)) await ask(task, shotsOf(task, shots, seed), fields);
      }

/** Examples with other labels: drawn at random, or each moved to the next choice. */
const relabelled = (task, examples, how, seed) => {
  const rng = new Random(seed).fork("labels");
  const { choices } = task;
  return examples.map((one) => ({
    input: one.input,
    output:
      how === "random"
        ? choices[rng.integer(choices.length)]
        : choices[(choices.indexOf(one.output) + 1) % choices.length],
  }));
};
if (isWanted("labels"))
  for (const name of ["feeling", "topic", "made-up"])
    for (const labels of ["random", "exchanged"])
      for (const seed of seeds) {
        const fields = { run: "labels", task: name, labels, seed };
        if (has(fields)) continue;
        const task = taskOf(name);
        await ask(task, relabelled(task, shotsOf(task, 8, seed), labels, seed), fields);
      }

/** Two examples of each of two labels, always the same. */
const balanced = (task) =>
  task.choices.flatMap((choice) => task.train.filter(({ output }) => output === choice).slice(0, 2));
if (isWanted("orders"))
  for (const name of ["feeling", "made-up"]) {
    const task = taskOf(name);
    for (const [order, examples] of P.allOrders(balanced(task)).entries()) {
      const fields = { run: "orders", task: name, order };
      const labels = examples.map(({ output }) => output);
      if (!has(fields)) await ask(task, examples, { ...fields, labels });
    }
  }

if (isWanted("wordings"))
  for (const name of ["feeling", "topic"])
    for (const shots of [0, 4])
      for (const [wording, instruction] of P.wordings[name].entries()) {
        const fields = { run: "wordings", task: name, shots, wording };
        const task = taskOf(name);
        if (!has(fields)) await ask(task, shotsOf(task, shots, 1), fields, { instruction });
      }

if (isWanted("advice"))
  for (const [advice, make] of Object.entries(P.advicePrompts))
    for (const name of ["feeling", "capital", "sum"]) {
      const fields = { run: "advice", task: name, advice };
      if (has(fields)) continue;
      const rows = await P.runPrompts(await smol(), {
        ...{ tasks: [taskOf(name)], prompts: { [advice]: make }, maxTokens: 40 },
        questions: numbers.adviceQuestions,
      });
      const items = taskOf(name).test;
      const lenient = rows.map(({ text }, i) =>
        Number(P.isNamed(text, items[i].output, taskOf(name).choices)),
      );
      const strict = rows.map(({ right }) => Number(right));
      const texts = rows.map(({ text }) => text);
      note({ ...fields, lenient, strict, texts, ...sumUsage(rows.map(({ usage }) => usage)) });
    }

const problems = P.stepProblems(40 + 12, 1);
const form = { instruction: "Solve the problems.", inputName: "Problem", outputName: "Solution" };
const writings = {
  direct: ({ output }) => `The answer is ${output}.`,
  steps: ({ steps }) => steps,
  dots: ({ output }) => `${". ".repeat(10)}The answer is ${output}.`,
  // Added later: as many tokens as the steps have.
  "more dots": ({ output }) => `${". ".repeat(20)}The answer is ${output}.`,
};
if (isWanted("steps"))
  for (const [writing, solution] of Object.entries(writings))
    for (const seed of seeds) {
      const examples = new Random(seed).shuffle(problems.slice(40)).slice(0, 4);
      const shown = examples.map((one) => ({ input: one.input, output: solution(one) }));
      const requests = problems.slice(0, 40).map(({ input }) => ({
        ...{ prompt: P.fewShotPrompt(form, shown, input), stop: ["\n"], maxTokens: 48 },
      }));
      const greedy = { run: "steps", writing, seed, each: 1 };
      const drawn = { run: "steps", writing, seed, each: 5 };
      for (const fields of writing === "steps" ? [greedy, drawn] : [greedy]) {
        if (has(fields)) continue;
        const model = await smol();
        const temperature = fields.each === 1 ? 0 : 0.7;
        const all = await Promise.all(
          requests.map((request) =>
            Promise.all(
              model.write({ ...request, temperature, seed }, fields.each).map(({ done }) => done),
            ),
          ),
        );
        const values = all.map((texts) => texts.map(({ text }) => P.finalNumber(text)));
        const right = values.map((some, i) => Number(majority(some) === Number(problems[i].output)));
        const one = values.map((some, i) =>
          rounded(some.filter((value) => value === Number(problems[i].output)).length / some.length),
        );
        const usage = sumUsage(all.flat().map(({ usage }) => usage));
        const texts = all.map(([{ text }]) => text.trim());
        note({ ...fields, right, one, values, texts, ...usage });
      }
    }

/** The calculator of a seed, learnt as in lesson 19 (reasoning). */
async function calculatorOf(seed) {
  const folder = fileURLToPath(
    new URL(seed === 1 ? "calculator" : `../../../runs/23-prompting/chain-${seed}`, import.meta.url),
  );
  if (!existsSync(`${folder}/checkpoint.safetensors`)) {
    const options = { traces: "chain", seed, steps: 700, stopAt: 0.15 };
    const learnt = await Q.learnTraces(Q.initCalculator({ seed }), options);
    mkdirSync(folder, { recursive: true });
    const about = { kind: "gpt", model: learnt.config, tokenizer: learnt.tokenizer.toJSON() };
    const tensors = { params: learnt.params, optimizer: {}, task: {} };
    await saveCheckpoint(folder, tensors, { ...about, step: learnt.steps, val: learnt.val });
    disposeParams(learnt.params);
    note({ run: "calculator", seed, steps: learnt.steps, val: rounded(learnt.val) });
  }
  return openRun(folder);
}
const held = Q.someSums(numbers.sums, { seed: 7, part: "held out" });
const truths = held.map((sum) => String(Q.lastDigit(sum)));
if (isWanted("tree"))
  for (const seed of seeds) {
    const settings = ["own", "rule", "chance"].flatMap((value) =>
      [1, 2, 4, 8].map((width) => ({ run: "tree", seed, value, width })),
    );
    const votes = [1, 2, 4, 8].map((width) => ({ run: "tree", seed, value: "votes", width }));
    if ([...settings, ...votes].every(has)) continue;
    const model = await calculatorOf(seed);
    for (const fields of settings) {
      if (has(fields)) continue;
      const { value, width } = fields;
      const rng = new Random(seed).fork(value, width);
      const results = await Promise.all(
        held.map((sum, i) =>
          P.searchChain(model, `${sum.join("")}=`, { width, value, rng: rng.fork(i) }),
        ),
      );
      const right = results.map(({ answer }, i) => Number(answer.at(-1) === truths[i]));
      const tokens = results.reduce((sum, one) => sum + one.tokens, 0) / held.length;
      note({ ...fields, tokens: rounded(tokens, 2), right: right.join("") });
    }
    const request = { temperature: 1, maxTokens: 9, stop: ["$"], seed };
    const drawn = await Promise.all(
      held.map((sum) =>
        Promise.all(model.write({ ...request, prompt: `${sum.join("")}=` }, 8).map((s) => s.done)),
      ),
    );
    for (const fields of votes) {
      if (has(fields)) continue;
      const some = drawn.map((texts) => texts.slice(0, fields.width));
      const ends = some.map((texts) =>
        texts.map(({ text, reason }) => (reason === "stop" ? (text.at(-1) ?? null) : null)),
      );
      const right = ends.map((values, i) => Number(majority(values) === truths[i]));
      const usage = sumUsage(some.flat().map((one) => one.usage));
      const tokens = rounded(usage.completionTokens / held.length, 2);
      note({ ...fields, tokens, right: right.join("") });
    }
  }

// Looked at after the claims had been measured: how many digits each beginning proposes.
if (isWanted("branches"))
  for (const seed of seeds) {
    const model = await calculatorOf(seed);
    for (const branches of [1, 2, 3, 5, 10]) {
      const fields = { run: "branches", seed, branches };
      if (has(fields)) continue;
      const results = await Promise.all(
        held.map((sum) =>
          P.searchChain(model, `${sum.join("")}=`, {
            ...{ width: 1, branches, value: "rule", rng: new Random(seed) },
          }),
        ),
      );
      const right = results.map(({ answer }, i) => Number(answer.at(-1) === truths[i]));
      note({ ...fields, right: right.join("") });
    }
  }

if (isWanted("copy") && !has({ run: "copy" })) {
  const model = await openRun(datasetPath("base-gpt/checkpoint.safetensors"));
  const list = "boat lamp door key map cup hat pen book chair whale sea man ship hand night".split(" ");
  const rng = new Random(23);
  const share = async (first, second) => {
    const prompt = `${first.join(" ")}. ${second.join(" ")}`;
    const { promptTokens } = await model.write({ prompt, maxTokens: 1, logprobs: 1, promptLogprobs: true })[0].done;
    const own = promptTokens.slice(-(model.countTokens(` ${second.slice(1).join(" ")}`)));
    return own.filter(({ id, top }) => top[0].id === id).length / own.length;
  };
  const rows = { repeated: [], other: [] };
  for (let i = 0; i < 40; i++) {
    const [a, b] = [0, 1].map((k) => rng.fork(i, k).shuffle([...list]).slice(0, 6));
    rows.repeated.push(rounded(await share(a, a)));
    rows.other.push(rounded(await share(b, a)));
  }
  note({ run: "copy", ...rows });
}
// On new questions: what calibration without examples gains. Each line has its right answers, as
// these questions are in no task of the lesson.
if (isWanted("confirm"))
  for (const name of ["feeling", "topic"])
    for (const seed of [24, 25, 26]) {
      const fields = { run: "confirm", task: name, seed };
      if (has(fields)) continue;
      const known = taskOf(name);
      const seen = new Set([...known.train, ...known.test].map(({ input }) => input));
      const { test } = P.promptTasks(seed).find((task) => task.name === name);
      const fresh = test.filter(({ input }) => !seen.has(input));
      const outputs = fresh.map(({ output }) => output);
      await ask({ ...known, test: fresh }, [], { ...fields, outputs });
    }

// Claim 20 in ln p per token: the same lists, the same tokens; and sentences of prose, which are less
// strange to the base model than lists of words.
for (const run of ["copyLogProbs", "copySentences"])
  if (isWanted(run) && !has({ run })) {
    const model = await openRun(datasetPath("base-gpt/checkpoint.safetensors"));
    const list = "boat lamp door key map cup hat pen book chair whale sea man ship hand night".split(" ");
    const sentences = mobyDick()
      .split(/(?<=[.?!])\s+/)
      .filter((one) => /^[A-Z][^"]{60,100}\.$/.test(one));
    const rng = new Random(23);
    const pick = (i, k) =>
      run === "copyLogProbs"
        ? rng.fork(i, k).shuffle([...list]).slice(0, 6)
        : sentences[rng.fork(i, k).integer(sentences.length)].slice(0, -1).split(" ");
    const perToken = async (first, second) => {
      const prompt = `${first.join(" ")}. ${second.join(" ")}`;
      const request = { prompt, maxTokens: 1, logprobs: 1, promptLogprobs: true };
      const { promptTokens } = await model.write(request)[0].done;
      const own = promptTokens.slice(-model.countTokens(` ${second.slice(1).join(" ")}`));
      return own.reduce((sum, { logprob }) => sum + logprob, 0) / own.length;
    };
    const rows = { repeated: [], other: [] };
    for (let i = 0; i < 40; i++) {
      const [a, b] = [pick(i, 0), pick(i, 1)];
      rows.repeated.push(rounded(await perToken(a, a)));
      rows.other.push(rounded(await perToken(b, a)));
    }
    note({ run, ...rows });
  }
console.log("all runs are recorded");
process.exit(0);
