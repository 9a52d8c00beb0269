// A project from its template to its report, in a folder of its own.
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  adaptStep,
  chooseStep,
  chosenApplication,
  evaluateStep,
  filledReport,
  kindNames,
  logOf,
  makeProject,
  monitorStep,
  priceStep,
  readKind,
  readProject,
  reportStep,
  rubric,
} from "llm/capstone";
import { expect, test } from "vitest";

const folder = () => join(mkdtempSync(join(tmpdir(), "capstone-")), "mine");

test("every kind has a whole template: duties with sources, documents, questions of both splits", () => {
  for (const kind of kindNames) {
    const { kind: about, questions, choices } = makeProject(folder(), "mine", kind);
    expect(about.duties.length).toBeGreaterThan(3);
    expect(about.sources.length).toBeGreaterThan(0);
    expect(choices.kind).toBe(kind);
    for (const split of ["choose", "test"] as const) {
      const some = questions.filter((one) => one.split === split);
      expect(some.some(({ handOver }) => handOver)).toBe(true);
      expect(some.some(({ handOver }) => !handOver)).toBe(true);
    }
    const asked = questions.map(({ question }) => question);
    expect(new Set(asked).size).toBe(asked.length);
  }
  expect(() => readKind("poetry")).toThrow(/expected one of customer-service/);
});

test("nothing is overwritten, and a name is a name", () => {
  const at = folder();
  makeProject(at, "mine", "search");
  writeFileSync(join(at, "questions.jsonl"), "mine");
  expect(() => makeProject(at, "mine", "search")).toThrow(/which exists; nothing changed/);
  expect(readFileSync(join(at, "questions.jsonl"), "utf8")).toBe("mine");
  expect(() => makeProject(folder(), "../x", "search")).toThrow(/expected a name/);
  expect(() => readProject(folder())).toThrow(/no capstone.json there/);
});

test("what is wrong in a project is said in words", () => {
  const at = folder();
  const { choices } = makeProject(at, "mine", "search");
  const write = (changed: object) =>
    writeFileSync(join(at, "capstone.json"), JSON.stringify({ ...choices, ...changed }));
  write({ machine: { hourly: -1, utilisation: 1 } });
  expect(() => readProject(at)).toThrow(/hourly: expected a number from 0, got -1/);
  write({ machine: { hourly: 1, utilisation: 0 } });
  expect(() => readProject(at)).toThrow(/utilisation/);
  write({ format: "other" });
  expect(() => readProject(at)).toThrow(/expected the format/);
  write({});
  writeFileSync(
    join(at, "questions.jsonl"),
    '{"split":"test","topic":"t","question":"q","accept":["a"]}',
  );
  expect(() => readProject(at)).toThrow(/questions of the split "choose"/);
});

test("from the choice to the report, and an alarm after a change", async () => {
  const at = folder();
  const project = makeProject(at, "mine", "search");
  await expect(chosenApplication(project)).rejects.toThrow(/npm run capstone mine choose/);
  expect(() => priceStep(project)).toThrow(/npm run capstone mine evaluate/);
  const lines = await chooseStep(project);
  expect(lines.at(-2)).toMatch(
    /^chosen: person, documents; the documents answer from a BM25 score/,
  );
  expect(lines.at(-1)).toMatch(/^next: npm run capstone mine evaluate/);
  const chosen = readProject(at);
  expect((await evaluateStep(chosen)).join("\n")).toMatch(/as it should be: +\d+ %/);
  const priced = priceStep(chosen).join("\n");
  expect(priced).toMatch(/1,000 answers on your machine: 0\.0*[1-9]/); // small, and not 0.0000
  expect(priced).toMatch(/no tokens, so a provider would charge nothing/);
  reportStep(chosen);
  const report = readFileSync(join(at, "report.md"), "utf8");
  expect(report).toContain("| all |");
  expect(report).toContain("What failed");
  expect(monitorStep(chosen)).toEqual(["no log yet: serve it, and ask something"]);
  const file = join(at, "results", "evaluate.json");
  const evaluation = JSON.parse(readFileSync(file, "utf8"));
  const { records } = evaluation;
  for (let i = 0; i < 20; i++)
    for (const record of records) appendFileSync(logOf(chosen), `${JSON.stringify(record)}\n`);
  expect(monitorStep(chosen)[1]).toMatch(/only 9 questions/);
  evaluation.records = Array.from({ length: 20 }, () => records).flat();
  writeFileSync(file, JSON.stringify(evaluation));
  expect(monitorStep(chosen).slice(1)).toEqual(["no alarm"]);
  for (let i = 0; i < 200; i++)
    appendFileSync(logOf(chosen), `${JSON.stringify({ ...records[0], topic: "strikes" })}\n`);
  expect(monitorStep(chosen).join("\n")).toMatch(/ALARM drift: .*"strikes"/);
  expect((await adaptStep(chosen))[0]).toMatch(/nothing to adapt yet/);
});

test("an application of the learner's takes part, and a wrong file is named", async () => {
  const at = folder();
  const project = makeProject(at, "mine", "search");
  const file = join(at, "applications.mjs");
  const right = 'name: "mine", answer: async (question) => course.handedOver()';
  writeFileSync(file, `export const applications = (course, project) => [{ ${right} }];`);
  expect((await chooseStep(project)).join("\n")).toMatch(/^mine /m);
  const other = folder();
  makeProject(other, "mine", "search");
  writeFileSync(join(other, "applications.mjs"), "export const applications = () => [{}];");
  await expect(chooseStep(readProject(other))).rejects.toThrow(/applications.mjs: expected a list/);
});

test("the rubric has 100 points, and a report keeps what is written by hand", () => {
  expect(rubric.reduce((sum, { points }) => sum + points, 0)).toBe(100);
  const report = "mine\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nalso mine\n";
  const filled = filledReport(filledReport(report, "new"), "newer");
  expect(filled).toBe("mine\n<!-- measured: begin -->\nnewer\n<!-- measured: end -->\nalso mine\n");
  expect(() => filledReport("mine", "new")).toThrow(/expected the lines/);
});
