// `npm run lesson -- sync`: puts what is made from the register where readers find it: the map in
// README.md, the title of each notebook, its running time, its links to the lessons around it and
// to its exercises, and the numbers in all mentions of lessons. With --check it only says what is
// out of date. A test does the same, so after adding or moving a lesson this is the one command.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, root, SetupError, venvPython } from "../kit.mjs";
import { findLesson, isWritten, lessonFiles, lessonPaths, lessons } from "../register.mjs";
import { checkedBy, stubsOf, withExerciseLinks } from "./exerciselinks.mjs";
import { AROUND, aroundText, headingOf, ONWARD, onwardText, withMap } from "./links.mjs";
import { allWrongMentions, mendMentions, mentioningFiles } from "./mentions.mjs";
import { runningLineOf, withRunningLine } from "./running.mjs";

const README = join(root, "README.md");
const read = (file) => readFileSync(file, "utf8");
const sourceOf = (cell) => [cell?.source ?? ""].flat().join("");

/**
 * What a notebook should have, and how far it is from it.
 * @returns { wanted, wrong }: for notebook.py, and in words
 */
function notebookState(lesson) {
  const notebook = JSON.parse(read(lessonFiles(lesson.id).notebook));
  const { cells, metadata } = notebook;
  const linked = exerciseLinks(lesson, cells);
  const first = cells[0];
  const header = withRunningLine(
    (linked.get(first.id) ?? sourceOf(first)).replace(/^.*/, headingOf(lesson)),
    runningLineOf(lesson, notebook),
  );
  const wanted = {
    llm: { ...metadata.llm, lesson: lesson.id, title: lesson.title },
    cells: [
      { id: first.id, source: header, at: 0 },
      { id: AROUND, source: aroundText(lesson), at: 1 },
      { id: ONWARD, source: onwardText(lesson), at: -1 },
    ],
  };
  const wrong = wanted.cells
    .filter(({ id, source, at }) => cells.at(at).id !== id || sourceOf(cells.at(at)) !== source)
    .map(({ id }) => `cell ${id}`);
  linked.delete(first.id);
  for (const [id, source] of linked) {
    wanted.cells.push({ id, source });
    wrong.push(`the links to exercises in cell ${id}`);
  }
  if (metadata.llm?.lesson !== lesson.id || metadata.llm?.title !== lesson.title)
    wrong.push("its metadata");
  return { wanted, wrong };
}

/** The text cells whose links to exercises are missing or out of date: id → what it should say. */
function exerciseLinks(lesson, cells) {
  const stubs = stubsOf(lesson);
  const wrong = new Map();
  cells.forEach((cell, i) => {
    if (!stubs || cell.cell_type !== "markdown" || [AROUND, ONWARD].includes(cell.id)) return;
    const next = cells[i + 1];
    const checked = next?.cell_type === "code" ? checkedBy(sourceOf(next)) : [];
    const source = withExerciseLinks(sourceOf(cell), lesson, stubs, { checked });
    if (source !== sourceOf(cell)) wrong.set(cell.id, source);
  });
  return wrong;
}

/**
 * What is not as the register has it, a line each: "notebooks/06-attention.ipynb: cell
 * next-lesson".
 */
export function outOfDate() {
  const map = withMap(read(README)) === read(README) ? [] : ["README.md: the map"];
  const notebooks = lessons()
    .filter(isWritten)
    .flatMap((lesson) => {
      const { wrong } = notebookState(lesson);
      return wrong.length ? [`${lessonPaths(lesson.id).notebook}: ${wrong.join(", ")}`] : [];
    });
  return [...map, ...notebooks, ...allWrongMentions()];
}

/**
 * Notebooks are written by nbformat, as JupyterLab does it, so that nothing else changes in the
 * file.
 */
function place(lesson, wanted) {
  const script = join(root, "tools", "lesson", "notebook.py");
  const { status, stderr, error } = spawnSync(venvPython, [script, "place", lesson.id], {
    cwd: root,
    encoding: "utf8",
    input: JSON.stringify(wanted),
    env: { ...process.env, PYTHONUTF8: "1" },
  });
  if (status !== 0)
    throw new SetupError(
      `lesson sync: ${lessonPaths(lesson.id).notebook} could not be written: ` +
        `${stderr || error?.message}`,
      "If the course's Python is missing: npm run setup",
    );
}

/** Writes what is out of date in one notebook. @returns whether anything was */
function syncNotebook(lesson) {
  const { wanted, wrong } = notebookState(lesson);
  if (wrong.length > 0) place(lesson, wanted);
  return wrong.length > 0;
}

/** Writes what is out of date. @returns the files that were written */
export function sync() {
  const written = new Set();
  for (const file of mentioningFiles()) {
    const text = read(join(root, file));
    const mended = mendMentions(text);
    if (mended === text) continue;
    writeFileSync(join(root, file), mended);
    written.add(file);
  }
  for (const lesson of lessons().filter(isWritten))
    if (syncNotebook(lesson)) written.add(lessonPaths(lesson.id).notebook);
  const readme = read(README);
  if (withMap(readme) !== readme) {
    writeFileSync(README, withMap(readme));
    written.add("README.md");
  }
  return [...written];
}

// notebook.py calls this when a notebook has run: sync.mjs 06-attention
if (isMain(import.meta.url)) syncNotebook(findLesson(process.argv[2]));
