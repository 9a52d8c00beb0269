// Rules about how a lesson is told: its header, something alive at the start, a drawing, a figure
// that moves, predictions, the reader's own text, an experiment, and an end.
import { at, CALL_OUT, callsIn, dataOf, proseOf, treeOf, typescript } from "./page.mjs";

const PLOTLY = "application/vnd.plotly.v1+json";
const EARLY = 6;

export function header({ cells, heading }) {
  const [first] = cells;
  const asks = [
    [first.id === "header", 'the first cell\'s id is "header"'],
    [first.source.split("\n")[0] === heading, `its first line is "${heading}"`],
    [
      /\byou(?: will|'ll)? build\b/i.test(first.source),
      'it says what the reader builds ("You build …")',
    ],
    [/\byou need\b/i.test(first.source), 'it says what the reader needs ("You need …")'],
  ];
  return asks.filter(([holds]) => !holds).map(([, sentence]) => at(first, `see that ${sentence}`));
}

export function synced({ cells }) {
  const places = [
    ["lessons-around", 1, "under the header"],
    ["next-lesson", -1, "at the end"],
  ];
  return places
    .filter(([id, place]) => cells.at(place)?.id !== id)
    .map(([id, , where]) => `the cell ${id} is missing ${where}: npm run lesson -- sync`);
}

/** Whether a code cell only imports, and chooses the engine. */
function onlyPrepares(cell) {
  const ts = typescript();
  const tree = treeOf(cell);
  return tree.statements.every(
    (node) =>
      ts.isImportDeclaration(node) || /\bawait useEngine\([^)]*\);?$/.test(node.getText(tree)),
  );
}

const shows = ({ outputs }) =>
  outputs.some(
    ({ output_type, text, data = {} }) =>
      output_type !== "error" &&
      ([text ?? ""].flat().join("").trim() !== "" || Object.keys(data).length > 0),
  );

export function alive({ code }) {
  const first = code.find((cell) => !onlyPrepares(cell));
  if (!first) return ["there is no code cell: show something of the lesson's end working"];
  const found = [];
  if (first.index >= EARLY)
    found.push(
      at(
        first,
        `it is the first to show anything, and cell ${first.index + 1} of the page: move it into ` +
          `the first ${EARLY} cells`,
      ),
    );
  if (
    !shows(first) ||
    callsIn(treeOf(first)).some(({ name }) => ["check", "learner"].includes(name))
  )
    found.push(
      at(first, "let the first cell after the imports show something of the lesson's end working"),
    );
  return found;
}

const alternative = /aria-label="[^"]|<title[ >]|<desc[ >]/;
const isDrawing = (output) => {
  if (output.data?.[PLOTLY]) return false; // a chart
  return ["image/svg+xml", "text/html"].some((kind) => {
    const text = dataOf(output, kind);
    return text.includes("<svg") && alternative.test(text);
  });
};

/**
 * Where the first formula is: the first one in display, or if the lesson has none, the first that
 * says what something equals (`$T = 8$` only sets a number).
 */
function firstFormula(texts) {
  const inline = /\$[^$\n]*=(?!\s*[\d.]+\s*\$)[^$\n]*\$/;
  return (
    texts.find(({ source }) => source.includes("$$")) ??
    texts.find(({ source }) => inline.test(source.replace(/`[^`\n]*`/g, "")))
  );
}

export function drawing({ cells, texts }) {
  const first = cells.find(({ outputs }) => outputs.some(isDrawing));
  if (!first)
    return [
      "no cell draws the mechanism: show one with `diagram` of llm/display (boxes, arrows, " +
        "shapes of the tensors) and its alternative text",
    ];
  const formula = firstFormula(texts);
  return formula && formula.index < first.index
    ? [at(formula, `has a formula before the first drawing: put cell ${first.id} above it`)]
    : [];
}

export function movingFigure({ cells }) {
  const moves = ({ data = {} }) => {
    const { frames, layout = {} } = data[PLOTLY] ?? {};
    return [frames, layout.sliders, layout.updatemenus].some((list) => list?.length > 0);
  };
  return cells.some(({ outputs }) => outputs.some(moves))
    ? []
    : [
        "no figure can be moved without running code: show one with `frames` of llm/display " +
          "(a slider or a play button)",
      ];
}

export function predictions({ cells, texts }) {
  const found = texts.flatMap((cell) => {
    const others = proseOf(cell.source)
      .replace(/^> \*\*Predict\.\*\*/gm, "")
      .replaceAll("*", "");
    return /(?:^|[.:;?!)]\s+|>\s*)Predict\b[:.,]?(?:\s|$)/m.test(others)
      ? [at(cell, 'write the prediction as a call-out of its own: "> **Predict.** Which …?"')]
      : [];
  });
  const asking = texts.filter(({ source }) => CALL_OUT.test(source));
  if (asking.length === 0)
    found.push('nothing is predicted: ask at least once "> **Predict.** Which …?" before a result');
  for (const cell of asking) {
    const answer = cells[cell.index + 1];
    if (!answer?.isCode)
      found.push(
        at(cell, "the prediction comes last before the code cell that answers it: move it"),
      );
    else if (!answer.outputFolded)
      found.push(
        at(answer, `answers a prediction: fold its output ("%% ts ${answer.id} output-folded")`),
      );
  }
  return found;
}

const ANSWER = /^<details><summary>The answer<\/summary>\n\n\S[\s\S]*?\n<\/details>(?:\n\n|\n*$)/;
const LEAD_IN = 30;

/** A sentence or two that lead to the next code cell, and so do not answer yet. */
const leadsIn = ({ source, index }, cells) =>
  cells[index + 1]?.isCode &&
  source.split(/\s+/).length <= LEAD_IN &&
  !source.trim().includes("\n") &&
  !CALL_OUT.test(source);

/** What stands open between a prediction and its folded answer. */
function openBeforeAnswer(asking, cells) {
  const found = [];
  for (const cell of cells.slice(asking.index + 2)) {
    if (cell.isCode) {
      if (cell.outputs.length > 0 && !cell.outputFolded)
        found.push(
          at(
            cell,
            `may answer the prediction in ${asking.id}: fold its output ` +
              `("%% ts ${cell.id} output-folded"), or put the answer before it`,
          ),
        );
    } else if (ANSWER.test(cell.source)) return found;
    else if (!leadsIn(cell, cells))
      return [
        ...found,
        at(
          cell,
          `begin with the answer to the prediction in ${asking.id}, in a paragraph that opens ` +
            "on a click: <details><summary>The answer</summary>, an empty line, the answer, " +
            "</details> on a line of its own",
        ),
      ];
  }
  return [...found, at(asking, "its prediction is never answered")];
}

export const foldedAnswers = ({ cells, texts }) =>
  texts
    .filter(({ source, index }) => CALL_OUT.test(source) && cells[index + 1]?.isCode)
    .flatMap((asking) => openBeforeAnswer(asking, cells));

/** A text that is given a name, so that the reader can put another in its place. */
const namedText = (cell) => {
  const ts = typescript();
  const tree = treeOf(cell);
  return tree.statements.some(
    (node) =>
      ts.isVariableStatement(node) &&
      node.declarationList.declarations.some(
        ({ initializer }) =>
          initializer &&
          (ts.isStringLiteralLike(initializer) ||
            (ts.isArrayLiteralExpression(initializer) &&
              initializer.elements.some((one) => ts.isStringLiteralLike(one)))),
      ),
  );
};

export const ownText = ({ code }) =>
  code.some((cell) => cell.id.startsWith("your-") && namedText(cell))
    ? []
    : [
        "the reader puts in no text of their own: add a code cell with an id such as " +
          '`your-sentence` that begins with one to replace (const sentence = "…";)',
      ];

export function experiment({ texts }) {
  const all = texts.map(({ source }) => source).join("\n");
  const asks = [
    [/threshold/i, "no threshold is set: say before the measurement what would refute the claim"],
    [/if yours looks different/i, 'add "If yours looks different" with the usual causes'],
  ];
  return asks.filter(([words]) => !words.test(all)).map(([, sentence]) => sentence);
}

export function ending({ cells }) {
  const found = [];
  const ends = ["questions", "summary", "further-reading"].map((id) => {
    const cell = cells.find((one) => one.id === id && !one.isCode);
    if (!cell) found.push(`the end has no Markdown cell ${id}: add it before next-lesson`);
    return cell;
  });
  const [questions, summary, reading] = ends;
  const folded = questions?.source.match(/<details>[\s\S]*?<summary>[\s\S]*?<\/details>/g) ?? [];
  if (questions && folded.length !== 3)
    found.push(
      at(questions, `ask three questions, each answer in its <details>; it has ${folded.length}`),
    );
  const lines = summary?.lines.filter((line) => line.trim() && !line.startsWith("#")) ?? [];
  if (summary && (lines.length === 0 || lines.length > 12))
    found.push(at(summary, `sum up the lesson in about ten lines; it has ${lines.length}`));
  if (reading && !/\b(1[89]|20)\d\d\b/.test(reading.source))
    found.push(at(reading, "name what to read, with author and year"));
  const present = ends.filter(Boolean).map(({ index }) => index);
  if (present.some((place, i) => place < present[i - 1]))
    found.push("the end goes questions, summary, further-reading: put them in this order");
  return found;
}
