// The steps of a project, from the choice to the report. Each returns the lines to print and writes its
// result to `results/`. Nothing is decided on the questions of the test.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { toolModelPath } from "../agents";
import { modelFolder } from "../checkpoint";
import { writeAtomically } from "../files";
import { type LanguageModel, openLanguageModel, openRun, sumUsage, write } from "../languageModel";
import { groundedAnswer, type SearchIndex } from "../retrieval";
import { type Application, cascade, handedOver, noUsage, type Part } from "./application";
import { apiPricePerThousand, breakEven, ownPricePerThousand } from "./costs";
import { alarmsOf, normalOf, type ServiceRecord, topicFinder } from "./monitor";
import { documentsOf, MODEL, type Project, writeChoices } from "./project";
import {
  byTopic,
  type EvalQuestion,
  evaluateApplication,
  expectedCost,
  goodShare,
  outcomeShares,
  outcomes,
} from "./questions";
import { filledReport } from "./report";
import {
  agentPart,
  chatPart,
  drawShopQuestions,
  faqPart,
  personPart,
  rulesPart,
  shopPrices,
} from "./shop";

/** Scores between which a project chooses. */
const SCORES = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4];
/** The questions of a split, with those that are drawn where the kind has a generator. */
export function questionsOf({ choices, questions }: Project, split: EvalQuestion["split"]) {
  const written = questions.filter((one) => one.split === split);
  if (choices.kind !== "customer-service" || choices.draw === 0) return written;
  const seed = split === "choose" ? 1 : 2;
  return drawShopQuestions({ count: choices.draw, seed, prices: shopPrices(), split, written });
}

/**
 * The applications between which a project chooses: the course's for its kind, and the learner's own.
 * @param leastScore of an answer from the documents
 * @param chat a chat model, if there is one
 */
export async function applicationsOf(
  project: Project,
  leastScore: number,
  chat?: LanguageModel,
): Promise<Application[]> {
  const { folder, choices } = project;
  const { index, text } = await documentsOf(folder);
  const [person, documents] = [personOf(project), faqPart(index, leastScore)];
  const made =
    choices.kind === "customer-service"
      ? await shopApplications(project, [person, documents], text, chat)
      : [
          cascade("documents", [documents]),
          cascade("person, documents", [person, documents]),
          ...(chat
            ? [
                cascade("person, documents, chat model", [
                  person,
                  grounded(index, leastScore, chat),
                ]),
              ]
            : []),
        ];
  return [...made, ...(await ownApplications(project))];
}

/**
 * Who hands over. It has seen the questions for choosing, and none of the test. The shop's goes by words
 * alone: among its written questions are none about prices, so that "the price of a lamp" would be most
 * like "the lamp caught fire".
 */
const personOf = ({ choices, questions }: Project) =>
  personPart(
    choices.kind === "customer-service" ? [] : questions.filter(({ split }) => split === "choose"),
  );

/** A chat model that is shown what was found. */
const grounded = (index: SearchIndex, leastScore: number, chat: LanguageModel): Part => ({
  name: chat.name,
  async say(question) {
    const found = await index.search(question, { k: 2, method: "words" });
    if (found.length === 0 || found[0].score < leastScore) return {};
    const options = { temperature: 0, maxTokens: 60, room: 1500 };
    const { text, usage } = await groundedAnswer(chat, question, found, options);
    return { text, usage };
  },
});

let agentModel: { path: string; model: Promise<LanguageModel> } | undefined;

/** The small GPT with tools: the project's own after `adapt`, else the course's. */
function openAgent(folder: string): Promise<LanguageModel> {
  const own = join(folder, MODEL);
  const path = existsSync(own) ? own : toolModelPath();
  if (agentModel?.path !== path) agentModel = { path, model: openRun(path, { name: "agent" }) };
  return agentModel.model;
}

async function shopApplications(
  { folder }: Project,
  [person, documents]: Part[],
  text: string,
  chat?: LanguageModel,
): Promise<Application[]> {
  const prices = shopPrices();
  const model = await openAgent(folder);
  const [rules, agent] = [rulesPart(prices), agentPart(model, prices)];
  const unchecked = agentPart(model, prices, { checked: false });
  return [
    cascade("rules", [person, rules, documents]),
    cascade("agent, unchecked", [unchecked]),
    cascade("agent", [agent]),
    cascade("rules, documents, agent", [person, rules, documents, agent]),
    cascade("rules, agent, documents", [person, rules, agent, documents]),
    ...(chat ? [cascade("chat model", [chatPart(chat, text, prices)])] : []),
  ];
}

/** What an application of the learner's can be made of. */
const TOOLBOX = {
  ...{ cascade, handedOver, noUsage, faqPart, personPart, documentsOf, topicFinder },
  ...{ openLanguageModel, write, groundedAnswer },
};

/** What the learner has written in applications.mjs. @throws if it is there and does not fit */
async function ownApplications(project: Project): Promise<Application[]> {
  const file = join(project.folder, "applications.mjs");
  if (!existsSync(file)) return [];
  const { applications } = await import(pathToFileURL(file).href);
  if (typeof applications !== "function")
    throw new Error(`ownApplications: ${file}: expected a function applications(course, project)`);
  const made: Application[] = await applications(TOOLBOX, project);
  if (!Array.isArray(made) || made.some((one) => !one?.name || typeof one.answer !== "function"))
    throw new Error(`ownApplications: ${file}: expected a list of { name, answer(question) }`);
  return made;
}

/** The chat model for comparison, if it was fetched. */
export const fetchedChat = async (): Promise<LanguageModel | undefined> =>
  modelFolder("smollm2") ? openLanguageModel("smollm2", { maxRunning: 16 }) : undefined;

const percent = (share: number) => `${(100 * share).toFixed(0).padStart(3)} %`;
const save = (project: Project, name: string, result: object) =>
  writeAtomically(join(project.folder, "results", `${name}.json`), [
    `${JSON.stringify(result, null, 1)}\n`,
  ]);

/** A saved result. @throws with the command that makes it */
export function resultOf<T>({ folder, choices }: Project, name: string): T {
  const file = join(folder, "results", `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  throw new Error(
    `resultOf: expected results/${name}.json: npm run capstone ${choices.name} ${name}`,
  );
}

/**
 * Chooses: first the least score of an answer from documents, then the application, both by the least
 * expected cost on the questions for choosing.
 */
export async function chooseStep(project: Project, chat?: LanguageModel): Promise<string[]> {
  const { choices } = project;
  const asked = questionsOf(project, "choose");
  const cost = async (application: Application) => {
    const { asked: all, cpu } = await evaluateApplication(application, asked);
    const shares = outcomeShares(all);
    const computer = ownPricePerThousand(cpu, choices.machine.hourly) / 1000;
    return {
      name: application.name,
      shares,
      cpu,
      cost: expectedCost(shares, choices.outcomeCosts, computer),
    };
  };
  const { index } = await documentsOf(project.folder);
  const parts = (score: number) => cascade("", [personOf(project), faqPart(index, score)]);
  const scores = await Promise.all(
    SCORES.map(async (score) => ({ score, ...(await cost(parts(score))) })),
  );
  const { score: leastScore } = scores.reduce((a, b) => (b.cost < a.cost ? b : a));
  const rows = [];
  for (const application of await applicationsOf(project, leastScore, chat))
    rows.push(await cost(application));
  const best = rows.reduce((a, b) => (b.cost < a.cost ? b : a));
  writeChoices(project.folder, { ...choices, leastScore, application: best.name });
  save(project, "choose", { questions: asked.length, scores, rows });
  return [
    `${asked.length} questions for choosing; cost of an answer in the unit of capstone.json`,
    `${"application".padEnd(28)} ${outcomes.map((name) => name.padStart(8)).join(" ")}     cost`,
    ...rows.map(
      ({ name, shares, cost }) =>
        `${name.padEnd(28)} ${outcomes.map((one) => percent(shares[one]).padStart(8)).join(" ")} ${cost.toFixed(2).padStart(8)}`,
    ),
    `chosen: ${best.name}, least score ${leastScore}`,
  ];
}

/** The application that was chosen. @throws if none was */
export async function chosenApplication(
  project: Project,
  chat?: LanguageModel,
): Promise<Application> {
  const { application, leastScore, name } = project.choices;
  if (application === undefined || leastScore === undefined)
    throw new Error(`chosenApplication: expected a choice: npm run capstone ${name} choose`);
  const all = await applicationsOf(project, leastScore, chat);
  const found = all.find((one) => one.name === application);
  if (found) return found;
  const names = all.map((one) => one.name).join("; ");
  throw new Error(`chosenApplication: expected one of: ${names}; got ${application}`);
}

/** What an evaluation leaves. */
export interface EvaluationResult {
  application: string;
  questions: number;
  good: { value: number; low: number; high: number };
  shares: ReturnType<typeof outcomeShares>;
  topics: [string, Record<string, number>][];
  faults: string[][];
  cpu: number;
  usage: ReturnType<typeof sumUsage>;
  records: ServiceRecord[];
}

/** Asks the chosen application the questions of the test. */
export async function evaluateStep(project: Project, chat?: LanguageModel): Promise<string[]> {
  const application = await chosenApplication(project, chat);
  const questions = questionsOf(project, "test");
  const { asked, cpu } = await evaluateApplication(application, questions);
  const topicOf = topicFinder(project.questions);
  const good = goodShare(asked);
  const result: EvaluationResult = {
    ...{ application: application.name, questions: asked.length, good, cpu },
    shares: outcomeShares(asked),
    topics: [...byTopic(asked)],
    faults: asked
      .filter(({ outcome }) => outcome === "wrong" || outcome === "missed")
      .map(({ question, answer, outcome }) => [
        outcome,
        question.question,
        answer.part,
        answer.text,
      ]),
    usage: sumUsage(asked.map(({ answer }) => answer.usage)),
    records: asked.map(({ question, answer }) => ({
      ...{ time: "", topic: topicOf(question.question), part: answer.part },
      ...{ isHandedOver: answer.isHandedOver, ms: 1000 * cpu, tokens: 0 },
    })),
  };
  save(project, "evaluate", result);
  const { shares } = result;
  return [
    `${application.name}: ${asked.length} questions of the test`,
    `as it should be: ${percent(good.value)} (95 % interval ${percent(good.low)} to ${percent(good.high)})`,
    outcomes.map((name) => `${name} ${percent(shares[name])}`).join(" · "),
    ...result.topics.map(([topic, counts]) => `  ${topic.padEnd(22)} ${countsOf(counts)}`),
    ...result.faults.slice(0, 10).map((fault) => `  ${fault.join(" | ")}`),
  ];
}

const countsOf = (counts: Record<string, number>) =>
  outcomes.flatMap((name) => (counts[name] > 0 ? [`${name} ${counts[name]}`] : [])).join(" · ");

/** Works out what answers cost, from the evaluation and the prices in capstone.json. */
export function priceStep(project: Project): string[] {
  const { machine, api, outcomeCosts } = project.choices;
  const { cpu, usage, questions, shares } = resultOf<EvaluationResult>(project, "evaluate");
  const each = {
    promptTokens: usage.promptTokens / questions,
    completionTokens: usage.completionTokens / questions,
    cachedTokens: 0,
  };
  const own = ownPricePerThousand(cpu, machine.hourly, machine.utilisation);
  const provider = apiPricePerThousand(each, api);
  const capacity = 3600 / cpu;
  const perAnswer = provider / 1000;
  const result = {
    ...{
      own,
      provider,
      capacity,
      breakEven: breakEven({ hourly: machine.hourly, capacity, perAnswer }),
    },
    people: 1000 * expectedCost(shares, outcomeCosts),
  };
  save(project, "price", result);
  const answers = Number.isFinite(result.breakEven)
    ? `from ${result.breakEven.toFixed(0)} answers an hour on`
    : "at no load that it can bear";
  return [
    `CPU time for an answer: ${(1000 * cpu).toFixed(1)} ms; one core gives ${capacity.toFixed(0)} an hour`,
    `tokens for an answer: ${each.promptTokens.toFixed(0)} read, ${each.completionTokens.toFixed(0)} written`,
    `1,000 answers on your machine: ${own.toFixed(4)}`,
    `the same tokens at the provider: ${provider.toFixed(4)} (${api.source})`,
    `your machine is cheaper ${answers}`,
    `people and faults for 1,000 questions: ${result.people.toFixed(0)}`,
  ];
}

/** The file of a project's log. */
export const logOf = ({ folder }: Project) => join(folder, "results", "log.jsonl");

/** Looks at the log. @returns what is unusual, or that nothing is */
export function monitorStep(project: Project): string[] {
  const { records } = resultOf<EvaluationResult>(project, "evaluate");
  const file = logOf(project);
  if (!existsSync(file)) return ["no log yet: serve it, and ask something"];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const log = lines.map((line): ServiceRecord => JSON.parse(line));
  const now = normalOf(log);
  const normal = { ...normalOf(records), ms95: 0 }; // times of an evaluation are no times of a service
  const alarms = alarmsOf(log, normal);
  return [
    `${log.length} answers; handed over ${percent(now.handOverShare)} (in the test ${percent(normal.handOverShare)}); ` +
      `95 % within ${now.ms95.toFixed(0)} ms`,
    ...(records.length < 100
      ? [`the test has only ${records.length} questions: drift has to be large to be seen`]
      : []),
    ...(alarms.length === 0
      ? ["no alarm"]
      : alarms.map(({ what, text }) => `ALARM ${what}: ${text}`)),
  ];
}

/** Puts what was measured into report.md. */
export function reportStep(project: Project): string[] {
  const evaluation = resultOf<EvaluationResult>(project, "evaluate");
  const { good, shares, topics, application, questions } = evaluation;
  const lines = [
    `Application: ${application}. ${questions} questions of the test, asked on ${new Date().toISOString().slice(0, 10)}.`,
    `As it should be: ${percent(good.value).trim()} (95 % interval ${percent(good.low).trim()} to ${percent(good.high).trim()}).`,
    "",
    `| | ${outcomes.join(" | ")} |`,
    `|---|${outcomes.map(() => "---|").join("")}`,
    `| all | ${outcomes.map((name) => percent(shares[name]).trim()).join(" | ")} |`,
    ...topics.map(
      ([topic, counts]) => `| ${topic} | ${outcomes.map((name) => counts[name]).join(" | ")} |`,
    ),
    "",
    ...(existsSync(join(project.folder, "results", "price.json")) ? priceStep(project) : []).map(
      (line) => `- ${line}`,
    ),
  ];
  const file = join(project.folder, "report.md");
  writeAtomically(file, [filledReport(readFileSync(file, "utf8"), lines.join("\n"))]);
  return [`figures are in ${file}; the rest of it is yours`];
}
