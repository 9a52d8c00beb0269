// The recorded lines of lesson 23 (prompting): what they say was right is worked out once more from
// what else they hold, by rules written for this test.
import { promptTasks, recordedPrompts, stepProblems } from "llm/prompting";
import { expect, test } from "vitest";

const tasks = new Map(promptTasks().map((task) => [task.name, task]));

/** Whether the right choice has the largest ln p; undefined where rounding made two equal. */
function isLargest(logProbs: readonly number[], right: number): boolean | undefined {
  const largest = Math.max(...logProbs);
  if (logProbs.filter((x) => x === largest).length > 1) return undefined;
  return logProbs[right] === largest;
}

const plain = (text: string) => text.toLowerCase().replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");

test("as many lines as the claims speak of", () => {
  const count = (run: Parameters<typeof recordedPrompts>[0]) => recordedPrompts(run).length;
  expect(count("shots")).toBe(6 * (1 + 4 * 3));
  expect(count("labels")).toBe(3 * 2 * 3);
  expect(count("orders")).toBe(2 * 24);
  expect(count("wordings")).toBe(2 * 2 * 8);
  expect(count("advice")).toBe(12 * 3);
  expect(count("steps")).toBe(4 * 3 + 3);
  expect(count("tree")).toBe(3 * 4 * 4);
  expect(count("branches")).toBe(3 * 5);
  expect(count("confirm")).toBe(2 * 3);
});

test.each(["shots", "labels", "orders", "wordings", "confirm"] as const)(
  "%s: what is right follows from ln p or from the text",
  (kind) => {
    for (const run of recordedPrompts(kind)) {
      const task = tasks.get(run.task)!;
      const outputs = "outputs" in run ? run.outputs : task.test.map((q) => q.output);
      expect(run.right).toHaveLength(outputs.length);
      for (const [i, output] of outputs.entries()) {
        const again = run.logProbs
          ? isLargest(run.logProbs[i], task.choices!.indexOf(output))
          : plain(run.texts![i].split("\n")[0]) === plain(output);
        if (again !== undefined) expect([kind, i, Number(again)]).toEqual([kind, i, run.right[i]]);
      }
    }
  },
);

test("steps: what is right follows from the numbers, and the numbers from the texts", () => {
  const problems = stepProblems(52, 1).slice(0, 40);
  for (const { values, texts, right, each } of recordedPrompts("steps"))
    for (const [i, numbers] of values.entries()) {
      const said = /answer is\D*?(-?\d+)/.exec(texts[i])?.[1] ?? texts[i].match(/-?\d+/g)?.at(-1);
      expect(numbers[0]).toBe(Number(said));
      const votes = (value: number | null) => numbers.filter((other) => other === value).length;
      const truth = Number(problems[i].output);
      const most = Math.max(...numbers.map(votes));
      expect(numbers).toHaveLength(each);
      if (right[i]) expect(votes(truth)).toBe(most);
      else expect(numbers[0] === truth && votes(truth) === most).toBe(false);
    }
});

test("trees: the rule is right for the same sums at every width", () => {
  const of = (seed: number, width: number) =>
    recordedPrompts("tree").find(
      (run) => run.value === "rule" && run.seed === seed && run.width === width,
    )!.right;
  for (const seed of [1, 2, 3])
    for (const width of [2, 4, 8]) expect(of(seed, width)).toBe(of(seed, 1));
});
