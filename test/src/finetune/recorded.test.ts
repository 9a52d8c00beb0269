// The recorded runs of lesson 15 (fine-tuning) are read by name, with all seeds.
import { recordedLabels } from "llm/finetune";
import { describe, expect, it } from "vitest";

describe("recordedLabels", () => {
  const recorded = recordedLabels();
  const names = [
    ...[10, 30, 100, 1000].flatMap((n) =>
      ["words", "pretrained", "random"].map((way) => `spam ${way} n=${n}`),
    ),
    ...["last", "first", "end, mask", "end, no mask", "open, mean", "2 blocks", "head alone"].map(
      (row) => `table ${row}`,
    ),
    ...["names causal", "names open", "names causal, first token", "domain n=100"],
    ...["augmentation leaving out words n=30", "augmentation typing mistakes n=30"],
    ...["party of both, by president", "party of both, by passage"],
    ...["pretrained", "random", "pretrained, higher rate"].map((start) => `intents ${start}`),
  ];

  it.each(names)("%s has three seeds, each with an accuracy", (name) => {
    const runs = recorded(name);
    expect(runs.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    for (const { accuracy } of runs) {
      expect(accuracy).toBeGreaterThan(0);
      expect(accuracy).toBeLessThanOrEqual(1);
    }
  });

  it("the head alone leaves the language model as it was, by its loss", () => {
    for (const { before, after } of recorded("table head alone")) expect(after).toBe(before);
  });

  it("an unknown name is refused", () => {
    expect(() => recorded("spam")).toThrow(/recordedLabels: expected one of .*, got spam/);
  });
});
