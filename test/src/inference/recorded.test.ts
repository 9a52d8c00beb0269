// Recorded lines by part, model and round.
import { median, recordedInference } from "llm/inference";
import { expect, it } from "vitest";

it("finds the lines of a part", () => {
  const rounds = recordedInference("growth", "base float32");
  expect(rounds.map(({ round }) => round)).toEqual([1, 2, 3]);
  expect(rounds[0].list.map(({ tokens }) => tokens)).toEqual([16, 32, 64, 128]);
  const mixed = recordedInference("arrivals", "base float32", "mixed");
  expect(mixed.map(({ round }) => round)).toEqual(["mixed 1", "mixed 2", "mixed 3"]);
  expect(recordedInference("growth", "another model")).toEqual([]);
});

it("takes the middle, whatever the order", () => {
  expect(median([9, 1, 3])).toBe(3);
  expect(median([4, 1, 10, 2])).toBe(3);
});
