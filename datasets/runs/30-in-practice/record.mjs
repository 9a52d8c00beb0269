// How the recorded runs of lesson 30 (in practice) were made. What is claimed stands in thresholds.md,
// which was committed before. To make them again, in about 22 minutes of CPU time on the native engine,
// with SmolLM2 in models/ (`npm run model smollm2`; without it those lines are left out):
//
//     npm run build && node datasets/runs/30-in-practice/record.mjs
//
// One line of JSON per run is written to runs.jsonl as soon as the run has ended; started again, the
// command goes on with what is missing. With words after it, only those runs are made, with numbers only
// those seeds. The adapted models are kept in runs/30-adapted-SEED, which git ignores.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const C = require("llm/capstone");
const A = require("llm/agents");
const { SearchIndex } = require("llm/retrieval");
const { modelFolder } = require("llm/checkpoint");
const { tf, useEngine } = require("llm/engine");
const { openLanguageModel, openRun, sumUsage, write, writeAll } = require("llm/languageModel");
const { disposeParams } = require("llm/params");
const { Random } = require("llm/random");

const numbers = {
  ...{ questions: 300, chatQuestions: 80, adaptSteps: 120, tests: 2000, looks: 20 },
  ...{ windows: 1000, window: 200, smallWindow: 40, reference: 400 },
  ...{ promptQuestions: 40, references: 100, pool: 20_000 },
};
const { has, write: keep, lap } = recorder(new URL("runs.jsonl", import.meta.url));
const words = process.argv.slice(2);
const some = words.map(Number).filter((n) => n > 0);
const seeds = some.length > 0 ? some : [1, 2, 3];
const names = words.filter((word) => !(Number(word) > 0));
const isWanted = (run, seed) =>
  (names.length === 0 || names.includes(run)) && !has({ run, ...(seed ? { seed } : {}) });
const rounded = (x, digits = 4) => Number(x.toFixed(digits));
const engine = await useEngine({ quiet: true });
if (!has({ run: "about" })) keep(aboutLine(String(engine?.name ?? engine), numbers));

const root = fileURLToPath(new URL("../../..", import.meta.url));
const template = join(root, "datasets", "capstone", "customer-service");
const written = C.readQuestions(join(template, "questions.jsonl"));
const houseRules = readFileSync(join(template, "documents", "house-rules.md"), "utf8");
const index = new SearchIndex();
await index.put("house-rules.md", houseRules);
const prices = C.shopPrices();
const LEAST = 2;
const adaptedFolder = (way, seed) => join(root, "runs", `30-${way}-${seed}`);

const draw = (split, count, seed, mix) =>
  C.drawShopQuestions({ count, seed, prices, split, written, mix });
const unchecked = (model) =>
  C.cascade("agent, unchecked", [C.agentPart(model, prices, { checked: false })]);
const person = C.personPart(); // by words alone: no question about a price is among the written ones
const parts = {
  person,
  rules: C.rulesPart(prices),
  documents: C.faqPart(index, LEAST),
};

/** Outcomes by topic, shares, CPU and tokens of one application. */
async function figures(application, questions, { alone = 30, warm = 20 } = {}) {
  await C.evaluateApplication(application, questions.slice(0, warm)); // code that runs often is compiled
  const { asked, cpu } = await C.evaluateApplication(application, questions);
  const start = process.cpuUsage(); // the same, one after the other
  for (const { question } of questions.slice(0, alone)) await application.answer(question);
  const { user, system } = process.cpuUsage(start);
  const usage = sumUsage(asked.map(({ answer }) => answer.usage));
  const shares = Object.fromEntries(
    Object.entries(C.outcomeShares(asked)).map(([name, share]) => [name, rounded(share)]),
  );
  return {
    ...{ n: asked.length, shares, cpu: rounded(cpu, 5) },
    cpuAlone: rounded((user + system) / 1e6 / alone, 5),
    promptTokens: rounded(usage.promptTokens / asked.length, 1),
    completionTokens: rounded(usage.completionTokens / asked.length, 1),
    topics: Object.fromEntries(C.byTopic(asked)),
    good: asked.map(({ outcome }) => Number(C.isGood(outcome))).join(""),
    faults: asked
      .filter(({ outcome }) => outcome === "wrong" || outcome === "missed")
      .slice(0, 12)
      .map(({ question, answer, outcome }) => [outcome, question.question, answer.part, answer.text]),
  };
}

/** The words of `shopPrompt`, with the rules of the house behind the question. */
const rulesLast = (question, rules, table) => `${C.shopPrompt(question, "", table)}\n\n${rules}`;

/** `shopPrompt` with two worked examples behind the rules of the house. */
const EXAMPLES =
  "Example: One spade costs 7 euros. Question: What do 3 spades cost? Answer: 3 * 7 = 21 euros.\n" +
  "Example: Question: I want to complain. Answer: A colleague will answer you.";
const withExamples = (question, rules, table) =>
  C.shopPrompt(question, `${rules}\n\n${EXAMPLES}`, table);

/** Teaches the new things, with the old ones or alone; what was taught before is read again. */
async function adapted(way, seed) {
  const folder = adaptedFolder(way, seed);
  const file = join(folder, "checkpoint.safetensors");
  if (!existsSync(file)) {
    const curve = [];
    const model = await C.teachNewThings({
      ...{ steps: numbers.adaptSteps, seed: 100 + seed, prices, isAlone: way === "alone" },
      onEval: (step, loss) => curve.push([step, rounded(loss)]),
    });
    await C.keepModel(file, model, numbers.adaptSteps);
    disposeParams(model.params);
    keep({ run: `taught ${way}`, seed, curve, cpuSeconds: lap() });
  }
  return openRun(file, { name: way });
}

/** Says what a question of the shop is about, by questions for choosing. */
const finder = (seed) =>
  C.topicFinder([
    ...written.filter(({ split }) => split === "choose"),
    ...draw("choose", 400, seed),
  ]);

/** The mix in which questions about the house have risen from 14 to 30 %. */
function changedMix() {
  const left = 1 - C.shopMix["house rules"];
  const shrunk = Object.entries(C.shopMix).map(([name, one]) => [name, (one * (1 - 0.3)) / left]);
  return { ...Object.fromEntries(shrunk), "house rules": 0.3 };
}

/** Bytes read in a second of CPU time, by a sum and by a vector times a matrix; the best of rounds. */
function readingSpeed(megabytes) {
  const [rows, columns] = [1024, megabytes * 256];
  const matrix = tf.ones([rows, columns]);
  const vector = tf.ones([1, rows]);
  const bytes = 4 * rows * columns;
  const best = (f) => {
    const repeats = Math.max(1, Math.ceil(1024 / megabytes));
    const rounds = Array.from({ length: 6 }, () => {
      lap(6);
      for (let i = 0; i < repeats; i++) tf.tidy(() => f().dataSync());
      return (repeats * bytes) / lap(6);
    });
    return Math.round(Math.max(...rounds));
  };
  const speeds = {
    sum: best(() => tf.sum(matrix)),
    product: best(() => tf.sum(tf.matMul(vector, matrix))),
  };
  tf.dispose([matrix, vector]);
  return speeds;
}

/** `tests` A/B tests with outcomes drawn with these shares. */
const manyTests = (a, b, n, rng, f) =>
  Array.from({ length: numbers.tests }, (_, i) =>
    f({
      a: C.drawOutcomes(a, n, rng.fork("a", i)),
      b: C.drawOutcomes(b, n, rng.fork("b", i)),
    }),
  );
const share = (list) => rounded(list.filter((one) => one !== null && one !== false).length / list.length);
const sum = (list) => list.reduce((x, y) => x + y, 0);
const endTest = ({ a, b }) =>
  C.twoShareTest({ good: sum(a), all: a.length }, { good: sum(b), all: b.length }) < 0.05;
const median = (list) => [...list].sort((x, y) => x - y)[Math.floor(list.length / 2)];

const makes = {
  /** Before and after adapting, and the control that sees new things alone. */
  async adapt(seed) {
    const questions = draw("test", numbers.questions, seed);
    const line = { run: "adapt", seed };
    const before = await openRun(A.toolModelPath(), { name: "before" });
    line.before = await figures(unchecked(before), questions);
    line.adapted = await figures(unchecked(await adapted("adapted", seed)), questions);
    keep({ ...line, cpuSeconds: lap() });
  },
  /** The control of adapting: as many steps on new things alone. */
  async alone(seed) {
    const questions = draw("test", numbers.questions, seed);
    const taught = await figures(unchecked(await adapted("alone", seed)), questions);
    keep({ run: "alone", seed, ...taught, cpuSeconds: lap() });
  },
  /** Simple rivals: names in place of adapting, names in place of the GPT, the documents alone. */
  async rivals(seed) {
    const questions = draw("test", numbers.questions, seed);
    const agent = C.agentPart(await openRun(A.toolModelPath(), { name: "before" }), prices);
    const line = { run: "rivals", seed };
    const { rules, documents } = parts;
    for (const [name, list] of Object.entries({
      "rules, new names, agent, documents": [
        ...[person, rules, C.namesPart(prices, A.newItems), agent, documents],
      ],
      "rules, all names, documents": [person, rules, C.namesPart(prices), documents],
      documents: [person, documents],
    }))
      line[name] = await figures(C.cascade(name, list), questions);
    keep({ ...line, cpuSeconds: lap() });
  },
  /** The applications between which one chooses, on the questions of the test. */
  async systems(seed) {
    const questions = draw("test", numbers.questions, seed);
    const before = await openRun(A.toolModelPath(), { name: "before" });
    const after = await adapted("adapted", seed);
    const line = { run: "systems", seed };
    const { rules, documents } = parts;
    for (const [name, list] of Object.entries({
      rules: [person, rules, documents],
      "agent, unchecked": [C.agentPart(before, prices, { checked: false })],
      agent: [C.agentPart(before, prices)],
      "rules, documents, agent": [person, rules, documents, C.agentPart(before, prices)],
      "rules, agent, documents": [person, rules, C.agentPart(before, prices), documents],
      "adapted agent": [C.agentPart(after, prices)],
      "rules, adapted agent, documents": [person, rules, C.agentPart(after, prices), documents],
    }))
      line[name] = await figures(C.cascade(name, list), questions);
    keep({ ...line, cpuSeconds: lap() });
  },
  /** The small chat model with what was found in its prompt, on the first questions of the same test. */
  async chat(seed) {
    if (!modelFolder("smollm2")) return;
    const questions = draw("test", numbers.questions, seed).slice(0, numbers.chatQuestions);
    const model = await openLanguageModel("smollm2", { maxRunning: 16 });
    const application = C.cascade("SmolLM2", [C.chatPart(model, houseRules, prices)]);
    keep({ run: "chat", seed, ...(await figures(application, questions, { alone: 8 })), cpuSeconds: lap() });
  },
  /** The chat model with three prompts, side by side: the rules first, last, and with two examples. */
  async prompts(seed) {
    if (!modelFolder("smollm2")) return;
    const questions = draw("test", numbers.questions, seed).slice(0, numbers.promptQuestions);
    const model = await openLanguageModel("smollm2", { maxRunning: 16 });
    const line = { run: "prompts", seed };
    for (const [name, prompt] of Object.entries({
      first: C.shopPrompt,
      last: rulesLast,
      examples: withExamples,
    })) {
      const part = C.chatPart(model, houseRules, prices, prompt);
      line[name] = await figures(C.cascade(name, [part]), questions, { alone: 4, warm: 4 });
    }
    keep({ ...line, cpuSeconds: lap() });
  },
  /** Equal arms: how often each way of looking finds a difference. */
  async peeking(seed) {
    const [n, rng] = [2000, new Random(seed).fork("peeking")];
    const every = n / numbers.looks;
    const all = manyTests(0.7, 0.7, n, rng, (streams) => ({
      end: endTest(streams),
      peek: C.peekingStop(streams, every),
      sequential: C.stopsAfter(streams),
    }));
    const of = (name) => share(all.map((one) => one[name]));
    const byLooks = Array.from({ length: numbers.looks }, (_, look) =>
      rounded(all.filter(({ peek }) => peek !== null && peek <= (look + 1) * every).length / all.length),
    );
    keep({
      ...{ run: "peeking", seed, n, end: of("end"), peek: of("peek"), byLooks },
      ...{ sequential: of("sequential"), cpuSeconds: lap() },
    });
  },
  /** The measured shares of two applications: how many customers it takes. */
  async power(seed) {
    const lines = readFileSync(new URL("runs.jsonl", import.meta.url), "utf8").split("\n");
    const systems = lines.filter(Boolean).map((line) => JSON.parse(line)).filter(({ run }) => run === "systems");
    const goodOf = (name) => {
      const all = systems.map((line) => line[name].good).join("");
      return sum([...all].map(Number)) / all.length;
    };
    const [a, b] = [goodOf("rules"), goodOf("rules, adapted agent, documents")];
    const n = C.customersPerArm(a, b);
    const rng = new Random(seed).fork("power");
    const found = share(manyTests(a, b, n, rng, endTest));
    const stops = manyTests(a, b, 10 * n, rng, (streams) => C.stopsAfter(streams));
    const stopped = stops.filter((one) => one !== null);
    keep({
      ...{ run: "power", seed, a: rounded(a), b: rounded(b), n, found },
      ...{ sequential: share(stops), medianStop: median(stopped) },
      mediansByRho: Object.fromEntries(
        [10, 100, 1000].map((rho) => [
          rho,
          median(
            manyTests(a, b, 10 * n, rng, (streams) => C.stopsAfter(streams, { rho })).map(
              (one) => one ?? 10 * n,
            ),
          ),
        ]),
      ),
      cpuSeconds: lap(),
    });
  },
  /** Windows of the log without and with a change, by both limits. */
  async drift(seed) {
    const topicOf = finder(seed);
    const counts = (count, at, mix) =>
      C.countTopics(draw("test", count, at, mix).map(({ question }) => topicOf(question)));
    const before = counts(numbers.reference, 1000 * seed);
    const line = { run: "drift", seed, topics: before };
    for (const [name, mix] of Object.entries({ same: C.shopMix, changed: changedMix() }))
      for (const n of [numbers.window, numbers.smallWindow]) {
        const all = Array.from({ length: numbers.windows }, (_, i) =>
          C.driftAlarm(before, counts(n, 1e6 * seed + i + 1, mix)),
        );
        line[`${name} ${n}`] = {
          alarm: share(all.map(({ isAlarm }) => isAlarm)),
          fixed: share(all.map(({ index }) => index > 0.25)),
          meanIndex: rounded(sum(all.map(({ index }) => index)) / all.length),
          limit: rounded(all[0].limit),
        };
      }
    keep({ ...line, cpuSeconds: lap() });
  },
  /** How alarms depend on which reference was drawn, and on its size. */
  async references(seed) {
    const rng = new Random(seed).fork("references");
    const topicOf = finder(seed);
    const pool = (mix, at) =>
      draw("test", numbers.pool, at, mix).map(({ question }) => topicOf(question));
    const pools = { same: pool(C.shopMix, 5e6 + seed), changed: pool(changedMix(), 6e6 + seed) };
    const countsOf = (name, n, random) =>
      C.countTopics(Array.from({ length: n }, () => pools[name][random.integer(numbers.pool)]));
    const windowsOf = (name) =>
      Array.from({ length: numbers.windows }, (_, i) =>
        countsOf(name, numbers.window, rng.fork(name, i)),
      );
    const windows = { same: windowsOf("same"), changed: windowsOf("changed") };
    const line = { run: "references", seed };
    for (const size of [400, 1600, 6400]) {
      const all = Array.from({ length: numbers.references }, (_, i) => {
        const before = countsOf("same", size, rng.fork("reference", size, i));
        const alarms = (name) =>
          share(windows[name].map((now) => C.driftAlarm(before, now).isAlarm));
        return [alarms("same"), alarms("changed")];
      });
      line[size] = { alarm: all.map(([alarm]) => alarm), found: all.map(([, found]) => found) };
    }
    keep({ ...line, cpuSeconds: lap() });
  },
  /** Memory by the kernels that read it, for several sizes; and one text beside it. */
  async memory(seed) {
    if (!modelFolder("smollm2")) return;
    const line = { run: "memory", seed, bandwidths: [], texts: [] };
    for (const megabytes of [4, 64, 256, 512, 1024, 2048])
      line.bandwidths.push({ megabytes, ...readingSpeed(megabytes) });
    for (const [name, options] of Object.entries({ "4 bits": {}, "32 bits": { format: "float32" } })) {
      const model = await openLanguageModel("smollm2", { ...options, maxRunning: 16 });
      const request = (maxTokens) => ({ prompt: "Once upon a time", maxTokens, temperature: 0 });
      await write(model, request(4));
      const rounds = [];
      for (let round = 0; round < 3; round++) {
        lap(4);
        const { usage } = await write(model, request(48));
        rounds.push(usage.completionTokens / lap(4));
      }
      line.texts.push({ name, tokensPerSecond: rounded(Math.max(...rounds), 1) });
    }
    keep({ ...line, cpuSeconds: lap() });
  },
  /** How fast memory is read, and how fast models write. */
  async speed(seed) {
    if (!modelFolder("smollm2")) return;
    const bytes = 2 ** 28;
    const [x, y] = [Buffer.alloc(bytes, 7), Buffer.alloc(bytes, 7)];
    const rounds = Array.from({ length: 5 }, () => {
      lap(4);
      if (x.compare(y) !== 0) throw new Error("speed: expected equal bytes");
      return (2 * bytes) / lap(4);
    });
    const line = { run: "speed", seed, bandwidth: Math.round(Math.max(...rounds)), models: [] };
    const kinds = { "4 bits": {}, "32 bits": { format: "float32" } };
    for (const [name, options] of Object.entries(kinds)) {
      const model = await openLanguageModel("smollm2", { ...options, maxRunning: 16 });
      const request = (i) => ({ prompt: `Number ${i}. Once upon a time`, maxTokens: 48, temperature: 0 });
      await write(model, { ...request(0), maxTokens: 4 });
      for (const texts of [1, 4, 16]) {
        lap(4);
        const all = await writeAll(model, Array.from({ length: texts }, (_, i) => request(i + texts)));
        const tokens = all.reduce((total, { usage }) => total + usage.completionTokens, 0);
        line.models.push({ name, texts, tokens, tokensPerSecond: rounded(tokens / lap(4), 1) });
      }
    }
    keep({ ...line, cpuSeconds: lap() });
  },
};

for (const seed of seeds)
  for (const [run, make] of Object.entries(makes)) {
    if (run === "power" || !isWanted(run, seed)) continue;
    lap();
    await make(seed);
  }
for (const seed of seeds) if (isWanted("power", seed)) await makes.power(seed);
