// Rules about single cells: their ids, their size, and what must be before them.
import { at, callsIn, proseOf, treeOf } from "./page.mjs";

const MOST_LINES = 25;
const MOST_COLUMNS = 100;
const MOST_BYTES = 1e6;
/** Cells that `npm run lesson -- sync` writes: they introduce nothing. */
const SYNCED = ["lessons-around", "next-lesson"];

/** Short enough to be read at once; folded ones may be longer. */
export const shortCells = ({ code }) =>
  code
    .filter(({ folded, lines }) => !folded && lines.length > MOST_LINES)
    .map((cell) =>
      at(
        cell,
        `has ${cell.lines.length} lines: split it so that each part has at most ${MOST_LINES} ` +
          "(one idea each), or fold it if it only builds a figure",
      ),
    );

export const narrowCells = ({ code }) =>
  code.flatMap((cell) => {
    const wide = cell.lines.findIndex((line) => line.length > MOST_COLUMNS);
    return wide < 0
      ? []
      : [
          at(
            cell,
            `line ${wide + 1} has ${cell.lines[wide].length} characters: ` +
              `break it, so that no line has more than ${MOST_COLUMNS}`,
          ),
        ];
  });

/** A learner's copy of the notebook lies in another folder, where such a path leads nowhere. */
export const ownFolder = ({ code }) =>
  code
    .filter(({ source }) => /["'`]\.\.?\//.test(source))
    .map((cell) =>
      at(
        cell,
        "has a path that begins at the notebook's folder: read what comes with the course with " +
          "`recordedRun` or `courseFile` of llm/data",
      ),
    );

/** Whether a text says anything besides headings, links and formulas. */
const hasSentence = (source) => {
  const words = proseOf(source).replace(/^\s*#.*$|<[^>]+>/gm, " ");
  return /\p{L}+\P{L}+\p{L}+\P{L}+\p{L}+[^\n]*[.:?!…)*"”]/u.test(words);
};

export const sentenceBefore = ({ code, cells }) =>
  code
    .filter(({ index }) => {
      const before = cells[index - 1];
      return !before || before.isCode || SYNCED.includes(before.id) || !hasSentence(before.source);
    })
    .map((cell) => at(cell, "put a Markdown cell before it that says in a sentence what it does"));

/** Ids that were drawn or counted say nothing. */
const RANDOM =
  /(^|-)(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{6,}(-|$)|^(cell|code|text|md|ts|untitled)?-?\d+$/;

export const idsInWords = ({ cells }) =>
  cells
    .filter(({ id }) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id ?? "") || RANDOM.test(id))
    .map((cell) =>
      at(cell, "give it an id in words that says what the cell does, such as scaled-scores"),
    );

export const idsOnce = ({ cells }) =>
  cells
    .filter(({ id, index }) => cells.findIndex((cell) => cell.id === id) < index)
    .map((cell) => at(cell, "another cell has this id already: give each its own"));

export const smallFile = ({ bytes }) =>
  bytes < MOST_BYTES
    ? []
    : [
        `the file has ${(bytes / 1e6).toFixed(2)} MB: show fewer numbers or frames, so that it ` +
          "stays below 1 MB",
      ];

const BUILDERS = [...["curves", "bars", "points", "heatmap", "frames", "table", "diagram", "plot"]];
/** Cells as short as this are no burden, also when they only show a figure. */
const FEW_LINES = 4;

/** The share of a cell's lines that stand inside calls which build a figure or a table. */
function figureShare(cell) {
  const tree = treeOf(cell);
  const filled = cell.lines.flatMap((line, i) => (line.trim() ? [i] : []));
  const inside = new Set();
  for (const { name, of, node } of callsIn(tree)) {
    if (of !== undefined || !BUILDERS.includes(name)) continue;
    const [from, to] = [node.getStart(tree), node.getEnd()].map(
      (place) => tree.getLineAndCharacterOfPosition(place).line,
    );
    for (let line = from; line <= to; line++) inside.add(line);
  }
  return filled.filter((line) => inside.has(line)).length / Math.max(1, filled.length);
}

export const figureCodeFolded = ({ code }) =>
  code
    .filter((cell) => !cell.folded && cell.lines.length > FEW_LINES && figureShare(cell) > 0.6)
    .map((cell) =>
      at(
        cell,
        `${Math.round(100 * figureShare(cell))} % of its lines only build a figure or a table: ` +
          `fold its code ("%% ts ${cell.id} folded"), and leave what teaches in a cell before`,
      ),
    );
