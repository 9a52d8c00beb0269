// The first steps of a project: choosing and evaluating. Each returns the lines to print and writes its
// result to `results/`. Nothing is decided on the questions of the test.
import { type LanguageModel, sumUsage } from "../languageModel";
import { type Application, cascade } from "./application";
import { applicationsOf, personOf, questionsOf, topicsOf } from "./candidates";
import { ownPricePerThousand } from "./costs";
import { documentsOf, type Project, writeChoices } from "./project";
import {
  byTopic,
  evaluateApplication,
  expectedCost,
  goodShare,
  outcomeShares,
  outcomes,
} from "./questions";
import { type EvaluationResult, percent, save } from "./results";
import { faqPart } from "./shop";

/** Scores between which a project chooses. */
const SCORES = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4];
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
      cost: Number(expectedCost(shares, choices.outcomeCosts, computer).toFixed(4)),
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
  const width = Math.max(...rows.map(({ name }) => name.length), 28);
  writeChoices(project.folder, { ...choices, leastScore, application: best.name });
  save(project, "choose", { questions: asked.length, scores, rows });
  return [
    `${asked.length} questions for choosing; cost of an answer in the unit of capstone.json`,
    `${"application".padEnd(width)} ${outcomes.map((name) => name.padStart(8)).join(" ")}     cost`,
    ...rows.map(
      ({ name, shares, cost }) =>
        `${name.padEnd(width)} ${outcomes.map((one) => percent(shares[one]).padStart(8)).join(" ")} ${cost.toFixed(2).padStart(8)}`,
    ),
    `chosen: ${best.name}; the documents answer from a BM25 score of ${leastScore} on`,
    `next: npm run capstone ${choices.name} evaluate (asks the questions of the test; do this seldom)`,
  ];
}

/** The application that was chosen. @throws if none was */
export async function chosenApplication(
  project: Project,
  chat?: LanguageModel,
): Promise<Application> {
  const { application, leastScore, name } = project.choices;
  if (application === undefined || leastScore === undefined)
    throw new Error(
      `chosenApplication: expected a choice, and nothing is chosen yet: npm run capstone ${name} choose`,
    );
  const all = await applicationsOf(project, leastScore, chat);
  const found = all.find((one) => one.name === application);
  if (found) return found;
  const names = all.map((one) => one.name).join("; ");
  throw new Error(`chosenApplication: expected one of: ${names}; got ${application}`);
}

/** Asks the chosen application the questions of the test. */
export async function evaluateStep(project: Project, chat?: LanguageModel): Promise<string[]> {
  const application = await chosenApplication(project, chat);
  const questions = questionsOf(project, "test");
  const { asked, cpu } = await evaluateApplication(application, questions);
  const topicOf = topicsOf(project);
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
    `as it should be: ${inLine(good.value)} (95 % interval ${inLine(good.low)} to ${inLine(good.high)})`,
    outcomes.map((name) => `${name} ${inLine(shares[name])}`).join(" · "),
    ...result.topics.map(([topic, counts]) => `  ${topic.padEnd(22)} ${countsOf(counts)}`),
    ...result.faults.slice(0, 10).map((fault) => `  ${fault.join(" | ")}`),
    ...(result.faults.length > 10
      ? [`  and ${result.faults.length - 10} more faults, in results/evaluate.json`]
      : []),
    `next: npm run capstone ${project.choices.name} price`,
  ];
}

const inLine = (share: number) => percent(share).trim();

const countsOf = (counts: Record<string, number>) =>
  outcomes.flatMap((name) => (counts[name] > 0 ? [`${name} ${counts[name]}`] : [])).join(" · ");
