// `npm run lesson -- 07-positions "Positions"`: the skeleton of a lesson, whose one example exercise already passes every
// test of test/exercises, so that a new lesson starts from green. LESSON.md's rules are in CONTRIBUTING.md.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, venvPython } from "../kit.mjs";

const [id, title] = process.argv.slice(2);
if (!/^\d\d-[a-z][a-z0-9-]*$/.test(id ?? "") || !title) {
  console.error(
    '✗ npm run lesson: expected an id and a title, for example: npm run lesson -- 07-positions "Positions"',
  );
  process.exit(1);
}

const files = {
  [`exercises/${id}.ts`]: `// Exercises of lesson ${id}. Write your answers here; \`await check("${id}")\` in the notebook tells how they do.
import { notDoneYet } from "llm/course/exercise";

/**
 * The mean of the numbers: mean(x) = (x₁ + … + xₙ) / n.
 *
 * @param x at least one number
 * @returns their mean; \`mean([1, 2, 6])\` is 3
 * @points 1 @minutes 5 @difficulty 1
 */
export function mean(x: number[]): number {
  return notDoneYet("mean", x);
}
`,
  [`exercises/${id}.hints.md`]: `# Hints for lesson ${id}

## mean

### Idea
Add everything up, then share it out equally.

### Pseudocode
    sum ← 0
    for each value: sum ← sum + value
    return sum / how many

### Answer
\`x.reduce((sum, value) => sum + value, 0)\` is the sum; divide it by \`x.length\`.
`,
  [`solutions/${id}.ts`]: `// Reference answers of lesson ${id}, each with why it is so.

/**
 * The mean of the numbers: mean(x) = (x₁ + … + xₙ) / n.
 *
 * @param x at least one number
 * @returns their mean; \`mean([1, 2, 6])\` is 3
 * @points 1 @minutes 5 @difficulty 1
 */
export function mean(x: number[]): number {
  // The 0 matters: reduce without a first value throws on an empty list instead of giving NaN.
  return x.reduce((sum, value) => sum + value, 0) / x.length;
}
`,
  [`test/exercises/${id}.test.ts`]: `import { expectClose, lesson } from "llm/course/kit";
import { mutants } from "../mutants/${id}";

lesson<typeof import("../../solutions/${id}")>("${id}", mutants, (exercise) => {
  exercise("mean", (mean) => {
    expectClose(mean([7]), 7, { message: "the mean of one number is that number: is the sum divided by how many there are, and by nothing else?" });
    expectClose(mean([1, 2, 6]), 3, { message: "mean([1, 2, 6]) is (1 + 2 + 6) / 3: is every number added, and the sum divided?" });
  }, {
    // Every kind of input that the stub allows; the kit compares with the reference, and asks the rest by itself.
    cases: {
      "one number": (d) => [d.list(1)],
      "several numbers": (d) => [d.list(d.integer(5, 9))],
      "zeros": () => [[0, 0, 0]],
      "large numbers": (d) => [d.list(7, 1e6)],
    },
  });
});
`,
  [`test/mutants/${id}.ts`]: `// Plausible wrong answers of lesson ${id}, each with the sentence it must be told.
import type { Mutants } from "llm/course/kit";

export const mutants: Mutants<typeof import("../../solutions/${id}")> = {
  mean: [
    { name: "sum, not divided", told: /and the sum divided/, answer: (x) => x.reduce((sum, value) => sum + value, 0) },
    { name: "divides by n − 1", told: /by how many there are/, answer: (x) => x.reduce((sum, value) => sum + value, 0) / (x.length - 1) },
  ],
};
`,
};

const notebook = `%% meta ${JSON.stringify({ title, lesson: id, minutes: { cpu: 1, gpu: null }, megabytes: 0 })}
%% md header
# ${Number(id.slice(0, 2))} · ${title}

**You will build** … **You need** lesson …

*minutes on a laptop CPU: to be measured · minutes on a GPU: not measured yet · MB downloaded: 0*

%% md question
## A question first

Something the reader can see: a failure of the previous lesson, a number that surprises.

%% md imports-why
Everything this lesson uses, and the engine that computes it:

%% ts imports
import { check, learner } from "llm/course";
import { curves, plot } from "llm/display";
import { tf, useEngine } from "llm/engine";
await useEngine();

%% md first-figure-why
The smallest example that shows it.

%% ts first-figure
plot(curves({ caption: "What to see in it", x: { title: "n" }, y: { title: "n²" }, series: [{ name: "square", x: [0, 1, 2, 3], y: [0, 1, 4, 9] }] }));

%% md exercise-mean
### Exercise: \`mean\`
Write it in [exercises/${id}.ts](../exercises/${id}.ts), save, and run the next cell.

%% ts check-mean
await check("${id}", { only: ["mean"] });

%% md your-functions-why
From here on your own function is used where it passes, and the reference where it does not yet:

%% ts your-functions
const mine = await learner("${id}");
console.log(mine.mean([1, 2, 6]));

%% md close
## What you can now explain

<details><summary>1. …?</summary>

…
</details>
`;

for (const [path, content] of Object.entries(files)) {
  const target = join(root, path);
  if (existsSync(target)) {
    console.error(
      `✗ ${path} exists already: nothing was overwritten. Choose another id, or go on with that lesson.`,
    );
    process.exit(1);
  }
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}
const draft = join(root, `${id}.draft.txt`);
writeFileSync(draft, notebook);
const made = spawnSync(venvPython, ["tools/lesson/notebook.py", "write", id, draft], {
  cwd: root,
  stdio: "inherit",
});
const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
const code = Object.keys(files).filter((path) => path.endsWith(".ts"));
spawnSync(process.execPath, [biome, "check", "--write", "--log-level=error", ...code], {
  cwd: root,
  stdio: "inherit",
});
console.log(`Made ${Object.keys(files).join(", ")} and notebooks/${id}.ipynb.
Next: npm run notebook -- text ${id} > draft.txt, write the lesson there, npm run notebook -- write ${id} draft.txt, npm run notebook -- run ${id}.`);
rmSync(draft);
process.exit(made.status ?? 1);
