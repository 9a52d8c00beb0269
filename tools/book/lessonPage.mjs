// A lesson as a page of the book: the story with its saved outputs. Where the notebook links to the
// stub of an exercise, the page shows the task itself; checks of answers are left out, because a
// page runs nothing. Headings keep the ids of their cells as well, to which other pages may link.
import { readFileSync } from "node:fs";
import { llm } from "../kit.mjs";
import { codeBlock, escapeHtml, highlighted } from "./code.mjs";
import { markdownRenderer, sectionsOf } from "./markdown.mjs";
import { outputHtml } from "./outputs.mjs";

/** The task of an exercise, folded: what its stub says, and its signature. */
function taskHtml({ name, doc, signature, points, minutes }) {
  const about = `${points} ${points === 1 ? "point" : "points"}, about ${minutes} minutes`;
  return (
    `<details class="task"><summary>The task: <code>${escapeHtml(name)}</code> (${about})` +
    `</summary><pre class="doc">${escapeHtml(doc)}</pre>` +
    `<pre class="code"><code>${highlighted(signature, "ts")}</code></pre></details>`
  );
}

/** The link that a notebook has to the stub of an exercise: which function it means. */
const ofExercise = /^\.\.\/exercises\/[\w-]+\.ts#L\d+$/;

/**
 * A renderer of a lesson's Markdown, with tasks in the place of links to the stubs.
 * @param stubs the text of the lesson's exercises
 * @param elsewhere (href, text) → `{ href }` or `{ html }`, for all other links
 */
export function lessonRenderer(stubs, elsewhere) {
  const exercises = llm("llm/course/source").readFunctions(stubs);
  return markdownRenderer((href, text) => {
    const exercise = ofExercise.test(href) && exercises.find(({ name }) => text.includes(name));
    return exercise ? { html: taskHtml(exercise) } : elsewhere(href, text);
  });
}

const isCheckCell = ({ source }) => /^\s*await (check|hint)\(/.test(source);

/** Cells that only move between notebooks: the book has links of its own. */
const NOT_HERE = new Set(["lessons-around", "next-lesson"]);

function codeCell({ source, outputs, foldedCode, foldedOutput }) {
  const code = codeBlock(source, "ts");
  const shown = outputs.map((output) => outputHtml(output)).join("\n");
  const folded = (what, html, kind) =>
    `<details class="${kind}"><summary>${what}</summary>\n${html}\n</details>`;
  return (
    (foldedCode ? folded("The code of this figure or table", code, "source") : code) +
    (shown && foldedOutput ? folded("What it printed", shown, "output") : shown)
  );
}

/**
 * @param notebook as ./notebook.mjs reads it
 * @param stubs the text of the lesson's exercises
 * @param elsewhere what links mean that lead out of the lesson
 * @returns `{ html, headings, sections }`: sections are what the search finds, as
 *   `{ id, title, text }`
 */
export function lessonPage(notebook, stubs, elsewhere) {
  const render = lessonRenderer(stubs, elsewhere);
  const env = { headings: [] };
  const prose = [];
  const parts = [];
  for (const cell of notebook.cells) {
    if (NOT_HERE.has(cell.id) || (cell.kind === "code" && isCheckCell(cell))) continue;
    const html = cell.kind === "markdown" ? render(cell.source, env) : codeCell(cell);
    if (cell.kind === "markdown") prose.push(html);
    parts.push(`<div class="cell ${cell.kind}" id="cell-${cell.id}">\n${html}</div>`);
  }
  return {
    html: parts.join("\n"),
    headings: env.headings,
    sections: sectionsOf(prose.join("\n"), ""),
  };
}

/** The text of a lesson's stubs; "" where there are none. */
export function stubsOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
