// A lesson's teacher's notes and its quiz, read and held against the lesson itself: the cells that
// a plan names are in the notebook, every prediction has its answer, every mutant exists.
//
//   npm run lesson -- notes 06      what is wrong with both, by file and line
//   npm run lesson -- notes         of all lessons
import { existsSync, readFileSync } from "node:fs";
import { lessonFiles, lessonPaths, writtenLessons } from "../../register.mjs";
import { CALL_OUT, typescript } from "../rules/page.mjs";
import { readQuiz } from "./quiz.mjs";
import { readTeach } from "./teach.mjs";

/**
 * Written lessons that still lack one of the two files. Take yours out when it has both: `npm test`
 * asks for it.
 * @type {string[]}
 */
export const notYet = [];

/**
 * The names of a lesson's mutants by exercise, as test/mutants/NN-name.ts writes them.
 * @returns {Record<string, string[]>}
 */
export function mutantNames(code) {
  const ts = typescript();
  const tree = ts.createSourceFile("mutants.ts", code, ts.ScriptTarget.Latest, true);
  const names = {};
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText(tree) === "mutants") {
      for (const { name, initializer } of node.initializer?.properties ?? [])
        if (name && initializer && ts.isArrayLiteralExpression(initializer))
          names[name.getText(tree)] = initializer.elements.flatMap(nameOf);
    } else ts.forEachChild(node, visit);
  };
  const nameOf = (element) =>
    (element.properties ?? [])
      .filter((p) => p.name?.getText(tree) === "name" && ts.isStringLiteralLike(p.initializer))
      .map((p) => p.initializer.text);
  visit(tree);
  return names;
}

/** What the notes say of cells that the notebook does not have, or has in another order. */
export function againstNotebook({ plans, answers }, cells) {
  const found = [];
  const place = (id) => cells.findIndex((cell) => cell.id === id);
  const known = (line, id) => {
    if (place(id) < 0)
      found.push({ line, problem: `expected a cell of the notebook, got \`${id}\`` });
    return place(id) >= 0;
  };
  for (const { line, cells: stretches } of plans.flatMap(({ rows }) => rows))
    for (const { from, to } of stretches) {
      const both = [from, ...(to === from ? [] : [to])].map((id) => known(line, id));
      if (both.every(Boolean) && place(to) < place(from))
        found.push({
          line,
          problem: `expected a stretch downwards, got \`${from}\` to \`${to}\`, which is above it`,
        });
    }
  const asking = cells
    .filter((cell) => cell.cell_type === "markdown")
    .filter((cell) => CALL_OUT.test([cell.source].flat().join("")))
    .map(({ id }) => id);
  for (const { id, line } of answers)
    if (known(line, id) && !asking.includes(id))
      found.push({ line, problem: `expected a cell with a prediction, got \`${id}\`` });
  for (const id of asking)
    if (!answers.some((answer) => answer.id === id))
      found.push({
        line: answers.at(-1)?.line ?? 1,
        problem: `expected an answer to the prediction of cell \`${id}\`, got none`,
      });
  return found;
}

/** The wrong choices whose mutants do not exist. */
export const againstMutants = (questions, names) =>
  questions
    .flatMap(({ choices }) => choices)
    .filter(({ mutant }) => mutant && !names[mutant.exercise]?.includes(mutant.name))
    .map(({ line, mutant: { exercise, name } }) => ({
      line,
      problem:
        exercise in names
          ? `expected a mutant of ${exercise}, got "${name}"; they are ` +
            names[exercise].map((one) => `"${one}"`).join(", ")
          : `expected an exercise with mutants, got ${exercise}; they are ` +
            Object.keys(names).join(", "),
    }));

const read = (file) => readFileSync(file, "utf8");

/**
 * Both files of a written lesson.
 * @returns { notes, questions, problems }: as readTeach and readQuiz have them (undefined where a
 *   file is missing), and all problems as sentences "file:line: expected …, got …"
 */
export function readNotes(lesson) {
  const [files, paths] = [lessonFiles(lesson.id), lessonPaths(lesson.id)];
  const said = [];
  const say = (path, list) =>
    said.push(...list.map(({ line, problem }) => `${path}:${line}: ${problem}`));
  const result = {};
  if (existsSync(files.teach)) {
    const { notes, problems } = readTeach(read(files.teach), lesson);
    const { cells } = JSON.parse(read(files.notebook));
    say(paths.teach, [...problems, ...againstNotebook(notes, cells)]);
    result.notes = notes;
  } else said.push(`${paths.teach}: expected the teacher's notes, got no such file`);
  if (existsSync(files.quiz)) {
    const { questions, problems } = readQuiz(read(files.quiz), lesson);
    say(paths.quiz, [...problems, ...againstMutants(questions, mutantNames(read(files.mutants)))]);
    result.questions = questions;
  } else said.push(`${paths.quiz}: expected the quiz, got no such file`);
  return { ...result, problems: said };
}

/** `npm run lesson -- notes [06]` */
export function printNotes([query]) {
  for (const lesson of writtenLessons(query, "npm run lesson")) {
    const { problems, notes, questions } = readNotes(lesson);
    const excused = notYet.includes(lesson.id) ? " (it is in the list notYet)" : "";
    console.log(
      problems.length === 0
        ? `✓ ${lesson.id}: teacher's notes with ${notes.plans.length} plans, ` +
            `${questions.length} questions`
        : `✗ ${lesson.id}: ${problems.length} to mend${excused}`,
    );
    for (const problem of problems) console.log(`  ${problem}`);
    if (problems.length > 0 && (query !== undefined || !excused)) process.exitCode = 1;
  }
}
