// How the recorded runs of lesson 30 (in practice) were made. What is claimed stands in thresholds.md,
// which was committed before. To make them again, in about 15 minutes of CPU time on the native engine,
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
const { useEngine } = require("llm/engine");
const { openLanguageModel, openRun, sumUsage, write, writeAll } = require("llm/languageModel");
const { disposeParams } = require("llm/params");
const { Random } = require("llm/random");

const numbers = {
  ...{ questions: 300, chatQuestions: 80, adaptSteps: 120, tests: 2000, looks: 20 },
  ...{ windows: 1000, window: 200, smallWindow: 40, reference: 400 },
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
async function figures(application, questions, { alone = 30 } = {}) {
  await C.evaluateApplication(application, questions.slice(0, 20)); // code that runs often is compiled
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
    // the control was planned for all seeds; the machine had no time for more than one
    for (const way of seed === 1 ? ["adapted", "alone"] : ["adapted"])
      line[way] = await figures(unchecked(await adapted(way, seed)), questions);
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
    const topicOf = C.topicFinder([
      ...written.filter(({ split }) => split === "choose"),
      ...draw("choose", 400, seed),
    ]);
    const changed = { ...C.shopMix };
    const left = 1 - C.shopMix["house rules"];
    for (const name of Object.keys(changed)) changed[name] *= (1 - 0.3) / left;
    changed["house rules"] = 0.3;
    const counts = (count, at, mix) =>
      C.countTopics(draw("test", count, at, mix).map(({ question }) => topicOf(question)));
    const before = counts(numbers.reference, 1000 * seed);
    const line = { run: "drift", seed, topics: before };
    for (const [name, mix] of Object.entries({ same: C.shopMix, changed }))
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
