// `npm run teach -- slides 06`: a lesson as slides, one file that asks nothing of anybody else:
// reveal.js (https://revealjs.com), the pictures, formulas as MathML, and Plotly where a figure
// moves. Arrow keys lead through it, S opens the speaker's notes with the prose of the lesson, and
// ?print-pdf at the end of the address prints it. How a notebook is cut: ./split.mjs.
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { escapeHtml } from "../../book/code.mjs";
import { lessonRenderer, stubsOf } from "../../book/lessonPage.mjs";
import { readNotebook } from "../../book/notebook.mjs";
import { smallPlotly } from "../../book/plotly.mjs";
import { llm } from "../../kit.mjs";
import { lessonFiles, writtenLesson } from "../../register.mjs";
import { inTeaching, shownPath } from "../course.mjs";
import { writeAtomically } from "../page.mjs";
import { count } from "../say.mjs";
import { slidesOf } from "./split.mjs";

const here = (name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
const revealFolder = () => join(dirname(llm.resolve("reveal.js")));
const reveal = (name) => readFileSync(join(revealFolder(), name), "utf8");

/** A script that stands inside the page: nothing in it may end it. */
const script = (text) => `<script>${text.replace(/<\/script/gi, "<\\/script")}</script>`;

const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; " +
  "img-src data: blob:; font-src data:; frame-src *";

const slideHtml = ({ heading, body, notes, top }) =>
  `<section${top ? ' class="first"' : ""}>${heading}<div class="body">${body.join("\n")}</div>` +
  `<aside class="notes">${notes.join("\n")}</aside></section>`;

/** Slides side by side, and those of one section below each other. */
function sectionsHtml(slides) {
  const groups = [];
  for (const slide of slides) {
    if (slide.top || groups.length === 0) groups.push([]);
    groups.at(-1).push(slideHtml(slide));
  }
  return groups.map((group) => `<section>${group.join("\n")}</section>`).join("\n");
}

/** Links lead nowhere from a projector: what they say stays, and the tasks of exercises. */
const noLinks = (_, text) => ({ html: escapeHtml(text) });

/** Cells that only say how to use a notebook. */
const SKIP = new Set(["lessons-around", "set-up", "next-lesson"]);

/**
 * The deck of a lesson.
 * @param lesson of the register, written
 * @returns `{ html, slides }`: the page, and how many slides it has
 */
export async function deckOf(lesson) {
  const files = lessonFiles(lesson.id);
  const render = lessonRenderer(stubsOf(files.exercises), noLinks);
  const slides = slidesOf(readNotebook(files.notebook), render, SKIP);
  const moves = slides.some(({ body }) => body.join("").includes('class="figure live"'));
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${escapeHtml(`${lesson.number} · ${lesson.title}`)}</title>
<style>${reveal("reset.css")}${reveal("reveal.css")}
${here("../../book/assets/colours.css")}${here("./deck.css")}</style>
</head>
<body>
<div class="reveal"><div class="slides">
${sectionsHtml(slides)}
</div></div>
${script(reveal("reveal.js"))}
${script(reveal("plugin/notes.js"))}
${moves ? script(await smallPlotly()) + script(here("../../book/assets/figures.js")) : ""}
${script(here("./deck.js"))}
</body>
</html>
`;
  return { html, slides: slides.length };
}

/** `npm run teach -- slides 06 07 …` */
export async function slides({ words, values }) {
  for (const word of words) {
    const lesson = writtenLesson(word, "teach slides");
    const folder = values.out ? resolve(values.out) : inTeaching("slides");
    const { html, slides: total } = await deckOf(lesson);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${lesson.id}.html`);
    writeAtomically(file, html);
    console.log(
      `${count(total, "slide")} in ${shownPath(file)} (${(html.length / 1e6).toFixed(1)} MB)`,
    );
  }
}
