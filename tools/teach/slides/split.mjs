// A notebook cut into slides. On the slides: headings, predictions, drawings, figures, tables,
// short printed results, formulas that stand on their own, short lists, the tasks of exercises.
// In the speaker's notes: the prose, and the answers to the predictions. Left out: code (unless a
// cell is marked as a slide), imports, checks, and the cells that fetch the learner's answers.
//
// The marks that other tools have agreed on are honoured: `slideshow.slide_type` "slide" and
// "subslide" put a cell on a slide with its code, "fragment" lets it come at a key, "notes" and
// "skip" say so; `hide-input` hides the code.
import { codeBlock } from "../../book/code.mjs";
import { isCheck, outputHtml } from "../../book/outputs.mjs";

/** More lines and rows than these do not fit in letters that a class can read. */
const LINES = 14;
const ROWS = 14;
const LETTERS = 1000;

/** Pieces of Markdown between blank lines, with code blocks, formulas and <details> kept whole. */
export function blocksOf(markdown) {
  const blocks = [[]];
  let end; // the pattern of the line that ends what has begun
  for (const line of markdown.split("\n")) {
    if (!end && line.trim() === "") {
      blocks.push([]);
      continue;
    }
    blocks.at(-1).push(line);
    if (!end) end = opened(line);
    else if (end.test(line)) end = undefined;
  }
  return blocks.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
}

/** The pattern of the line that ends what this line begins; undefined if it ends here. */
function opened(line) {
  if (/^\s*```/.test(line)) return /^\s*```\s*$/;
  if (/<details/.test(line) && !/<\/details>/.test(line)) return /<\/details>/;
  if (/^\s*\$\$/.test(line) && !/\$\$\s*$/.test(line.trim().slice(2))) return /\$\$\s*$/;
  return undefined;
}

const isList = (block) => /^\s*([-*]|\d+\.)\s/.test(block);
const isShortList = (block) => {
  const items = block.split("\n").filter((line) => /^\s*([-*]|\d+\.)\s/.test(line));
  return isList(block) && items.length <= 12 && block.length <= 900;
};

/** What a block is: "heading", "callout", "formula", "table", "list" (a short one) or "prose". */
export function kindOf(block) {
  if (/^#{1,6}\s/.test(block)) return "heading";
  if (/^>\s*\*\*/.test(block)) return "callout";
  if (/^\s*\$\$/.test(block)) return "formula";
  if (/^\s*\|.*\|/.test(block)) return "table";
  return isShortList(block) ? "list" : "prose";
}

const firstSentence = (block) => /^.*?[.?!](?=\s|$)/s.exec(block)?.[0] ?? block;

/** Pixels that a slide of 700 has below its heading, and what things take of them, roughly. */
const ROOM = 600;
const WIDTH = 1040;
const lineCount = (text) => text.split("\n").length;
const heights = {
  text: (text) => 40 + 29 * lineCount(text),
  table: (html) => 60 + 43 * (html.match(/<tr[\s>]/g)?.length ?? 1),
  list: (block) => 20 + 42 * (lineCount(block) + block.length / 90),
  figure: (svg) => {
    const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
    return width ? Math.min(560, (height * WIDTH) / width) + 20 : ROOM;
  },
};

/** A text that is longer than a slide ends with how much is missing. */
function cutLines(text) {
  const lines = text.split("\n");
  if (lines.length <= LINES + 1) return text;
  return [
    ...lines.slice(0, LINES),
    `… and ${lines.length - LINES} more lines in the notebook`,
  ].join("\n");
}

const letters = (row) => row.replace(/<[^>]+>/g, "").length;

/** The same for the rows of a table that the course wrote: too many of them, or too long. */
function cutRows(html) {
  const rows = html.match(/<tr[\s>].*?<\/tr>/gs) ?? [];
  let sum = 0;
  const fitting = rows.findIndex((row, i) => {
    sum += letters(row);
    return i > 1 && (i > ROWS || sum > LETTERS);
  });
  const dropped = rows.slice(fitting < 0 ? rows.length : fitting);
  if (dropped.length === 0 || (dropped.length < 3 && sum < LETTERS)) return html;
  const rest = dropped.reduce((text, row) => text.replace(row, () => ""), html);
  const more = dropped.length === 1 ? "1 more row" : `${dropped.length} more rows`;
  return `${rest}<p class="more">… and ${more} in the notebook</p>`;
}

/** What was printed, without the line that only unfolds an answer in a notebook. */
const saying = (text) => text.replace(/^The answer:\n?/, "").trimEnd();

function printed(text) {
  const cut = cutLines(text);
  return { html: outputHtml({ kind: "text", text: cut }), height: heights.text(cut) };
}

/** An output as it fits on a slide, as { html, height }; undefined for what has no place on one. */
function onSlide(output) {
  if (isCheck(output)) return undefined;
  if (output.kind === "text")
    return output.error || !saying(output.text) ? undefined : printed(saying(output.text));
  if (output.kind === "html") {
    if (/^\s*<small/.test(output.html)) return undefined; // notices of the course
    const html = outputHtml({ ...output, html: cutRows(output.html) });
    return { html, height: heights.table(html) };
  }
  const moves = output.plotly?.frames?.length > 0;
  return {
    html: outputHtml(output, { live: moves }),
    height: moves ? (output.plotly.layout?.height ?? 460) + 60 : heights.figure(output.svg),
  };
}

const isPlumbing = ({ source }) =>
  /^\s*import\s/.test(source) ||
  /\bawait (check|hint|learner)\(/.test(source) ||
  /\bawait useEngine\(/.test(source);

/** Builds up the slides of a lesson. */
class Deck {
  slides = [];
  render;
  #heading = "";

  constructor(render) {
    this.render = render;
  }

  /** A new slide under the heading that is current. `top`: the first of its section. */
  begin({ top = false } = {}) {
    this.slides.push({ heading: this.#heading, top, body: [], notes: [] });
    return this.slides.at(-1);
  }

  heading(block) {
    this.#heading = this.render(block);
    this.begin({ top: /^#{1,2}\s/.test(block) });
  }

  get last() {
    return this.slides.at(-1) ?? this.begin({ top: true });
  }

  /**
   * Puts something on the current slide if there is room, else on a new one. A prediction is alone:
   * the class is to answer it before anything else is seen.
   */
  show(html, height = ROOM) {
    const { body, used = 0 } = this.last;
    const slide = body.length > 0 && used + height > ROOM ? this.begin() : this.last;
    slide.body.push(html);
    slide.used = (slide.used ?? 0) + height;
  }

  note(html) {
    this.last.notes.push(html);
  }
}

function addMarkdown(deck, { source, slide }) {
  if (slide === "notes") return deck.note(deck.render(source));
  for (const block of blocksOf(source)) {
    const kind = kindOf(block);
    const html = () => deck.render(block);
    if (kind === "heading") deck.heading(block);
    else if (kind === "callout") deck.show(html());
    else if (kind === "formula") deck.show(html(), 90);
    else if (kind === "list") deck.show(html(), heights.list(block));
    else if (kind === "table") deck.show(html(), heights.text(block) * 1.5);
    else addProse(deck, block, html());
  }
}

/** Prose is for the notes; only the task of an exercise, which stands in its place, is shown. */
function addProse(deck, block, html) {
  if (/class="task"/.test(html)) return deck.show(html.replace("<details", "<details open"));
  deck.note(html);
  deck.last.lead ??= firstSentence(block);
}

function addCode(deck, cell) {
  const marked = ["slide", "subslide", "fragment"].includes(cell.slide);
  if (isPlumbing(cell) && !marked) return;
  if (marked && !cell.foldedCode)
    deck.show(codeBlock(cell.source, "ts"), heights.text(cell.source));
  for (const output of cell.outputs) {
    const shown = onSlide(output);
    if (!shown) continue;
    const { html, height } = shown;
    deck.show(cell.slide === "fragment" ? `<div class="fragment">${html}</div>` : html, height);
  }
}

/**
 * The slides of a notebook.
 * @param notebook as tools/book/notebook.mjs reads it
 * @param render Markdown → HTML
 * @param skip ids of cells that are left out
 * @returns `[{ heading, top, body, notes }]`, all of it HTML; `top`: begins a section
 */
export function slidesOf(notebook, render, skip = new Set()) {
  const deck = new Deck(render);
  for (const cell of notebook.cells) {
    if (skip.has(cell.id) || cell.slide === "skip") continue;
    if (cell.slide === "slide" || cell.slide === "subslide")
      deck.begin({ top: cell.slide === "slide" });
    if (cell.kind === "markdown") addMarkdown(deck, cell);
    else if (cell.kind === "code") addCode(deck, cell);
  }
  for (const slide of deck.slides)
    if (slide.body.length === 0 && slide.lead)
      slide.body.push(`<div class="lead">${render(slide.lead)}</div>`);
  return deck.slides.filter(({ heading, body }) => heading || body.length);
}
