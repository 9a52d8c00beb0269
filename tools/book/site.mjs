// `npm run site`: the course as a book of static pages in site/: every lesson with its saved
// outputs, the reference pages of docs/, a search. It works from a disk and from any web server,
// GitHub Pages among them, and asks nothing of anybody else. Every link is checked before the book
// takes the place of an older one. Left out: running anything; the pages say where the notebook is.
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { isMain, llm, reportAndExit, root, SetupError } from "../kit.mjs";
import { isWritten, lessonFiles, lessons, parts } from "../register.mjs";
import { escapeHtml } from "./code.mjs";
import { pageHtml, TITLE } from "./frame.mjs";
import { lessonPage, stubsOf } from "./lessonPage.mjs";
import { brokenLinks } from "./links.mjs";
import { markdownRenderer, sectionsOf } from "./markdown.mjs";
import { readNotebook } from "./notebook.mjs";
import { smallPlotly } from "./plotly.mjs";

const ASSETS = fileURLToPath(new URL("./assets/", import.meta.url));

/** The reference pages: docs/*.md, but not the log, which is for those who work on the course. */
const referenceFiles = () =>
  readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .sort();

const titleOf = (markdown) => /^# (.+)$/m.exec(markdown)?.[1].replace(/`/g, "") ?? "";

/**
 * What links mean in a file of the repository: to another page of the book where there is one, to
 * the repository where its address is known, and else no more than a name.
 * @param from the file's folder, from the root
 * @param up from the page to the root of the book
 * @param book `{ pages, images, repository }`: `pages` from files to hrefs
 */
const linksFrom = (from, up, { pages, images, repository }) =>
  function linkOf(href, text) {
    if (/^(https?:|mailto:|#)/.test(href)) return { href };
    const [path, hash = ""] = href.split("#");
    const file = relative(root, resolve(root, from, decodeURI(path))).replaceAll("\\", "/");
    if (pages.has(file)) return { href: `${up}${pages.get(file)}${hash && `#${hash}`}` };
    if (/\.(png|svg)$/.test(file)) {
      images.add(file);
      return { href: `${up}assets/${basename(file)}` };
    }
    if (repository) return { href: `${repository}/blob/HEAD/${file}${hash && `#${hash}`}` };
    return { html: `<span title="${escapeHtml(file)} in the course">${escapeHtml(text)}</span>` };
  };

function lessonPages(book) {
  return lessons()
    .filter(isWritten)
    .map((lesson) => {
      const files = lessonFiles(lesson.id);
      const path = `${lesson.id}.html`;
      const links = linksFrom("notebooks", "", book);
      const made = lessonPage(readNotebook(files.notebook), stubsOf(files.exercises), links);
      const how = `<code>npm start</code>, then lesson ${lesson.number}`;
      const run = `<p class="soft">To run this lesson and do its exercises: ${how}.</p>`;
      const html = made.html.replace(/(<\/h1>)/, `$1\n${run}`);
      return { ...made, html, path, title: `${lesson.number} · ${lesson.title}` };
    });
}

function referencePages(book) {
  return referenceFiles().map((name) => {
    const markdown = readFileSync(join(root, "docs", name), "utf8");
    const env = { headings: [] };
    const html = markdownRenderer(linksFrom("docs", "../", book))(markdown, env);
    const title = titleOf(markdown);
    const sections = sectionsOf(html, title);
    return { path: `docs/${name.replace(/\.md$/, ".html")}`, title, html, ...env, sections };
  });
}

/** The first page: what README.md says before "Getting started", and the map. */
function frontPage(book) {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [intro] = readme.split(/^## /m);
  const render = markdownRenderer(linksFrom(".", "", book));
  const part = ({ title, lessons }) => {
    const rows = lessons.map((lesson) => {
      const name = escapeHtml(`${lesson.number} ${lesson.title}`);
      const about = escapeHtml((lesson.subjects ?? []).slice(0, 5).join(" · "));
      const said = about ? ` <span class="soft">${about}</span>` : "";
      return isWritten(lesson)
        ? `<p><a href="${lesson.id}.html">${name}</a>${said}</p>`
        : `<p class="to-come">${name}${said}</p>`;
    });
    return `<li><h2>${escapeHtml(title)}</h2>${rows.join("\n")}</li>`;
  };
  const html = `${render(intro)}\n<ol class="parts">${parts().map(part).join("\n")}</ol>`;
  return { path: "index.html", title: TITLE, html, headings: [], sections: [] };
}

/** The index of the search, as a script that sets `bookIndex`. */
function searchIndex(pages) {
  const MiniSearch = llm("minisearch");
  const { options } = llm(join(ASSETS, "words.js"));
  const index = new MiniSearch(options);
  let id = 0;
  for (const { path, title: page, sections } of pages)
    for (const section of sections)
      if (section.text)
        index.add({ ...section, id: id++, page, href: path + (section.id && `#${section.id}`) });
  return `window.bookIndex = ${JSON.stringify(index)};\n`;
}

/** Everything into a folder that is not there yet. */
async function writeBook(folder, book, pages) {
  const reference = pages
    .filter(({ path }) => path.startsWith("docs/"))
    .map(({ path, title }) => ({ href: path, title }));
  mkdirSync(join(folder, "docs"), { recursive: true });
  mkdirSync(join(folder, "assets"));
  const neighbour = (page) => page && { href: page.path, title: page.title };
  pages.forEach((page, i) => {
    const around = { before: neighbour(pages[i - 1]), after: neighbour(pages[i + 1]) };
    writeFileSync(join(folder, page.path), pageHtml(page, { reference, ...around }));
  });
  const assets = join(folder, "assets");
  for (const name of readdirSync(ASSETS)) copyFileSync(join(ASSETS, name), join(assets, name));
  for (const image of book.images) copyFileSync(join(root, image), join(assets, basename(image)));
  writeFileSync(join(assets, "search-index.js"), searchIndex(pages));
  writeFileSync(join(assets, "plotly.js"), await smallPlotly());
  const search = join(dirname(llm.resolve("minisearch")), "..", "umd", "index.js");
  copyFileSync(search, join(assets, "minisearch.js"));
  writeFileSync(join(folder, ".nojekyll"), "");
}

/**
 * Makes the book.
 * @param folder where; what an earlier book left there is replaced, anything else is refused
 * @param repository the address of the repository on the web, if it has one
 * @returns the pages
 * @throws {SetupError} if a link leads nowhere
 */
export async function makeBook(folder, repository) {
  const pages = new Map(
    lessons()
      .filter(isWritten)
      .map(({ id }) => [`notebooks/${id}.ipynb`, `${id}.html`]),
  );
  for (const name of referenceFiles())
    pages.set(`docs/${name}`, `docs/${name.replace(/\.md$/, ".html")}`);
  const book = { pages, images: new Set(), repository };
  const made = [frontPage(book), ...lessonPages(book), ...referencePages(book)];
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  await writeBook(part, book, made);
  const broken = brokenLinks(part);
  if (broken.length)
    throw new SetupError(
      `${broken.length} links of the book lead nowhere: ${broken.slice(0, 5).join("; ")}`,
      `The unfinished book is in ${part}.`,
    );
  takePlace(part, folder);
  return made;
}

/** A folder that is no book is never thrown away. */
function takePlace(part, folder) {
  let names;
  try {
    names = readdirSync(folder);
  } catch {
    names = [];
  }
  if (names.length && !names.includes(".nojekyll"))
    throw new SetupError(
      `${folder} is there already, and is no book of this course.`,
      "Name another folder with --out, or move that one away.",
    );
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  renameSync(part, folder);
}

async function main() {
  const { values } = commandLine(commands.site);
  const folder = resolve(values.out ?? join(root, "site"));
  const made = await makeBook(folder, values.repository?.replace(/\/$/, ""));
  console.log(`${made.length} pages in ${folder}: open index.html`);
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
