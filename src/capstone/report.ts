// The papers of a project: what is to be done with the folder, the report with the rubric by which it is
// judged, and the model card (Mitchell et al., 2019, "Model Cards for Model Reporting"). Templates are
// filled in by hand; what the steps have measured is put between two marks by `filledReport`.
import type { Kind } from "./kinds";

/** One thing that a capstone is judged by. */
export interface Criterion {
  name: string;
  points: number;
  /** What earns nothing, half of the points, and all of them. */
  levels: [none: string, half: string, all: string];
}

/** The rubric: 100 points. Honesty about failures is worth as much as success. */
export const rubric: readonly Criterion[] = [
  {
    name: "The task and its duties",
    points: 10,
    levels: [
      "unclear who uses it, and for what",
      "users and task are named; duties are copied",
      "what it must not do is named and tested, with the source of each duty",
    ],
  },
  {
    name: "Data",
    points: 15,
    levels: [
      "the template's samples",
      "own questions and documents, fewer than 50 questions for the test",
      "100 or more questions for the test, by somebody else or from use; their origin is told",
    ],
  },
  {
    name: "Choice",
    points: 15,
    levels: [
      "one way, no comparison",
      "three ways compared, on the questions for choosing alone",
      "a simple baseline among them, and the reason why it was not enough, or was",
    ],
  },
  {
    name: "Evaluation",
    points: 25,
    levels: [
      "examples that went well",
      "a figure with its interval from questions that were not used before",
      "faults counted by kind and shown; a control that could have refuted the conclusion",
    ],
  },
  {
    name: "Price",
    points: 10,
    levels: [
      "none",
      "price of 1,000 answers from measurements",
      "people's time included, break-even with a dated source for every price",
    ],
  },
  {
    name: "Service",
    points: 15,
    levels: [
      "runs in the notebook only",
      "a served page with keys, limits and a log",
      "monitoring whose alarm was tested, in both directions",
    ],
  },
  {
    name: "Report",
    points: 10,
    levels: [
      "claims without figures",
      "figures and what failed",
      "somebody else repeated it from the report alone",
    ],
  },
];

const rubricTable = (): string =>
  [
    "| criterion | points | nothing | half | all |",
    "|---|---|---|---|---|",
    ...rubric.map(({ name, points, levels }) => `| ${name} | ${points} | ${levels.join(" | ")} |`),
  ].join("\n");

const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
const boxes = (lines: readonly string[]) => lines.map((line) => `- [ ] ${line}`).join("\n");

/** Between these marks stands what the steps have measured. */
export const MARKS = ["<!-- measured: begin -->", "<!-- measured: end -->"] as const;

/** The first page of a project. */
export const projectReadme = (name: string, kind: Kind): string => `# ${name}

${kind.title}: ${kind.does}.

Suggested way: ${kind.route}. Lessons: ${kind.lessons.join(", ")}.

1. Replace \`documents/\` and \`questions.jsonl\` by your own. A question has \`split\` ("choose" or "test"),
   \`topic\`, \`question\`, and either \`accept\` (texts of which one has to occur), \`number\`, or
   \`"handOver": true\` for a question that a person has to answer.
2. \`npm run capstone ${name} choose\` compares ways on the questions for choosing, and picks one.
3. \`npm run capstone ${name} evaluate\` asks it the questions of the test. Do this seldom.
4. \`npm run capstone ${name} price\` works out what answers cost; prices stand in \`capstone.json\`.
5. \`npm run capstone ${name} serve\` serves it with a chat page; \`results/log.jsonl\` is its log.
6. \`npm run capstone ${name} monitor\` looks at the log: has something changed?
7. \`npm run capstone ${name} report\` puts the figures into \`report.md\`. The rest of it is yours.

\`applications.mjs\` is the place for an application of your own.
`;

/** The report, to be filled in. */
export const reportTemplate = (name: string, kind: Kind): string => `# Report: ${name}

${kind.title}: ${kind.does}.

## The task
Who asks, what for, what happens after a wrong answer?

## Duties
${boxes(kind.duties)}

Sources (read them yourself; laws change):
${bullets(kind.sources)}

## Data
Where do documents and questions come from, who wrote them, who may use them?

## Choice
Which ways were compared, and why did the simple one not do, or why did it?

## What was measured
${MARKS[0]}
Nothing yet: \`npm run capstone ${name} report\` puts it here.
${MARKS[1]}

## What failed
At least three things.

## The rubric
${rubricTable()}
`;

/** The model card, to be filled in. */
export const cardTemplate = (name: string, kind: Kind): string => `# Model card: ${name}

- **What it is**: models and parts, versions, licences, size
- **What it is for**: ${kind.does}
- **What it is not for**: ${kind.duties.find((duty) => duty.startsWith("Never")) ?? "fill in"}
- **Trained and adapted on**: data, steps, seeds
- **Evaluated on**: how many questions, from whom, which date; see report.md
- **How it fails**: faults by kind, with examples
- **Who watches it**: name, how to reach them, what happens after an alarm
`;

/** The report with new figures between the marks. @throws if the marks have gone */
export function filledReport(report: string, measured: string): string {
  const [from, to] = MARKS.map((mark) => report.indexOf(mark));
  if (from < 0 || to < from)
    throw new Error(
      `filledReport: expected the lines ${MARKS.join(" and ")}, got a report without`,
    );
  return `${report.slice(0, from + MARKS[0].length)}\n${measured.trim()}\n${report.slice(to)}`;
}
