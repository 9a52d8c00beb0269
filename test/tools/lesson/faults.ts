// Notebooks that break one rule for a page each, and some that only look as if they did.
import { type Cell, md, type Notebook, RUNNING, shown, svg, ts } from "./goodNotebook";

/** What is done to a notebook. */
export type Change = (notebook: Notebook, cell: (id: string) => Cell) => void;
const lines = (n: number) => Array.from({ length: n }, (_, i) => `const x${i} = ${i};`).join("\n");
const without =
  (id: string): Change =>
  (notebook) => {
    notebook.cells = notebook.cells.filter((cell) => cell.id !== id);
  };
const says =
  (id: string, source: string): Change =>
  (_, cell) => {
    cell(id).source = source;
  };
const adds =
  (id: string, text: string): Change =>
  (_, cell) => {
    cell(id).source += `\n\n${text}`;
  };
const puts =
  (id: string, ...cells: Cell[]): Change =>
  (notebook) => {
    notebook.cells.splice(notebook.cells.findIndex((one) => one.id === id) + 1, 0, ...cells);
  };

const edits =
  (id: string, values: Partial<Cell>): Change =>
  (_, cell) => {
    Object.assign(cell(id), values);
  };
const ran =
  (values: Partial<Notebook["metadata"]["llm"]["ran"]> | undefined): Change =>
  ({ metadata: { llm } }) => {
    if (values && llm.ran) Object.assign(llm.ran, values);
    else delete llm.ran;
  };

/** Rule, what is done to the good notebook, and words of the sentence that says what to do. */
export const faults: [string, string, Change, RegExp, object?][] = [
  ["shortCells", "26 lines", says("first-words", lines(26)), /first-words: has 26 lines: split/],
  [
    "narrowCells",
    "101 characters, folded or not",
    says("letters-figure", `plot(\n  bars({ caption: "${"a".repeat(90)}" }));`),
    /letters-figure: line 2 has 1\d\d characters: break it/,
  ],
  [
    "ownFolder",
    "a file of the course",
    says("drawing", 'plot(JSON.parse(readFileSync("../datasets/runs/run.json", "utf8")));'),
    /cell drawing: has a path that begins at the notebook's folder/,
  ],
  [
    "sentenceBefore",
    "a heading only",
    says("drawing-why", "## A drawing"),
    /cell drawing: put a Mark/,
  ],
  [
    "sentenceBefore",
    "two code cells",
    puts("drawing", ts("second", "1;")),
    /cell second: put a Ma/,
  ],
  ["sentenceBefore", "only the map before", without("imports-why"), /cell imports: put a Markdown/],
  ["idsInWords", "hex", edits("formula", { id: "a1b2c3d4" }), /id in words/],
  ["idsInWords", "a number", edits("formula", { id: "cell-12" }), /id in words/],
  ["idsInWords", "capitals", edits("formula", { id: "Formula" }), /id in words/],
  ["idsOnce", "twice", edits("formula", { id: "looks" }), /looks: another cell has/],
  ["smallFile", "1.2 MB", () => {}, /has 1\.20 MB: show fewer/, { bytes: 1.2e6 }],
  [
    "figureCodeFolded",
    "not folded",
    edits("letters-figure", { metadata: {} }),
    /100 % of its lines .* fold its code \("%% ts letters-figure folded"\)/,
  ],
  [
    "header",
    "another title",
    says("header", `# Attention\nYou build. You need.\n\n${RUNNING}`),
    /fir/,
  ],
  [
    "header",
    "no aim",
    says("header", `# 06 · Attention\n\nYou need it.\n\n${RUNNING}`),
    /You build …/,
  ],
  [
    "header",
    "no needs",
    says("header", `# 06 · Attention\n\nYou build.\n\n${RUNNING}`),
    /You need …/,
  ],
  [
    "synced",
    "no next lesson",
    without("next-lesson"),
    /next-lesson is missing at the end: npm run/,
  ],
  ["alive", "prints nothing", edits("first-words", { outputs: [] }), /show something/],
  [
    "alive",
    "late",
    puts("imports-why", md("keys", "These are all the keys."), md("more", "And here are more.")),
    /first-words: .* cell 8 of the page: move it/,
  ],
  ["drawing", "none", edits("drawing", { outputs: [] }), /no cell draws/],
  [
    "drawing",
    "after the formula",
    adds("first-words-why", "First $$a = b$$ in one line."),
    /cell first-words-why: has a formula before .* put cell drawing above/,
  ],
  [
    "movingFigure",
    "none moves",
    (_, cell) => {
      const figure = { "application/vnd.plotly.v1+json": { data: [] }, "image/svg+xml": svg };
      cell("letters-figure").outputs = shown(figure);
    },
    /`frames` of llm\/display/,
  ],
  [
    "predictions",
    "none",
    says("letters-question", "The cell counts them."),
    /nothing is predicted/,
  ],
  [
    "predictions",
    "bold",
    adds("figure-why", "**Predict first:** how many?"),
    /figure-why: write the/,
  ],
  [
    "predictions",
    "plain",
    adds("figure-why", "Predict: how many?"),
    /figure-why: write the predict/,
  ],
  [
    "predictions",
    "the answer is seen",
    edits("count-letters", { metadata: {} }),
    /"%% ts count-letters output-folded"/,
  ],
  [
    "foldedAnswers",
    "open",
    says("figure-why", "It has seventeen letters.\n\nThe threshold is 3, set before the run."),
    /figure-why: begin with the answer to the prediction in letters-question/,
  ],
  [
    "foldedAnswers",
    "under other words",
    says("figure-why", "<details><summary>Solution</summary>\n\n17\n</details>\n\nThe threshold."),
    /figure-why: begin with the answer/,
  ],
  [
    "foldedAnswers",
    "a sentence before it",
    says(
      "figure-why",
      `So. <details><summary>The answer</summary>\n\n17\n</details> Threshold.\n\nA.`,
    ),
    /figure-why: begin with the answer/,
  ],
  [
    "foldedAnswers",
    "an open figure first",
    puts("count-letters", md("look", "Here it is."), ts("look-figure", "draw();")),
    /look-figure: may answer the prediction in letters-question: fold its output/,
  ],
  ["predictions", "no answer", adds("formula", "> **Predict.** Which?"), /formula: .* comes last/],
  ["ownText", "no text", says("your-sentence", "const sentence = 7;"), /your-sentence/],
  ["ownText", "another id", edits("your-sentence", { id: "input" }), /your-sentence/],
  [
    "experiment",
    "no threshold",
    says(
      "figure-why",
      "<details><summary>The answer</summary>\n\n17\n</details>\n\nMove the slider to see it.",
    ),
    /no threshold is/,
  ],
  ["experiment", "no causes", says("looks", "It is so."), /add "If yours looks different"/],
  ["ending", "no summary", without("summary"), /no Markdown cell summary/],
  ["ending", "no questions", without("questions"), /no Markdown cell questions/],
  [
    "ending",
    "one question",
    says("questions", "<details><summary>?</summary></details>"),
    /it has 1$/,
  ],
  ["ending", "a long summary", says("summary", lines(13)), /it has 13$/],
  ["ending", "no year", says("further-reading", "Shannon's paper."), /author and year/],
  [
    "ending",
    "another order",
    ({ cells }) => {
      cells.splice(-2, 0, ...cells.splice(-4, 1));
    },
    /questions, summary, further-reading: put/,
  ],
  [
    "exerciseHeadings",
    "none",
    says("exercise-mean", "Write the function `mean`."),
    /exercise mean has no heading/,
  ],
  [
    "exerciseHeadings",
    "another level",
    adds("formula", "### Exercise 2: `mean`"),
    /cell formula: name .* ## Exercise: `name`/,
  ],
  [
    "exerciseParts",
    "no link",
    says("exercise-mean", "## Exercise: `mean`\n\nAsk for a hint in the next cell."),
    /mean lacks a link to the function: npm run lesson -- sync/,
  ],
  ["exerciseParts", "no check", says("check-mean", "1;"), /mean lacks a cell that checks it/],
  [
    "exerciseParts",
    "no hint",
    says(
      "exercise-mean",
      "## Exercise: `mean`\n\nSee [it there](../exercises/06-attention.ts#L3).",
    ),
    /mean lacks a sentence that says how to get a hint/,
  ],
  [
    "links",
    "no such file",
    adds("formula", "[Next](07-nowhere.ipynb)"),
    /07-nowhere.ipynb leads nowh/,
  ],
  [
    "links",
    "no such heading",
    adds("formula", "[Up](#Nothing-here)"),
    /#Nothing-here leads nowhere/,
  ],
  ["links", "in HTML", adds("formula", '<a href="gone.md">x</a>'), /gone.md leads nowhere/],
  [
    "alternatives",
    "Markdown",
    adds("formula", "![](../exercises/a.png)"),
    /formula: shows a picture/,
  ],
  [
    "alternatives",
    "HTML",
    adds("formula", '<img src="../exercises/a.png">'),
    /formula: shows a pict/,
  ],
  [
    "alternatives",
    "an output",
    edits("check-mean", { outputs: shown({ "image/svg+xml": "<svg></svg>" }) }),
    /check-mean: shows a picture without alternative text/,
  ],
  ["placeholders", "TODO", adds("formula", "TODO: say more"), /"TODO" is still to be filled in/],
  ["placeholders", "…", adds("formula", "…"), /"…" is still to be filled in/],
  ["placeholders", "time", adds("formula", "GPU: not measured yet"), /"not measured yet" is still/],
  ["phrases", "guillemets", adds("formula", "Say «cat»."), /"«" is not plain English: use "quot/],
  [
    "phrases",
    "in code",
    says("check-mean", 'await check("0", { only: ["mean"] }); // «'),
    /check-mean/,
  ],
  ["phrases", "one row a word", adds("formula", "There is one row a word."), /one row per word/],
  ["phrases", "who", adds("formula", "Who remembers nothing does best."), /say "a model that …"/],
  ["fresh", "never run", ran(undefined), /nothing says which code/],
  [
    "fresh",
    "other code",
    ran({ digest: "0" }),
    /code has changed since .* npm run notebook -- run 06-attention/,
  ],
  ["fresh", "another size", ran({ size: "laptop" }), /are of the size laptop/],
  [
    "fresh",
    "a cell not run",
    edits("check-mean", { execution_count: null }),
    /check-mean: its output is missing/,
  ],
  [
    "fresh",
    "an error",
    edits("check-mean", { outputs: [{ output_type: "error" }] }),
    /check-mean: its output is an error/,
  ],
  [
    "runningTime",
    "another time",
    says("header", "# 06 · Attention\n\nYou build. You need.\n\nRuns in about 5 minutes."),
    /should say "Runs in about a minute .*": npm run lesson -- sync/,
  ],
  ["runningTime", "not measured", () => {}, /time is not measured/, { running: undefined }],
];

/** What is done to the good notebook without breaking a rule. */
export const allowed: [string, Change][] = [
  ["a long cell that is folded", adds("letters-figure", lines(30))],
  ["a figure of a few lines", says("first-words", "plot(\n  bars({ labels, values })\n);")],
  ["an inline formula early on", adds("imports-why", "It has width $T = 8$.")],
  ["a title with Prediction in it", adds("figure-why", "See *Prediction and Entropy*, 1951.")],
  ["a link to a page of the web", adds("formula", "[paper](https://example.org/x)")],
  ["brackets in code", adds("formula", "`w[i](x)` is a call, `![](x)` none.")],
  [
    "two exercises in one heading",
    says(
      "exercise-mean",
      "## Exercise: `sum` and `mean`\n\n[Open](../exercises/06-attention.ts#L3), or take a hint.",
    ),
  ],
  ["a heading on exercises", adds("figure-why", "## Exercises, and how they are checked")],
  ["one row at a time", adds("formula", "It is read one row at a time. Who was it that wrote?")],
];
