// Every mention of a lesson by its number has a form that can be checked: the number, then the
// title in brackets, as in "lesson 00 (start here)" or "lessons 07 (positions) and 08 (the
// Transformer)"; within brackets "(lesson 11, GPT)" and "(lessons 07, positions; 11, GPT)". When
// lessons move, the title says which one was meant, `npm run lesson -- sync` puts the right number
// in, and no text is wrong without a test that fails.
// Links to notebooks and paths of lessons' files are checked as well. docs/log is left alone: it
// says what was so then.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { filesUnder, root } from "../kit.mjs";
import { lessons, mentionOf } from "../register.mjs";
import { editedExercises } from "./edited.mjs";

// A comment may break its line anywhere: what separates two words includes the next line's "//",
// "*" or "#".
const GAP = String.raw`(?:[ \t]|\r?\n[ \t]*(?:\/\/|\*(?!\/)|#|>)?)+`;
const NUMBER = String.raw`(\d\d?)(?![\d.]\d|\d|-[a-z])`; // "07-positions" is an id: see ID
const LINK = /\[(\d\d) · ([^\]\n]+)\]\(((?:[^()\s]*\/)?)(\d\d)-([a-z][a-z0-9-]*)\.ipynb\)/g;
const ID = /(?:\b(?:notebooks|exercises|solutions|mutants)\/|\blessons? )(\d\d-[a-z][a-z0-9-]*)/g;

const words = (text) => text.replace(new RegExp(GAP, "g"), " ").trim().toLowerCase();

/**
 * The patterns of a mention: the first number after "lesson", and each further one after "lessons".
 */
function patterns() {
  const titles = lessons().map(({ title }) => title.replaceAll(" ", GAP));
  const name = String.raw`(?:(?:${GAP})?\(([^()]{1,60})\)|,${GAP}(${titles.join("|")})(?=[);]))?`;
  // `npm test -- lesson 07` is a command, not a mention
  const first = String.raw`(?<!-- )\b(lessons?)${GAP}${NUMBER}${name}`;
  const more = `(?:[,;]${GAP}|[,;]?${GAP}(?:and|or|to)${GAP})${NUMBER}${name}`;
  return { first: new RegExp(first, "gi"), more: new RegExp(more, "iy") };
}

/**
 * The mentions of lessons in a text that are not as the register has them.
 * @param options.ids whether paths and ids must be of the register, too; tests invent lessons
 * @returns for each: its line, what is wrong and right, and, where that is certain, `at`, `old` and
 *   `right`: replacing `old` by `right` at the place `at` mends it
 */
export function wrongMentions(text, { ids = true } = {}) {
  const all = lessons();
  const byTitle = (title) => all.find((lesson) => words(lesson.title) === words(title));
  const byNumber = (number) => all.find((lesson) => lesson.number === number);
  const found = [];
  const report = (at, problem, mend = {}) =>
    found.push({ line: text.slice(0, at).split("\n").length, at, problem, ...mend });

  const one = (at, number, title) => {
    const named = title === undefined ? undefined : byTitle(title);
    const numbered = byNumber(number.padStart(2, "0"));
    if (named?.number === number) return;
    if (named)
      report(at, `"${words(title)}" is lesson ${named.number}, not ${number}`, {
        old: number,
        right: named.number,
      });
    else if (title !== undefined && !numbered)
      report(at, `no lesson has the number ${number} or this title`);
    else if (!numbered) report(at, `no lesson has the number ${number}`);
    else report(at, `expected the title with the number, perhaps "${mentionOf(numbered)}"`);
  };
  const { first, more } = patterns();
  for (const match of text.matchAll(first)) {
    const [whole, word, number, inBrackets, afterComma] = match;
    one(match.index + whole.indexOf(number), number, inBrackets ?? afterComma);
    more.lastIndex = match.index + whole.length;
    if (word.toLowerCase() !== "lessons") continue;
    for (let next = more.exec(text); next; next = more.exec(text))
      one(next.index + next[0].indexOf(next[1]), next[1], next[2] ?? next[3]);
  }
  for (const match of text.matchAll(LINK)) {
    const [whole, number, title, folder, inPath, name] = match;
    const lesson = all.find((known) => known.name === name);
    const right = lesson && `[${lesson.number} · ${lesson.title}](${folder}${lesson.id}.ipynb)`;
    if (!lesson)
      report(match.index, `the register has no lesson "${inPath}-${name}" (${number} · ${title})`);
    else if (right !== whole) report(match.index, `expected ${right}`, { old: whole, right });
  }
  for (const match of ids ? text.matchAll(ID) : []) {
    if (all.some(({ id }) => id === match[1])) continue;
    const name = match[1].slice(3);
    const lesson = all.find((known) => known.name === name);
    report(
      match.index,
      `the register has no lesson "${match[1]}"${lesson ? `, but ${lesson.id}` : ""}`,
    );
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The text with every number put right whose title says which lesson was meant. */
export function mendMentions(text) {
  let mended = text;
  for (const { at, old, right } of wrongMentions(text).reverse())
    if (old !== undefined) mended = mended.slice(0, at) + right + mended.slice(at + old.length);
  return mended;
}

/** The files that are looked through, as paths from the root; without a learner's own answers. */
export function mentioningFiles() {
  const folders = [
    "datasets",
    "docs",
    "exercises",
    "jupyter",
    "notebooks",
    "solutions",
    "src",
    "test",
    "tools",
  ];
  const skip = new RegExp(
    "^docs/log/|^test/(fixtures|notebooks/cells|tools/lesson)/|^jupyter/(state|labextensions)/" +
      "|[.]ipynb_checkpoints",
  );
  const own = new Set(editedExercises(root));
  const inside = folders.flatMap((folder) => filesUnder(join(root, folder)));
  return [
    "README.md",
    "CONTRIBUTING.md",
    ...inside.map((file) => relative(root, file).replaceAll("\\", "/")),
  ]
    .filter(
      (file) => /\.(md|ts|mts|mjs|cjs|py|ipynb)$/.test(file) && !skip.test(file) && !own.has(file),
    )
    .sort();
}

/** All wrong mentions of the course, a line each: "README.md:12: …". */
export function allWrongMentions() {
  return mentioningFiles().flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const wrong = wrongMentions(text, { ids: !/^test\/(src|tools)\//.test(file) });
    return wrong.map(({ line, problem }) => `${file}:${line}: ${problem}`);
  });
}
