// Reads a lesson's teacher's notes, `notebooks/NN-name.teach.md`:
//
//   # Teacher's notes: 06 · Attention
//   ## Objectives                    3 to 6 bullets: "After this lesson, learners can …"
//   ## Before class                  what to prepare and to try once
//   ## Minute plans                  under `### 50 minutes` (or 90, or 110) one table each,
//                                    | minutes | cells | what happens |
//   ## Where learners stumble        bullets: what they write, how to notice, what to ask
//   ## Answers to the predictions    ### `cell-id`, then the answer
//   ## What to cut                   when 20 or 40 minutes are missing
//
// `cells` names cells of the notebook in backticks, one (`alive`), several (`alive`, `question`) or
// a stretch (`alive` to `question`); "–" where none is used.
import { partsOf, problems, readParts, textOf } from "./sections.mjs";

export const SECTIONS = [
  "Objectives",
  "Before class",
  "Minute plans",
  "Where learners stumble",
  "Answers to the predictions",
  "What to cut",
];
export const LENGTHS = [50, 90, 110];

const ID = "`([a-z][a-z0-9-]*)`";
const STRETCH = new RegExp(`^${ID}(?: to ${ID})?$`);

/** The bullets of some lines, as { line, text }; what is indented belongs to the one before. */
function bulletsOf(lines) {
  const bullets = [];
  for (const { line, text } of lines) {
    const own = /^[-*] +(.*)$/.exec(text);
    if (own) bullets.push({ line, text: own[1] });
    else if (bullets.length > 0 && /^ {2,}\S/.test(text)) bullets.at(-1).text += ` ${text.trim()}`;
  }
  return bullets;
}

/** A plan's table: { minutes, line, rows: [{ line, minutes, cells: [{ from, to }], what }] } */
function planOf({ title, line, lines }, wrong) {
  const minutes = Number(/^(\d+) minutes$/.exec(title)?.[1]);
  if (!LENGTHS.includes(minutes))
    wrong(line, `expected "### 50 minutes", "### 90 minutes" or "### 110 minutes", got "${title}"`);
  const table = lines.filter(({ text, inCode }) => !inCode && text.trim().startsWith("|"));
  const split = ({ text }) =>
    text
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((s) => s.trim());
  const head = table[0] ? split(table[0]).join(" | ") : "no table";
  if (head !== "minutes | cells | what happens" || !/^[|\s:-]+$/.test(table[1]?.text ?? "")) {
    wrong(
      table[0]?.line ?? line,
      'expected a table with the columns "| minutes | cells | what happens |", got ' + head,
    );
    return { minutes, line, rows: [] };
  }
  const rows = table.slice(2).map((one) => rowOf(one.line, split(one), wrong));
  const sum = rows.reduce((total, row) => total + row.minutes, 0);
  if (LENGTHS.includes(minutes) && Number.isInteger(sum) && sum !== minutes)
    wrong(line, `expected minutes that add up to ${minutes}, got ${sum}`);
  return { minutes, line, rows };
}

function rowOf(line, columns, wrong) {
  const [minutes, cells, what] = columns;
  if (columns.length !== 3) wrong(line, `expected three columns, got ${columns.length}`);
  if (!/^[1-9]\d*$/.test(minutes))
    wrong(line, `expected whole minutes above 0 in the first column, got "${minutes}"`);
  if (!what) wrong(line, "expected what happens in the third column, got nothing");
  const stretches = [];
  for (const part of cells && cells !== "–" ? cells.split(/\s*,\s*/) : []) {
    const [, from, to = from] = STRETCH.exec(part) ?? [];
    if (from) stretches.push({ from, to });
    else wrong(line, `expected cells as \`alive\`, \`alive\` to \`question\`, or –, got "${part}"`);
  }
  if (!cells) wrong(line, "expected cells of the notebook in the second column, or –, got nothing");
  return { line, minutes: Number(minutes), cells: stretches, what };
}

/** The entries of the predictions: { id, line, text } */
function answersOf(lines, wrong) {
  return partsOf(lines, 3).parts.flatMap((part) => {
    const id = new RegExp(`^${ID}$`).exec(part.title)?.[1];
    if (!id) wrong(part.line, `expected a cell's id in backticks, got "### ${part.title}"`);
    const text = textOf(part.lines);
    if (!text) wrong(part.line, "expected the answer below it, got nothing");
    return id ? [{ id, line: part.line, text }] : [];
  });
}

/**
 * @param lesson of the register
 * @returns { notes, problems }: what was read, { objectives, before, plans, stumbles, answers,
 *   cut }, and what is wrong with it, [{ line, problem }]
 */
export function readTeach(text, { number, title }) {
  const { found, wrong } = problems();
  const { parts } = readParts(text, `# Teacher's notes: ${number} · ${title}`, wrong);
  const names = parts.map((part) => part.title);
  for (const { title: name, line } of parts)
    if (!SECTIONS.includes(name))
      wrong(
        line,
        `expected one of ${SECTIONS.map((s) => `"## ${s}"`).join(", ")}, got "## ${name}"`,
      );
  const end = text.split("\n").length;
  for (const name of SECTIONS) {
    const count = names.filter((one) => one === name).length;
    if (count !== 1)
      wrong(
        end,
        `expected the section "## ${name}" once, got it ${count === 0 ? "nowhere" : "twice"}`,
      );
  }
  const known = names.filter((name) => SECTIONS.includes(name));
  const inOrder = SECTIONS.filter((name) => known.includes(name));
  const early = known.findIndex((name, i) => name !== inOrder[i]);
  if (early >= 0 && known.length === inOrder.length)
    wrong(
      parts.find((part) => part.title === known[early]).line,
      `expected "## ${inOrder[early]}" here, got "## ${known[early]}"`,
    );
  const section = (name) => parts.find((part) => part.title === name) ?? { line: end, lines: [] };
  const filled = (name) => {
    const { line, lines } = section(name);
    const written = textOf(lines);
    if (!written && names.includes(name)) wrong(line, "expected text below it, got nothing");
    return written;
  };

  const objectives = bulletsOf(section("Objectives").lines);
  if (names.includes("Objectives") && (objectives.length < 3 || objectives.length > 6))
    wrong(section("Objectives").line, `expected 3 to 6 bullets, got ${objectives.length}`);
  const stumbles = bulletsOf(section("Where learners stumble").lines);
  if (names.includes("Where learners stumble") && stumbles.length < 3)
    wrong(
      section("Where learners stumble").line,
      `expected 3 bullets or more, got ${stumbles.length}`,
    );
  const plans = partsOf(section("Minute plans").lines, 3).parts.map((part) => planOf(part, wrong));
  if (names.includes("Minute plans") && plans.length === 0)
    wrong(section("Minute plans").line, 'expected at least one plan, such as "### 50 minutes"');
  const notes = {
    objectives,
    before: filled("Before class"),
    plans,
    stumbles,
    answers: answersOf(section("Answers to the predictions").lines, wrong),
    cut: filled("What to cut"),
  };
  return { notes, problems: found.sort((a, b) => a.line - b.line) };
}
