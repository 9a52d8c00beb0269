// What answers mean, entropies against scipy and areas under curves against scikit-learn
// (test/fixtures/safety.json), risk against a slow count, facts looked up, names and occupations.
import { SearchIndex } from "llm/retrieval";
import {
  areaUnderRisk,
  aurocOfErrors,
  capitalQuestions,
  checkFact,
  clusters,
  holdsAnswer,
  inventedQuestions,
  nameIn,
  namesCapital,
  occupationGaps,
  occupations,
  riskCoverage,
  semanticEntropy,
} from "llm/safety";
import { expect, test } from "vitest";
import fixture from "../../fixtures/safety.json";

test("semantic entropy is scipy's entropy of the counts", () => {
  for (const [answers, entropy] of fixture.entropies)
    expect(semanticEntropy(answers as string[])).toBeCloseTo(entropy as number, 8);
  expect(semanticEntropy(["Paris", "paris ", "Rome"])).toBeCloseTo(
    -(2 / 3) * Math.log(2 / 3) - (1 / 3) * Math.log(1 / 3),
    10,
  );
  expect(() => semanticEntropy([])).toThrow("expected answers");
});

test("clusters are ordered by size, equals by their first answer", () => {
  expect(clusters(["b", "a", "A", "c"])).toEqual([["a", "A"], ["b"], ["c"]]);
  expect(clusters(["x 1", "y", "x 2"], (one) => one[0])).toEqual([["x 1", "x 2"], ["y"]]);
});

test("the name in an answer is none of the question's", () => {
  const question = "What is the capital of France?";
  expect(nameIn("The capital of France is Paris.", question)).toBe("paris");
  expect(nameIn("Paris", question)).toBe("paris");
  expect(nameIn("It is New York City, I think.", question)).toBe("new york city");
  expect(nameIn("no idea", question)).toBe("no idea");
});

test("risk at each coverage is what a slow count gives", () => {
  const uncertainty = [0.3, 0.1, 0.9, 0.3, 0.2];
  const right = [true, true, false, false, true];
  const slow = [...new Set(uncertainty)].sort().map((limit) => {
    const kept = right.filter((_, i) => uncertainty[i] <= limit);
    return { coverage: kept.length / 5, risk: kept.filter((one) => !one).length / kept.length };
  });
  expect(riskCoverage(uncertainty, right)).toEqual(slow);
  expect(() => riskCoverage([], [])).toThrow("expected as many");
  // by hand: risks at 1 … 5 answered are 0, 0, (0.5 / 3), 0.25, 0.4
  const area = (0 + 0 + 0.5 / 3 + 0.25 + 0.4) / 5;
  expect(areaUnderRisk(riskCoverage(uncertainty, right), 5)).toBeCloseTo(area, 10);
});

test("areas under curves are scikit-learn's", () => {
  for (const [scores, right, area] of fixture.areas)
    expect(aurocOfErrors(scores as number[], right as boolean[])).toBeCloseTo(area as number, 8);
  expect(aurocOfErrors([1, 2], [true, true])).toBeNaN();
});

test("60 capitals, each once, and countries that do not exist", () => {
  const all = capitalQuestions();
  expect(all.length).toBe(60);
  expect(new Set(all.map(({ country }) => country)).size).toBe(60);
  const paraguay = all.find(({ country }) => country === "Paraguay");
  expect(paraguay && namesCapital(paraguay, "it is asuncion.")).toBe(true);
  const fiji = all.find(({ country }) => country === "Fiji");
  expect(fiji && [namesCapital(fiji, "Suvaba."), namesCapital(fiji, "It is Suva.")]).toEqual([
    false,
    true,
  ]);
  expect(inventedQuestions().every((one) => !namesCapital(one, "Velmora City"))).toBe(true);
});

test("a fact is supported if its words stand together in a passage", async () => {
  expect(holdsAnswer("It costs 4.76 bits per symbol.", "4.76 bits")).toBe(true);
  expect(holdsAnswer("Bits: 4.76", "4.76 bits")).toBe(false);
  expect(holdsAnswer("anything", "")).toBe(false);
  const index = new SearchIndex();
  await index.put("zoo", "# Zoo\n\nThe zoo opens at nine. The oldest animal is a tortoise.");
  await index.put("bank", "# Bank\n\nThe bank opens at ten.");
  const check = (answer: string) =>
    checkFact(index, { question: "When does the zoo open?", answer }, { k: 1 });
  expect((await check("at nine")).supported).toBe(true);
  expect((await check("at ten")).supported).toBe(false);
});

test("gaps are means over names, each the mean over its sentences", () => {
  const scores = [
    { name: "Mary", group: "she" as const, form: "1", logShares: occupations.map((_, i) => i) },
    { name: "Mary", group: "she" as const, form: "2", logShares: occupations.map(() => 1) },
    { name: "John", group: "he" as const, form: "1", logShares: occupations.map(() => 0) },
  ];
  const gaps = occupationGaps(scores, (name) => (name === "Mary" ? 0 : 1));
  expect(gaps).toEqual(occupations.map((_, i) => (i + 1) / 2));
});
