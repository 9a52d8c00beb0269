// `npm run -s mcp`: a server of the Model Context Protocol on standard input and output, with the
// course's own tools: a calculator, a search over the notebooks, JavaScript in a sandbox. Programs start
// it, not people: `-s`, because npm's own first lines would be no messages.

import { readFileSync } from "node:fs";
import { courseTools, type Passage, type Search, searchByWords, serveTools } from "../agents";
import { lessonFiles } from "../course/paths";
import { isWritten, parts } from "../course/register";
import { fail } from "./command";
import { mcp } from "./commands";
import { commandLine } from "./options.cjs";

interface Notebook {
  cells: { id?: string; cell_type: string; source: string[] | string }[];
}

/** The texts of all written lessons, cell by cell. */
function passages(): Passage[] {
  const lessons = parts.flatMap(({ lessons }) => lessons).filter(({ id }) => isWritten(id));
  return lessons.flatMap(({ id }) => {
    const { cells } = JSON.parse(readFileSync(lessonFiles(id).notebook, "utf8")) as Notebook;
    return cells
      .filter(({ cell_type: type }) => type === "markdown")
      .map(({ id: cell, source }): Passage => {
        const text = [source].flat().join("").replace(/\s+/g, " ").slice(0, 800);
        return { source: `${id} ${cell}`, text };
      });
  });
}

function main(): void {
  commandLine(mcp);
  let search: Search | undefined; // made when somebody searches
  const courseSearch: Search = (query, most) => {
    search ??= searchByWords(passages());
    return search(query, most);
  };
  serveTools(courseTools(courseSearch));
}

try {
  main();
} catch (error) {
  fail(`mcp: ${(error as Error).message}`);
}
