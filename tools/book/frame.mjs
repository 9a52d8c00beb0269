// The frame of every page of the book: the way through the lessons on the left, the headings on the
// right, the search above, the next page below. Nothing is requested from elsewhere; the policy in
// the page says so to the browser.
import { isWritten, parts } from "../register.mjs";
import { escapeHtml } from "./code.mjs";

const TITLE = "LLM from Scratch in TypeScript";
const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data: blob:; font-src 'self' data:; worker-src blob:";

/** Links to lessons and reference pages, with the current one marked. `up` leads to the root. */
function lessonsHtml({ path, up, reference }) {
  const link = (href, text) =>
    `<a href="${up}${href}"${href === path ? ' aria-current="page"' : ""}>${escapeHtml(text)}</a>`;
  const part = ({ title, lessons }) => {
    const items = lessons.map((lesson) => {
      const name = `${lesson.number} ${lesson.title}`;
      return `<li>${
        isWritten(lesson)
          ? link(`${lesson.id}.html`, name)
          : `<span class="to-come">${escapeHtml(name)}</span>`
      }</li>`;
    });
    return `<h2>${escapeHtml(title)}</h2><ol>${items.join("")}</ol>`;
  };
  const others = reference.map(({ href, title }) => `<li>${link(href, title)}</li>`).join("");
  return `${parts().map(part).join("\n")}\n<h2>Reference</h2><ul>${others}</ul>`;
}

const headingsHtml = (headings) =>
  headings
    .filter(({ level }) => level === 2 || level === 3)
    .map(
      ({ level, text, id }) =>
        `<li class="level-${level}"><a href="#${escapeHtml(id)}">${escapeHtml(text)}</a></li>`,
    )
    .join("");

function stepsHtml(up, before, after) {
  const step = (page, word) =>
    page ? `<a href="${up}${page.href}"><small>${word}</small>${escapeHtml(page.title)}</a>` : "";
  const both = step(before, "Previous") + step(after, "Next");
  return `<nav class="steps" aria-label="Previous and next page">${both}</nav>`;
}

/**
 * A whole page.
 * @param page `{ path, title, html, headings }`
 * @param book `{ reference, before, after }`: the pages of docs/, and the neighbours
 */
export function pageHtml({ path, title, html, headings = [] }, { reference, before, after }) {
  const up = "../".repeat(path.split("/").length - 1);
  const name = title === TITLE ? TITLE : `${title} · ${TITLE}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(name)}</title>
<link rel="stylesheet" href="${up}assets/colours.css">
<link rel="stylesheet" href="${up}assets/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skip" href="#text">To the text</a>
<header class="top">
<button class="menu" aria-expanded="false">Lessons</button>
<a href="${up}index.html">${TITLE}</a>
<div class="search" role="search">
<input type="search" aria-label="Search the book" placeholder="Search (press /)"
  autocomplete="off" spellcheck="false">
<ol aria-label="What was found"></ol>
</div>
</header>
<div class="book">
<nav class="lessons" aria-label="Lessons">
${lessonsHtml({ path, up, reference })}
</nav>
<main id="text">
${html}
${stepsHtml(up, before, after)}
</main>
<nav class="page" aria-label="On this page">
<h2>On this page</h2><ul>${headingsHtml(headings)}</ul>
</nav>
</div>
<script src="${up}assets/search.js" data-root="${up}"></script>
<script src="${up}assets/figures.js" data-plotly="${up}assets/plotly.js"></script>
</body>
</html>
`;
}

export { TITLE };
