// The readers of teacher's notes and quizzes: good files give their parts, each bad one is told by
// line what was expected, and the files of the lessons fit their notebooks and mutants.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { lessonFiles } from "llm/course/paths";
import { describe, expect, test } from "vitest";

const checkout = resolve(__dirname, "../../..");
const tool = (path: string) => import(pathToFileURL(`${checkout}/tools/${path}`).href);

interface Lesson {
  id: string;
  number: string;
  title: string;
}
interface Problem {
  line: number;
  problem: string;
}
interface Notes {
  objectives: { text: string }[];
  before: string;
  plans: { minutes: number; rows: { minutes: number; cells: object[]; what: string }[] }[];
  stumbles: { text: string }[];
  answers: { id: string; text: string }[];
  cut: string;
}
interface Question {
  id: string;
  text: string;
  choices: { isRight: boolean; text: string; why: string; mutant?: object }[];
}
const { readTeach } = (await tool("lesson/notes/teach.mjs")) as {
  readTeach(text: string, lesson: Lesson): { notes: Notes; problems: Problem[] };
};
const { readQuiz } = (await tool("lesson/notes/quiz.mjs")) as {
  readQuiz(text: string, lesson: Lesson): { questions: Question[]; problems: Problem[] };
};
const { againstMutants, againstNotebook, mutantNames, notYet, readNotes } = (await tool(
  "lesson/notes/notes.mjs",
)) as {
  againstMutants(questions: Question[], names: Record<string, string[]>): Problem[];
  againstNotebook(notes: Notes, cells: object[]): Problem[];
  mutantNames(code: string): Record<string, string[]>;
  notYet: string[];
  readNotes(lesson: Lesson): { problems: string[] };
};
const { lessons, isWritten } = (await tool("register.mjs")) as {
  lessons(): Lesson[];
  isWritten(lesson: Lesson): boolean;
};
const lesson = { id: "06-attention", number: "06", title: "Attention" };

const goodNotes = `# Teacher's notes: 06 · Attention

## Objectives
- After this lesson, learners can read a mask.
- After this lesson, learners can say what √d does,
  with a number.
- After this lesson, learners can split heads.

## Before class
Run it once.

## Minute plans

### 50 minutes

| minutes | cells | what happens |
|---:|---|---|
| 20 | \`alive\` to \`question\`, \`mask\` | They run and guess. |
| 25 | \`mask\` | They write. |
| 5 | – | Questions. |

## Where learners stumble
- One.
- Two.
- Three.

## Answers to the predictions

### \`question\`
The second.

## What to cut
The experiment.
`;
const question = (id: string) => `## ${id}
Why √d?

\`\`\`ts
## no heading
- [x] no choice
\`\`\`

- [x] So that the softmax keeps a gradient.
  The spread of a dot product grows with $\\sqrt{d}$.
- [ ] So that the weights add up to 1.  {scaledScores: divided by D}
  The softmax does that.
- [ ] To save time.
  It costs a division.
`;
const ids = ["scale-of-scores", "a-b", "a-c", "a-d", "a-e"];
const goodQuiz = `# Quiz: 06 · Attention\n\n${ids.map(question).join("\n")}`;

const told = (problems: Problem[]) => problems.map(({ line, problem }) => `${line}: ${problem}`);

describe("teacher's notes", () => {
  test("are read in parts", () => {
    const { notes, problems } = readTeach(goodNotes, lesson);
    expect(problems).toEqual([]);
    expect(notes.objectives[1].text).toMatch(/√d does, with a number\.$/);
    expect(notes.stumbles).toHaveLength(3);
    expect(notes).toMatchObject({ before: "Run it once.", cut: "The experiment." });
    expect(notes.answers).toMatchObject([{ id: "question", text: "The second." }]);
    expect(notes.plans).toMatchObject([{ minutes: 50 }]);
    expect(notes.plans[0].rows[0]).toMatchObject({
      minutes: 20,
      cells: [
        { from: "alive", to: "question" },
        { from: "mask", to: "mask" },
      ],
      what: "They run and guess.",
    });
    expect(notes.plans[0].rows[2].cells).toEqual([]);
  });

  test("may end their lines as Windows does", () =>
    expect(readTeach(goodNotes.replaceAll("\n", "\r\n"), lesson).problems).toEqual([]));

  test.each([
    ["06 · Attention", "07 · Attention", /^1: expected "# Teacher's notes: 06 · Attention", got/],
    ["- After this lesson, learners can read a mask.\n", "", /^3: expected 3 to 6 bullets, got 2/],
    ["Run it once.", "", /^9: expected text below it, got nothing/],
    ["Run it once.", "TODO", /^10: expected what "TODO" stands for/],
    ["## What to cut", "## Cuts", /expected one of "## Objectives", .* got "## Cuts"/],
    ["## What to cut", "## Cuts", /expected the section "## What to cut" once, got it nowhere/],
    ["- Three.", "- Three.\n## Objectives\n", /section "## Objectives" once, got it twice/],
    ["### 50 minutes", "### 45 minutes", /^14: expected "### 50 minutes", .* got "45 minutes"/],
    ["| 25 |", "| 26 |", /^14: expected minutes that add up to 50, got 51/],
    ["| 25 |", "| 24.5 |", /^19: expected whole minutes above 0 in the first column, got "24\.5"/],
    ["| minutes | cells", "| time | cells", /^16: expected a table with the columns .* got time/],
    ["| They write. |", "| |", /^19: expected what happens in the third column, got nothing/],
    ["| `mask` |", "| mask |", /^19: expected cells as `alive`, .* got "mask"/],
    ["| – |", "| |", /^20: expected cells of the notebook in the second column, or –/],
    ["- Two.\n", "", /^22: expected 3 bullets or more, got 2/],
    [
      "### `question`",
      "### question",
      /^29: expected a cell's id in backticks, got "### question"/,
    ],
    ["The second.", "", /^29: expected the answer below it, got nothing/],
  ])("refuse %j → %j", (from, to, sentence) => {
    expect(goodNotes).toContain(from);
    const list = told(readTeach(goodNotes.replace(from, to), lesson).problems);
    expect(list.join("\n")).toMatch(new RegExp(sentence.source, "m"));
  });

  test("refuse sections in another order", () => {
    const moved = goodNotes
      .replace("## Before class\nRun it once.\n", "")
      .replace("## What to cut", "## Before class\nRun it once.\n\n## What to cut");
    expect(told(readTeach(moved, lesson).problems)).toEqual([
      '10: expected "## Before class" here, got "## Minute plans"',
    ]);
  });

  const cell = (id: string, source = "Text.") => ({ id, source, cell_type: "markdown" });
  const cells = [cell("alive"), cell("question", "> **Predict.** Which?"), cell("mask")];
  const { notes } = readTeach(goodNotes, lesson);

  test("fit a notebook", () => expect(againstNotebook(notes, cells)).toEqual([]));

  test.each([
    [cells.slice(0, 2), /^18: expected a cell of the notebook, got `mask`/],
    [
      [cells[1], cells[0], cells[2]],
      /^18: expected a stretch downwards, got `alive` to `question`/,
    ],
    [
      [cells[0], cell("question"), cells[2]],
      /^29: expected a cell with a prediction, got `question`/,
    ],
    [
      [...cells, cell("more", "> **Predict.** How?")],
      /^29: expected an answer to the prediction of cell `more`, got none/,
    ],
  ])("that do not fit: %#", (others, sentence) =>
    expect(told(againstNotebook(notes, others))[0]).toMatch(sentence),
  );
});

describe("a quiz", () => {
  test("is read in questions", () => {
    const { questions, problems } = readQuiz(goodQuiz, lesson);
    expect(problems).toEqual([]);
    expect(questions.map(({ id }) => id)).toEqual(ids);
    expect(questions[0].text).toMatch(/^Why √d\?\n\n```ts\n## no heading/);
    expect(questions[0].choices).toMatchObject([
      { isRight: true, text: "So that the softmax keeps a gradient." },
      { text: "So that the weights add up to 1.", why: "The softmax does that." },
      { text: "To save time." },
    ]);
    const mutants = questions[0].choices.map(({ mutant }) => mutant);
    const mutant = { exercise: "scaledScores", name: "divided by D" };
    expect(mutants).toEqual([undefined, mutant, undefined]);
  });

  test.each([
    ["# Quiz: 06", "# Quiz: 6", /^1: expected "# Quiz: 06 · Attention", got "# Quiz: 6 · Att/],
    ["\n\n## scale", "\n\nHello.\n\n## scale", /^3: expected "## " and an id .* got "Hello\."/],
    ["## scale-of-scores", "## Scale", /^3: expected an id in words, .* got "## Scale"/],
    ["## a-b", "## scale-of-scores", /expected every id once, got "scale-of-scores" twice/],
    ["- [ ] So", "- [x] So", /^3: expected exactly one right choice "- \[x\]", got 2/],
    ["- [ ] So", "- [-] So", /^13: expected "- \[x\]" or "- \[ \]" before a choice, got "- \[-\]"/],
    ["  {scaledScores: divided by D}", "", /^3: expected at least one wrong choice with \{ex/],
    ["{scaledScores: divided", "{scaled scores: divided", /^13: expected a mutant as \{exercise/],
    ["gradient.\n", "gradient. {a: b}\n", /^11: expected no mutant behind the right choice/],
    ["To save time.", "All of the above.", /^15: expected a choice that says something itself/],
    ["To save time.", "So that the weights add up to 1.", /^15: expected choices that differ/],
    ["  It costs a division.\n", "", /^15: expected an indented sentence below the choice/],
    ["  It costs", "It costs", /^16: expected the sentence below a choice to be indented/],
    [
      "- [ ] To save time.\n  It costs a division.\n",
      "",
      /^3: expected three or four choices, got 2/,
    ],
    ["Why √d?", "TODO?", /^4: expected what "TODO" stands for/],
  ])("refuses %j → %j", (from, to, sentence) => {
    expect(goodQuiz).toContain(from);
    const list = told(readQuiz(goodQuiz.replace(from, to), lesson).problems);
    expect(list.join("\n")).toMatch(new RegExp(sentence.source, "m"));
  });

  test("has at least five questions", () =>
    expect(
      told(readQuiz(`# Quiz: 06 · Attention\n${question("a-b")}`, lesson).problems)[0],
    ).toMatch(/expected 5 questions or more, got 1/));

  test("names mutants that exist", () => {
    const { questions } = readQuiz(goodQuiz, lesson);
    expect(againstMutants(questions, { scaledScores: ["divided by D"] })).toEqual([]);
    expect(told(againstMutants(questions, { scaledScores: ["a", "b"] }))[0]).toBe(
      '13: expected a mutant of scaledScores, got "divided by D"; they are "a", "b"',
    );
    expect(told(againstMutants(questions, { splitHeads: [] }))[0]).toBe(
      "13: expected an exercise with mutants, got scaledScores; they are splitHeads",
    );
  });
});

describe("the lessons of the course", () => {
  const written = lessons().filter(isWritten);

  test.each(written.map((one) => [one.id, one] as const))("%s", (id, one) => {
    const { problems } = readNotes(one);
    if (notYet.includes(id))
      expect(problems, `${id} has both files: take it out of notYet in notes.mjs`).not.toEqual([]);
    else expect(problems, `npm run lesson -- notes ${id}`).toEqual([]);
  });

  test("only lessons that are written are excused", () => {
    for (const id of notYet) expect(written.map((one) => one.id)).toContain(id);
  });

  test.each(written.map(({ id }) => id))("%s: its mutants' names can be read", async (id) => {
    const { mutants: file } = lessonFiles(id);
    if (!existsSync(file)) return;
    const { mutants } = (await import(file)) as { mutants: Record<string, { name: string }[]> };
    const names = Object.entries(mutants).map(([exercise, list]) => [
      exercise,
      list.map(({ name }) => name),
    ]);
    expect(mutantNames(readFileSync(file, "utf8")), "write each name as a plain text").toEqual(
      Object.fromEntries(names),
    );
  });
});
