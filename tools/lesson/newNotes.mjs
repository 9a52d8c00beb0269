// The teacher's notes and the quiz of a new lesson, which fit the skeleton's notebook
// (newNotebook.mjs) and its example exercise: only the words are left to the author, at each TODO.

/** @param lesson of the register */
export const notesOf = ({ number, title }) => `# Teacher's notes: ${number} · ${title}

## Objectives
- After this lesson, learners can TODO.
- After this lesson, learners can TODO.
- After this lesson, learners can TODO.

## Before class
TODO: what to prepare, what to try once, which exercise takes longest.

## Minute plans

### 50 minutes

| minutes | cells | what happens |
|---:|---|---|
| 10 | \`first-look\` to \`mechanism\` | TODO |
| 10 | \`predict-large\` to \`large-answer\` | TODO |
| 15 | \`exercise-mean\` to \`fetch-yours-mean\` | TODO |
| 10 | \`experiment\` to \`experiment-read\` | TODO |
| 5 | \`questions\`, \`summary\` | TODO |

## Where learners stumble
- TODO: what they write, how you notice, what to ask them.
- They divide by n − 1. Ask: what should the mean of one number be?
- They forget to divide. Ask: can a mean be larger than the largest number?

## Answers to the predictions

### \`predict-large\`
201. TODO: what learners say instead, and what to make of it.

## What to cut
- 20 minutes: TODO.
- 40 minutes: TODO.
`;

const question = (id, text, mutant) => `## ${id}
TODO: ${text}

- [x] TODO: the right answer.
  TODO: why it is right.
- [ ] TODO: the idea behind this mutant.  {mean: ${mutant}}
  TODO: a sentence for the learner who chose it.
- [ ] TODO: another wrong answer.
  TODO: a sentence for the learner who chose it.
`;

/** @param lesson of the register */
export const quizOf = ({ number, title }) => `# Quiz: ${number} · ${title}

${[
  question(
    "first-question",
    "what one can answer from the lesson, without running code?",
    "sum, not divided",
  ),
  question("second-question", "what?", "divides by n − 1"),
  question("third-question", "what?", "sum, not divided"),
  question("fourth-question", "what?", "divides by n − 1"),
  question("fifth-question", "what?", "sum, not divided"),
].join("\n")}`;
