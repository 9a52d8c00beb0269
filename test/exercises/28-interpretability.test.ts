import { expectClose, lesson } from "llm/course/kit";
import { mutants } from "../mutants/28-interpretability";

lesson<typeof import("../../solutions/28-interpretability")>(
  "28-interpretability",
  mutants,
  (exercise) => {
    exercise(
      "mean",
      (mean) => {
        expectClose(mean([7]), 7, {
          message:
            "the mean of one number is that number: is the sum divided by how many there are, " +
            "and by nothing else?",
        });
        expectClose(mean([1, 2, 6]), 3, {
          message:
            "mean([1, 2, 6]) is (1 + 2 + 6) / 3: is every number added, and the sum divided?",
        });
      },
      {
        // Every kind of input that the stub allows; the kit compares with the reference, and asks the
        // rest by itself.
        cases: {
          "one number": (d) => [d.list(1)],
          "several numbers": (d) => [d.list(d.integer(5, 9))],
          zeros: () => [[0, 0, 0]],
          "large numbers": (d) => [d.list(7, 1e6)],
        },
      },
    );
  },
);
