// The later steps of a project: price, log, report. They ask nothing any more; they read what the
// evaluation and the service have left.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../files";
import { apiPricePerThousand, breakEven, ownPricePerThousand } from "./costs";
import { alarmsOf, normalOf, type ServiceRecord } from "./monitor";
import type { Project } from "./project";
import { expectedCost, outcomes } from "./questions";
import { filledReport } from "./report";
import { type EvaluationResult, percent, resultOf, save } from "./results";

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
  return [
    `CPU time for an answer: ${(1000 * cpu).toFixed(1)} ms; one core gives ${whole(capacity)} an hour`,
    `tokens for an answer: ${each.promptTokens.toFixed(0)} read, ${each.completionTokens.toFixed(0)} written`,
    `1,000 answers on your machine: ${price(own)}`,
    `the same tokens at the provider: ${price(provider)} (${api.source})`,
    breakEvenText(result.breakEven, provider),
    `people and faults for 1,000 questions: ${whole(result.people)} (costs of outcomes: capstone.json)`,
  ];
}

const whole = (x: number) => Math.round(x).toLocaleString("en");
/** Two digits that mean something, however small a price is. */
const price = (x: number) =>
  x === 0 ? "0" : x.toFixed(Math.max(2, 1 - Math.floor(Math.log10(Math.abs(x)))));

function breakEvenText(load: number, provider: number): string {
  if (provider === 0)
    return "no tokens, so a provider would charge nothing: there is no break-even to work out";
  return Number.isFinite(load)
    ? `your machine is cheaper from ${whole(load)} answers an hour on`
    : "your machine is never cheaper: the break-even is above what one core can give";
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
    `${log.length} answers; handed over ${percent(now.handOverShare).trim()} ` +
      `(in the test ${percent(normal.handOverShare).trim()}); ` +
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
