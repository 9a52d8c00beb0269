// The notebook of a new lesson: every part that the rules for a lesson's page ask for, with TODO
// where its author writes. Once it has run, only those are left to `npm run lesson -- rules`.

/**
 * In the text form of notebook.py.
 * @param lesson of the register
 * @param needs the lessons it builds on, in words
 * @param heading its first line
 */
export const notebookOf = (
  { id, number, title, subjects },
  needs,
  heading,
) => `%% meta ${JSON.stringify({ title, lesson: id, megabytes: 0 })}
%% md header
${heading}

You build TODO. The lesson covers ${subjects.join(", ")}.

You need ${needs}.

%% md imports-why
Everything that this lesson uses, and the engine that computes it:

%% ts imports
import { check, learner } from "llm/course";
import { curves, diagram, frames, plot } from "llm/display";
import { useEngine } from "llm/engine";

await useEngine();

%% md first-look-why
This works at the end of the lesson: TODO.

%% ts first-look
console.log("the mean of 1, 2 and 6 is", (1 + 2 + 6) / 3);

%% md question
## A question

TODO: something that the reader has just seen, a failure of the previous lesson or a number that
surprises.

%% md mechanism-why
## How it works

The numbers go in, one comes out: TODO.

%% ts mechanism folded
plot(
  diagram({
    alt: "The numbers x, of shape (n), go into the box mean, which gives one number m.",
    nodes: [
      { id: "x", at: [0, 0], text: "x", tone: "data" },
      { id: "mean", at: [1, 0], text: "mean" },
      { id: "m", at: [2, 0], text: "m", tone: "data" },
    ],
    edges: [
      { from: "x", to: "mean", label: "(n)" },
      { from: "mean", to: "m", label: "()" },
    ],
    caption: "What to see in it.",
  }),
);

%% md formula
The mean of $n$ numbers $x_1, \\dots, x_n$ is their sum over their number:

$$\\bar x = \\frac{1}{n} \\sum_{i=1}^{n} x_i$$

%% md predict-large
One number may be much larger than the others.

> **Predict.** What is the mean of 1, 2 and 600?

%% ts large-number output-folded
const withLarge = [1, 2, 600];
console.log(withLarge.reduce((sum, value) => sum + value, 0) / withLarge.length);

%% md large-answer
<details><summary>The answer</summary>

It is 201, far from two of the three.
</details>

%% md exercise-mean
## Exercise: \`mean\`

The comment above the function is the whole task. Write it, save the file, and run the next cell. If
you are stuck, run \`npm run hint ${number} mean\` in a terminal for the next of three hints.

%% ts check-mean
await check("${id}", { only: ["mean"] });

%% md fetch-yours
From here on your own function is used where it passes, and the reference where it does not yet:

%% ts fetch-yours-mean
const mine = await learner("${id}");
console.log(mine.mean([1, 2, 6]));

%% md your-sentence-why
Put in a sentence of your own, in any language, and run the cell again:

%% ts your-sentence
const sentence = "The cat is on the mat.";
const lengths = sentence.split(" ").map((word) => word.length);
console.log("letters per word:", mine.mean(lengths).toFixed(1));

%% md experiment
## An experiment

**Claim.** TODO. The threshold, set before anything is measured, is TODO; the figure shows it with
the baseline.

%% ts experiment-figure folded
const upTo = (n: number) => lengths.slice(0, n);
plot(
  frames(
    lengths.map((_, i) => ({
      label: i + 1,
      figure: curves({
        caption: "",
        x: { title: "word" },
        y: { title: "letters" },
        series: [{ name: "your sentence", x: upTo(i + 1).map((_, k) => k + 1), y: upTo(i + 1) }],
        baselines: [{ name: "mean so far", y: mine.mean(upTo(i + 1)) }],
      }),
    })),
    { slider: "words read", start: lengths.length - 1, caption: "What to see while it moves." },
  ),
);

%% md experiment-read
TODO: what it says. **If yours looks different**, TODO: the usual causes.

%% md questions
## Questions

Answer aloud, then unfold.

<details><summary>1. TODO?</summary>

TODO.

</details>

<details><summary>2. TODO?</summary>

TODO.

</details>

<details><summary>3. TODO?</summary>

TODO.

</details>

%% md summary
## Summary

TODO: what the reader can do now, in about ten lines.

%% md further-reading
## Further reading

What was left out, and where to read it: TODO (author, *title*, 2017).
`;
