// Plausible wrong answers of lesson 28 (interpretability), each with the sentence it must be told.
import type { Mutants } from "llm/course/kit";

export const mutants: Mutants<typeof import("../../solutions/28-interpretability")> = {
  mean: [
    {
      name: "sum, not divided",
      told: /and the sum divided/,
      answer: (x) => x.reduce((sum, value) => sum + value, 0),
    },
    {
      name: "divides by n − 1",
      told: /by how many there are/,
      answer: (x) => x.reduce((sum, value) => sum + value, 0) / (x.length - 1),
    },
  ],
};
