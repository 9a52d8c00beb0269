// Rules about the exercises of a lesson: each under a heading of its own, with a link to its
// function, a check, and the way to a hint.
import { checkedBy } from "../exerciselinks.mjs";
import { at } from "./page.mjs";

const HEADING = /^## Exercise: (.+)$/m;
/** A heading that speaks of one exercise, in whatever form. */
const ANY = /^#+ +\**Exercise\b(?!s).*$|^\*\*Exercise\b(?!s).*$/m;

/** The cells of one exercise's part, from its heading to the next heading as high. */
function partOf(cells, name) {
  const from = cells.findIndex(
    ({ isCode, source }) =>
      !isCode &&
      source
        .match(HEADING)?.[1]
        .match(/[\w$]+/g)
        ?.includes(name),
  );
  if (from < 0) return undefined;
  const next = cells.findIndex(
    ({ isCode, source }, i) => i > from && !isCode && /^##? \S/m.test(source),
  );
  return cells.slice(from, next < 0 ? undefined : next);
}

export const exerciseHeadings = ({ cells, texts, exercises }) => [
  ...texts
    .filter(({ source }) => ANY.test(source) && !HEADING.test(source))
    .map((cell) => at(cell, "name the exercise in a heading of this form: ## Exercise: `name`")),
  ...exercises
    .filter((name) => !partOf(cells, name))
    .map((name) => `the exercise ${name} has no heading: write "## Exercise: \`${name}\`"`),
];

export const exerciseParts = ({ cells, exercises, exerciseFile }) =>
  exercises.flatMap((name) => {
    const part = partOf(cells, name);
    if (!part) return [];
    const text = part
      .filter(({ isCode }) => !isCode)
      .map(({ source }) => source)
      .join("\n");
    const checked = part.some(({ isCode, source }) => isCode && checkedBy(source).includes(name));
    const asks = [
      [text.includes(`](${exerciseFile}#L`), "a link to the function: npm run lesson -- sync"],
      [checked, `a cell that checks it: await check("…", { only: ["${name}"] })`],
      [/\bhints?\b/i.test(text), "a sentence that says how to get a hint"],
    ];
    return asks
      .filter(([holds]) => !holds)
      .map(([, sentence]) => at(part[0], `the exercise ${name} lacks ${sentence}`));
  });
